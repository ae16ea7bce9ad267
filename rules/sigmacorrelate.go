package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"weir/internal/fault"
	"weir/rules/correlation"
	"weir/rules/sigma"
	"weir/rules/yamlfile"
)

// correlateSigma makes rules of the Sigma correlations of all files: the rules that they name, wherever they stand, become
// their conditions, and correlations that they name correlations within. What they name raises no alerts of its own, unless
// they ask for it.
func correlateSigma(files []*source, names *fieldNames) {
	x := &sigmaIndex{names: names, byName: map[string][]*sigmaItem{}, lost: map[string]bool{}}
	for _, f := range files {
		for _, it := range f.items {
			x.add(&sigmaItem{item: it, file: f})
		}
		for _, name := range f.lost {
			x.lost[strings.ToLower(name)] = true
		}
	}
	// Most folders have none, and pay nothing for them.
	if len(x.correlations) == 0 {
		return
	}
	for _, it := range x.correlations {
		b := &builder{index: x, item: it, taken: map[string]bool{}, by: map[*Correlate]map[string]string{}}
		b.rule()
	}
	// Of refused ones too: what is part of a correlation was never meant to raise alerts by itself.
	for _, it := range x.correlations {
		it.use(x)
	}
	// Fields that no table has become known all at once, as those of detections do.
	var paths []string
	for _, it := range x.correlations {
		for _, n := range it.rule.Correlate.Nodes() {
			paths = append(append(paths, n.By...), n.Field...)
			for _, steps := range n.Alias {
				for _, fields := range steps {
					paths = append(paths, strings.Fields(fields)...)
				}
			}
		}
	}
	register([][]string{slices.Compact(slices.Sorted(slices.Values(paths)))})
}

// builder makes the rule of one correlation.
type builder struct {
	index *sigmaIndex
	item  *sigmaItem
	// Names of conditions and inner correlations so far.
	taken map[string]bool
	// The correlations that are being built, the outermost first.
	open []*sigmaItem
	// By which names a correlation groups, by the names of its group-by.
	by map[*Correlate]map[string]string
	// The highest of the rules that are named.
	level Level
	nodes int
	// What is wrong was told, where it cannot be told better.
	told bool
}

// maxNodes bounds the correlations within one, each time that they are named.
const maxNodes = 64

// fail refuses the correlation. What is wrong within one that it names is told there.
func (b *builder) fail(in *sigmaItem, p yamlfile.Place, width int, e fault.Error) {
	b.item.refused = true
	if in == b.item {
		e.Code = cmp.Or(e.Code, "sigma-correlation")
		in.file.Add(p, width, e)
	}
}

// warn says how something was taken.
func (b *builder) warn(in *sigmaItem, p yamlfile.Place, width int, e fault.Error) {
	if in == b.item {
		e.Code, e.Warn = "sigma-correlation", true
		in.file.Add(p, width, e)
	}
}

// rule makes the rule.
func (b *builder) rule() {
	r, c := b.item.rule, b.item.correlation
	r.Correlate = b.node(b.item, "")
	if b.item.refused {
		r.When, r.Correlate = nil, nil
		return
	}
	// Conditions of one log source make a rule of that log source.
	// Whoever asks which events a rule is for gets a better answer from the rule than from its parts.
	same := true
	for _, w := range r.When {
		same = same && *w.LogSource == *r.When[0].LogSource
	}
	if same && len(r.When) > 0 {
		r.LogSource = *r.When[0].LogSource
		for i := range r.When {
			r.When[i].LogSource = nil
		}
	}
	if c.Level == "" {
		r.Level = cmp.Or(b.level, Medium)
	}
	r.defaults()
}

// kindOf is what the types of Sigma are here.
var kindOf = map[string]correlation.Kind{"event_count": correlation.Count, "value_count": correlation.Distinct, "value_sum": correlation.Sum, "value_avg": correlation.Avg,
	"value_median": correlation.Median, "value_percentile": correlation.Percentile, "temporal": correlation.AnyOrder, "temporal_ordered": correlation.Sequence}

// node makes one correlation of the tree, called name in the one around it.
func (b *builder) node(it *sigmaItem, name string) *Correlate {
	c := it.correlation
	if b.nodes++; b.nodes > maxNodes {
		b.told = true
		b.fail(b.item, b.item.correlation.At, 1, fault.Error{Code: "rule-too-large", What: fmt.Sprintf("the chain has more than %d correlations", maxNodes), Do: "name fewer"})
		return nil
	}
	if slices.Contains(b.open, it) {
		// Told at the one from which it was found, so at each that is part of it.
		var way []string
		for _, o := range append(slices.Clone(b.open), it) {
			way = append(way, "`"+cmp.Or(o.rule.Name, o.rule.ID)+"`")
		}
		b.told = true
		b.fail(b.item, b.item.correlation.At, 1, fault.Error{Code: "rule-circular", What: way[0] + " names " + strings.Join(way[1:], ", which names ") + ": no correlation can wait for itself", Do: "take one of the names out"})
		return nil
	}
	b.open = append(b.open, it)
	defer func() { b.open = b.open[:len(b.open)-1] }()
	n := &Correlate{Name: name, Kind: kindOf[c.Type], Within: c.Within, Window: correlation.Window(c.Window)}
	steps, ok := b.steps(it, n)
	if !ok {
		return nil
	}
	b.by[n] = map[string]string{}
	for _, g := range c.GroupBy {
		if by := b.name(it, n, steps, g); by != "" && !slices.Contains(n.By, by) {
			n.By = append(n.By, by)
			b.by[n][g.Text] = by
		}
	}
	for _, f := range c.Fields {
		if field := b.name(it, n, steps, f); field != "" && !slices.Contains(n.Field, field) {
			n.Field = append(n.Field, field)
		}
	}
	b.unusedAliases(it, steps)
	switch n.Kind {
	case correlation.AnyOrder, correlation.Sequence:
		b.logic(it, n, steps)
	case correlation.Percentile:
		n.Percent = c.Percent
		fallthrough
	case correlation.Avg, correlation.Median:
		n.MinValues = 1
		fallthrough
	default:
		b.bounds(it, n)
	}
	if n.Window != correlation.Sliding && n.Kind == correlation.Sequence {
		b.fail(it, c.At, 1, fault.Error{What: "an order of rules is looked for from its last event back: a " + string(n.Window) + " window has no meaning for it", Do: "leave `window` out"})
	}
	return n
}

// sigmaStep is one rule that a correlation names.
type sigmaStep struct {
	ref  sigma.Name
	it   *sigmaItem
	name string     // of the step
	node *Correlate // of a correlation
}

// steps finds the rules that a correlation names and makes its steps of them.
func (b *builder) steps(it *sigmaItem, n *Correlate) ([]sigmaStep, bool) {
	c := it.correlation
	// A text names its rules by itself; a list beside it is checked against it.
	refs := c.Rules
	if refs == nil && c.Text != nil {
		refs = b.named(it)
	}
	it.refs = refs
	if len(refs) > maxSigmaSteps {
		b.fail(it, refs[0].At, refs[0].Width, fault.Error{Code: "rule-too-large", What: fmt.Sprintf("the correlation names more than %d rules", maxSigmaSteps), Do: "join rules into one, or use correlations of correlations"})
		return nil, false
	}
	var steps []sigmaStep
	for _, ref := range refs {
		if b.told {
			return nil, false // a chain that is too long costs no more than what is allowed
		}
		target, wrong := b.index.find(ref, it.file)
		if wrong != nil {
			b.fail(it, ref.At, ref.Width, *wrong)
			continue
		}
		s := sigmaStep{ref: ref, it: target, name: b.label(cmp.Or(target.rule.Name, ref.Text))}
		if target.correlation != nil {
			before := b.item.refused
			s.node = b.node(target, s.name)
			if b.item.refused && !before && !b.told {
				b.fail(it, ref.At, ref.Width, fault.Error{What: fmt.Sprintf("the correlation `%s` was refused", ref.Text), Do: "correct that one first"})
			}
			if s.node == nil {
				continue
			}
			n.Inner = append(n.Inner, s.node)
		} else {
			b.condition(it, s)
		}
		// A correlation that says no level matters as much as the worst of what it is made of.
		if slices.Index(levels, string(target.rule.Level)) > slices.Index(levels, string(b.level)) {
			b.level = target.rule.Level
		}
		steps = append(steps, s)
		n.Steps = append(n.Steps, Step{When: s.name, AtLeast: 1})
	}
	return steps, !b.item.refused
}

// maxSigmaSteps bounds the rules that one correlation names.
const maxSigmaSteps = 16

// named are the rules that the text of a condition names, in its order.
func (b *builder) named(it *sigmaItem) []sigma.Name {
	var out []sigma.Name
	text := it.correlation.Text.String()
	at := 0
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\r\n()", r) }) {
		at += strings.Index(text[at:], w)
		if !slices.Contains([]string{"and", "or", "not"}, strings.ToLower(w)) && !slices.ContainsFunc(out, func(n sigma.Name) bool { return n.Text == w }) {
			out = append(out, sigma.Name{Text: w, At: it.correlation.Text.Place(at), Width: utf8.RuneCountInString(w)})
		}
		at += len(w)
	}
	return out
}

// label returns a name that no other condition or correlation of the rule has: each belongs to one node, so one that is
// named twice is there twice.
func (b *builder) label(name string) string {
	label := name
	for i := 2; b.taken[label]; i++ {
		label = fmt.Sprintf("%s-%d", name, i)
	}
	b.taken[label] = true
	return label
}

// condition makes a condition of a rule that is named.
func (b *builder) condition(it *sigmaItem, s sigmaStep) {
	r, at := b.item.rule, s.ref.At
	if it.file != b.item.file {
		at = b.item.correlation.At
	}
	w := s.it.rule.When[0]
	source := s.it.rule.LogSource
	r.When = append(r.When, Condition{Name: s.name, Expr: w.Expr, Tree: w.Tree, LogSource: &source, Line: at.Line, Col: at.Col})
	for _, ask := range s.it.rule.Asks {
		if !slices.Contains(r.Asks, ask) {
			r.Asks = append(r.Asks, ask)
		}
	}
	r.filtered = append(r.filtered, s.it.rule.filtered...)
}

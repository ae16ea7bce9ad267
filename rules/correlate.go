package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"weir/internal/fault"
	"weir/internal/nearest"
	"weir/rules/yamlfile"
)

// Bounds of a correlation: state is kept per group and step.
const (
	maxSteps   = 16
	maxAtLeast = 1_000_000
)

// otherKinds are kinds of the rule language that this correlation does not run: a rule that asks for one must not be
// taken for something else.
var otherKinds = []string{"distinct", "any_order", "absence", "sum", "avg", "percentile", "new_value"}

// correlate reads how matches combine over time. It runs after the conditions were read, wherever it stands.
func (f *source) correlate(r *Rule, n ast.Node) {
	list, ok := yamlfile.Mapping(n)
	if !ok {
		f.Fail(n, "rule-value", "write correlate: {count: {at_least: 10}, by: [source.ip], within: 5m}", "`correlate` needs keys")
		return
	}
	// Mistakes are collected and reading goes on: whoever edits a file wants to hear all of them at once.
	c := &Correlate{}
	kind := func(k Kind, read func(ast.Node) []Step) func(ast.Node) {
		return func(v ast.Node) {
			// The second kind is refused whichever it is: nothing says which of the two was meant.
			if c.Kind != "" {
				f.Fail(v, "rule-value", "keep one of them", "`correlate` has both `%s` and `%s`", c.Kind, k)
				return
			}
			c.Kind, c.Steps = k, read(v)
		}
	}
	readers := map[string]func(ast.Node){
		"count":    kind(Count, func(v ast.Node) []Step { return f.countSteps(r, v) }),
		"sequence": kind(Sequence, func(v ast.Node) []Step { return f.sequenceSteps(r, v) }),
		"by":       f.paths("by", &c.By),
		"within":   f.duration("within", &c.Within),
	}
	list = f.refuseOtherKinds(list, c)
	// A kind that was refused has been told already; that there is none would be a second fault for one mistake.
	before := len(f.Faults())
	f.keys(" in correlate", list, readers)
	p, width := yamlfile.Extent(n)
	if c.Kind == "" && len(f.Faults()) == before && !f.Refused() {
		f.Add(p, width, fault.Error{Code: "rule-missing-key", What: "`correlate` does not say what is counted", Do: "add `count:` or `sequence:`"})
	}
	if c.Within == 0 && !f.Refused() {
		f.Add(p, width, fault.Error{Code: "rule-missing-key", What: "`correlate` has no `within`", Do: "add `within: 10m`"})
	}
	f.unused(r, c)
	r.Correlate = c
}

// refuseOtherKinds reports kinds that do not run here and returns the other keys.
func (f *source) refuseOtherKinds(list []*ast.MappingValueNode, c *Correlate) []*ast.MappingValueNode {
	var rest []*ast.MappingValueNode
	for _, kv := range list {
		key := yamlfile.Key(kv)
		if !slices.Contains(otherKinds, key) {
			rest = append(rest, kv)
			continue
		}
		p, width := yamlfile.Extent(kv)
		f.Add(p, width, fault.Error{Code: "rule-kind", What: fmt.Sprintf("`%s` is not run by this version", key),
			Why: "the kinds that work are `count` and `sequence`", Do: "write the rule with count or sequence"})
	}
	return rest
}

// countSteps reads the one step of a count. at_least has no default there: a count of one is a rule without correlate.
func (f *source) countSteps(r *Rule, n ast.Node) []Step {
	list, ok := yamlfile.Mapping(n)
	if !ok {
		f.Fail(n, "rule-value", "write count: {at_least: 10}", "`count` needs keys")
		return nil
	}
	return []Step{f.step(r, " in count", list, n, true)}
}

// sequenceSteps reads the steps of a sequence. One step alone is refused, because it would be a count that somebody
// meant to go on with.
func (f *source) sequenceSteps(r *Rule, n ast.Node) []Step {
	seq, ok := n.(*ast.SequenceNode)
	if !ok || len(seq.Values) < 2 || len(seq.Values) > maxSteps {
		f.Fail(n, "rule-value", "write sequence: [{when: failed, at_least: 5}, {when: login}]", "`sequence` needs 2 to %d steps", maxSteps)
		return nil
	}
	var steps []Step
	for _, v := range seq.Values {
		list, ok := yamlfile.Mapping(v)
		if !ok {
			f.Fail(v, "rule-value", "write {when: NAME, at_least: 5}", "a step needs keys")
			continue
		}
		steps = append(steps, f.step(r, " in a step", list, v, false))
	}
	return steps
}

// step reads one step. Without a name it means the only condition there is.
func (f *source) step(r *Rule, where string, list []*ast.MappingValueNode, n ast.Node, counts bool) Step {
	// A step of a sequence that says no number means once.
	s := Step{AtLeast: 1}
	given := false
	f.keys(where, list, map[string]func(ast.Node){
		"when": func(v ast.Node) { f.conditionName(r, v, &s.When) },
		"at_least": func(v ast.Node) {
			given = true
			f.integer("at_least", 1, maxAtLeast, &s.AtLeast)(v)
		},
	})
	named := slices.ContainsFunc(list, func(kv *ast.MappingValueNode) bool { return yamlfile.Key(kv) == "when" })
	if counts && !given {
		f.Fail(n, "rule-missing-key", "add `at_least: 10`", "`count` has no `at_least`")
	}
	if !named {
		// A condition that was refused is not in When: counting what is left would blame the step for it.
		if len(r.When) != 1 && !f.Refused() {
			f.Fail(n, "rule-missing-key", "add `when: NAME`", "the rule has %d conditions: say which one is meant", len(r.When))
		} else if len(r.When) == 1 {
			s.When = r.When[0].Name
		}
	}
	return s
}

// conditionName reads the name of a condition that this rule has.
func (f *source) conditionName(r *Rule, n ast.Node, into *string) {
	s, _ := yamlfile.Text(n)
	names := make([]string, len(r.When))
	for i, c := range r.When {
		names[i] = c.Name
	}
	if slices.Contains(names, s) {
		*into = s
		return
	}
	if f.Refused() { // the condition may be one that was refused
		return
	}
	do := "there are: " + strings.Join(names, ", ")
	if near := nearest.Name(s, names); near != "" {
		do = fmt.Sprintf("did you mean `%s`?", near)
	}
	f.Fail(n, "rule-unknown-condition", do, "there is no condition `%s`", s)
}

// unused warns about conditions that no step names: they are matched for nothing.
func (f *source) unused(r *Rule, c *Correlate) {
	if f.Refused() {
		return
	}
	for _, cond := range r.When {
		if !slices.ContainsFunc(c.Steps, func(s Step) bool { return s.When == cond.Name }) {
			// A warning only: while a rule is being written, its conditions come first.
			f.Add(yamlfile.Place{Line: cond.Line, Col: cond.Col}, 1, fault.Error{Code: "rule-unused-condition", What: fmt.Sprintf("no step uses the condition `%s`", cond.Name),
				Do: "name it in correlate, or remove it", Warn: true})
		}
	}
}

package sigma

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"weir/internal/fault"
	"weir/internal/nearest"
	"weir/rules/yamlfile"
)

// Correlation is a document that counts, orders or computes what other rules find over time. Names of rules and fields are
// as the document has them.
type Correlation struct {
	// Rule is what is said about it. It has no log source and no detection; its level is "" if it says none.
	*Rule
	// Type is one of the eight of the specification.
	Type  string
	Rules []Name
	// Generate keeps the alerts of the rules that it names.
	Generate bool
	GroupBy  []Name
	Aliases  []Alias
	Within   time.Duration
	// Window is sliding, tumbling or session.
	Window string
	// Bounds are what the number must be, in the order of the file.
	Bounds []Bound
	Fields []Name
	// Percent is of value_percentile, -1 if it says none.
	Percent float64
	// Text is an extended condition over the names of rules, with its place; nil if there is none.
	Text *Text
}

// Name is a name and where it stands.
type Name struct {
	Text  string
	At    yamlfile.Place
	Width int
}

// Alias is a name for group-by and what it is in the events of each rule: pairs of the rule and its field.
type Alias struct {
	Name
	Of [][2]Name
}

// Bound is a word such as gte and its number.
type Bound struct {
	Op    string
	Value float64
	At    yamlfile.Place
}

// Text is a text of a file that knows where its letters stand.
type Text struct {
	string
	at func(offset int) yamlfile.Place
}

// String is the text.
func (t *Text) String() string { return t.string }

// Place is where a byte of the text stands.
func (t *Text) Place(offset int) yamlfile.Place { return t.at(offset) }

// correlationTypes are those of the specification, with the two that are written as others where the condition is a text.
var correlationTypes = []string{"event_count", "value_count", "value_sum", "value_avg", "value_median", "value_percentile", "temporal", "temporal_ordered"}

// correlationKeys are the keys below `correlation`.
var correlationKeys = []string{"type", "rules", "group-by", "timespan", "timeframe", "condition", "aliases", "generate", "window", "gap"}

// boundOps are the words of conditions.
var boundOps = []string{"gt", "gte", "lt", "lte", "eq", "neq"}

// correlation reads a correlation document; the file's faults tell whether it may run.
func (d *document) correlation() *Correlation {
	c := &Correlation{Rule: &Rule{}, Percent: -1, Window: "sliding"}
	c.At, _ = d.doc.extent()
	d.head(c.Rule)
	c.ID = d.id()
	if d.doc.get("level") == nil {
		c.Level = ""
	}
	body := d.doc.get("correlation")
	c.Condition = c.At
	if body.sort != pairs {
		d.fail(body, "sigma-correlation", "write `type:`, `rules:`, `group-by:`, `timespan:` and `condition:` below it", "`correlation` has no keys")
		return c
	}
	d.unknownOf(body, "correlation", correlationKeys)
	d.correlationType(c, body)
	c.Rules = d.namesOf(body.get("rules"), "rules")
	c.GroupBy = d.namesOf(body.get("group-by"), "group-by")
	for i := range c.GroupBy {
		d.bare(&c.GroupBy[i])
	}
	d.correlationTime(c, body)
	d.correlationCondition(c, body)
	d.aliases(c, body.get("aliases"))
	c.Generate = d.flag(body.get("generate")) || d.flag(d.doc.get("generate"))
	if len(c.Rules) == 0 && c.Text == nil && !d.f.Refused() {
		d.fail(body, "sigma-correlation", "add `rules:` with their names or ids", "the correlation names no rules")
	}
	return c
}

// unknownOf warns about keys of a mapping that mean nothing.
func (d *document) unknownOf(n *node, where string, known []string) {
	for _, p := range n.keys {
		if slices.Contains(known, p.key) {
			continue
		}
		e := fault.Error{Code: "rule-unknown-key", What: fmt.Sprintf("the key `%s` of `%s` is none of Sigma's and is not used", p.key, where), Warn: true}
		if near := nearest.Name(p.key, known); near != "" {
			e.Do = fmt.Sprintf("did you mean `%s`?", near)
		}
		at, width := yamlfile.Extent(p.at)
		d.f.Add(at, width, e)
	}
}

// correlationType reads how the rules are combined.
func (d *document) correlationType(c *Correlation, body *node) {
	n := body.get("type")
	if n == nil || !n.scalar() {
		d.fail(body, "sigma-correlation", "add `type: event_count`, or one of: "+strings.Join(correlationTypes, ", "), "the correlation has no `type`")
		return
	}
	c.Type = strings.ToLower(strings.TrimSpace(n.text))
	// pySigma writes them so where the condition is a text, which says the same by itself.
	c.Type = strings.TrimSuffix(c.Type, "_extended")
	if slices.Contains(correlationTypes, c.Type) {
		return
	}
	do := "write one of: " + strings.Join(correlationTypes, ", ")
	if near := nearest.Name(c.Type, correlationTypes); near != "" {
		do = fmt.Sprintf("did you mean `%s`?", near)
	}
	d.fail(n, "sigma-correlation", do, "there is no correlation of type `%s`", n.text)
}

// namesOf reads a name or a list of them.
func (d *document) namesOf(n *node, key string) []Name {
	if n == nil || n.sort == null {
		return nil
	}
	var out []Name
	for _, it := range n.each() {
		name := d.nameOf(it)
		switch {
		case !it.scalar() || name.Text == "":
			d.fail(it, "sigma-correlation", "write a name", "an entry of `%s` is no name", key)
		case slices.ContainsFunc(out, func(o Name) bool { return o.Text == name.Text }):
			d.warn(it, "sigma-correlation", "remove one of them", "`%s` names %s twice", key, name.Text)
		default:
			out = append(out, name)
		}
	}
	return out
}

// nameOf is a node as a name with its place.
func (d *document) nameOf(n *node) Name {
	at, width := n.extent()
	return Name{Text: strings.TrimSpace(n.text), At: at, Width: width}
}

// bare checks that a name can be one of a field.
func (d *document) bare(n *Name) {
	bare := strings.Join(strings.Fields(n.Text), "")
	if bare == "" || len(bare) > maxField || strings.Contains("."+bare+".", "..") || strings.ContainsAny(bare, "\"'") {
		d.f.Add(n.At, n.Width, fault.Error{Code: "sigma-field", What: fmt.Sprintf("%q is no name of a field", n.Text), Do: "write the name of a field such as CommandLine"})
		return
	}
	n.Text = bare
}

// spans are the units of a timespan.
var spans = map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour, "M": 30 * 24 * time.Hour, "y": 365 * 24 * time.Hour}

// maxTimespan bounds how long a correlation may look back: state is kept that long.
const maxTimespan = 400 * 24 * time.Hour

// correlationTime reads the window. Others have sessions too, whose longest pause they call gap.
func (d *document) correlationTime(c *Correlation, body *node) {
	// The draft of the specification called it timeframe, and other tools still take that.
	n := body.get("timespan")
	if n == nil {
		n = body.get("timeframe")
	}
	if n == nil {
		d.fail(body, "sigma-correlation", "add `timespan: 5m`", "the correlation has no `timespan`")
		return
	}
	c.Within = d.timespan(n, "timespan")
	w := body.get("window")
	if w == nil {
		return
	}
	c.Window = strings.ToLower(strings.TrimSpace(w.text))
	gap := body.get("gap")
	switch {
	case !slices.Contains([]string{"sliding", "tumbling", "session"}, c.Window):
		d.fail(w, "sigma-correlation", "write one of: sliding, tumbling, session", "there is no window `%s`", w.text)
	case c.Window == "session" && gap != nil:
		c.Within = d.timespan(gap, "gap")
		d.warn(n, "sigma-correlation", "leave it out", "`timespan` does not bound a session, which ends after its `gap`")
	case gap != nil:
		d.fail(gap, "sigma-correlation", "write window: session, or leave it out", "`gap` is of sessions")
	}
}

// timespan reads a number and a letter.
func (d *document) timespan(n *node, key string) time.Duration {
	text := strings.TrimSpace(n.text)
	if len(text) >= 2 {
		unit := spans[text[len(text)-1:]]
		count, err := strconv.ParseUint(text[:len(text)-1], 10, 32)
		if unit > 0 && err == nil && count > 0 {
			if count > uint64(maxTimespan/unit) {
				d.fail(n, "sigma-correlation", "write at most 400d", "`%s` is longer than 400 days", key)
				return 0
			}
			return time.Duration(count) * unit
		}
	}
	d.fail(n, "sigma-correlation", "write a number and a letter: 30s, 10m, 2h, 1d", "`%s` is no time", key)
	return 0
}

// correlationCondition reads what must be true: numbers, or a text over the names of the rules.
func (d *document) correlationCondition(c *Correlation, body *node) {
	// Temporal ones have a default, all of the rules; a count without a number says nothing.
	n := body.get("condition")
	temporal := strings.HasPrefix(c.Type, "temporal")
	switch {
	case n == nil || n.sort == null:
		if !temporal && c.Type != "" {
			d.fail(body, "sigma-correlation", "add `condition: {gte: 10}`", "the correlation has no `condition`")
		}
	case n.sort == text && temporal:
		c.Condition, _ = n.extent()
		f := d.f
		c.Text = &Text{n.text, func(offset int) yamlfile.Place { return place(f, n, offset) }}
	case n.sort != pairs:
		d.fail(n, "sigma-correlation", "write condition: {gte: 10}", "the condition is no number; only temporal and temporal_ordered have a text")
	default:
		c.Condition, _ = n.extent()
		d.bounds(c, n, temporal)
	}
}

// bounds reads the numbers of a condition, and of which field they are.
func (d *document) bounds(c *Correlation, n *node, temporal bool) {
	d.unknownOf(n, "condition", append([]string{"field", "percentile"}, boundOps...))
	for _, p := range n.keys {
		at, _ := p.value.extent()
		switch {
		case slices.Contains(boundOps, p.key):
			v, err := strconv.ParseFloat(strings.ReplaceAll(p.value.text, "_", ""), 64)
			if !p.value.scalar() || err != nil || v > 1e300 || v < -1e300 || v != v {
				d.fail(p.value, "sigma-correlation", "write a number", "`%s` needs a number", p.key)
				continue
			}
			c.Bounds = append(c.Bounds, Bound{p.key, v, at})
		case p.key == "field":
			c.Fields = d.namesOf(p.value, "field")
			for i := range c.Fields {
				d.bare(&c.Fields[i])
			}
		case p.key == "percentile":
			v, err := strconv.ParseFloat(p.value.text, 64)
			if err != nil || v < 0 || v > 100 || v != v {
				d.fail(p.value, "sigma-correlation", "write percentile: 95", "`percentile` needs a number from 0 to 100")
				continue
			}
			c.Percent = v
		}
	}
	// What fits together is checked when all keys were read: their order in the file means nothing.
	values := strings.HasPrefix(c.Type, "value_")
	switch {
	case d.f.Refused():
	case len(c.Bounds) == 0:
		d.fail(n, "sigma-correlation", "add `gte: 10`", "the condition has no number")
	case values && len(c.Fields) == 0:
		d.fail(n, "sigma-correlation", "add `field: User`", "a correlation of type %s needs a field", c.Type)
	case !values && len(c.Fields) > 0:
		d.warn(n, "sigma-correlation", "leave it out, or write type: value_count", "`field` is not used by a correlation of type %s", c.Type)
		c.Fields = nil
	case len(c.Fields) > 1 && c.Type != "value_count":
		d.fail(n, "sigma-correlation", "name one", "%s computes with one field", c.Type)
	case c.Type == "value_percentile" && c.Percent < 0:
		d.warn(n, "sigma-correlation", "add `percentile: 95`", "the condition says no percentile: the median is taken, which is the 50th")
		c.Percent = 50
	}
}

// aliases reads what names of group-by are in the events of each rule.
func (d *document) aliases(c *Correlation, n *node) {
	if n == nil || n.sort == null {
		return
	}
	if n.sort != pairs {
		d.fail(n, "sigma-correlation", "write the alias, and below it RULE: FIELD for each rule", "`aliases` has no keys")
		return
	}
	for _, p := range n.keys {
		at, width := yamlfile.Extent(p.at)
		a := Alias{Name: Name{Text: p.key, At: at, Width: width}}
		if p.value.sort != pairs || len(p.value.keys) == 0 {
			d.fail(p.value, "sigma-correlation", "write RULE: FIELD for each rule", "the alias `%s` has no fields", p.key)
			continue
		}
		for _, f := range p.value.keys {
			at, width := yamlfile.Extent(f.at)
			field := d.nameOf(f.value)
			if !f.value.scalar() {
				d.fail(f.value, "sigma-correlation", "write one name", "`%s` is no name of a field", f.key)
				continue
			}
			d.bare(&field)
			a.Of = append(a.Of, [2]Name{{f.key, at, width}, field})
		}
		c.Aliases = append(c.Aliases, a)
	}
}

// flag reads true or false.
func (d *document) flag(n *node) bool {
	if n == nil || n.sort == null {
		return false
	}
	switch strings.ToLower(n.text) {
	case "true", "yes":
		return true
	case "false", "no":
		return false
	}
	d.warn(n, "sigma-correlation", "write true or false", "`generate` is taken for false")
	return false
}

// Peek returns the id and the name of a document that was refused, as far as they can be read: who names it is told so.
func Peek(body *yamlfile.Body) (names []string) {
	for _, kv := range body.Pairs {
		if key := yamlfile.Key(kv); key == "id" || key == "name" {
			if s, ok := yamlfile.Text(kv.Value); ok && utf8.ValidString(s) {
				names = append(names, strings.TrimSpace(s))
			}
		}
	}
	return names
}

package correlation

import (
	"github.com/goccy/go-yaml/ast"

	"weir/rules/keys"
	"weir/rules/yamlfile"
)

// counted reads the kinds that count or compute: conditions whose matches are taken together, a number, and what it must be.
func (n *node) counted(v ast.Node) {
	kind := string(n.c.Kind)
	list, ok := yamlfile.Mapping(v)
	if !ok {
		n.f.Fail(v, "rule-value", "write "+n.example(), "`%s` needs keys", kind)
		return
	}
	// Where the numbers stand as a whole: what they come to together is told there.
	n.bounds = v
	readers := map[string]func(ast.Node){"when": n.whens}
	// A new value is one or none; the others compare a number.
	if n.c.Kind == NewValue {
		n.c.Learn = defaultLearn
		readers["learn"] = n.f.Duration("learn", &n.c.Learn)
	} else {
		readers["at_least"] = func(v ast.Node) { n.bound("at_least", "gte", v) }
		readers["is"] = n.is
	}
	// Only a count needs no field: it counts the matches themselves.
	if n.c.Kind != Count {
		readers["of"] = func(v ast.Node) { n.names("of", v, &n.c.Field) }
	}
	switch n.c.Kind {
	case Percentile:
		// Every number from 0 on is one that can be meant, so none says that nothing was written.
		n.c.Percent = -1
		readers["percent"] = n.percent
		fallthrough
	case Avg, Median:
		n.c.MinValues = 1
		readers["min_values"] = n.f.Integer("min_values", 1, maxNumber, &n.c.MinValues)
	}
	before := len(n.f.Faults())
	n.f.Keys(" in "+kind, list, readers)
	// The one condition of a rule need not be named, and mostly is called event.
	if len(n.named) == 0 && !keys.Has(list, "when") {
		n.step(mention{at: v}, 1)
	}
	// What is missing may be what was misspelt: one mistake is told once.
	if len(n.f.Faults()) > before && n.f.Refused() {
		return
	}
	switch {
	case n.c.Kind != Count && len(n.c.Field) == 0:
		n.f.Fail(v, "rule-missing-key", "add `of:` with a field", "`%s` has no `of`", kind)
	case n.c.Kind != NewValue && len(n.c.Bounds) == 0:
		do := "add `at_least: 10`"
		if !n.c.Monotone() {
			do = "add `is: {gt: 500}`"
		}
		n.f.Fail(v, "rule-missing-key", do, "`%s` has no `at_least`", kind)
	case n.c.Kind == Percentile && n.c.Percent < 0:
		n.f.Fail(v, "rule-missing-key", "add `percent: 95`", "`percentile` has no `percent`")
	case len(n.c.Field) > 1 && n.c.Kind != Distinct && n.c.Kind != NewValue:
		n.f.Fail(v, "rule-value", "name one", "`%s` computes with one field", kind)
	}
}

// example is how the kind is written.
func (n *node) example() string {
	switch n.c.Kind {
	case Count:
		return "count: {at_least: 10}"
	case Distinct:
		return "distinct: {of: user.name, at_least: 8}"
	case Sum:
		return "sum: {of: source.bytes, at_least: 1000000}"
	case Percentile:
		return "percentile: {of: event.duration, percent: 95, is: {gt: 500}}"
	case NewValue:
		return "new_value: {of: host.name, learn: 7d}"
	}
	return string(n.c.Kind) + ": {of: event.duration, is: {gt: 500}}"
}

// whens reads what is counted: the name of a condition or of a correlation below `of`, or several.
func (n *node) whens(v ast.Node) {
	n.f.Each("when", v, func(it ast.Node, name string) {
		if len(n.named) == maxSteps {
			n.f.Fail(it, "rule-too-large", "join conditions with `or`", "`when` has more than %d names", maxSteps)
			return
		}
		n.step(mention{it, name}, 1)
	})
}

// step adds a step. Which condition it means is known when all of them are.
func (n *node) step(m mention, atLeast int) {
	n.named = append(n.named, m)
	n.c.Steps = append(n.c.Steps, Step{When: m.name, AtLeast: atLeast})
}

// steps reads the kinds that have several steps: a list of them, or with a condition that says which must be there. One
// step alone is refused, because it would be a count that somebody meant to go on with.
func (n *node) steps(v ast.Node) {
	kind := string(n.c.Kind)
	// The short form, which nearly all rules have.
	if seq, ok := v.(*ast.SequenceNode); ok {
		n.stepList(v, seq)
		return
	}
	list, ok := yamlfile.Mapping(v)
	if !ok || !keys.Has(list, "steps") && !keys.Has(list, "condition") {
		n.f.Fail(v, "rule-value", "write "+kind+": [{when: failed, at_least: 5}, {when: login}]", "`%s` needs 2 to %d steps", kind, maxSteps)
		return
	}
	n.f.Keys(" in "+kind, list, map[string]func(ast.Node){
		"steps": func(v ast.Node) {
			seq, ok := v.(*ast.SequenceNode)
			if !ok {
				n.f.Fail(v, "rule-value", "write steps: [{when: failed, at_least: 5}, {when: login}]", "`steps` is a list")
				return
			}
			n.stepList(v, seq)
		},
		"condition": func(v ast.Node) {
			if _, ok := yamlfile.Text(v); !ok {
				n.f.Fail(v, "rule-value", "write condition: a and (b or c) and not d", "`condition` needs a text")
				return
			}
			n.logic = v
		},
	})
}

// stepList reads a list of steps, each with the name of its condition and how often it must match.
func (n *node) stepList(v ast.Node, seq *ast.SequenceNode) {
	if len(seq.Values) < 2 || len(seq.Values) > maxSteps {
		n.f.Fail(v, "rule-value", "write "+string(n.c.Kind)+": [{when: failed, at_least: 5}, {when: login}]", "`%s` needs 2 to %d steps", n.c.Kind, maxSteps)
		return
	}
	for _, v := range seq.Values {
		list, ok := yamlfile.Mapping(v)
		if !ok {
			n.f.Fail(v, "rule-value", "write {when: NAME, at_least: 5}", "a step needs keys")
			continue
		}
		// A step that says no number means once.
		m, atLeast := mention{at: v}, 1
		n.f.Keys(" in a step", list, map[string]func(ast.Node){
			"when": func(v ast.Node) {
				var name string
				n.f.Text("when", &name)(v)
				m = mention{v, name}
			},
			"at_least": n.f.Integer("at_least", 1, maxNumber, &atLeast),
		})
		n.step(m, atLeast)
	}
}

// absence reads what must be followed, and by what. Without `of` it is by itself.
func (n *node) absence(v ast.Node) {
	list, ok := yamlfile.Mapping(v)
	if !ok {
		n.f.Fail(v, "rule-value", "write absence: {after: login, of: logout}", "`absence` needs keys")
		return
	}
	// Without a name `after` means the only condition, as everywhere; `of` means the same as `after`.
	after, of := mention{at: v}, mention{}
	name := func(key string, into *mention) func(ast.Node) {
		return func(v ast.Node) {
			n.f.Text(key, &into.name)(v)
			into.at = v
		}
	}
	n.f.Keys(" in absence", list, map[string]func(ast.Node){"after": name("after", &after), "of": name("of", &of)})
	if of.at == nil {
		of = after
	}
	n.step(after, 1)
	n.step(of, 1)
}

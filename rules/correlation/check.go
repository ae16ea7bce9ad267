package correlation

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"weir/internal/fault"
	"weir/internal/term"
	"weir/rules/yamlfile"
)

// check reports what cannot be meant, when everything is known that the node says.
func (n *node) check() {
	// What could not be read or linked was told; what follows from it would only repeat that.
	if n.c.Kind == "" || !n.linked {
		return
	}
	n.checkSteps()
	n.checkTime()
	if n.bounds != nil && len(n.c.Bounds) > 0 {
		if why := Impossible(n.c.Kind, n.c.Bounds); why != "" {
			n.f.Fail(n.bounds, "rule-value", "correct the numbers", "`%s` can never be met: %s", n.c.Kind, why)
		}
	}
	n.checkNames()
}

// checkSteps refuses a condition that is counted twice.
func (n *node) checkSteps() {
	// Steps of sequences may name a condition several times: each has an order of its own.
	if n.bounds == nil {
		return
	}
	for i, s := range n.c.Steps {
		if slices.ContainsFunc(n.c.Steps[:i], func(o Step) bool { return o.When == s.When }) {
			n.f.Fail(n.named[i].at, "rule-value", "remove one of them", "`when` names %s twice", s.When)
		}
	}
}

// checkTime refuses windows in which the kind has no meaning.
func (n *node) checkTime() {
	// Sigma and other tools know windows for these too, but what they would mean depends on where a window happens to begin.
	spans := !slices.Contains([]Kind{Sequence, Absence, NewValue}, n.c.Kind)
	switch {
	case n.c.Window != Sliding && !spans:
		n.f.Fail(n.at, "rule-value", "leave `window` out", "`%s` looks at the time before or after each match; a %s window has no meaning for it", n.c.Kind, n.c.Window)
	case n.c.Kind == NewValue && n.c.Learn > n.c.Within && n.c.Within > 0:
		n.f.Fail(n.at, "rule-value", "write a longer `within`, or a shorter `learn`", "`learn` (%s) is longer than values are remembered (%s): nothing would ever be new", term.Duration(n.c.Learn), term.Duration(n.c.Within))
	}
}

// checkNames looks at the names of `by` and `of`: what they mean must be there for each step.
func (n *node) checkNames() {
	for _, a := range n.asks {
		if n.c.Alias[a.name] == nil {
			n.checkName(a)
		}
	}
	// In the order of the names: the messages of two loads must be the same.
	for _, name := range slices.Sorted(maps.Keys(n.c.Alias)) {
		n.checkAlias(name)
	}
}

// checkName looks at a name that is a field of the events of all steps, or a name by which inner correlations group.
func (n *node) checkName(a mention) {
	// Several steps may need several warnings, and the field itself is looked at once.
	field := false
	for _, s := range n.c.Steps {
		in := n.innerOf(s.When)
		switch {
		case in == nil:
			field = true
		case !slices.Contains(in.By, a.name):
			field = true
			p, width := yamlfile.Extent(a.at)
			n.f.Add(p, width, fault.Error{Code: "rule-value", What: fmt.Sprintf("`%s` does not group by %s", in.Name, a.name), Why: "the value of the event that completes it is taken",
				Do: fmt.Sprintf("add it to `by` of `%s`, unless that is meant", in.Name), Warn: true})
		}
	}
	if field {
		n.field(a.at, a.name)
	}
}

// checkAlias looks at what a name stands for. A step that it says nothing for would never be in any group.
func (n *node) checkAlias(name string) {
	said := n.aliases[name]
	if said == nil {
		return // told already
	}
	// A sequence may name a condition twice, of which an alias speaks once.
	var steps []string
	for _, s := range n.c.Steps {
		if !slices.Contains(steps, s.When) {
			steps = append(steps, s.When)
		}
	}
	for _, step := range slices.Sorted(maps.Keys(said)) {
		if !slices.Contains(steps, step) {
			n.f.Fail(said[step], "rule-unknown-condition", Nearest(step, steps), "`%s` is no step of %s", step, n.title())
			continue
		}
		n.checkAliasFields(name, step, said[step])
	}
	for _, step := range steps {
		if said[step] == nil {
			n.f.Fail(n.asked(name), "rule-value", "add `"+step+": FIELD`", "`%s` says no field for `%s`", name, step)
		}
	}
}

// checkAliasFields looks at the fields that a name stands for in one step.
func (n *node) checkAliasFields(name, step string, at ast.Node) {
	fields := strings.Fields(n.c.Alias[name][step])
	// One field or a list of them: each has a place of its own for the caret.
	items := itemsOf(at.(*ast.MappingValueNode).Value)
	in := n.innerOf(step)
	if in != nil && len(fields) > 1 {
		n.f.Fail(at, "rule-value", "write one name", "`%s` is a correlation, of which one value is taken", step)
		return
	}
	for i, field := range fields {
		if i < len(items) && (in == nil || !slices.Contains(in.By, field)) {
			n.field(items[i], field)
		}
	}
}

// innerOf returns the inner correlation of a name, nil if it is a condition.
func (n *node) innerOf(name string) *Correlate {
	for _, in := range n.c.Inner {
		if in.Name == name {
			return in
		}
	}
	return nil
}

// asked returns where a name of `by` or `of` stands.
func (n *node) asked(name string) ast.Node {
	for _, a := range n.asks {
		if a.name == name {
			return a.at
		}
	}
	return n.at
}

package correlation

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"

	"weir/internal/fault"
	"weir/rules/yamlfile"
)

// link finds out what the steps of all correlations mean, and makes a tree of them. A name means a correlation below `of`
// of the same node or of one around it, else a condition of the rule.
func (r *reading) link() {
	// Conditions have one owner over all nodes: signals say their condition and nothing of where it stands.
	owner := map[string]*node{}
	for _, n := range r.all {
		n.linked = n.logicSteps()
		for i := range n.named {
			n.linked = n.linkStep(i, owner) && n.linked
		}
	}
	// In the order of the steps, so that the tree does not depend on where in the file correlations are written.
	for _, n := range r.all {
		for _, s := range n.c.Steps {
			in := n.find(s.When)
			if in != nil && in.usedBy == n && !slices.Contains(n.c.Inner, in.c) {
				n.c.Inner = append(n.c.Inner, in.c)
			}
		}
	}
	// Last of all: the text names steps, and which there are is known now.
	for _, n := range r.all {
		if n.logic != nil && n.linked {
			n.readLogic()
		}
	}
}

// visible are the names that steps of the node may have.
func (n *node) visible() []string {
	var out []string
	for at := n; at != nil; at = at.within {
		for _, in := range at.inner {
			out = append(out, in.c.Name)
		}
	}
	for _, c := range n.conds {
		out = append(out, c.Name)
	}
	return out
}

// find returns the correlation that a name means for the node, nil if it means none.
func (n *node) find(name string) *node {
	for at := n; at != nil; at = at.within {
		for _, in := range at.inner {
			if in.c.Name == name {
				return in
			}
		}
	}
	return nil
}

// logicSteps makes the steps of a node that has a condition and no steps: those that the condition names, once each.
func (n *node) logicSteps() bool {
	if n.logic == nil || len(n.named) > 0 {
		return true
	}
	l, ok := n.parse(n.visible())
	if !ok {
		return false
	}
	// In the order in which they are named first, which is that of a sequence.
	names := l.Names()
	if len(names) > maxSteps {
		n.f.Fail(n.logic, "rule-too-large", "join conditions with `or`", "the condition names more than %d steps", maxSteps)
		return false
	}
	for _, name := range names {
		n.step(mention{n.logic, name}, 1)
	}
	return true
}

// linkStep finds out what one step means. owner has the node of each condition.
func (n *node) linkStep(i int, owner map[string]*node) bool {
	m, step := n.named[i], &n.c.Steps[i]
	if m.name == "" {
		// A condition that was refused is not there: counting what is left would blame the step for it.
		if len(n.conds) != 1 || len(n.inner) > 0 {
			if !n.f.Refused() {
				n.f.Fail(m.at, "rule-missing-key", "add `when: NAME`", "the rule has %d conditions: say which one is meant", len(n.conds)+len(n.inner))
			}
			return false
		}
		m.name = n.conds[0].Name
		step.When = m.name
	}
	// Correlations come first: they stand nearer to the step than the conditions of the rule.
	if in := n.find(m.name); in != nil {
		return n.take(in, m)
	}
	if !slices.ContainsFunc(n.conds, func(c Condition) bool { return c.Name == m.name }) {
		if !n.f.Refused() {
			n.f.Fail(m.at, "rule-unknown-condition", Nearest(m.name, n.visible()), "there is no condition `%s`", m.name)
		}
		return false
	}
	if other := owner[m.name]; other != nil && other != n {
		n.f.Fail(m.at, "rule-value", "write the condition twice, with two names", "the condition `%s` is used by %s and by %s", m.name, other.title(), n.title())
		return false
	}
	owner[m.name] = n
	return true
}

// take makes a correlation one whose completions are matches of the node. Each has one that takes it, so that the whole is
// a tree.
func (n *node) take(in *node, m mention) bool {
	// The way from the step up to the root; if the correlation is on it, it would wait for itself.
	names := []string{"`" + in.c.Name + "`"}
	for at := n; at != nil; at = at.usedBy {
		if at == in {
			slices.Reverse(names[1:])
			n.f.Fail(m.at, "rule-circular", "take one of the names out", "%s names %s: no correlation can wait for itself", names[0], strings.Join(append(names[1:], names[0]), ", which names "))
			return false
		}
		names = append(names, at.title())
	}
	if in.usedBy != nil && in.usedBy != n {
		n.f.Fail(m.at, "rule-value", "write the correlation twice, with two names and conditions of their own", "the correlation `%s` is used by %s and by %s", in.c.Name, in.usedBy.title(), n.title())
		return false
	}
	in.usedBy = n
	return true
}

// parse reads the text of `condition`.
func (n *node) parse(names []string) (*Logic, bool) {
	text, _ := yamlfile.Text(n.logic)
	l, err := ParseText(text, names)
	m, ok := errors.AsType[*Mistake](err)
	if !ok {
		return l, true
	}
	// The name may be that of a condition that was refused.
	if !m.Unknown || !n.f.Refused() {
		e := fault.Error{Code: "rule-value", What: m.What, Do: m.Do}
		if m.Unknown {
			e.Code = "rule-unknown-condition"
		}
		n.f.Add(n.f.Scalar(text, n.logic).Rune(utf8.RuneCountInString(text[:m.At])), m.Width, e)
	}
	return nil, false
}

// readLogic reads the condition of a node whose steps are known.
func (n *node) readLogic() {
	var names []string
	for i, s := range n.c.Steps {
		if slices.Contains(names, s.When) {
			n.f.Fail(n.named[i].at, "rule-value", "write one step with `at_least: 2`", "beside a condition `%s` can be one step only", s.When)
			return
		}
		names = append(names, s.When)
	}
	l, ok := n.parse(names)
	if !ok {
		return
	}
	// A step that the text leaves out would be kept in memory for nothing, and is mostly a slip.
	named := l.Names()
	for i, name := range names {
		if !slices.Contains(named, name) {
			n.f.Fail(n.named[i].at, "rule-value", "name it, or take the step out", "the condition does not name the step `%s`", name)
		}
	}
	for i, s := range n.c.Steps {
		if s.AtLeast > 1 && slices.Contains(l.Negated(), s.When) {
			n.f.Fail(n.named[i].at, "rule-value", "take `at_least` out; for \"fewer than\" use a count within `of`", "`not %s` asks for none, and the step for %d", s.When, s.AtLeast)
		}
	}
	// After the mistakes that have a place of their own: these are about the text as a whole.
	if why, do := l.Unsound(n.c.Kind); why != "" {
		n.f.Fail(n.logic, "rule-value", do, "%s", why)
		return
	}
	n.c.Logic = l
}

// unused warns about conditions that no step names, and correlations: they are matched for nothing.
func (r *reading) unused(root *node) {
	if r.f.Refused() {
		return
	}
	warn := func(p yamlfile.Place, width int, what, name string) {
		// A warning only: while a rule is being written, its conditions come first.
		r.f.Add(p, width, fault.Error{Code: "rule-unused-condition", What: fmt.Sprintf("no step uses the %s `%s`", what, name), Do: "name it in correlate, or remove it", Warn: true})
	}
	for _, c := range r.conds {
		if !slices.ContainsFunc(r.all, func(n *node) bool {
			return slices.ContainsFunc(n.c.Steps, func(s Step) bool { return s.When == c.Name })
		}) {
			warn(c.At, 1, "condition", c.Name)
		}
	}
	for _, n := range r.all {
		if n != root && n.usedBy == nil {
			p, width := yamlfile.Extent(n.at)
			warn(p, width, "correlation", n.c.Name)
		}
	}
}

// itemsOf returns the nodes of a list, or the one node that stands for a list of one.
func itemsOf(v ast.Node) []ast.Node {
	if seq, ok := v.(*ast.SequenceNode); ok {
		return seq.Values
	}
	return []ast.Node{v}
}

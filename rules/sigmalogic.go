package rules

import (
	"errors"
	"fmt"
	"slices"

	"weir/internal/fault"
	"weir/rules/correlation"
)

// logic makes of a condition which rules must be there: a text over their names, or how many of them.
func (b *builder) logic(it *sigmaItem, n *Correlate, steps []sigmaStep) {
	c := it.correlation
	if c.Text == nil {
		b.some(it, n)
		return
	}
	// The text names rules as `rules` does; steps may be called otherwise, where a rule has a name and was named by its id.
	names := make([]string, len(steps))
	for i, s := range steps {
		names[i] = s.ref.Text
	}
	text := c.Text.String()
	l, err := correlation.ParseText(text, names)
	if m, ok := errors.AsType[*correlation.Mistake](err); ok {
		b.fail(it, c.Text.Place(m.At), m.Width, fault.Error{What: m.What, Do: m.Do})
		return
	}
	said := l.Names()
	for _, s := range steps {
		if !slices.Contains(said, s.ref.Text) {
			b.fail(it, s.ref.At, s.ref.Width, fault.Error{What: fmt.Sprintf("the condition does not name the rule `%s`", s.ref.Text), Do: "name it, or take it out of `rules`"})
		}
	}
	if why, do := l.Unsound(n.Kind); why != "" {
		b.fail(it, c.Condition, 1, fault.Error{What: why, Do: do})
		return
	}
	n.Logic = l.Renamed(func(name string) string { return steps[slices.Index(names, name)].name })
}

// some makes of a number how many different rules must be there.
func (b *builder) some(it *sigmaItem, n *Correlate) {
	// Only "at least so many" can be said of different rules: fewer than so many would be about what does not happen.
	least := 0
	for _, bound := range it.correlation.Bounds {
		switch {
		case bound.Op == "gte" && bound.Value >= 1:
			least = max(least, int(min(bound.Value+0.999999, maxSigmaSteps+1)))
		case bound.Op == "gt" && bound.Value >= 0:
			least = max(least, int(min(bound.Value, maxSigmaSteps+1))+1)
		case bound.Op == "eq" && bound.Value == float64(len(n.Steps)), bound.Op == "lte" && bound.Value >= float64(len(n.Steps)):
			if bound.Op == "eq" {
				least = len(n.Steps)
			}
		default:
			b.fail(it, bound.At, 1, fault.Error{What: fmt.Sprintf("`%s: %v` cannot be asked of how many different rules there are", bound.Op, bound.Value), Do: "write `gte`, or a text such as `rule_a and not rule_b`"})
			return
		}
	}
	switch {
	case len(it.correlation.Bounds) == 0 || least == len(n.Steps):
		return
	case least > len(n.Steps):
		b.fail(it, it.correlation.Condition, 1, fault.Error{What: fmt.Sprintf("%d different rules can never be there: %d are named", least, len(n.Steps)), Do: fmt.Sprintf("write at most %d", len(n.Steps))})
		return
	}
	// Written out, so that engines know one form of logic alone.
	parts := make([]*Logic, len(n.Steps))
	for i, s := range n.Steps {
		parts[i] = &Logic{Step: s.When}
	}
	if n.Logic = correlation.Choose(max(least, 1), parts); n.Logic == nil {
		b.fail(it, it.correlation.Condition, 1, fault.Error{Code: "rule-too-large", What: fmt.Sprintf("there are too many ways to choose %d of %d rules", least, len(parts)), Do: "name fewer rules"})
	}
}

// bounds takes the numbers over.
func (b *builder) bounds(it *sigmaItem, n *Correlate) {
	c := it.correlation
	for _, bound := range c.Bounds {
		n.Bounds = append(n.Bounds, Bound{Op: bound.Op, Value: bound.Value})
		if bound.Value > maxSigmaNumber && (n.Kind == correlation.Count || n.Kind == correlation.Distinct) {
			b.fail(it, bound.At, 1, fault.Error{Code: "rule-too-large", What: fmt.Sprintf("`%s` counts to at most %d", bound.Op, maxSigmaNumber), Do: "write a smaller number"})
			return
		}
	}
	if why := correlation.Impossible(n.Kind, n.Bounds); why != "" {
		b.fail(it, c.Condition, 1, fault.Error{What: "the condition can never be met: " + why, Do: "correct the numbers"})
	}
}

// maxSigmaNumber bounds what is counted: that much may have to be kept for each group.
const maxSigmaNumber = 1_000_000

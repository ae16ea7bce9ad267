package oracle

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"weir/internal/signal"
	"weir/processors/correlate/kind"
	"weir/rules"
	"weir/rules/correlation"
)

// Group is what is known of one group of the outermost correlation of a rule, for tests of a kind alone.
type Group struct {
	Values  []string
	Matches []*kind.Match // in order
	Hits    []*kind.Match
	// What is behind the hits, hits as well.
	Behind []*kind.Match
	// Completions are those that it would say if it were an inner correlation.
	Completions []*kind.Match
}

// Groups returns the groups of a rule with a correlation.
func Groups(r *rules.Rule, signals []*signal.Signal) []Group {
	o := &oracle{rule: r, signals: once(r, signals)}
	var out []Group
	for _, g := range o.groups(r.Correlate) {
		show := Group{Values: g.values, Matches: g.matches, Completions: o.completions(r.Correlate, g.matches)}
		for _, h := range o.hits(r.Correlate, g.matches) {
			show.Hits = append(show.Hits, h.m)
			show.Behind = append(append(show.Behind, h.m), h.parts...)
		}
		out = append(out, show)
	}
	return out
}

// groups returns the groups of a correlation with all their matches: of its conditions, and completions of its inner
// correlations.
func (o *oracle) groups(c *rules.Correlate) []*group {
	list := groupList{}
	for _, s := range o.signals {
		step := slices.IndexFunc(c.Steps, func(st rules.Step) bool { return st.When == s.When })
		if step < 0 {
			continue
		}
		m := &kind.Match{T: s.Time.UnixNano(), Step: int32(step), Cond: uint16(o.condition(s.When)), ID: s.EventID, Src: s.Src}
		if fill(c, m, func(name string) string { return s.Values[name] }) {
			list.add(s.Group, m)
		}
	}
	for _, in := range c.Inner {
		step := slices.IndexFunc(c.Steps, func(st rules.Step) bool { return st.When == in.Name })
		for _, g := range o.groups(in) {
			for _, done := range o.completions(in, g.matches) {
				value := o.outerValue(c, in, g, done)
				values, ok := all(c.By, value)
				m := &kind.Match{T: done.T, Step: int32(step), Cond: done.Cond, ID: done.ID, Src: done.Src, Parts: done.Parts}
				if ok && fill(c, m, value) {
					list.add(values, m)
				}
			}
		}
	}
	return list.ordered()
}

func (o *oracle) condition(name string) int {
	return slices.IndexFunc(o.rule.When, func(c rules.Condition) bool { return c.Name == name })
}

// outerValue returns how an outer correlation finds its values in a completion of an inner one: by the name that its alias
// gives, in what the inner one groups by, else in the event that completed it.
func (o *oracle) outerValue(c, in *rules.Correlate, g *group, done *kind.Match) func(name string) string {
	return func(name string) string {
		if alias := c.Alias[name][in.Name]; alias != "" {
			name = alias
		}
		if i := slices.Index(in.By, name); i >= 0 {
			return g.values[i]
		}
		for _, s := range o.signals {
			if s.EventID == done.ID && s.When == o.rule.When[done.Cond].Name {
				return s.Values[name]
			}
		}
		return ""
	}
}

// all returns the values of names; ok is false where one is missing.
func all(names []string, value func(string) string) (values []string, ok bool) {
	for _, n := range names {
		values = append(values, value(n))
	}
	return values, !slices.Contains(values, "")
}

// fill gives a match the value or the number that its correlation looks at. A match without it is none.
func fill(c *rules.Correlate, m *kind.Match, value func(string) string) bool {
	switch c.Kind {
	case correlation.Distinct, correlation.NewValue:
		values, ok := all(c.Field, value)
		m.Value = joined(values)
		return ok
	case correlation.Sum, correlation.Avg, correlation.Median, correlation.Percentile:
		n, err := strconv.ParseFloat(value(c.Field[0]), 64)
		m.Number = n
		return err == nil && !strings.ContainsAny(value(c.Field[0]), "_xX") && !math.IsNaN(n) && !math.IsInf(n, 0)
	}
	return true
}

// isMonotone tells whether more matches can only make more hits.
func isMonotone(c *rules.Correlate) bool {
	switch c.Kind {
	case correlation.Count, correlation.Distinct, correlation.Sum:
		return !slices.ContainsFunc(c.Bounds, func(b rules.Bound) bool { return b.Op != "gt" && b.Op != "gte" })
	case correlation.AnyOrder, correlation.Sequence:
		return !hasNot(c.Logic)
	}
	return false
}

// hasNot tells whether a condition over steps negates any.
func hasNot(l *rules.Logic) bool {
	if l == nil {
		return false
	}
	return l.Not != nil || slices.ContainsFunc(l.And, hasNot) || slices.ContainsFunc(l.Or, hasNot)
}

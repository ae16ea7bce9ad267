package oracle

import (
	"math"
	"slices"

	"weir/processors/correlate/kind"
	"weir/rules"
	"weir/rules/correlation"
)

// spans returns all spans of matches that are looked at together. Of sliding ones, those that begin with a match are
// enough: any other holds no more than one of them.
func spans(c *rules.Correlate, ms []*kind.Match) [][]*kind.Match {
	var out [][]*kind.Match
	for i := range ms {
		switch {
		case c.Window == correlation.Sliding:
			out = append(out, between(ms, ms[i].T, ms[i].T+within(c)))
		case i > 0 && together(c, ms[i-1], ms[i]):
			last := len(out) - 1
			out[last] = append(out[last], ms[i])
		default:
			out = append(out, []*kind.Match{ms[i]})
		}
	}
	return out
}

// together tells whether neighbours are in the same tumbling window or in the same session.
func together(c *rules.Correlate, a, b *kind.Match) bool {
	if c.Window == correlation.Tumbling {
		return a.T/within(c) == b.T/within(c)
	}
	return b.T-a.T <= within(c)
}

// trailing returns the matches up to one of them that are looked at together with it.
func trailing(c *rules.Correlate, ms []*kind.Match, m *kind.Match) []*kind.Match {
	if c.Window == correlation.Sliding {
		return upTo(ms, m, m.T-within(c))
	}
	all := spans(c, upTo(ms, m, math.MinInt64))
	return all[len(all)-1]
}

// upTo returns the matches from a time to a match in their order. Matches of the same event are equal in it.
func upTo(ms []*kind.Match, m *kind.Match, from int64) []*kind.Match {
	var out []*kind.Match
	for _, x := range between(ms, from, m.T) {
		if kind.Compare(x, m) <= 0 {
			out = append(out, x)
		}
	}
	return out
}

// between returns the matches from one time to another.
func between(ms []*kind.Match, from, to int64) []*kind.Match {
	var out []*kind.Match
	for _, m := range ms {
		if from <= m.T && m.T <= to {
			out = append(out, m)
		}
	}
	return out
}

// holds tells whether a correlation holds for matches that are looked at together.
func holds(c *rules.Correlate, span []*kind.Match) bool {
	switch c.Kind {
	case correlation.Count:
		return bounded(c, float64(len(span)))
	case correlation.Distinct:
		values := map[string]bool{}
		for _, m := range span {
			values[m.Value] = true
		}
		return bounded(c, float64(len(values)))
	case correlation.Sum:
		total := 0.0
		for _, m := range span {
			total += max(m.Number, 0)
		}
		return bounded(c, total)
	case correlation.AnyOrder:
		return logic(c, c.Logic, span, span)
	case correlation.Avg, correlation.Median, correlation.Percentile:
		return len(span) >= c.MinValues && bounded(c, aggregate(c, span))
	}
	return false
}

func bounded(c *rules.Correlate, n float64) bool {
	return !slices.ContainsFunc(c.Bounds, func(b rules.Bound) bool { return !b.Holds(n) })
}

// aggregate computes the mean, the median or a percentile of at least one number.
func aggregate(c *rules.Correlate, span []*kind.Match) float64 {
	var ns []float64
	total := 0.0
	for _, m := range span {
		ns = append(ns, m.Number)
		total += m.Number
	}
	slices.Sort(ns)
	n := len(ns)
	switch c.Kind {
	case correlation.Avg:
		return total / float64(n)
	case correlation.Median:
		if n%2 == 0 {
			return (ns[n/2-1] + ns[n/2]) / 2
		}
		return ns[n/2]
	}
	place := 1
	for float64(place)*100 < c.Percent*float64(n) {
		place++
	}
	return ns[place-1]
}

// logic tells whether a condition over the steps holds: a step is there if near holds as many of its matches as it needs, a
// negated one is not there if around does not. Without a condition, each step must be there.
func logic(c *rules.Correlate, l *rules.Logic, near, around []*kind.Match) bool {
	switch {
	case l == nil:
		return !slices.ContainsFunc(c.Steps, func(s rules.Step) bool { return !there(c, s.When, near) })
	case l.Not != nil:
		return !logic(c, l.Not, around, around)
	case l.And != nil:
		return !slices.ContainsFunc(l.And, func(x *rules.Logic) bool { return !logic(c, x, near, around) })
	case l.Or != nil:
		return slices.ContainsFunc(l.Or, func(x *rules.Logic) bool { return logic(c, x, near, around) })
	}
	return there(c, l.Step, near)
}

// there tells whether a step has as many matches as it needs.
func there(c *rules.Correlate, when string, ms []*kind.Match) bool {
	n := 0
	for _, m := range ms {
		if named(c, m) == when {
			n++
		}
	}
	for _, s := range c.Steps {
		if s.When == when && n < s.AtLeast {
			return false
		}
	}
	return true
}

// asked tells whether a step stands somewhere in a condition without not.
func asked(l *rules.Logic, when string) bool {
	return l.Step == when && l.Step != "" || slices.ContainsFunc(append(slices.Clone(l.And), l.Or...), func(x *rules.Logic) bool { return asked(x, when) })
}

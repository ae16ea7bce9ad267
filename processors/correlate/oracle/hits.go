package oracle

import (
	"slices"

	"weir/processors/correlate/kind"
	"weir/rules"
	"weir/rules/correlation"
)

// hits returns which of the ordered matches of one group are hits, with what else is behind each.
func (o *oracle) hits(c *rules.Correlate, ms []*kind.Match) []hit {
	switch {
	case c == nil:
		return alone(ms)
	case c.Kind == correlation.Sequence:
		return sequences(c, ms)
	case isMonotone(c):
		return o.withFollowers(c, ms, inSpans(c, ms))
	case c.Kind == correlation.Absence:
		return absences(c, ms)
	case c.Kind == correlation.NewValue:
		return newValues(c, ms)
	case c.Window != correlation.Sliding:
		return alone(sorted(inSpans(c, ms)))
	case c.Kind == correlation.AnyOrder:
		return anyOrderWithNot(c, ms)
	case c.Kind == correlation.Avg, c.Kind == correlation.Median, c.Kind == correlation.Percentile:
		return backward(c, ms)
	}
	return forward(c, ms)
}

// alone makes hits of matches with nothing else behind them.
func alone(ms []*kind.Match) []hit {
	var out []hit
	for _, m := range ms {
		out = append(out, hit{m: m})
	}
	return out
}

func sorted(set map[*kind.Match]bool) []*kind.Match {
	var out []*kind.Match
	for m := range set {
		out = append(out, m)
	}
	slices.SortFunc(out, kind.Compare)
	return out
}

// inSpans returns the matches that are in some span in which the correlation holds.
func inSpans(c *rules.Correlate, ms []*kind.Match) map[*kind.Match]bool {
	out := map[*kind.Match]bool{}
	for _, span := range spans(c, ms) {
		if holds(c, span) {
			for _, m := range span {
				out[m] = true
			}
		}
	}
	return out
}

// withFollowers adds to the matches in spans those that follow a hit within the fold time, and those that follow them.
func (o *oracle) withFollowers(c *rules.Correlate, ms []*kind.Match, hot map[*kind.Match]bool) []hit {
	var out []hit
	for _, m := range ms {
		if hot[m] || len(out) > 0 && m.T-out[len(out)-1].m.T <= o.foldTime(c) {
			out = append(out, hit{m: m})
		}
	}
	return out
}

// backward: a match is a hit if the correlation holds for what came within the time up to it.
func backward(c *rules.Correlate, ms []*kind.Match) []hit {
	var out []hit
	for _, m := range ms {
		if span := between(ms, m.T-within(c), m.T); holds(c, span) {
			out = append(out, hit{m, span})
		}
	}
	return out
}

// forward: a match is a hit if the correlation holds for what comes within the time from it on.
func forward(c *rules.Correlate, ms []*kind.Match) []hit {
	var out []hit
	for _, m := range ms {
		if span := between(ms, m.T, m.T+within(c)); holds(c, span) {
			out = append(out, hit{m, span})
		}
	}
	return out
}

// absences: a match of what begins is a hit if what must follow does not come after it within the time. Without a step for
// what must follow, it is the same as what begins.
func absences(c *rules.Correlate, ms []*kind.Match) []hit {
	begins, follows := c.Steps[0].When, c.Steps[len(c.Steps)-1].When
	var out []hit
	for _, m := range ms {
		followed := slices.ContainsFunc(ms, func(x *kind.Match) bool {
			return named(c, x) == follows && kind.Compare(x, m) > 0 && x.T <= m.T+within(c)
		})
		if named(c, m) == begins && !followed {
			out = append(out, hit{m: m})
		}
	}
	return out
}

// newValues: a match is a hit if its value did not come within the time before it, and the group was known long enough.
func newValues(c *rules.Correlate, ms []*kind.Match) []hit {
	var out []hit
	for _, m := range ms {
		var before []*kind.Match
		for _, x := range between(ms, m.T-within(c), m.T) {
			if kind.Compare(x, m) < 0 {
				before = append(before, x)
			}
		}
		known := slices.ContainsFunc(before, func(x *kind.Match) bool { return x.T <= m.T-int64(c.Learn) })
		if known && !slices.ContainsFunc(before, func(x *kind.Match) bool { return x.Value == m.Value }) {
			out = append(out, hit{m: m})
		}
	}
	return out
}

// anyOrderWithNot: a match of a step that is asked for is a hit if the condition over the steps holds: those that are asked
// for come up to the match, those that are not come neither before nor after it.
func anyOrderWithNot(c *rules.Correlate, ms []*kind.Match) []hit {
	var out []hit
	for _, m := range ms {
		before, around := upTo(ms, m, m.T-within(c)), between(ms, m.T-within(c), m.T+within(c))
		if !asked(c.Logic, named(c, m)) || !logic(c, c.Logic, before, around) {
			continue
		}
		var parts []*kind.Match
		for _, x := range before {
			if asked(c.Logic, named(c, x)) {
				parts = append(parts, x)
			}
		}
		out = append(out, hit{m, parts})
	}
	return out
}

// completions returns the matches at which an inner correlation is complete, as matches of what is around it.
func (o *oracle) completions(c *rules.Correlate, ms []*kind.Match) []*kind.Match {
	var out []*kind.Match
	complete := func(m *kind.Match, parts []*kind.Match) {
		done := *m
		done.Parts = parts
		if c.Kind == correlation.Absence {
			done.T += within(c)
		}
		out = append(out, &done)
	}
	if !isMonotone(c) || c.Kind == correlation.Sequence {
		for _, h := range o.hits(c, ms) {
			complete(h.m, withSelf(h))
		}
		return out
	}
	for _, m := range ms {
		if span := trailing(c, ms, m); holds(c, span) {
			complete(m, span)
		}
	}
	return out
}

// withSelf returns all that is behind a hit, in order.
func withSelf(h hit) []*kind.Match {
	set := map[*kind.Match]bool{h.m: true}
	for _, p := range h.parts {
		set[p] = true
	}
	return sorted(set)
}

// named returns what the step of a match is called.
func named(c *rules.Correlate, m *kind.Match) string { return c.Steps[m.Step].When }

package oracle

import (
	"slices"

	"weir/processors/correlate/kind"
	"weir/rules"
)

// way is one way to satisfy a sequence: the steps that must come, in their order, and those that must not.
type way struct {
	steps []rules.Step
	never []rules.Step
}

// ways returns the minimal ways to satisfy the condition over the steps; without a condition, all steps in their order.
func ways(c *rules.Correlate) []way {
	if c.Logic == nil {
		return []way{{steps: c.Steps}}
	}
	type choice struct{ there, gone uint } // sets of steps, by place
	var found []choice
	for there := range uint(1) << len(c.Steps) {
		for gone := range uint(1) << len(c.Steps) {
			if satisfied(c, c.Logic, there, gone) {
				found = append(found, choice{there, gone})
			}
		}
	}
	var out []way
	for _, a := range found {
		if slices.ContainsFunc(found, func(b choice) bool { return b != a && b.there&^a.there == 0 && b.gone&^a.gone == 0 }) {
			continue // b asks for less
		}
		w := way{}
		for i, s := range c.Steps {
			if a.there&(1<<i) != 0 {
				w.steps = append(w.steps, s)
			}
			if a.gone&(1<<i) != 0 {
				w.never = append(w.never, s)
			}
		}
		out = append(out, w)
	}
	return out
}

// satisfied tells whether a condition holds if some steps came and some are known not to have come.
func satisfied(c *rules.Correlate, l *rules.Logic, there, gone uint) bool {
	at := func(when string) uint {
		return 1 << slices.IndexFunc(c.Steps, func(s rules.Step) bool { return s.When == when })
	}
	switch {
	case l.Not != nil:
		return gone&at(l.Not.Step) != 0
	case l.And != nil:
		return !slices.ContainsFunc(l.And, func(x *rules.Logic) bool { return !satisfied(c, x, there, gone) })
	case l.Or != nil:
		return slices.ContainsFunc(l.Or, func(x *rules.Logic) bool { return satisfied(c, x, there, gone) })
	}
	return there&at(l.Step) != 0
}

// sequences: a match is a hit if it completes the steps of some way, none of whose other steps comes near it. Behind it is
// every match that stands in some chain of steps which ends with it.
func sequences(c *rules.Correlate, ms []*kind.Match) []hit {
	var out []hit
	for _, m := range ms {
		near, around := upTo(ms, m, m.T-within(c)), between(ms, m.T-within(c), m.T+within(c))
		behind := map[*kind.Match]bool{}
		for _, w := range ways(c) {
			kept := !slices.ContainsFunc(w.never, func(s rules.Step) bool { return there(c, s.When, around) })
			if !kept || !chained(c, w.steps, near, m, m) {
				continue
			}
			for _, x := range near {
				if chained(c, w.steps, near, m, x) {
					behind[x] = true
				}
			}
		}
		if len(behind) > 0 {
			out = append(out, hit{m, sorted(behind)})
		}
	}
	return out
}

// chained tells whether the steps can be laid out over the matches, one step after the other, each with as many matches as
// it needs or more, so that the match end is the last one and must stands in it.
//
// It goes over the matches and keeps all states that a layout can be in: each match may be taken or passed over. Matches of
// the same event do not come one after the other, so one of them at the most is taken.
func chained(c *rules.Correlate, steps []rules.Step, ms []*kind.Match, end, must *kind.Match) bool {
	type state struct {
		step, have int
		must       bool
	}
	states := map[state]bool{{}: true}
	for len(ms) > 0 {
		n := 1
		for n < len(ms) && kind.Compare(ms[n], ms[0]) == 0 {
			n++
		}
		last := n == len(ms)
		next := map[state]bool{}
		for s := range states {
			if !last {
				next[s] = true // passed over
			}
			for _, m := range ms[:n] {
				if last && m != end {
					continue
				}
				// Taken for the step at hand, or for the next one if that is done.
				for step, have := s.step, s.have; step < len(steps); step, have = step+1, 0 {
					if named(c, m) == steps[step].When {
						next[state{step, min(have+1, steps[step].AtLeast), s.must || m == must}] = true
					}
					if have < steps[step].AtLeast {
						break
					}
				}
			}
		}
		states, ms = next, ms[n:]
	}
	return states[state{len(steps) - 1, steps[len(steps)-1].AtLeast, true}]
}

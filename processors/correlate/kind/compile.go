package kind

import (
	"time"

	"weir/processors/correlate/kind/spec"
	"weir/processors/correlate/kind/tally"
	"weir/rules/correlation"
)

// Spec is what one correlation means for a group, made ready. It is never changed and may be shared.
type Spec struct {
	spec.Spec
	single []bool // per step: one match of it is all that any_order, count or distinct asks for
}

// Compile makes the spec of one node. A step is a number here: what it names, and inner nodes, are the engine's. fold is
// how long after a hit matches follow it; completes asks for completions in place of hits. The error names what the
// node asks for that cannot be.
func Compile(c *correlation.Correlate, fold time.Duration, completes bool) (*Spec, error) {
	m, err := spec.Compile(c, fold, completes)
	if err != nil {
		return nil, err
	}
	s := &Spec{Spec: *m}
	s.singles()
	return s, nil
}

// singles notes which matches are enough alone: a group that has one match keeps nothing else.
func (s *Spec) singles() {
	s.single = make([]bool, len(s.Sources))
	if !s.Monotone() || s.Kind == correlation.Sum {
		return
	}
	// Order does not matter yet where there is one match, so a sequence is asked like any_order.
	for i := range s.single {
		t := tally.New(&s.Spec, nil)
		if s.Kind == correlation.Sequence {
			t = tally.NewSteps(&s.Spec)
		}
		t.Add(tally.Weight{Source: s.Sources[i], N: 1, Value: "x"})
		s.single[i] = t.Holds(0, 0)
	}
}

// alone tells whether m, the only match of a group, makes it hold.
func (s *Spec) alone(m *Match) bool {
	// Of a sum it depends on the number, not on the step alone.
	if s.Kind == correlation.Sum && s.Monotone() {
		return s.Meets(tally.Rounded(max(m.Number, 0)))
	}
	return s.single[m.Step]
}

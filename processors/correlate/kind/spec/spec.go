// Package spec has what one correlation asks for, checked and made ready: its steps, bounds and windows, and its condition.
//
// Who writes rules is told by their loader what is wrong. Compile refuses once more what the groups rely on, so that no
// rule, wherever it comes from, can make a group that costs without end.
package spec

import (
	"errors"
	"fmt"
	"math"
	"time"

	"weir/processors/correlate/kind/match"
	"weir/rules/correlation"
)

// Spec is what one correlation means for a group, made ready. It is never changed and may be shared.
type Spec struct {
	Kind      correlation.Kind
	Window    correlation.Window // never empty
	Within    int64              // nanoseconds, as are all spans here
	Fold      int64              // how long after a hit matches follow it, at least Within
	Learn     int64              // of new_value: how long a group must be known
	Completes bool               // completions are asked for in place of hits
	monotone  bool
	bounds    []correlation.Bound
	goal      float64 // what the number must come near to for bounds to hold: for Progress alone
	Percent   float64
	MinValues int      // at least 1
	Sources   []int32  // per step, the first step of the same name: matches are kept by these
	Needs     []int32  // per step
	Most      []int32  // per source, the greatest need of its steps
	Logic     *Formula // of any_order and sequence
	Counted   []bool   // per source: a step of it stands somewhere without a not
	Ways      []Way    // of sequences
	Limit     int      // matches that a list keeps before it is condensed
}

// MaxNeed and MaxMatches bound, with the others, what a spec may ask for.
const (
	maxSteps    = 256
	maxWays     = 256
	MaxNeed     = 1 << 30 // matches of a step
	MaxMatches  = 1 << 15 // matches of a list, unless the rule asks for more different values
	maxDistinct = 1 << 17 // matches of a list that tells values apart, however many a rule asks for
)

// Compile makes the spec of one node. A step is a number here: what it names, and inner nodes, are the engine's. fold is
// how long after a hit matches follow it; completes asks for completions in place of hits. The error names what the
// node asks for that cannot be.
func Compile(c *correlation.Correlate, fold time.Duration, completes bool) (*Spec, error) {
	s := &Spec{Kind: c.Kind, Window: c.Window, Within: span(c.Within), Learn: span(c.Learn), Completes: completes,
		bounds: c.Bounds, Percent: c.Percent, MinValues: max(c.MinValues, 1), Limit: MaxMatches}
	if s.Window == "" {
		s.Window = correlation.Sliding
	}
	// What shares a window with a hit is a hit; a shorter fold time would say the contrary.
	s.Fold = max(span(fold), s.Within)
	if err := s.check(c); err != nil {
		return nil, err
	}
	s.steps(c.Steps)
	// Without bounds a step's at_least is the bound: rules of one count are mostly written that way.
	if s.numeric() {
		if len(s.bounds) == 0 {
			s.bounds = []correlation.Bound{{Op: "gte", Value: float64(c.Steps[0].AtLeast)}}
		}
		for _, b := range s.bounds {
			s.goal = max(s.goal, b.Value)
		}
		if s.Kind == correlation.Distinct {
			s.Limit = int(min(max(2*s.goal, MaxMatches), maxDistinct))
		}
	}
	if err := s.compose(c); err != nil {
		return nil, err
	}
	s.monotone = s.only()
	return s, nil
}

// span returns a span in nanoseconds that sums of times can take.
func span(d time.Duration) int64 { return min(max(int64(d), 0), match.Farthest/4) }

// check refuses what has no meaning, and what would cost without end. Who writes rules is told by the loader; this is what the groups rely on.
func (s *Spec) check(c *correlation.Correlate) error {
	if s.Within <= 0 {
		return errors.New("within must be longer than 0")
	}
	switch s.Window {
	case correlation.Sliding:
	case correlation.Tumbling, correlation.Session:
		if !s.numeric() && s.Kind != correlation.AnyOrder {
			return fmt.Errorf("%s has no %s windows", s.Kind, s.Window)
		}
	default:
		return fmt.Errorf("there is no window %q", s.Window)
	}
	if n := len(c.Steps); n == 0 || n > maxSteps || s.Kind == correlation.Absence && n > 2 {
		return fmt.Errorf("%s with %d steps", s.Kind, n)
	}
	for _, b := range c.Bounds {
		switch {
		case math.IsNaN(b.Value) || math.IsInf(b.Value, 0):
			return fmt.Errorf("a bound is no number")
		case b.Op != "gt" && b.Op != "gte" && b.Op != "lt" && b.Op != "lte" && b.Op != "eq" && b.Op != "neq":
			return fmt.Errorf("there is no comparison %q", b.Op)
		}
	}
	switch s.Kind {
	case correlation.Count, correlation.Distinct, correlation.Sum, correlation.AnyOrder, correlation.Sequence, correlation.Absence:
	// A default, as counts have it, would be one of which nobody knows the unit.
	case correlation.Avg, correlation.Median, correlation.Percentile:
		if len(c.Bounds) == 0 {
			return fmt.Errorf("%s without a bound", s.Kind)
		}
		if !(c.Percent >= 0 && c.Percent <= 100) {
			return fmt.Errorf("percent must be from 0 to 100")
		}
	case correlation.NewValue:
		if s.Learn > s.Within {
			return fmt.Errorf("learn must not be longer than within: nothing would ever be new")
		}
	default:
		return fmt.Errorf("there is no correlation %q", s.Kind)
	}
	return nil
}

// steps notes which steps name the same: their matches are one list.
func (s *Spec) steps(steps []correlation.Step) {
	first := map[string]int32{}
	s.Most = make([]int32, len(steps))
	for i, step := range steps {
		// The first step of a name stands for the others, so a match is kept once however many steps it may do.
		at, ok := first[step.When]
		if !ok {
			at = int32(i)
			first[step.When] = at
		}
		s.Sources = append(s.Sources, at)
		need := int32(min(max(step.AtLeast, 1), MaxNeed))
		s.Needs = append(s.Needs, need)
		s.Most[at] = max(s.Most[at], need)
	}
}

// numeric tells whether the kind comes to a number that bounds hold against.
func (s *Spec) numeric() bool {
	switch s.Kind {
	case correlation.Count, correlation.Distinct, correlation.Sum, correlation.Avg, correlation.Median, correlation.Percentile:
		return true
	}
	return false
}

// compose makes the formula of any_order and the ways of sequence.
func (s *Spec) compose(c *correlation.Correlate) error {
	if s.Kind != correlation.AnyOrder && s.Kind != correlation.Sequence {
		return nil
	}
	var err error
	if s.Logic, err = formulaOf(c); err != nil {
		return err
	}
	// It would hold in groups that never had a match, which nobody could be told of.
	if s.Logic.Holds(func(int, bool) bool { return false }) {
		return errors.New("the condition holds without any match: something in it must be there")
	}
	s.Counted = make([]bool, len(s.Sources))
	s.Logic.each(func(step int, not bool) {
		if !not {
			s.Counted[s.Sources[step]] = true
		}
	})
	if s.Kind == correlation.Sequence {
		s.Ways, err = s.Logic.ways()
	}
	return err
}

// only tells whether more matches can only ever make it hold.
func (s *Spec) only() bool {
	switch s.Kind {
	case correlation.Count, correlation.Distinct, correlation.Sum:
		for _, b := range s.bounds {
			if b.Op != "gt" && b.Op != "gte" {
				return false
			}
		}
		return true
	case correlation.AnyOrder, correlation.Sequence:
		return !s.Logic.negates()
	}
	return false
}

// Meets tells whether a number meets all bounds.
func (s *Spec) Meets(n float64) bool {
	for _, b := range s.bounds {
		if !b.Holds(n) {
			return false
		}
	}
	return true
}

// Share tells how near to its goal a number is, from 0 to 1.
func (s *Spec) Share(n float64) float64 {
	if s.goal <= 0 {
		return 1
	}
	return min(max(n/s.goal, 0), 1)
}

// Monotone tells whether more matches can only ever make it hold. Such groups say on arrival what was found, and take
// matches however late they are; the others say it when the cut has passed, and take none that is before the cut.
func (s *Spec) Monotone() bool { return s.monotone }

// Reach is how long after its time a match may still matter. When the cut is later than that after the last match,
// everything is decided.
func (s *Spec) Reach() time.Duration {
	if s.monotone && !s.Completes {
		return time.Duration(s.Fold)
	}
	return time.Duration(s.Within)
}

// Delay is how far behind the cut the time of a hit or completion may be that comes from Pass: nothing for those that come
// on arrival. Of sessions it is the least, as they may last.
func (s *Spec) Delay() time.Duration {
	switch {
	case s.monotone, s.Kind == correlation.NewValue, s.Kind == correlation.Absence && s.Completes:
		return 0
	case s.Window == correlation.Sliding && (s.Kind == correlation.Avg || s.Kind == correlation.Median || s.Kind == correlation.Percentile):
		return 0
	}
	return time.Duration(s.Within)
}

// WantsValue tells whether matches need a Value.
func (s *Spec) WantsValue() bool {
	return s.Kind == correlation.Distinct || s.Kind == correlation.NewValue
}

// WantsNumber tells whether matches need a Number.
func (s *Spec) WantsNumber() bool {
	switch s.Kind {
	case correlation.Sum, correlation.Avg, correlation.Median, correlation.Percentile:
		return true
	}
	return false
}

// Start returns when the tumbling window begins that holds t.
func (s *Spec) Start(t int64) int64 {
	// The remainder of a time before 1970 is negative.
	at := t % s.Within
	if at < 0 {
		at += s.Within
	}
	return t - at
}

// End is the least cut at which a match may be of no use: what comes then cannot be in a window with it.
func (s *Spec) End(t int64) int64 {
	// The last nanosecond of a tumbling window: the next one begins with the one after it.
	if s.Window == correlation.Tumbling {
		return s.Start(t) + s.Within - 1
	}
	return t + s.Within
}

package kind

import (
	"errors"
	"fmt"
	"math"
	"time"

	"weir/rules"
)

// Spec is what one correlation means for a group, made ready. It is never changed and may be shared.
type Spec struct {
	kind      rules.Kind
	window    rules.Window
	within    int64
	fold      int64
	learn     int64
	completes bool
	monotone  bool
	bounds    []rules.Bound
	goal      float64 // what the number must come near to for bounds to hold: for Progress alone
	percent   float64
	minValues int
	sources   []int32 // per step, the first step of the same name: matches are kept by these
	needs     []int32 // per step
	most      []int32 // per source, the greatest need of its steps
	logic     *formula
	counted   []bool // per source: a step of it stands somewhere without a not
	ways      []way  // of sequences
	single    []bool // per step: one match of it is all that any_order, count or distinct asks for
	limit     int    // matches that a list keeps before it is condensed
}

// Bounds of what a Spec may ask for, so that a rule cannot make a group that costs without end.
const (
	maxSteps = 256
	maxWays  = 256
	maxNeed  = 1 << 30
)

// Compile makes the spec of one node. A step is a number here: what it names, and inner nodes, are the engine's. fold is
// how long after a hit matches follow it; completes asks for completions in place of hits. The error names what the
// node asks for that cannot be.
func Compile(c *rules.Correlate, fold time.Duration, completes bool) (*Spec, error) {
	s := &Spec{kind: c.Kind, window: c.Window, within: span(c.Within), learn: span(c.Learn), completes: completes,
		bounds: c.Bounds, percent: c.Percent, minValues: max(c.MinValues, 1), limit: maxMatches}
	if s.window == "" {
		s.window = rules.Sliding
	}
	s.fold = max(span(fold), s.within)
	if err := s.check(c); err != nil {
		return nil, err
	}
	s.steps(c.Steps)
	if s.numeric() {
		if len(s.bounds) == 0 {
			s.bounds = []rules.Bound{{Op: "gte", Value: float64(c.Steps[0].AtLeast)}}
		}
		for _, b := range s.bounds {
			s.goal = max(s.goal, b.Value)
		}
		if s.kind == rules.Distinct {
			s.limit = int(min(max(2*s.goal, maxMatches), maxDistinct))
		}
	}
	if err := s.compose(c); err != nil {
		return nil, err
	}
	s.monotone = s.only()
	s.singles()
	return s, nil
}

// span returns a span in nanoseconds that sums of times can take.
func span(d time.Duration) int64 { return min(max(int64(d), 0), Farthest/4) }

// check refuses what has no meaning. Who writes rules is told by the loader; this is what the groups rely on.
func (s *Spec) check(c *rules.Correlate) error {
	if s.within <= 0 {
		return errors.New("within must be longer than 0")
	}
	switch s.window {
	case rules.Sliding:
	case rules.Tumbling, rules.Session:
		if !s.numeric() && s.kind != rules.AnyOrder {
			return fmt.Errorf("%s has no %s windows", s.kind, s.window)
		}
	default:
		return fmt.Errorf("there is no window %q", s.window)
	}
	if n := len(c.Steps); n == 0 || n > maxSteps || s.kind == rules.Absence && n > 2 {
		return fmt.Errorf("%s with %d steps", s.kind, n)
	}
	for _, b := range c.Bounds {
		switch {
		case math.IsNaN(b.Value) || math.IsInf(b.Value, 0):
			return fmt.Errorf("a bound is no number")
		case b.Op != "gt" && b.Op != "gte" && b.Op != "lt" && b.Op != "lte" && b.Op != "eq" && b.Op != "neq":
			return fmt.Errorf("there is no comparison %q", b.Op)
		}
	}
	switch s.kind {
	case rules.Count, rules.Distinct, rules.Sum, rules.AnyOrder, rules.Sequence, rules.Absence:
	case rules.Avg, rules.Median, rules.Percentile:
		if len(c.Bounds) == 0 {
			return fmt.Errorf("%s without a bound", s.kind)
		}
		if !(c.Percent >= 0 && c.Percent <= 100) {
			return fmt.Errorf("percent must be from 0 to 100")
		}
	case rules.NewValue:
		if s.learn > s.within {
			return fmt.Errorf("learn must not be longer than within: nothing would ever be new")
		}
	default:
		return fmt.Errorf("there is no correlation %q", s.kind)
	}
	return nil
}

// steps notes which steps name the same: their matches are one list.
func (s *Spec) steps(steps []rules.Step) {
	first := map[string]int32{}
	s.most = make([]int32, len(steps))
	for i, step := range steps {
		at, ok := first[step.When]
		if !ok {
			at = int32(i)
			first[step.When] = at
		}
		s.sources = append(s.sources, at)
		need := int32(min(max(step.AtLeast, 1), maxNeed))
		s.needs = append(s.needs, need)
		s.most[at] = max(s.most[at], need)
	}
}

// numeric tells whether the kind comes to a number that bounds hold against.
func (s *Spec) numeric() bool {
	switch s.kind {
	case rules.Count, rules.Distinct, rules.Sum, rules.Avg, rules.Median, rules.Percentile:
		return true
	}
	return false
}

// compose makes the formula of any_order and the ways of sequence.
func (s *Spec) compose(c *rules.Correlate) error {
	if s.kind != rules.AnyOrder && s.kind != rules.Sequence {
		return nil
	}
	var err error
	if s.logic, err = formulaOf(c); err != nil {
		return err
	}
	if s.logic.holds(func(int, bool) bool { return false }) {
		return errors.New("the condition holds without any match: something in it must be there")
	}
	s.counted = make([]bool, len(s.sources))
	s.logic.each(func(step int, not bool) {
		if !not {
			s.counted[s.sources[step]] = true
		}
	})
	if s.kind == rules.Sequence {
		s.ways, err = s.logic.ways()
	}
	return err
}

// only tells whether more matches can only ever make it hold.
func (s *Spec) only() bool {
	switch s.kind {
	case rules.Count, rules.Distinct, rules.Sum:
		for _, b := range s.bounds {
			if b.Op != "gt" && b.Op != "gte" {
				return false
			}
		}
		return true
	case rules.AnyOrder, rules.Sequence:
		return !s.logic.negates()
	}
	return false
}

// singles notes which matches are enough alone: a group that has one match keeps nothing else.
func (s *Spec) singles() {
	s.single = make([]bool, len(s.sources))
	if !s.monotone || s.kind == rules.Sum {
		return
	}
	for i := range s.single {
		t := s.newTally(nil)
		if s.kind == rules.Sequence {
			t = newSteps(s)
		}
		t.add(weight{source: s.sources[i], n: 1, value: "x"})
		s.single[i] = t.holds(0, 0)
	}
}

// alone tells whether m, the only match of a group, makes it hold.
func (s *Spec) alone(m *Match) bool {
	if s.kind == rules.Sum && s.monotone {
		return s.meets(exactOf(max(m.Number, 0)).float())
	}
	return s.single[m.Step]
}

// meets tells whether a number meets all bounds.
func (s *Spec) meets(n float64) bool {
	for _, b := range s.bounds {
		if !b.Holds(n) {
			return false
		}
	}
	return true
}

// share tells how near to its goal a number is, from 0 to 1.
func (s *Spec) share(n float64) float64 {
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
	if s.monotone && !s.completes {
		return time.Duration(s.fold)
	}
	return time.Duration(s.within)
}

// Delay is how far behind the cut the time of a hit or completion may be that comes from Pass: nothing for those that come
// on arrival. Of sessions it is the least, as they may last.
func (s *Spec) Delay() time.Duration {
	switch {
	case s.monotone, s.kind == rules.NewValue, s.kind == rules.Absence && s.completes:
		return 0
	case s.window == rules.Sliding && (s.kind == rules.Avg || s.kind == rules.Median || s.kind == rules.Percentile):
		return 0
	}
	return time.Duration(s.within)
}

// WantsValue tells whether matches need a Value.
func (s *Spec) WantsValue() bool { return s.kind == rules.Distinct || s.kind == rules.NewValue }

// WantsNumber tells whether matches need a Number.
func (s *Spec) WantsNumber() bool {
	switch s.kind {
	case rules.Sum, rules.Avg, rules.Median, rules.Percentile:
		return true
	}
	return false
}

// start returns when the tumbling window begins that holds t.
func (s *Spec) start(t int64) int64 {
	at := t % s.within
	if at < 0 {
		at += s.within
	}
	return t - at
}

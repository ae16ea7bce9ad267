package tally

import (
	"cmp"
	"slices"

	"github.com/axiomhq/hyperloglog"

	"weir/processors/correlate/kind/match"
)

// Estimates stand in for the different values of a span once there are too many to be told apart. As long as none are
// made, all is told apart and it is one word.
type Estimates struct{ slots *slots }

// Made tells whether values are estimated.
func (x *Estimates) Made() bool { return x.slots != nil }

// Make begins to estimate, for windows of within.
func (x *Estimates) Make(within int64) { x.slots = newSlots(within) }

// Add counts a value, if values are estimated.
func (x *Estimates) Add(t int64, value string) {
	if x.slots != nil {
		x.slots.Add(t, value)
	}
}

// Drop lets go of what ended before t.
func (x *Estimates) Drop(t int64) {
	if x.slots != nil {
		x.slots.Drop(t)
	}
}

// Bytes is about how much memory they hold.
func (x *Estimates) Bytes() int {
	if x.slots == nil {
		return 0
	}
	return x.slots.Bytes()
}

// Estimates are made per part of a window, of as many registers as keep the error at about 2 percent.
const (
	slotsPerWindow = 16
	precision      = 12
	maxSlots       = 256
	slotSize       = 1<<precision + 64
)

// slots estimate how many different values there were in a span, to a 16th of a window.
type slots struct {
	width int64
	by    []slot // ordered
	// The last answer, for which slots, and how many values were added to them since: asking costs more than adding, so
	// an answer stays as long as it can be off by no more than a fraction of what the estimate is.
	first, last int64
	estimate    uint64
	since       uint64
	merged      *hyperloglog.Sketch // of those slots; nil: to be made
}

type slot struct {
	n      int64 // time divided by the width
	sketch *hyperloglog.Sketch
}

// newSlots begins with parts of a 16th of a window.
func newSlots(within int64) *slots {
	return &slots{width: max(within/slotsPerWindow, 1), first: match.LongAgo}
}

// newSketch makes one that has all its registers at once: such a one is the same however the values came.
func newSketch() *hyperloglog.Sketch {
	sk, err := hyperloglog.NewSketch(precision, false)
	if err != nil {
		panic(err) // the precision is a constant that it takes
	}
	return sk
}

// at returns the place of the slot n, or where it would be.
func (s *slots) at(n int64) (int, bool) {
	return slices.BinarySearchFunc(s.by, n, func(x slot, n int64) int { return cmp.Compare(x.n, n) })
}

// Add counts a value in its part of a window. One that is older than all that may be kept is let go at once.
func (s *slots) Add(t int64, value string) {
	n := t / s.width
	i, ok := s.at(n)
	if !ok {
		s.by = slices.Insert(s.by, i, slot{n, newSketch()})
		s.forget(len(s.by) - maxSlots)
		if i, ok = s.at(n); !ok {
			return
		}
	}
	s.by[i].sketch.Insert([]byte(value))
	if s.since++; s.merged != nil && n >= s.first && n <= s.last {
		s.merged.Insert([]byte(value))
	}
}

// forget lets the first n slots go.
func (s *slots) forget(n int) {
	if n > 0 {
		s.by = slices.Delete(s.by, 0, n)
		s.first, s.merged = match.LongAgo, nil
	}
}

// Drop lets go of what ended before t.
func (s *slots) Drop(t int64) {
	i, _ := s.at(t / s.width)
	s.forget(i)
}

// between estimates how many different values there were from one time to another.
func (s *slots) between(from, to int64) uint64 {
	first, last := from/s.width, to/s.width
	if first == s.first && last == s.last && s.since <= s.estimate/256 {
		return s.estimate
	}
	if first != s.first || last != s.last || s.merged == nil {
		i, _ := s.at(first)
		j, _ := s.at(last + 1)
		s.first, s.last, s.merged = first, last, newSketch()
		for _, x := range s.by[i:max(i, j)] {
			if err := s.merged.Merge(x.sketch); err != nil {
				panic(err) // all have one precision
			}
		}
	}
	s.since, s.estimate = 0, s.merged.Estimate()
	return s.estimate
}

func (s *slots) Bytes() int { return (len(s.by) + 1) * slotSize }

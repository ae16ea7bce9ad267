// Package tally counts what the matches of a span come to: how many, how many different values, sums, numbers in order.
//
// A tally depends on nothing but what is in it, in whatever order it was put in and taken out: sums are of whole
// billionths, and estimates of different values are asked for only when a list can no longer tell values apart.
package tally

import (
	"math"
	"slices"

	"weir/processors/correlate/kind/match"
	"weir/processors/correlate/kind/spec"
	"weir/rules/correlation"
)

// Weight is what one match, or several that were put together, puts into a tally.
type Weight struct {
	Source int32
	N      int32 // matches
	Number float64
	Value  string
}

// Weigh returns what one match puts into a tally.
func Weigh(s *spec.Spec, m *match.Match) Weight {
	w := Weight{Source: s.Sources[m.Step], N: 1, Number: m.Number, Value: m.Value}
	if s.Kind == correlation.Sum {
		w.Number = max(w.Number, 0)
	}
	return w
}

// Tally is what the matches of a span come to. Matches are put in and taken out in whatever order; what it says depends
// on nothing but which ones are in.
type Tally interface {
	// Add puts in what a match counts for.
	Add(w Weight)
	// Remove takes out what was put in before, with the same weight.
	Remove(w Weight)
	// Reset takes everything out, and keeps what memory is small.
	Reset()
	// Holds tells whether what is in makes the correlation hold. All that is in lies from from to to.
	Holds(from, to int64) bool
	// Helps tells whether adding w could bring a correlation that only grows nearer to holding.
	Helps(w Weight) bool
	// Share is how near it is to holding, from 0 to 1.
	Share() float64
	// Bytes is about how much memory it holds.
	Bytes() int
}

// New returns an empty tally. Where estimates are made, it asks these for how many different values there are.
func New(s *spec.Spec, est *Estimates) Tally {
	switch s.Kind {
	case correlation.Distinct:
		return &values{spec: s, est: est}
	case correlation.Sum, correlation.Avg:
		return &sum{spec: s}
	case correlation.Median, correlation.Percentile:
		return &order{spec: s}
	case correlation.AnyOrder:
		return NewSteps(s)
	}
	return &count{spec: s}
}

// count is how many matches there are.
type count struct {
	spec *spec.Spec
	n    int
}

func (t *count) Add(w Weight)          { t.n += int(w.N) }
func (t *count) Remove(w Weight)       { t.n -= int(w.N) }
func (t *count) Reset()                { t.n = 0 }
func (t *count) Holds(_, _ int64) bool { return t.spec.Meets(float64(t.n)) }
func (t *count) Helps(Weight) bool     { return true }
func (t *count) Bytes() int            { return 16 }
func (t *count) Share() float64        { return t.spec.Share(float64(t.n)) }

// sum is what numbers come to, and for avg how many there are.
type sum struct {
	spec  *spec.Spec
	total exact
	n     int
}

func (t *sum) Add(w Weight) {
	t.total = t.total.plus(exactOf(w.Number))
	t.n += int(w.N)
}

func (t *sum) Remove(w Weight) {
	t.total = t.total.minus(exactOf(w.Number))
	t.n -= int(w.N)
}

func (t *sum) Reset() { t.total, t.n = exact{}, 0 }

func (t *sum) Holds(_, _ int64) bool {
	if t.spec.Kind == correlation.Avg {
		return t.n >= t.spec.MinValues && t.spec.Meets(t.total.float()/float64(t.n))
	}
	return t.spec.Meets(t.total.float())
}

func (t *sum) Bytes() int { return 32 }

func (t *sum) Helps(w Weight) bool { return w.Number > 0 }

func (t *sum) Share() float64 {
	if t.spec.Kind == correlation.Avg {
		return min(float64(t.n)/float64(t.spec.MinValues), 1) / 2
	}
	return t.spec.Share(t.total.float())
}

// Steps is how many matches each step has. It serves any_order, and sequences where order does not matter yet.
type Steps struct {
	spec *spec.Spec
	n    []int32 // per source
}

// NewSteps returns an empty one.
func NewSteps(s *spec.Spec) *Steps { return &Steps{s, make([]int32, len(s.Sources))} }

// Add implements Tally.
func (t *Steps) Add(w Weight) { t.n[w.Source] += w.N }

// Remove implements Tally.
func (t *Steps) Remove(w Weight) { t.n[w.Source] -= w.N }

// Reset implements Tally.
func (t *Steps) Reset() { clear(t.n) }

// Has tells whether a step has its matches.
func (t *Steps) Has(step int) bool { return t.n[t.spec.Sources[step]] >= t.spec.Needs[step] }

// Holds implements Tally: the condition holds, as far as order does not matter.
func (t *Steps) Holds(_, _ int64) bool {
	return t.spec.Logic.Holds(func(step int, _ bool) bool { return t.Has(step) })
}

// Bytes implements Tally.
func (t *Steps) Bytes() int { return 32 + 4*cap(t.n) }

// Helps implements Tally: what a step has more than it needs brings nothing nearer.
func (t *Steps) Helps(w Weight) bool { return t.n[w.Source] < t.spec.Most[w.Source] }

// Share implements Tally: of all matches that steps need, those that are there.
func (t *Steps) Share() float64 {
	have, need := 0, 0
	for i, most := range t.spec.Most {
		have += int(min(t.n[i], most))
		need += int(most)
	}
	return float64(have) / float64(need)
}

// order is the numbers in their order, for median and percentile.
type order struct {
	spec   *spec.Spec
	ranked []rank
	n      int // matches: more than len(ranked) if some stand for several
}

type rank struct {
	number float64
	n      int32
}

func (t *order) place(f float64) (int, bool) {
	return slices.BinarySearchFunc(t.ranked, f, func(r rank, f float64) int {
		switch {
		case r.number < f:
			return -1
		case r.number > f:
			return 1
		}
		return 0
	})
}

// Add keeps equal numbers in one place.
func (t *order) Add(w Weight) {
	t.n += int(w.N)
	i, found := t.place(w.Number)
	if found {
		t.ranked[i].n += w.N
		return
	}
	t.ranked = slices.Insert(t.ranked, i, rank{w.Number, w.N})
}

// Remove forgets a number once nothing has it any more.
func (t *order) Remove(w Weight) {
	i, found := t.place(w.Number)
	if !found {
		return
	}
	t.n -= int(w.N)
	if t.ranked[i].n -= w.N; t.ranked[i].n <= 0 {
		t.ranked = slices.Delete(t.ranked, i, i+1)
	}
}

func (t *order) Reset() { t.ranked, t.n = t.ranked[:0], 0 }

// at returns the number at a place, from 1.
func (t *order) at(place int) float64 {
	if t.n == len(t.ranked) {
		return t.ranked[place-1].number
	}
	for _, r := range t.ranked {
		if place -= int(r.n); place <= 0 {
			return r.number
		}
	}
	return t.ranked[len(t.ranked)-1].number
}

func (t *order) Holds(_, _ int64) bool {
	if t.n < t.spec.MinValues || t.n == 0 {
		return false
	}
	if t.spec.Kind == correlation.Percentile {
		return t.spec.Meets(t.at(placeOf(t.spec.Percent, t.n)))
	}
	return t.spec.Meets((t.at((t.n+1)/2) + t.at(t.n/2+1)) / 2)
}

// placeOf returns the place of a percentile by nearest rank: the least k of which 100*k is not less than percent*n, and
// at least 1. It is found by multiplying: 7 percent of 100 is the 7th, whatever 0.07 is in binary.
func placeOf(percent float64, n int) int {
	// The quotient may be off by one either way; the loops put that right and mostly do nothing.
	want := percent * float64(n)
	k := int(math.Ceil(want / 100))
	for k > 1 && 100*float64(k-1) >= want {
		k--
	}
	for 100*float64(k) < want {
		k++
	}
	return min(max(k, 1), n)
}

func (t *order) Bytes() int { return 40 + 16*cap(t.ranked) }

func (t *order) Helps(Weight) bool { return true }

func (t *order) Share() float64 { return min(float64(t.n)/float64(t.spec.MinValues), 1) / 2 }

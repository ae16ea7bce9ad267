package kind

import (
	"math"
	"slices"

	"weir/rules"
)

// weight is what one match, or several that were put together, puts into a tally.
type weight struct {
	source int32
	n      int32 // matches
	number float64
	value  string
}

// tally is what the matches of a span come to. Matches are put in and taken out in whatever order; what it says depends
// on nothing but which ones are in.
type tally interface {
	add(w weight)
	remove(w weight)
	reset()
	// holds tells whether what is in makes the correlation hold. All that is in lies from from to to.
	holds(from, to int64) bool
	// helps tells whether adding w could bring a correlation that only grows nearer to holding.
	helps(w weight) bool
	// share is how near it is to holding, from 0 to 1.
	share() float64
	// bytes is about how much memory it holds.
	bytes() int
}

// newTally returns an empty tally over a list, which may have estimates in place of values.
func (s *Spec) newTally(l *list) tally {
	switch s.kind {
	case rules.Distinct:
		return &values{spec: s, list: l}
	case rules.Sum, rules.Avg:
		return &sum{spec: s}
	case rules.Median, rules.Percentile:
		return &order{spec: s}
	case rules.AnyOrder:
		return newSteps(s)
	}
	return &count{spec: s}
}

// count is how many matches there are.
type count struct {
	spec *Spec
	n    int
}

func (t *count) add(w weight)          { t.n += int(w.n) }
func (t *count) remove(w weight)       { t.n -= int(w.n) }
func (t *count) reset()                { t.n = 0 }
func (t *count) holds(_, _ int64) bool { return t.spec.meets(float64(t.n)) }
func (t *count) helps(weight) bool     { return true }
func (t *count) bytes() int            { return 16 }
func (t *count) share() float64        { return t.spec.share(float64(t.n)) }

// sum is what numbers come to, and for avg how many there are.
type sum struct {
	spec  *Spec
	total exact
	n     int
}

func (t *sum) add(w weight) {
	t.total = t.total.plus(exactOf(w.number))
	t.n += int(w.n)
}

func (t *sum) remove(w weight) {
	t.total = t.total.minus(exactOf(w.number))
	t.n -= int(w.n)
}

func (t *sum) reset() { t.total, t.n = exact{}, 0 }

func (t *sum) holds(_, _ int64) bool {
	if t.spec.kind == rules.Avg {
		return t.n >= t.spec.minValues && t.spec.meets(t.total.float()/float64(t.n))
	}
	return t.spec.meets(t.total.float())
}

func (t *sum) bytes() int { return 32 }

func (t *sum) helps(w weight) bool { return w.number > 0 }

func (t *sum) share() float64 {
	if t.spec.kind == rules.Avg {
		return min(float64(t.n)/float64(t.spec.minValues), 1) / 2
	}
	return t.spec.share(t.total.float())
}

// steps is how many matches each step has. It serves any_order, and sequences where order does not matter yet.
type steps struct {
	spec *Spec
	n    []int32 // per source
}

func newSteps(s *Spec) *steps { return &steps{s, make([]int32, len(s.sources))} }

func (t *steps) add(w weight)    { t.n[w.source] += w.n }
func (t *steps) remove(w weight) { t.n[w.source] -= w.n }
func (t *steps) reset()          { clear(t.n) }

// has tells whether a step has its matches.
func (t *steps) has(step int) bool { return t.n[t.spec.sources[step]] >= t.spec.needs[step] }

func (t *steps) holds(_, _ int64) bool {
	return t.spec.logic.holds(func(step int, _ bool) bool { return t.has(step) })
}

func (t *steps) bytes() int { return 32 + 4*cap(t.n) }

func (t *steps) helps(w weight) bool { return t.n[w.source] < t.spec.most[w.source] }

func (t *steps) share() float64 {
	have, need := 0, 0
	for i, most := range t.spec.most {
		have += int(min(t.n[i], most))
		need += int(most)
	}
	return float64(have) / float64(need)
}

// order is the numbers in their order, for median and percentile.
type order struct {
	spec   *Spec
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

// add keeps equal numbers in one place.
func (t *order) add(w weight) {
	t.n += int(w.n)
	i, found := t.place(w.number)
	if found {
		t.ranked[i].n += w.n
		return
	}
	t.ranked = slices.Insert(t.ranked, i, rank{w.number, w.n})
}

func (t *order) remove(w weight) {
	i, found := t.place(w.number)
	if !found {
		return
	}
	t.n -= int(w.n)
	if t.ranked[i].n -= w.n; t.ranked[i].n <= 0 {
		t.ranked = slices.Delete(t.ranked, i, i+1)
	}
}

func (t *order) reset() { t.ranked, t.n = t.ranked[:0], 0 }

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

func (t *order) holds(_, _ int64) bool {
	if t.n < t.spec.minValues || t.n == 0 {
		return false
	}
	if t.spec.kind == rules.Percentile {
		return t.spec.meets(t.at(placeOf(t.spec.percent, t.n)))
	}
	return t.spec.meets((t.at((t.n+1)/2) + t.at(t.n/2+1)) / 2)
}

// placeOf returns the place of a percentile by nearest rank: the least k of which 100*k is not less than percent*n, and
// at least 1. It is found by multiplying: 7 percent of 100 is the 7th, whatever 0.07 is in binary.
func placeOf(percent float64, n int) int {
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

func (t *order) bytes() int { return 40 + 16*cap(t.ranked) }

func (t *order) helps(weight) bool { return true }

func (t *order) share() float64 { return min(float64(t.n)/float64(t.spec.minValues), 1) / 2 }

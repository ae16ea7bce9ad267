package tally

import "weir/processors/correlate/kind/spec"

// values is how many different values there are. They are told apart as long as the list tells them apart; then the
// list's estimates are asked.
type values struct {
	spec *spec.Spec
	est  *Estimates // nil: always told apart
	n    map[string]int32
}

func (t *values) estimated() bool { return t.est != nil && t.est.Made() }

// Add counts how many matches have the value, so that it is known when the last of them leaves.
func (t *values) Add(w Weight) {
	if t.estimated() {
		return
	}
	if t.n == nil {
		t.n = map[string]int32{}
	}
	t.n[w.Value] += w.N
}

// Remove takes no notice of values that were never told apart: estimates may have come in between.
func (t *values) Remove(w Weight) {
	n, ok := t.n[w.Value]
	switch {
	case !ok:
	case n <= w.N:
		delete(t.n, w.Value)
	default:
		t.n[w.Value] = n - w.N
	}
}

// Reset gives a map that was large back: clearing it costs as much as it once held.
func (t *values) Reset() {
	if len(t.n) > 64 {
		t.n = nil
		return
	}
	clear(t.n)
}

// Holds needs the span only for estimates, which are kept by time.
func (t *values) Holds(from, to int64) bool {
	if t.estimated() {
		return t.spec.Meets(float64(t.est.slots.between(from, to)))
	}
	return t.spec.Meets(float64(len(t.n)))
}

func (t *values) Helps(w Weight) bool {
	_, ok := t.n[w.Value]
	return !ok
}

func (t *values) Bytes() int { return 32 + 48*len(t.n) }

func (t *values) Share() float64 {
	if t.estimated() {
		return t.spec.Share(float64(t.est.slots.estimate))
	}
	return t.spec.Share(float64(len(t.n)))
}

package tally

import "weir/processors/correlate/kind/spec"

// values is how many different values there are. They are told apart as long as the list tells them apart; then the
// list's estimates are asked.
type values struct {
	spec *spec.Spec
	est  *Estimates // nil: always told apart
	n    counts
}

func (t *values) estimated() bool { return t.est != nil && t.est.Made() }

// Add counts how many matches have the value, so that it is known when the last of them leaves.
func (t *values) Add(w Weight) {
	if !t.estimated() {
		t.n.add(w.Value, w.N)
	}
}

// Remove takes no notice of values that were never told apart: estimates may have come in between.
func (t *values) Remove(w Weight) { t.n.remove(w.Value, w.N) }

// Reset gives a table that was large back: clearing it costs as much as it once held.
func (t *values) Reset() { t.n.reset() }

// Holds needs the span only for estimates, which are kept by time.
func (t *values) Holds(from, to int64) bool {
	if t.estimated() {
		return t.spec.Meets(float64(t.est.slots.between(from, to)))
	}
	return t.spec.Meets(float64(t.n.len()))
}

func (t *values) Helps(w Weight) bool { return !t.n.has(w.Value) }

func (t *values) Bytes() int { return 32 + 48*t.n.len() }

func (t *values) Share() float64 {
	if t.estimated() {
		return t.spec.Share(float64(t.est.slots.estimate))
	}
	return t.spec.Share(float64(t.n.len()))
}

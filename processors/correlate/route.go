package correlate

import (
	"slices"
	"time"

	"weir/processors/correlate/fold"
	"weir/rules"
)

// Route returns, of the values that a signal of a condition groups by, those that decide where it goes: all signals of a
// rule that may become one alert, or speak for one another, have equal ones and must be on one partition. They are the
// values of the names by which all its correlations group and its alerts fold; where there are none, all signals of the
// rule are on one partition.
func Route(r *rules.Rule, when string, group []string) []string {
	by := r.Fold.By
	if r.Correlate != nil {
		n := r.Correlate.NodeOf(when)
		if n == nil {
			return nil
		}
		by = n.By
	}
	var out []string
	for i, name := range by {
		if i < len(group) && shared(r, name) {
			out = append(out, group[i])
		}
	}
	return out
}

// shared tells whether all that belongs together has the same value of a name.
func shared(r *rules.Rule, name string) bool {
	if !slices.Contains(fold.Fields(r), name) || r.Suppress != nil && !slices.Contains(r.Suppress.By, name) {
		return false
	}
	for _, n := range r.Correlate.Nodes() {
		if !slices.Contains(n.By, name) || slices.ContainsFunc(n.Inner, func(in *rules.Correlate) bool { return n.Reads(name, in.Name) != name }) {
			return false
		}
	}
	return true
}

// Horizon returns how long after its last event everything that a rule can find of it is decided.
func Horizon(r *rules.Rule) time.Duration {
	sum := time.Duration(1)
	for _, n := range r.Correlate.Nodes() {
		sum += time.Duration(fold.Span(n.Within)) // each outer window may begin where an inner one ends
	}
	return sum
}

// Horizon returns how long after the last event everything that its rules can find is decided.
func (en *Engine) Horizon() time.Duration {
	most := time.Duration(1)
	for _, rs := range en.rules {
		most = max(most, Horizon(rs.rule))
	}
	return most
}

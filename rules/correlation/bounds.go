package correlation

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Impossible says why no number meets all bounds, "" if one can. What is counted is a whole number from 1, as there is at
// least the match that is looked at; a sum is no less than 0.
func Impossible(kind Kind, bounds []Bound) string {
	// What is not allowed is kept apart: it takes single numbers out of what is left at the end.
	r := rangeOf(kind)
	var not []float64
	for _, b := range bounds {
		if b.Op == "neq" {
			not = append(not, b.Value)
			continue
		}
		r.narrow(b)
	}
	// Fractions between two whole numbers are of no use to what is counted: more than 2 and fewer than 3 is nothing.
	if r.whole {
		r.toWhole()
	}
	switch {
	case r.low > r.high || r.low == r.high && (r.openLow || r.openHigh):
		// One bound alone fails only against what the kind comes to anyway, which is worth saying.
		if len(bounds) == 1 {
			return fmt.Sprintf("no number can be %s %v here: the least is %v", bounds[0].Op, bounds[0].Value, rangeOf(kind).low)
		}
		return "no number meets all of them"
	case r.full(not):
		return "`neq` leaves out the only numbers that the others allow"
	}
	return ""
}

// span is the numbers that meet some bounds.
type span struct {
	low, high         float64
	openLow, openHigh bool
	whole             bool
}

// rangeOf is the numbers that a kind can come to.
func rangeOf(kind Kind) span {
	switch kind {
	case Count, Distinct:
		return span{low: 1, high: math.Inf(1), whole: true}
	case Sum:
		return span{low: 0, high: math.Inf(1)}
	}
	return span{low: math.Inf(-1), high: math.Inf(1)}
}

// narrow takes out what does not meet b.
func (r *span) narrow(b Bound) {
	up := func(open bool) {
		if b.Value > r.low || b.Value == r.low && open {
			r.low, r.openLow = b.Value, open
		}
	}
	down := func(open bool) {
		if b.Value < r.high || b.Value == r.high && open {
			r.high, r.openHigh = b.Value, open
		}
	}
	switch b.Op {
	case "gt", "gte":
		up(b.Op == "gt")
	case "lt", "lte":
		down(b.Op == "lt")
	case "eq":
		up(false)
		down(false)
	}
}

// toWhole leaves whole numbers only.
func (r *span) toWhole() {
	// An open end at a whole number leaves that number out; at a fraction rounding has done so already.
	low, high := math.Ceil(r.low), math.Floor(r.high)
	if r.openLow && low == r.low {
		low++
	}
	if r.openHigh && high == r.high {
		high--
	}
	r.low, r.high, r.openLow, r.openHigh = low, high, false, false
}

// full tells whether all numbers that are left are among not.
func (r *span) full(not []float64) bool {
	if len(not) == 0 {
		return false
	}
	// Of numbers with fractions there are endlessly many, unless one alone is left.
	if !r.whole {
		return r.low == r.high && slices.Contains(not, r.low)
	}
	slices.SortFunc(not, cmp.Compare[float64])
	not = slices.Compact(not)
	inside := 0
	for _, n := range not {
		if n >= r.low && n <= r.high && n == math.Trunc(n) {
			inside++
		}
	}
	// A range from low to high has one number more than the difference.
	return float64(inside) > r.high-r.low
}

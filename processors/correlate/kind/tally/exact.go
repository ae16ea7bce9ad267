package tally

import (
	"math"
	"math/bits"
)

// exact is a sum in billionths, in 128 bits. Sums of floats depend on their order, and what is taken away again leaves
// errors behind; these do not, so a group comes to the same sum however its matches arrived.
type exact struct {
	hi int64
	lo uint64
}

// Rounded is what a sum of f alone comes to.
func Rounded(f float64) float64 { return exactOf(f).float() }

// billion is how many units there are to 1.
const billion = 1_000_000_000

// exactOf rounds f to a billionth. What is beyond 2^62 becomes that, so that sums of 2^30 of them fit.
func exactOf(f float64) exact {
	if math.IsNaN(f) {
		return exact{}
	}
	whole, part := math.Modf(min(math.Abs(f), 1<<62))
	hi, lo := bits.Mul64(uint64(whole), billion)
	lo, carry := bits.Add64(lo, uint64(math.Round(part*billion)), 0)
	e := exact{int64(hi + carry), lo}
	if f < 0 {
		return e.negative()
	}
	return e
}

func (e exact) negative() exact {
	lo, carry := bits.Add64(^e.lo, 1, 0)
	return exact{int64(^uint64(e.hi) + carry), lo}
}

func (e exact) plus(o exact) exact {
	lo, carry := bits.Add64(e.lo, o.lo, 0)
	return exact{int64(uint64(e.hi) + uint64(o.hi) + carry), lo}
}

func (e exact) minus(o exact) exact { return e.plus(o.negative()) }

// float returns the nearest float64 of whole numbers up to 2^64 and of what has few digits; others are off by no more
// than their last bit.
func (e exact) float() float64 {
	if e.hi < 0 {
		return -e.negative().float()
	}
	top := uint64(e.hi)
	low, rest := bits.Div64(top%billion, e.lo, billion)
	return float64(top/billion)*(1<<64) + float64(low) + float64(rest)/billion
}

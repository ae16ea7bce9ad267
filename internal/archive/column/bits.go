package column

import "math/bits"

// Bits is a set of rows. All sets of one chunk have the same length.
type Bits []uint64

// NewBits returns an empty set for n rows.
func NewBits(n int) Bits { return make(Bits, (n+63)/64) }

// Set adds a row.
func (b Bits) Set(i int) { b[i>>6] |= 1 << (i & 63) }

// Has tells whether a row is in the set.
func (b Bits) Has(i int) bool { return b[i>>6]&(1<<(i&63)) != 0 }

// SetRange adds the rows from lo up to, not including, hi.
func (b Bits) SetRange(lo, hi int) {
	for i := lo; i < hi; {
		if i&63 == 0 && hi-i >= 64 {
			b[i>>6] = ^uint64(0)
			i += 64
			continue
		}
		b.Set(i)
		i++
	}
}

// Count returns the number of rows.
func (b Bits) Count() int {
	n := 0
	for _, w := range b {
		n += bits.OnesCount64(w)
	}
	return n
}

// Empty tells whether there is none.
func (b Bits) Empty() bool {
	for _, w := range b {
		if w != 0 {
			return false
		}
	}
	return true
}

// Clone returns a copy.
func (b Bits) Clone() Bits { return append(Bits(nil), b...) }

// And keeps the rows that are also in o.
func (b Bits) And(o Bits) Bits {
	for i := range b {
		b[i] &= o[i]
	}
	return b
}

// Or adds the rows of o.
func (b Bits) Or(o Bits) Bits {
	for i := range b {
		b[i] |= o[i]
	}
	return b
}

// AndNot takes away the rows of o.
func (b Bits) AndNot(o Bits) Bits {
	for i := range b {
		b[i] &^= o[i]
	}
	return b
}

// AnyIn tells whether a row from lo up to, not including, hi is in the set.
func (b Bits) AnyIn(lo, hi int) bool {
	for i := lo; i < hi; {
		w := b[i>>6] >> (i & 63)
		if w != 0 {
			return i+bits.TrailingZeros64(w) < hi
		}
		i = (i | 63) + 1
	}
	return false
}

// Each calls fn for each row in ascending order until it returns false.
func (b Bits) Each(fn func(row int) bool) {
	for i, w := range b {
		for ; w != 0; w &= w - 1 {
			if !fn(i<<6 + bits.TrailingZeros64(w)) {
				return
			}
		}
	}
}

// Rows returns the rows in ascending order.
func (b Bits) Rows() []int {
	out := make([]int, 0, b.Count())
	b.Each(func(row int) bool {
		out = append(out, row)
		return true
	})
	return out
}

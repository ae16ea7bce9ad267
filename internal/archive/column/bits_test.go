package column

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// naive is a set as a list of truths, which the bit sets are held against.
type naive []bool

func (n naive) bits() Bits {
	b := NewBits(len(n))
	for i, in := range n {
		if in {
			b.Set(i)
		}
	}
	return b
}

func (n naive) rows() []int {
	out := []int{}
	for i, in := range n {
		if in {
			out = append(out, i)
		}
	}
	return out
}

func random(rnd *rand.Rand, n int) naive {
	out := make(naive, n)
	p := rnd.Float64()
	for i := range out {
		out[i] = rnd.Float64() < p
	}
	return out
}

func TestBits_LikeALogicalList(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{0, 1, 63, 64, 65, 128, 1000} {
		for range 20 {
			x, y := random(rnd, n), random(rnd, n)
			and, or, not := make(naive, n), make(naive, n), make(naive, n)
			for i := range n {
				and[i], or[i], not[i] = x[i] && y[i], x[i] || y[i], x[i] && !y[i]
			}
			before := x.bits()
			for name, c := range map[string]struct {
				got  Bits
				want naive
			}{
				"and": {x.bits().And(y.bits()), and}, "or": {x.bits().Or(y.bits()), or}, "and not": {x.bits().AndNot(y.bits()), not}, "clone": {before.Clone(), x},
			} {
				if !slices.Equal(c.got.Rows(), c.want.rows()) {
					t.Fatalf("%s of %d: %v, want %v", name, n, c.got.Rows(), c.want.rows())
				}
				if c.got.Count() != len(c.want.rows()) || c.got.Empty() != (len(c.want.rows()) == 0) {
					t.Fatalf("%s of %d: count %d, empty %v", name, n, c.got.Count(), c.got.Empty())
				}
			}
			for i := range n {
				if before.Has(i) != x[i] {
					t.Fatalf("row %d of %d", i, n)
				}
			}
		}
	}
}

func TestBits_Ranges(t *testing.T) {
	rnd := rand.New(rand.NewPCG(2, 2))
	const n = 300
	for range 500 {
		lo := rnd.IntN(n)
		hi := lo + rnd.IntN(n-lo+1)
		b := NewBits(n)
		b.SetRange(lo, hi)
		if b.Count() != hi-lo || lo < hi && (!b.Has(lo) || !b.Has(hi-1)) {
			t.Fatalf("range %d to %d has %d rows", lo, hi, b.Count())
		}
		x := random(rnd, n)
		if rnd.IntN(2) == 0 {
			clear(x)
			x[rnd.IntN(n)] = true
		}
		if got, want := x.bits().AnyIn(lo, hi), slices.Contains(x[lo:hi], true); got != want {
			t.Fatalf("any from %d to %d of %v: %v", lo, hi, x.rows(), got)
		}
	}
}

func TestBits_EachStops(t *testing.T) {
	b := NewBits(200)
	b.SetRange(10, 150)
	n := 0
	b.Each(func(row int) bool { n++; return row < 70 })
	if n != 61 {
		t.Errorf("%d calls", n)
	}
}

func BenchmarkEach(b *testing.B) {
	set := NewBits(65536)
	for i := 0; i < 65536; i += 3 {
		set.Set(i)
	}
	b.ReportAllocs()
	sum := 0
	for b.Loop() {
		set.Each(func(row int) bool { sum += row; return true })
	}
}

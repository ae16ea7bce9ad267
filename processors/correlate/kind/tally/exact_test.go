package tally

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestExact(t *testing.T) {
	for _, c := range []struct{ in, want float64 }{
		{0, 0}, {1, 1}, {-1, -1}, {0.1, 0.1}, {-0.25, -0.25}, {1 << 53, 1 << 53}, {123456789012345, 123456789012345},
		{1e300, 1 << 62}, {math.Inf(-1), -(1 << 62)}, {math.NaN(), 0}, {1e-12, 0}, {0.9999999999, 1},
	} {
		if got := exactOf(c.in).float(); got != c.want {
			t.Errorf("%v is %v, want %v", c.in, got, c.want)
		}
	}
	var tenths exact
	for range 10 {
		tenths = tenths.plus(exactOf(0.1))
	}
	if tenths.float() != 1 {
		t.Errorf("ten tenths are %v", tenths.float())
	}
}

// A sum does not depend on the order, and what is taken away leaves nothing behind.
func TestExact_noOrder(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	for range 200 {
		list := make([]float64, 50)
		var up, down exact
		for i := range list {
			list[i] = math.Ldexp(rnd.Float64()-0.5, rnd.IntN(60))
			up = up.plus(exactOf(list[i]))
		}
		for _, f := range slices.Backward(list) {
			down = down.plus(exactOf(f))
		}
		if up != down {
			t.Fatal("the sum depends on the order")
		}
		for _, f := range list {
			up = up.minus(exactOf(f))
		}
		if up != (exact{}) {
			t.Fatalf("%v is left", up)
		}
	}
}

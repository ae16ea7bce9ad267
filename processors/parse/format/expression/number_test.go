package expression

import (
	"math"
	"math/big"
	"testing"

	"weir/event"
)

// TestReadNumber holds which texts are numbers.
func TestReadNumber(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"0", "0"},
		{"-0", "0"},
		{"+7", "7"},
		{"007", "7"},
		{"9223372036854775807", "9223372036854775807"},
		{"9223372036854775808", "float 9223372036854776000.0"},
		{"-9223372036854775808", "-9223372036854775808"},
		{"1.50", "float 1.5"},
		{".5", "float 0.5"},
		{"5.", "float 5.0"},
		{"1e3", "float 1000.0"},
		{"1E-3", "float 0.001"},
		{"", "none"},
		{"-", "none"},
		{".", "none"},
		{"1e", "none"},
		{"1.2.3", "none"},
		{" 1", "none"},
		{"1 ", "none"},
		{"0x10", "none"},
		{"1_000", "none"},
		{"inf", "none"},
		{"NaN", "none"},
		{"1e999", "none"},
	} {
		got := "none"
		if n, ok := readNumber(tt.text); ok {
			got = spell(n.value())
		}
		if got != tt.want {
			t.Errorf("%q: %s, want %s", tt.text, got, tt.want)
		}
	}
}

// TestWholeNumbers holds the operators to numbers without end: a whole result that has room is exact, one that has not is a float.
func TestWholeNumbers(t *testing.T) {
	edges := []int64{0, 1, -1, 2, -2, 7, -7, 1 << 31, -1 << 31, 3037000500, -3037000500, math.MaxInt64, math.MaxInt64 - 1, math.MinInt64, math.MinInt64 + 1}
	ops := map[string]struct {
		ours func(a, b number) event.Value
		true func(z, a, b *big.Int) *big.Int
	}{"+": {add, (*big.Int).Add}, "-": {subtract, (*big.Int).Sub}, "*": {multiply, (*big.Int).Mul}}
	for name, op := range ops {
		for _, a := range edges {
			for _, b := range edges {
				want := op.true(new(big.Int), big.NewInt(a), big.NewInt(b))
				got := op.ours(number{i: a, whole: true}, number{i: b, whole: true})
				// The smallest number has no opposite, so that a product may be a float there.
				if want.IsInt64() && want.Int64() != math.MinInt64 && (got.Kind() != event.Int || got.Int() != want.Int64()) {
					t.Errorf("%d %s %d: %s, want %s", a, name, b, spell(got), want)
				}
				if near, _ := new(big.Float).SetInt(want).Float64(); math.Abs(got.Float()-near) > math.Abs(near)/1e9 {
					t.Errorf("%d %s %d: %s is not near %s", a, name, b, spell(got), want)
				}
			}
		}
	}
}

// TestCompareNumbers holds that whole numbers beyond the room of floats still differ.
func TestCompareNumbers(t *testing.T) {
	whole := func(i int64) number { return number{i: i, whole: true} }
	for _, tt := range []struct {
		a, b number
		want int
	}{
		{whole(1), whole(2), -1},
		{whole(math.MaxInt64), whole(math.MaxInt64 - 1), 1},
		{whole(5), whole(5), 0},
		{whole(1), number{f: 1.5}, -1},
		{number{f: 2}, whole(2), 0},
		{number{f: math.NaN()}, whole(2), 0},
	} {
		if got := compareNumbers(tt.a, tt.b); got != tt.want {
			t.Errorf("%v, %v: %d", tt.a, tt.b, got)
		}
	}
}

// FuzzReadNumber holds that reading takes what strconv takes, and that a number read again is the same.
func FuzzReadNumber(f *testing.F) {
	for _, s := range []string{"12", "-1.5e3", "+.5", "9223372036854775808", "x", "1e400"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, ok := readNumber(s)
		if !ok {
			return
		}
		again, ok := readNumber(n.value().Text())
		if !ok || compareNumbers(n, again) != 0 {
			t.Fatalf("%q is %s, which is %s", s, spell(n.value()), spell(again.value()))
		}
	})
}

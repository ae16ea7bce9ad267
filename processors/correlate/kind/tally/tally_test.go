package tally

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"weir/processors/correlate/kind/match"
	"weir/processors/correlate/kind/spec"
	"weir/rules"
	"weir/rules/correlation"
)

func names(ns ...string) (out []rules.Step) {
	for _, n := range ns {
		out = append(out, rules.Step{When: n, AtLeast: 1})
	}
	return out
}

func bounds(b ...any) (out []rules.Bound) {
	for i := 0; i < len(b); i += 2 {
		out = append(out, rules.Bound{Op: b[i].(string), Value: float64(b[i+1].(int))})
	}
	return out
}

func mustSpec(t testing.TB, c *rules.Correlate, fold time.Duration, completes bool) *spec.Spec {
	t.Helper()
	if c.Steps == nil {
		c.Steps = names("a")
	}
	s, err := spec.Compile(c, fold, completes)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestPlaceOf(t *testing.T) {
	for _, c := range []struct {
		percent float64
		n, want int
	}{{7, 100, 7}, {0, 10, 1}, {100, 10, 10}, {95, 20, 19}, {50, 3, 2}, {99.9, 1000, 999}, {33.3, 3, 1}, {55, 100, 55}, {29, 100, 29}} {
		if got := placeOf(c.percent, c.n); got != c.want {
			t.Errorf("%v percent of %d: place %d, want %d", c.percent, c.n, got, c.want)
		}
	}
}

// What a tally says depends on nothing but what is in.
func TestTally_takesOutWhatItPutIn(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for _, c := range []rules.Correlate{
		{Kind: correlation.Count, Bounds: bounds("gte", 7)}, {Kind: correlation.Distinct, Bounds: bounds("gte", 4)},
		{Kind: correlation.Sum, Bounds: bounds("gte", 300)}, {Kind: correlation.Avg, Bounds: bounds("gt", 40)},
		{Kind: correlation.Median, Bounds: bounds("gt", 40)}, {Kind: correlation.Percentile, Percent: 30, Bounds: bounds("gt", 30)},
		{Kind: correlation.AnyOrder, Steps: []rules.Step{{When: "a", AtLeast: 3}, {When: "b", AtLeast: 1}}},
	} {
		t.Run(string(c.Kind), func(t *testing.T) {
			c.Within = time.Hour
			s := mustSpec(t, &c, 0, false)
			tally := New(s, nil)
			var in []Weight
			held := 0
			for range 2000 {
				if len(in) > 0 && rnd.IntN(20) < len(in) {
					i := rnd.IntN(len(in))
					tally.Remove(in[i])
					in = slices.Delete(in, i, i+1)
				} else {
					w := Weight{Source: int32(rnd.IntN(len(s.Sources))), N: 1 + int32(rnd.IntN(2)), Number: float64(rnd.IntN(100)), Value: string(rune('a' + rnd.IntN(6)))}
					in = append(in, w)
					tally.Add(w)
				}
				fresh := New(s, nil)
				for _, w := range in {
					fresh.Add(w)
				}
				if tally.Holds(0, 0) != fresh.Holds(0, 0) || math.Abs(tally.Share()-fresh.Share()) > 0 {
					t.Fatalf("%+v for %+v with %v", tally, fresh, in)
				}
				if tally.Holds(0, 0) {
					held++
				}
			}
			if tally.Reset(); tally.Bytes() <= 0 || held == 0 || held == 2000 && c.Kind != correlation.Percentile {
				t.Errorf("it held %d times", held)
			}
		})
	}
}

// TestTally_holds tells for each kind what is enough, and how near what is not enough is.
func TestTally_holds(t *testing.T) {
	num := func(fs ...float64) (out []Weight) {
		for _, f := range fs {
			out = append(out, Weight{N: 1, Number: f})
		}
		return out
	}
	val := func(vs ...string) (out []Weight) {
		for _, v := range vs {
			out = append(out, Weight{N: 1, Value: v})
		}
		return out
	}
	a3b := []rules.Step{{When: "a", AtLeast: 3}, {When: "b", AtLeast: 1}}
	for _, c := range []struct {
		name  string
		c     rules.Correlate
		in    []Weight
		holds bool
		share float64
	}{
		{"count: none", rules.Correlate{Kind: correlation.Count, Bounds: bounds("gte", 4)}, nil, false, 0},
		{"count: half", rules.Correlate{Kind: correlation.Count, Bounds: bounds("gte", 4)}, num(0, 0), false, 0.5},
		{"count: one that stands for several", rules.Correlate{Kind: correlation.Count, Bounds: bounds("gte", 4)}, []Weight{{N: 4}}, true, 1},
		{"count: between", rules.Correlate{Kind: correlation.Count, Bounds: bounds("gt", 1, "lt", 3)}, num(0, 0), true, 2. / 3},
		{"count: too many", rules.Correlate{Kind: correlation.Count, Bounds: bounds("gt", 1, "lt", 3)}, num(0, 0, 0), false, 1},
		{"distinct: the same", rules.Correlate{Kind: correlation.Distinct, Bounds: bounds("gte", 2)}, val("u", "u", "u"), false, 0.5},
		{"distinct: two", rules.Correlate{Kind: correlation.Distinct, Bounds: bounds("gte", 2)}, val("u", "v", "u"), true, 1},
		{"sum: tenths", rules.Correlate{Kind: correlation.Sum, Bounds: bounds("gte", 1)}, num(.1, .1, .1, .1, .1, .1, .1, .1, .1, .1), true, 1},
		{"sum: a little less", rules.Correlate{Kind: correlation.Sum, Bounds: bounds("gte", 1)}, num(.1, .1, .3), false, 0.5},
		{"avg: too few values", rules.Correlate{Kind: correlation.Avg, MinValues: 4, Bounds: bounds("gt", 1)}, num(9, 9), false, 0.25},
		{"avg: enough", rules.Correlate{Kind: correlation.Avg, MinValues: 2, Bounds: bounds("gt", 4)}, num(1, 9), true, 0.5},
		{"avg: just not", rules.Correlate{Kind: correlation.Avg, MinValues: 2, Bounds: bounds("gt", 5)}, num(1, 9), false, 0.5},
		{"avg: below", rules.Correlate{Kind: correlation.Avg, MinValues: 1, Bounds: bounds("lt", 0)}, num(1, -9), true, 0.5},
		{"median: none", rules.Correlate{Kind: correlation.Median, Bounds: bounds("lt", 5)}, nil, false, 0},
		{"median: odd", rules.Correlate{Kind: correlation.Median, Bounds: bounds("eq", 2)}, num(9, 2, 1), true, 0.5},
		{"median: even", rules.Correlate{Kind: correlation.Median, Bounds: bounds("eq", 3)}, num(9, 2, 1, 4), true, 0.5},
		{"median: of what stands for several", rules.Correlate{Kind: correlation.Median, Bounds: bounds("eq", 2)}, []Weight{{N: 3, Number: 2}, {N: 1, Number: 9}, {N: 1, Number: 8}}, true, 0.5},
		{"percentile: highest", rules.Correlate{Kind: correlation.Percentile, Percent: 100, Bounds: bounds("eq", 9)}, num(9, 2, 1), true, 0.5},
		{"percentile: lowest", rules.Correlate{Kind: correlation.Percentile, Percent: 0, Bounds: bounds("eq", 1)}, num(9, 2, 1), true, 0.5},
		{"percentile: last of several", rules.Correlate{Kind: correlation.Percentile, Percent: 100, Bounds: bounds("eq", 5)}, []Weight{{N: 3, Number: 5}}, true, 0.5},
		{"any order: one step", rules.Correlate{Kind: correlation.AnyOrder, Steps: a3b}, []Weight{{Source: 0, N: 3}}, false, 0.75},
		{"any order: more of one is no nearer", rules.Correlate{Kind: correlation.AnyOrder, Steps: a3b}, []Weight{{Source: 0, N: 30}}, false, 0.75},
		{"any order: both", rules.Correlate{Kind: correlation.AnyOrder, Steps: a3b}, []Weight{{Source: 1, N: 1}, {Source: 0, N: 3}}, true, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.c.Within = time.Hour
			s := mustSpec(t, &c.c, 0, false)
			y := New(s, nil)
			for _, w := range c.in {
				y.Add(w)
			}
			if y.Holds(0, 0) != c.holds || math.Abs(y.Share()-c.share) > 1e-9 {
				t.Errorf("holds %v, share %v; want %v, %v", y.Holds(0, 0), y.Share(), c.holds, c.share)
			}
			if y.Reset(); y.Holds(0, 0) || y.Share() > 0 {
				t.Error("what was reset still holds")
			}
		})
	}
}

func TestTally_helps(t *testing.T) {
	for _, c := range []struct {
		name  string
		c     rules.Correlate
		in, w Weight
		want  bool
	}{
		{"count: each", rules.Correlate{Kind: correlation.Count}, Weight{N: 1}, Weight{N: 1}, true},
		{"distinct: known", rules.Correlate{Kind: correlation.Distinct}, Weight{N: 1, Value: "u"}, Weight{N: 1, Value: "u"}, false},
		{"distinct: new", rules.Correlate{Kind: correlation.Distinct}, Weight{N: 1, Value: "u"}, Weight{N: 1, Value: "v"}, true},
		{"sum: nothing", rules.Correlate{Kind: correlation.Sum}, Weight{N: 1}, Weight{N: 1}, false},
		{"sum: something", rules.Correlate{Kind: correlation.Sum}, Weight{N: 1}, Weight{N: 1, Number: 0.5}, true},
		{"any order: done", rules.Correlate{Kind: correlation.AnyOrder}, Weight{N: 1}, Weight{N: 1}, false},
		{"any order: not done", rules.Correlate{Kind: correlation.AnyOrder, Steps: []rules.Step{{When: "a", AtLeast: 2}}}, Weight{N: 1}, Weight{N: 1}, true},
		{"median: each", rules.Correlate{Kind: correlation.Median, Bounds: bounds("gt", 1)}, Weight{N: 1}, Weight{N: 1}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.c.Within = time.Hour
			y := New(mustSpec(t, &c.c, 0, false), nil)
			if y.Add(c.in); y.Helps(c.w) != c.want {
				t.Errorf("helps is not %v", c.want)
			}
		})
	}
}

func TestWeigh(t *testing.T) {
	for _, c := range []struct {
		name string
		kind correlation.Kind
		in   match.Match
		want Weight
	}{
		{"a number", correlation.Sum, match.Match{Number: 3}, Weight{N: 1, Number: 3}},
		{"a negative number is nothing to a sum", correlation.Sum, match.Match{Number: -3}, Weight{N: 1}},
		{"but counts otherwise", correlation.Count, match.Match{Number: -3}, Weight{N: 1, Number: -3}},
		{"a value", correlation.Distinct, match.Match{Value: "kim"}, Weight{N: 1, Value: "kim"}},
		{"a step that names what one before it does", correlation.AnyOrder, match.Match{Step: 2}, Weight{Source: 0, N: 1}},
		{"another step", correlation.AnyOrder, match.Match{Step: 1}, Weight{Source: 1, N: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := mustSpec(t, &rules.Correlate{Kind: c.kind, Steps: names("a", "b", "a"), Within: time.Hour}, 0, false)
			if got := Weigh(s, &c.in); got != c.want {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
}

func TestSteps_Has(t *testing.T) {
	s := mustSpec(t, &rules.Correlate{Kind: correlation.Sequence, Steps: []rules.Step{{When: "a", AtLeast: 1}, {When: "b", AtLeast: 2}, {When: "a", AtLeast: 3}}, Within: time.Hour}, 0, false)
	y := NewSteps(s)
	y.Add(Weight{Source: 0, N: 2})
	y.Add(Weight{Source: 1, N: 2})
	if !y.Has(0) || !y.Has(1) || y.Has(2) {
		t.Errorf("%v %v %v, want true true false", y.Has(0), y.Has(1), y.Has(2))
	}
	if y.Remove(Weight{Source: 1, N: 1}); y.Has(1) {
		t.Error("what was taken out is still there")
	}
}

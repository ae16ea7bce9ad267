package spec

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/processors/correlate/kind/match"
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

func leaf(n string) *rules.Logic         { return &rules.Logic{Step: n} }
func and(l ...*rules.Logic) *rules.Logic { return &rules.Logic{And: l} }
func or(l ...*rules.Logic) *rules.Logic  { return &rules.Logic{Or: l} }
func isNot(l *rules.Logic) *rules.Logic  { return &rules.Logic{Not: l} }

func mustSpec(t testing.TB, c *rules.Correlate, fold time.Duration, completes bool) *Spec {
	t.Helper()
	if c.Steps == nil {
		c.Steps = names("a")
	}
	s, err := Compile(c, fold, completes)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestCompile_refuses(t *testing.T) {
	a, b := leaf("a"), leaf("b")
	deep := a
	for range 100 {
		deep = isNot(deep)
	}
	var wide []*rules.Logic
	var steps []rules.Step
	for i := range 10 {
		x, y := string(rune('a'+2*i)), string(rune('a'+2*i+1))
		steps = append(steps, names(x, y)...)
		wide = append(wide, or(leaf(x), leaf(y)))
	}
	for _, c := range []struct {
		name, want string
		in         rules.Correlate
	}{
		{"no kind", "no correlation", rules.Correlate{Kind: "x"}},
		{"no time", "longer than 0", rules.Correlate{Kind: correlation.Count, Within: -1}},
		{"window", "no window", rules.Correlate{Kind: correlation.Count, Window: "x"}},
		{"sequence in sessions", "has no session", rules.Correlate{Kind: correlation.Sequence, Window: correlation.Session}},
		{"absence in windows", "has no tumbling", rules.Correlate{Kind: correlation.Absence, Window: correlation.Tumbling}},
		{"absence of three", "3 steps", rules.Correlate{Kind: correlation.Absence, Steps: names("a", "b", "c")}},
		{"too many steps", "257 steps", rules.Correlate{Kind: correlation.Count, Steps: make([]rules.Step, 257)}},
		{"bound", "no number", rules.Correlate{Kind: correlation.Count, Bounds: []rules.Bound{{Op: "gt", Value: math.NaN()}}}},
		{"comparison", "no comparison", rules.Correlate{Kind: correlation.Count, Bounds: []rules.Bound{{Op: "like"}}}},
		{"avg of nothing", "without a bound", rules.Correlate{Kind: correlation.Avg}},
		{"percent", "0 to 100", rules.Correlate{Kind: correlation.Percentile, Percent: 101, Bounds: bounds("gt", 1)}},
		{"learn", "nothing would ever", rules.Correlate{Kind: correlation.NewValue, Learn: 2 * time.Hour}},
		{"bound of any_order", "no number that a bound", rules.Correlate{Kind: correlation.AnyOrder, Bounds: bounds("gte", 2)}},
		{"unknown step", `"z"`, rules.Correlate{Kind: correlation.AnyOrder, Logic: leaf("z")}},
		{"only a not", "without any match", rules.Correlate{Kind: correlation.AnyOrder, Logic: isNot(a)}},
		{"a not alone in a part", "without any match", rules.Correlate{Kind: correlation.Sequence, Steps: names("a", "b"), Logic: or(a, isNot(b))}},
		{"deep", "too deep", rules.Correlate{Kind: correlation.AnyOrder, Logic: deep}},
		{"empty part", "empty part", rules.Correlate{Kind: correlation.AnyOrder, Logic: and(a, &rules.Logic{})}},
		{"nil part", "empty", rules.Correlate{Kind: correlation.AnyOrder, Logic: and(a, nil)}},
		{"too many ways", "more than 256 ways", rules.Correlate{Kind: correlation.Sequence, Steps: steps, Logic: and(wide...)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.in.Steps == nil {
				c.in.Steps = names("a")
			}
			if c.in.Within == 0 {
				c.in.Within = time.Hour
			}
			if s, err := Compile(&c.in, 0, false); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, %v, want %q", s, err, c.want)
			}
		})
	}
}

func TestSpec_says(t *testing.T) {
	h := time.Hour
	for _, c := range []struct {
		name          string
		in            rules.Correlate
		monotone      bool
		value, number bool
		reach, delay  time.Duration
	}{
		{"count", rules.Correlate{Kind: correlation.Count}, true, false, false, 3 * h, 0},
		{"count lt", rules.Correlate{Kind: correlation.Count, Bounds: bounds("gt", 1, "lt", 9)}, false, false, false, h, h},
		{"count tumbling", rules.Correlate{Kind: correlation.Count, Window: correlation.Tumbling, Bounds: bounds("eq", 1)}, false, false, false, h, h},
		{"distinct", rules.Correlate{Kind: correlation.Distinct}, true, true, false, 3 * h, 0},
		{"sum", rules.Correlate{Kind: correlation.Sum}, true, false, true, 3 * h, 0},
		{"avg", rules.Correlate{Kind: correlation.Avg, Bounds: bounds("gt", 1)}, false, false, true, h, 0},
		{"median", rules.Correlate{Kind: correlation.Median, Window: correlation.Session, Bounds: bounds("gt", 1)}, false, false, true, h, h},
		{"any_order", rules.Correlate{Kind: correlation.AnyOrder}, true, false, false, 3 * h, 0},
		{"sequence not", rules.Correlate{Kind: correlation.Sequence, Steps: names("a", "b"), Logic: and(leaf("a"), isNot(leaf("b")))}, false, false, false, h, h},
		{"absence", rules.Correlate{Kind: correlation.Absence}, false, false, false, h, h},
		{"new_value", rules.Correlate{Kind: correlation.NewValue}, false, true, false, h, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.in.Within = h
			s := mustSpec(t, &c.in, 3*h, false)
			if s.Monotone() != c.monotone || s.WantsValue() != c.value || s.WantsNumber() != c.number || s.Reach() != c.reach || s.Delay() != c.delay {
				t.Errorf("monotone %v value %v number %v reach %v delay %v", s.Monotone(), s.WantsValue(), s.WantsNumber(), s.Reach(), s.Delay())
			}
		})
	}
	if s := mustSpec(t, &rules.Correlate{Kind: correlation.Absence, Within: h}, 0, true); s.Delay() != 0 {
		t.Error("a completion of an absence has the time at which it is decided")
	}
	if s := mustSpec(t, &rules.Correlate{Kind: correlation.Count, Within: math.MaxInt64}, math.MaxInt64, false); s.Reach() != time.Duration(match.Farthest/4) {
		t.Errorf("an endless time reaches %v", s.Reach())
	}
	if s := mustSpec(t, &rules.Correlate{Kind: correlation.Distinct, Bounds: bounds("gte", 50000), Within: h}, 0, false); s.Limit != 100000 {
		t.Errorf("50,000 values are held apart with %d matches", s.Limit)
	}
}

// Steps that name the same are one source, which needs as much as the one that needs most.
func TestCompile_sources(t *testing.T) {
	s := mustSpec(t, &correlation.Correlate{Kind: correlation.Sequence, Within: time.Hour, Steps: []correlation.Step{
		{When: "a", AtLeast: 2}, {When: "b"}, {When: "a", AtLeast: 5}, {When: "c", AtLeast: 1 << 40}, {When: "b", AtLeast: 3}}}, 0, false)
	if got, want := fmt.Sprint(s.Sources, s.Needs, s.Most), fmt.Sprint([]int{0, 1, 0, 3, 1}, []int{2, 1, 5, MaxNeed, 3}, []int{5, 3, 0, MaxNeed, 0}); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// A step counts if it stands somewhere without a not, and with it every step of the same name.
func TestCompile_counted(t *testing.T) {
	for _, c := range []struct {
		name string
		in   *correlation.Logic
		want []bool
	}{
		{"each", nil, []bool{true, true, true}},
		{"not the negated", and(leaf("a"), isNot(leaf("b"))), []bool{true, false, false}},
		{"once with and once without", or(and(leaf("a"), isNot(leaf("b"))), and(leaf("c"), leaf("b"))), []bool{true, true, true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := mustSpec(t, &correlation.Correlate{Kind: correlation.AnyOrder, Within: time.Hour, Steps: names("a", "b", "c"), Logic: c.in}, 0, false)
			if !slices.Equal(s.Counted, c.want) {
				t.Errorf("%v, want %v", s.Counted, c.want)
			}
		})
	}
}

func TestSpec_Meets(t *testing.T) {
	for _, c := range []struct {
		name    string
		bounds  []correlation.Bound
		yes, no []float64
		half    float64 // of which the share is a half
	}{
		{"gte", bounds("gte", 10), []float64{10, 11}, []float64{9.99, -1}, 5},
		{"gt", bounds("gt", 10), []float64{10.01}, []float64{10}, 5},
		{"between", bounds("gte", 4, "lt", 8), []float64{4, 7.9}, []float64{3, 8}, 4},
		{"eq", bounds("eq", 6), []float64{6}, []float64{5, 7}, 3},
		{"neq", bounds("neq", 6), []float64{5, 7}, []float64{6}, 3},
		{"as many as at_least without a bound", nil, []float64{2}, []float64{1}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := mustSpec(t, &correlation.Correlate{Kind: correlation.Count, Within: time.Hour, Bounds: c.bounds, Steps: []correlation.Step{{When: "a", AtLeast: 2}}}, 0, false)
			for _, n := range c.yes {
				if !s.Meets(n) {
					t.Errorf("%v does not meet", n)
				}
			}
			for _, n := range c.no {
				if s.Meets(n) {
					t.Errorf("%v meets", n)
				}
			}
			if s.Share(c.half) != 0.5 || s.Share(-1) != 0 || s.Share(1e9) != 1 {
				t.Errorf("shares %v %v %v", s.Share(c.half), s.Share(-1), s.Share(1e9))
			}
		})
	}
	if s := mustSpec(t, &correlation.Correlate{Kind: correlation.Count, Within: time.Hour, Bounds: bounds("lt", 0)}, 0, false); s.Share(0) != 1 {
		t.Error("what has no goal is not there")
	}
}

func TestSpec_windows(t *testing.T) {
	for _, c := range []struct {
		name       string
		window     correlation.Window
		at         int64
		start, end int64
	}{
		{"tumbling", correlation.Tumbling, 25, 20, 29},
		{"tumbling, the first of one", correlation.Tumbling, 30, 30, 39},
		{"before 1970", correlation.Tumbling, -1, -10, -1},
		{"sliding", correlation.Sliding, 25, 20, 35},
		{"session", correlation.Session, 25, 20, 35},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := mustSpec(t, &correlation.Correlate{Kind: correlation.Count, Window: c.window, Within: 10}, 0, false)
			if s.Start(c.at) != c.start || s.End(c.at) != c.end {
				t.Errorf("from %d to %d, want %d to %d", s.Start(c.at), s.End(c.at), c.start, c.end)
			}
		})
	}
}

func TestSpec_Limit(t *testing.T) {
	for _, c := range []struct {
		name string
		kind correlation.Kind
		of   int
		want int
	}{
		{"few values", correlation.Distinct, 5, MaxMatches}, {"many values", correlation.Distinct, 20_000, 40_000},
		{"too many values", correlation.Distinct, 1 << 30, maxDistinct}, {"many matches", correlation.Count, 1 << 30, MaxMatches},
	} {
		t.Run(c.name, func(t *testing.T) {
			if s := mustSpec(t, &correlation.Correlate{Kind: c.kind, Within: time.Hour, Bounds: bounds("gte", c.of)}, 0, false); s.Limit != c.want {
				t.Errorf("%d, want %d", s.Limit, c.want)
			}
		})
	}
}

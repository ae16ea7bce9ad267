package kind

import (
	"math"
	"strings"
	"testing"
	"time"

	"weir/rules"
)

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
		{"no time", "longer than 0", rules.Correlate{Kind: rules.Count, Within: -1}},
		{"window", "no window", rules.Correlate{Kind: rules.Count, Window: "x"}},
		{"sequence in sessions", "has no session", rules.Correlate{Kind: rules.Sequence, Window: rules.Session}},
		{"absence in windows", "has no tumbling", rules.Correlate{Kind: rules.Absence, Window: rules.Tumbling}},
		{"absence of three", "3 steps", rules.Correlate{Kind: rules.Absence, Steps: names("a", "b", "c")}},
		{"too many steps", "257 steps", rules.Correlate{Kind: rules.Count, Steps: make([]rules.Step, 257)}},
		{"bound", "no number", rules.Correlate{Kind: rules.Count, Bounds: []rules.Bound{{Op: "gt", Value: math.NaN()}}}},
		{"comparison", "no comparison", rules.Correlate{Kind: rules.Count, Bounds: []rules.Bound{{Op: "like"}}}},
		{"avg of nothing", "without a bound", rules.Correlate{Kind: rules.Avg}},
		{"percent", "0 to 100", rules.Correlate{Kind: rules.Percentile, Percent: 101, Bounds: bounds("gt", 1)}},
		{"learn", "nothing would ever", rules.Correlate{Kind: rules.NewValue, Learn: 2 * time.Hour}},
		{"bound of any_order", "no number that a bound", rules.Correlate{Kind: rules.AnyOrder, Bounds: bounds("gte", 2)}},
		{"unknown step", `"z"`, rules.Correlate{Kind: rules.AnyOrder, Logic: leaf("z")}},
		{"only a not", "without any match", rules.Correlate{Kind: rules.AnyOrder, Logic: isNot(a)}},
		{"a not alone in a part", "without any match", rules.Correlate{Kind: rules.Sequence, Steps: names("a", "b"), Logic: or(a, isNot(b))}},
		{"deep", "too deep", rules.Correlate{Kind: rules.AnyOrder, Logic: deep}},
		{"empty part", "empty part", rules.Correlate{Kind: rules.AnyOrder, Logic: and(a, &rules.Logic{})}},
		{"nil part", "empty", rules.Correlate{Kind: rules.AnyOrder, Logic: and(a, nil)}},
		{"too many ways", "more than 256 ways", rules.Correlate{Kind: rules.Sequence, Steps: steps, Logic: and(wide...)}},
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
		{"count", rules.Correlate{Kind: rules.Count}, true, false, false, 3 * h, 0},
		{"count lt", rules.Correlate{Kind: rules.Count, Bounds: bounds("gt", 1, "lt", 9)}, false, false, false, h, h},
		{"count tumbling", rules.Correlate{Kind: rules.Count, Window: rules.Tumbling, Bounds: bounds("eq", 1)}, false, false, false, h, h},
		{"distinct", rules.Correlate{Kind: rules.Distinct}, true, true, false, 3 * h, 0},
		{"sum", rules.Correlate{Kind: rules.Sum}, true, false, true, 3 * h, 0},
		{"avg", rules.Correlate{Kind: rules.Avg, Bounds: bounds("gt", 1)}, false, false, true, h, 0},
		{"median", rules.Correlate{Kind: rules.Median, Window: rules.Session, Bounds: bounds("gt", 1)}, false, false, true, h, h},
		{"any_order", rules.Correlate{Kind: rules.AnyOrder}, true, false, false, 3 * h, 0},
		{"sequence not", rules.Correlate{Kind: rules.Sequence, Steps: names("a", "b"), Logic: and(leaf("a"), isNot(leaf("b")))}, false, false, false, h, h},
		{"absence", rules.Correlate{Kind: rules.Absence}, false, false, false, h, h},
		{"new_value", rules.Correlate{Kind: rules.NewValue}, false, true, false, h, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.in.Within = h
			s := mustSpec(t, &c.in, 3*h, false)
			if s.Monotone() != c.monotone || s.WantsValue() != c.value || s.WantsNumber() != c.number || s.Reach() != c.reach || s.Delay() != c.delay {
				t.Errorf("monotone %v value %v number %v reach %v delay %v", s.Monotone(), s.WantsValue(), s.WantsNumber(), s.Reach(), s.Delay())
			}
		})
	}
	if s := mustSpec(t, &rules.Correlate{Kind: rules.Absence, Within: h}, 0, true); s.Delay() != 0 {
		t.Error("a completion of an absence has the time at which it is decided")
	}
	if s := mustSpec(t, &rules.Correlate{Kind: rules.Count, Within: math.MaxInt64}, math.MaxInt64, false); s.Reach() != time.Duration(Farthest/4) {
		t.Errorf("an endless time reaches %v", s.Reach())
	}
	if s := mustSpec(t, &rules.Correlate{Kind: rules.Distinct, Bounds: bounds("gte", 50000), Within: h}, 0, false); s.limit != 100000 {
		t.Errorf("50,000 values are held apart with %d matches", s.limit)
	}
}

package fold

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"weir/processors/correlate/kind"
	"weir/rules"
	"weir/rules/correlation"
)

func TestFields(t *testing.T) {
	r := &rules.Rule{Correlate: &rules.Correlate{By: []string{"source.ip", "user.name"}}}
	for _, c := range []struct {
		name string
		fold []string
		want string
	}{
		{"coarser", []string{"source.ip"}, "[source.ip]"},
		{"the same, other order", []string{"user.name", "source.ip"}, "[user.name source.ip]"},
		{"with a field that is not grouped by", []string{"user.name", "host.name"}, "[user.name]"},
		{"nothing in common", []string{"host.name"}, "[source.ip user.name]"},
		{"none", nil, "[source.ip user.name]"},
	} {
		r.Fold.By = c.fold
		if got := fmt.Sprint(Fields(r)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	if got := fmt.Sprint(Fields(&rules.Rule{Fold: rules.Fold{By: []string{"a"}}})); got != "[a]" {
		t.Errorf("without a correlation: %s", got)
	}
}

func conditions(names ...string) []rules.Condition {
	out := make([]rules.Condition, len(names))
	for i, n := range names {
		out[i] = rules.Condition{Name: n, Expr: n + ` == "x"`}
	}
	return out
}

func TestNewRule(t *testing.T) {
	steps := func(list ...rules.Step) []rules.Step { return list }
	bound := func(op string, v float64) []rules.Bound { return []rules.Bound{{Op: op, Value: v}} }
	fold := rules.Fold{By: []string{"ip"}, For: time.Hour}
	for _, c := range []struct {
		name  string
		rule  *rules.Rule
		needs string
		gap   time.Duration
	}{
		{"without a correlation each condition is enough", &rules.Rule{When: conditions("a", "b"), Fold: fold}, "[1 1]", time.Hour},
		{"steps", &rules.Rule{When: conditions("a", "b"), Fold: fold, Correlate: &rules.Correlate{Kind: correlation.Sequence, By: []string{"ip"},
			Steps: steps(rules.Step{When: "a", AtLeast: 3}, rules.Step{When: "b"})}}, "[3 1]", time.Hour},
		{"one condition in two steps needs the sum", &rules.Rule{When: conditions("a", "b", "c"), Fold: fold, Correlate: &rules.Correlate{Kind: correlation.Sequence,
			Steps: steps(rules.Step{When: "a", AtLeast: 2}, rules.Step{When: "b"}, rules.Step{When: "a", AtLeast: 3})}}, "[5 1 0]", time.Hour},
		{"a count by its bound", &rules.Rule{When: conditions("a"), Correlate: &rules.Correlate{Kind: correlation.Count, Steps: steps(rules.Step{When: "a", AtLeast: 1}),
			Bounds: bound("gte", 10)}}, "[10]", 0},
		{"greater than", &rules.Rule{When: conditions("a"), Correlate: &rules.Correlate{Kind: correlation.Count, Steps: steps(rules.Step{When: "a"}), Bounds: bound("gt", 10)}}, "[11]", 0},
		{"fewer than", &rules.Rule{When: conditions("a"), Correlate: &rules.Correlate{Kind: correlation.Count, Steps: steps(rules.Step{When: "a"}), Bounds: bound("lt", 10)}}, "[1]", 0},
		{"what is computed is no number of matches", &rules.Rule{When: conditions("a"), Correlate: &rules.Correlate{Kind: correlation.Sum, Steps: steps(rules.Step{When: "a"}),
			Bounds: bound("gte", 1e9)}}, "[1]", 0},
		{"an inner correlation", &rules.Rule{When: conditions("a"), Correlate: &rules.Correlate{Kind: correlation.Count, Steps: steps(rules.Step{When: "in"}), Bounds: bound("gte", 2),
			Inner: []*rules.Correlate{{Name: "in", Kind: correlation.Count, Steps: steps(rules.Step{When: "a"}), Bounds: bound("gte", 4)}}}}, "[4]", 0},
		{"a fold is at least the window", &rules.Rule{When: conditions("a"), Fold: rules.Fold{For: time.Second}, Correlate: &rules.Correlate{Kind: correlation.Count,
			Steps: steps(rules.Step{When: "a"}), Within: time.Minute}}, "[1]", time.Minute},
		{"spans are bounded, so that sums are", &rules.Rule{When: conditions("a"), Fold: rules.Fold{For: 1<<63 - 1}}, "[1]", time.Duration(kind.Farthest / 16)},
		{"and not negative", &rules.Rule{When: conditions("a"), Fold: rules.Fold{For: -time.Hour}}, "[1]", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := NewRule(c.rule)
			if got := fmt.Sprint(f.needs); got != c.needs || f.gap != int64(c.gap) {
				t.Errorf("needs %s, gap %s", got, time.Duration(f.gap))
			}
		})
	}
}

func key(values ...string) string {
	var b []byte
	for _, v := range values {
		b = AppendValue(b, v)
	}
	return string(b)
}

func TestKeys(t *testing.T) {
	long := string(make([]byte, 20_000))
	lists := [][]string{nil, {""}, {"", ""}, {"a"}, {"a", ""}, {"", "a"}, {"ab"}, {"a", "b"}, {"\x01a"}, {"a\x01", "b"}, {"a", "\x01b"}, {"a\x00b"}, {long}, {long, "a"}, {"x", long}}
	seen := map[string]int{}
	for i, l := range lists {
		k := key(l...)
		if j, ok := seen[k]; ok {
			t.Errorf("lists %d and %d have one key", j, i)
		}
		seen[k] = i
		if got := Values(nil, k); !slices.Equal(got, l) {
			t.Errorf("list %d became %d values", i, len(got))
		}
	}
	f := NewRule(&rules.Rule{Fold: rules.Fold{By: []string{"b"}}, Correlate: &rules.Correlate{By: []string{"a", "b", "c"}}})
	if got := string(f.Key(nil, key("1", "2", "3"))); got != key("2") {
		t.Errorf("%q", got)
	}
	if got := string(f.Key(nil, key("1"))); got != key("") {
		t.Errorf("of a key that is too short: %q", got)
	}
}

func TestValue(t *testing.T) {
	for _, c := range []struct {
		name string
		in   []string
		none bool
	}{{"one", []string{"a"}, false}, {"one that is missing", []string{""}, true}, {"two", []string{"a", "b"}, false}, {"one of two is missing", []string{"a", ""}, true}} {
		if got := Value(c.in...); (got == "") != c.none {
			t.Errorf("%s: %q", c.name, got)
		}
	}
	if Value("ab", "c") == Value("a", "bc") {
		t.Error("two pairs are one value")
	}
}

// Whatever bytes are a key, its values make no other key than their own.
func FuzzValues(f *testing.F) {
	f.Add(key("a", "", "b"))
	f.Add("\xff\xff\xff\xff\xff\xff")
	f.Add("\x05ab")
	f.Fuzz(func(t *testing.T, k string) {
		values := Values(nil, k)
		if got := Values(nil, key(values...)); !slices.Equal(got, values) {
			t.Fatalf("%q became %q", values, got)
		}
	})
}

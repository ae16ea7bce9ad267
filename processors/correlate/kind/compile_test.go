package kind

import (
	"testing"
	"time"

	"weir/rules/correlation"
)

// TestSpec_alone tells which groups fire with their first match: they never hold one.
func TestSpec_alone(t *testing.T) {
	for _, c := range []struct {
		name string
		c    correlation.Correlate
		in   Match
		want bool
	}{
		{"count of one", correlation.Correlate{Kind: correlation.Count, Bounds: bounds("gte", 1)}, Match{}, true},
		{"count of two", correlation.Correlate{Kind: correlation.Count, Bounds: bounds("gt", 1)}, Match{}, false},
		{"count that may still be too many", correlation.Correlate{Kind: correlation.Count, Bounds: bounds("lt", 9)}, Match{}, false},
		{"one value", correlation.Correlate{Kind: correlation.Distinct, Bounds: bounds("gte", 1)}, Match{Value: "u"}, true},
		{"a sum that is enough", correlation.Correlate{Kind: correlation.Sum, Bounds: bounds("gte", 5)}, Match{Number: 5}, true},
		{"a sum that is not", correlation.Correlate{Kind: correlation.Sum, Bounds: bounds("gte", 5)}, Match{Number: 4}, false},
		{"a sum below nothing", correlation.Correlate{Kind: correlation.Sum, Bounds: bounds("gt", 0)}, Match{Number: -4}, false},
		{"either", correlation.Correlate{Kind: correlation.AnyOrder, Steps: names("a", "b"), Logic: or(leaf("a"), leaf("b"))}, Match{Step: 1}, true},
		{"both", correlation.Correlate{Kind: correlation.AnyOrder, Steps: names("a", "b")}, Match{Step: 1}, false},
		{"one step twice", correlation.Correlate{Kind: correlation.Sequence, Steps: names("a", "a")}, Match{}, true},
		{"what waits for time", correlation.Correlate{Kind: correlation.NewValue}, Match{Value: "u"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.c.Within = time.Hour
			if s := mustSpec(t, &c.c, 0, false); s.alone(&c.in) != c.want {
				t.Errorf("alone is not %v", c.want)
			}
		})
	}
}

// What Compile refuses, it names.
func TestCompile_error(t *testing.T) {
	if s, err := Compile(&correlation.Correlate{Kind: "x", Steps: names("a"), Within: time.Hour}, 0, false); err == nil || s != nil {
		t.Errorf("%v, %v", s, err)
	}
}

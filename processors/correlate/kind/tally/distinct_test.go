package tally

import (
	"fmt"
	"testing"
	"time"

	"weir/rules"
	"weir/rules/correlation"
)

// Once there are estimates they are asked, and nothing is told apart any more.
func TestDistinct_asksEstimates(t *testing.T) {
	s := mustSpec(t, &rules.Correlate{Kind: correlation.Distinct, Bounds: bounds("gte", 1000), Within: time.Duration(1600)}, 0, false)
	var est Estimates
	y := New(s, &est)
	for i := range 500 {
		w := Weight{N: 1, Value: fmt.Sprint("value ", i)}
		est.Add(0, w.Value) // nothing yet
		y.Add(w)
	}
	if y.Holds(0, 1599) || y.Share() != 0.5 || est.Made() || est.Bytes() != 0 {
		t.Fatalf("holds %v, share %v before there are too many", y.Holds(0, 1599), y.Share())
	}
	est.Make(1600)
	for i := range 2000 {
		est.Add(int64(i%1600), fmt.Sprint("value ", i))
	}
	if !y.Holds(0, 1599) || y.Share() != 1 || y.Holds(0, 99) {
		t.Errorf("whole window %v, share %v, a 16th of it %v", y.Holds(0, 1599), y.Share(), y.Holds(0, 99))
	}
	size := y.Bytes()
	for i := range 500 {
		y.Add(Weight{N: 1, Value: fmt.Sprint("another ", i)})
	}
	if y.Bytes() != size {
		t.Error("values are told apart beside the estimates")
	}
	if est.Drop(10_000); y.Holds(0, 1599) {
		t.Error("what was dropped still counts")
	}
}

func TestDistinct_Remove(t *testing.T) {
	s := mustSpec(t, &rules.Correlate{Kind: correlation.Distinct, Bounds: bounds("gte", 2), Within: time.Hour}, 0, false)
	for _, c := range []struct {
		name string
		out  []Weight
		want bool
	}{
		{"one of two equal ones", []Weight{{N: 1, Value: "u"}}, true},
		{"both", []Weight{{N: 1, Value: "u"}, {N: 1, Value: "u"}}, false},
		{"both at once", []Weight{{N: 2, Value: "u"}}, false},
		{"one that was never there", []Weight{{N: 1, Value: "x"}}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			y := New(s, nil)
			for _, v := range []string{"u", "v", "u"} {
				y.Add(Weight{N: 1, Value: v})
			}
			for _, w := range c.out {
				y.Remove(w)
			}
			if y.Holds(0, 0) != c.want {
				t.Errorf("holds is not %v", c.want)
			}
		})
	}
}

// A table that was large is given back.
func TestDistinct_Reset(t *testing.T) {
	y := &values{spec: mustSpec(t, &rules.Correlate{Kind: correlation.Distinct, Within: time.Hour}, 0, false)}
	y.Add(Weight{N: 1, Value: "u"})
	if y.Reset(); y.n.slots == nil || y.n.len() != 0 {
		t.Error("a small table is not kept")
	}
	for i := range 100 {
		y.Add(Weight{N: 1, Value: fmt.Sprint(i)})
	}
	if y.Reset(); y.n.slots != nil {
		t.Error("a large table is kept")
	}
}

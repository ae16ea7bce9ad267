package kind

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"weir/rules"
)

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
		{Kind: rules.Count, Bounds: bounds("gte", 7)}, {Kind: rules.Distinct, Bounds: bounds("gte", 4)},
		{Kind: rules.Sum, Bounds: bounds("gte", 300)}, {Kind: rules.Avg, Bounds: bounds("gt", 40)},
		{Kind: rules.Median, Bounds: bounds("gt", 40)}, {Kind: rules.Percentile, Percent: 30, Bounds: bounds("gt", 30)},
		{Kind: rules.AnyOrder, Steps: []rules.Step{twice("a", 3), twice("b", 1)}},
	} {
		t.Run(string(c.Kind), func(t *testing.T) {
			c.Within = time.Hour
			s := mustSpec(t, &c, 0, false)
			tally := s.newTally(nil)
			var in []weight
			held := 0
			for range 2000 {
				if len(in) > 0 && rnd.IntN(20) < len(in) {
					i := rnd.IntN(len(in))
					tally.remove(in[i])
					in = slices.Delete(in, i, i+1)
				} else {
					w := weight{source: int32(rnd.IntN(len(s.sources))), n: 1 + int32(rnd.IntN(2)), number: float64(rnd.IntN(100)), value: string(rune('a' + rnd.IntN(6)))}
					in = append(in, w)
					tally.add(w)
				}
				fresh := s.newTally(nil)
				for _, w := range in {
					fresh.add(w)
				}
				if tally.holds(0, 0) != fresh.holds(0, 0) || math.Abs(tally.share()-fresh.share()) > 0 {
					t.Fatalf("%+v for %+v with %v", tally, fresh, in)
				}
				if tally.holds(0, 0) {
					held++
				}
			}
			if tally.reset(); tally.bytes() <= 0 || held == 0 || held == 2000 && c.Kind != rules.Percentile {
				t.Errorf("it held %d times", held)
			}
		})
	}
}

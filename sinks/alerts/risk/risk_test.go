package risk

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// near tells whether two numbers are one but for rounding.
func near(a, b float64) bool { return math.Abs(a-b) <= 1e-6*max(1, math.Abs(a), math.Abs(b)) }

func TestScore(t *testing.T) {
	c := Default()
	for _, tc := range []struct {
		name   string
		points float64
		after  time.Duration
		want   float64
	}{
		{"at once", 40, 0, 40},
		{"after a half-life", 40, 24 * time.Hour, 20},
		{"after two", 40, 48 * time.Hour, 10},
		{"after half of one", 40, 12 * time.Hour, 40 / math.Sqrt2},
		{"nothing", 0, time.Hour, 0},
		{"less than nothing", -3, 0, 0},
		{"before it was given", 40, -24 * time.Hour, 80},
	} {
		if got := c.Score(c.Rank(tc.points, noon), noon.Add(tc.after)); !near(got, tc.want) {
			t.Errorf("%s: %f, want %f", tc.name, got, tc.want)
		}
	}
}

func TestOn(t *testing.T) {
	for want, c := range map[bool]Config{true: Default(), false: {Threshold: 100}} {
		if c.On() != want {
			t.Errorf("%+v: %v", c, !want)
		}
	}
}

// given is one contribution.
type given struct {
	points float64
	at     time.Time
}

// plainly adds scores up as one would on paper, at one moment, from what was given.
func plainly(c Config, list []given, now time.Time) float64 {
	sum := 0.0
	for _, g := range list {
		sum += g.points * math.Exp(-math.Ln2*now.Sub(g.at).Seconds()/c.HalfLife.Seconds())
	}
	return sum
}

// TestDecay is what must hold of any contributions, in any order and at any time, with any half-life: the score is that of
// paper; it does not depend on the order; a half-life halves it; one more adds exactly its points then; and of two entities
// the one that is ahead stays ahead.
func TestDecay(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for round := range 2000 {
		c := Config{HalfLife: time.Minute + time.Duration(r.Int64N(int64(60*24*time.Hour))), Threshold: 100, Rules: 2}
		begin := noon.Add(time.Duration(r.Int64N(int64(200*365*24*time.Hour))) - 100*365*24*time.Hour)
		list := make([]given, 1+r.IntN(60))
		rank := Nothing
		newest := begin
		for i := range list {
			list[i] = given{1 + r.Float64()*100, begin.Add(time.Duration(r.Float64() * 10 * float64(c.HalfLife)))}
			rank = Add(rank, c.Rank(list[i].points, list[i].at))
			if list[i].at.After(newest) {
				newest = list[i].at
			}
		}
		now := newest.Add(time.Duration(r.Float64() * 5 * float64(c.HalfLife)))
		score := c.Score(rank, now)
		if want := plainly(c, list, now); !near(score, want) {
			t.Fatalf("round %d: %f, on paper %f", round, score, want)
		}
		r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		other := Nothing
		for _, g := range list {
			other = Add(other, c.Rank(g.points, g.at))
		}
		if !near(c.Score(other, now), score) {
			t.Fatalf("round %d: %f in another order, %f", round, c.Score(other, now), score)
		}
		if half := c.Score(rank, now.Add(c.HalfLife)); !near(2*half, score) {
			t.Fatalf("round %d: %f after a half-life, %f", round, half, score)
		}
		more := 1 + r.Float64()*50
		if got := c.Score(Add(rank, c.Rank(more, now)), now); !near(got, score+more) {
			t.Fatalf("round %d: %f with %f more, %f", round, got, more, score)
		}
		less := c.Rank(score*0.9, now)
		for _, later := range []time.Duration{0, c.HalfLife / 3, 7 * c.HalfLife} {
			if c.Score(less, now.Add(later)) >= c.Score(rank, now.Add(later)) {
				t.Fatalf("round %d: what was behind is ahead %s later", round, later)
			}
		}
	}
}

// TestAdd_edges: nothing and nothing is nothing, and what is far apart is the larger one.
func TestAdd_edges(t *testing.T) {
	for _, tc := range []struct{ a, b, want float64 }{
		{Nothing, Nothing, Nothing}, {Nothing, 5, 5}, {5, Nothing, 5}, {5, 5, 6}, {20_000, 5, 20_000}, {-20_000, 5, 5},
	} {
		if got := Add(tc.a, tc.b); got != tc.want {
			t.Errorf("%f and %f: %f, want %f", tc.a, tc.b, got, tc.want)
		}
	}
}

// TestForgotten: what is forgotten is nothing to anybody.
func TestForgotten(t *testing.T) {
	c := Default()
	if got := c.Score(c.Rank(80, c.Forgotten(noon)), noon); got > 0.001 {
		t.Errorf("%f points are forgotten", got)
	}
}

func BenchmarkAdd(b *testing.B) {
	c := Default()
	x, y := c.Rank(40, noon), c.Rank(15, noon.Add(-time.Hour))
	b.ReportAllocs()
	for b.Loop() {
		Add(x, y)
	}
}

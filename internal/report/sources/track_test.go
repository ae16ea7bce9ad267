package sources

import (
	"math"
	"testing"
	"time"

	"weir/internal/testkit"
)

// TestBucket: the middle of a class is within 3.2 percent of every span in it, and has its sign.
func TestBucket(t *testing.T) {
	for _, ms := range []int64{0, 1, 15, 31, 32, 33, 100, 999, 3000, 60_000, 3_600_000, 47 * 60_000, 86_400_000, 400 * 86_400_000, math.MaxInt64 / int64(time.Millisecond)} {
		for _, sign := range []int64{1, -1} {
			d := time.Duration(sign*ms) * time.Millisecond
			got := middle(bucket(d))
			if off := math.Abs(float64(got-d)) / math.Max(1, math.Abs(float64(d))); off > 0.032 {
				t.Errorf("%s became %s", d, got)
			}
		}
	}
	if got := middle(bucket(math.MinInt64)); got >= 0 {
		t.Errorf("the longest span became %s", got)
	}
}

// FuzzBucket: classes are in the order of spans, so that a median is one.
func FuzzBucket(f *testing.F) {
	f.Add(int64(0), int64(1))
	f.Add(int64(math.MinInt64), int64(math.MaxInt64))
	f.Add(int64(31_999_999), int64(32_000_000))
	f.Fuzz(func(t *testing.T, a, b int64) {
		if a > b {
			a, b = b, a
		}
		if bucket(time.Duration(a)) > bucket(time.Duration(b)) {
			t.Errorf("%d is in class %d, %d in %d", a, bucket(time.Duration(a)), b, bucket(time.Duration(b)))
		}
	})
}

// TestMedian: half of the spans are not above it.
func TestMedian(t *testing.T) {
	for _, c := range []struct {
		name string
		in   []time.Duration
		want time.Duration
	}{
		{"none", nil, 0}, {"one", []time.Duration{-5 * time.Millisecond}, -5 * time.Millisecond}, {"odd", []time.Duration{time.Millisecond, 9 * time.Millisecond, 2 * time.Millisecond}, 2 * time.Millisecond},
		{"around zero", []time.Duration{-20 * time.Millisecond, 0, 0, 20 * time.Millisecond}, 0},
	} {
		tr := &track{skews: map[int16]int64{}}
		for _, d := range c.in {
			tr.skew(d)
		}
		if got := tr.median(); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// TestHour: hours of a zone with a clock change, asked in any order.
func TestHour(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		testkit.Skip(t, "machine", "no zones on this machine")
	}
	g := &gatherer{zone: berlin}
	for _, at := range []string{"2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T00:59:59Z", "1969-12-31T23:59:59Z"} {
		x, _ := time.Parse(time.RFC3339, at)
		if got, want := g.hour(x), x.In(berlin).Hour(); got != want {
			t.Errorf("%s: %d, want %d", at, got, want)
		}
	}
}

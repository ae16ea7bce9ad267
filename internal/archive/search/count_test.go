package search

import (
	"testing"
	"time"

	"weir/internal/archive/column"
)

func TestHistogram_WidthAndRange(t *testing.T) {
	at := time.Date(2026, 11, 21, 7, 0, 0, 0, time.UTC)
	part := Part{Min: at.UnixNano(), Max: at.Add(59 * time.Minute).UnixNano()}
	cases := map[string]struct {
		req   Request
		width time.Duration
		n     int
		from  time.Time
	}{
		"from the data":    {Request{Buckets: 60}, time.Minute, 60, at},
		"fewer buckets":    {Request{Buckets: 20}, 5 * time.Minute, 12, at},
		"one":              {Request{Buckets: 1}, time.Hour, 1, at},
		"asked width":      {Request{Interval: 10 * time.Minute}, 10 * time.Minute, 6, at},
		"bounds win":       {Request{Buckets: 60, From: at.Add(-time.Hour), To: at.Add(time.Hour)}, 5 * time.Minute, 24, at.Add(-time.Hour)},
		"seconds":          {Request{Buckets: 60, From: at, To: at.Add(time.Minute)}, time.Second, 60, at},
		"too many buckets": {Request{Interval: time.Nanosecond}, 0, 0, at},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			from, to := bounds(c.req.From, c.req.To)
			h := newHistogram(c.req, from, to, []Part{part})
			b := h.Buckets()
			if len(b) > 100_000 {
				t.Fatalf("%d buckets", len(b))
			}
			if c.width == 0 {
				return
			}
			if h.Width() != c.width || len(b) != c.n || !b[0].From.Equal(c.from) {
				t.Errorf("%d buckets of %s from %s", len(b), h.Width(), b[0].From)
			}
		})
	}
	if h := newHistogram(Request{Buckets: 10}, minTime, maxTime, nil); len(h.Buckets()) != 1 {
		t.Errorf("without data: %d buckets", len(h.Buckets()))
	}
}

func TestBounds_TimesThatNanosecondsCannotSay(t *testing.T) {
	lo, hi := bounds(time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC))
	if lo != minTime || hi != maxTime {
		t.Errorf("%d to %d", lo, hi)
	}
	lo, hi = bounds(time.Unix(5, 0), time.Unix(6, 0))
	if lo != 5e9 || hi != 6e9 {
		t.Errorf("%d to %d", lo, hi)
	}
}

func TestTimeRange(t *testing.T) {
	times := []int64{1, 2, 2, 3, 5}
	for _, c := range []struct {
		from, to int64
		want     int
	}{{minTime, maxTime, 5}, {2, 3, 2}, {2, 2, 0}, {4, 5, 0}, {4, 6, 1}, {6, 9, 0}, {9, 1, 0}} {
		sorted, plain := timeRange(times, true, c.from, c.to), timeRange(times, false, c.from, c.to)
		if sorted.Count() != c.want || plain.Count() != c.want {
			t.Errorf("%d to %d: %d and %d, want %d", c.from, c.to, sorted.Count(), plain.Count(), c.want)
		}
	}
	if got := timeRange([]int64{5, 1, 3}, false, 2, 6); got.Count() != 2 || got.Has(1) {
		t.Errorf("unsorted: %v", got.Rows())
	}
	var none column.Bits
	if got := timeRange(nil, true, 0, 9); got.Count() != none.Count() {
		t.Errorf("no rows: %v", got.Rows())
	}
}

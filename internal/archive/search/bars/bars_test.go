package bars

import (
	"testing"
	"time"

	"weir/internal/archive/column"
)

func TestFloor(t *testing.T) {
	for _, c := range []struct{ t, width, want int64 }{{0, 10, 0}, {9, 10, 0}, {10, 10, 1}, {-1, 10, -1}, {-10, 10, -1}, {-11, 10, -2}} {
		if got := floor(c.t, c.width); got != c.want {
			t.Errorf("%d by %d: %d, want %d", c.t, c.width, got, c.want)
		}
	}
}

func TestNew_Width(t *testing.T) {
	hour := int64(time.Hour)
	for name, c := range map[string]struct {
		interval time.Duration
		most     int
		lo, hi   int64
		width    time.Duration
		bars     int
	}{
		"narrowest":    {0, 60, 0, hour - 1, time.Minute, 60},
		"fewer":        {0, 20, 0, hour - 1, 5 * time.Minute, 12},
		"given":        {10 * time.Minute, 0, 0, hour - 1, 10 * time.Minute, 6},
		"before 1970":  {time.Hour, 0, -hour, hour, time.Hour, 3},
		"nothing":      {0, 10, 5, 4, time.Millisecond, 1},
		"far too many": {time.Nanosecond, 0, 0, 200_000, 4, 50_001},
		"all of time":  {0, 10, -1 << 62, 1 << 62, 365 * 24 * time.Hour, 294},
	} {
		t.Run(name, func(t *testing.T) {
			h := New(c.interval, c.most, c.lo, c.hi)
			if b := h.Buckets(); h.Width() != c.width || len(b) != c.bars && name != "all of time" || len(b) > maxBuckets {
				t.Errorf("%d bars of %s", len(b), h.Width())
			}
		})
	}
}

func TestAdd(t *testing.T) {
	h := New(time.Second, 0, 0, 3e9-1)
	rows := column.NewBits(6)
	rows.SetRange(0, 5)
	h.Add([]int64{-1, 0, 1e9, 1.5e9, 3e9, 1e9}, rows)
	b := h.Buckets()
	if len(b) != 3 || b[0].Count != 1 || b[1].Count != 2 || b[2].Count != 0 || !b[1].From.Equal(time.Unix(1, 0)) {
		t.Errorf("%v", b)
	}
}

func BenchmarkAdd(b *testing.B) {
	times := make([]int64, 1<<16)
	for i := range times {
		times[i] = int64(i) * 1e6
	}
	rows := column.NewBits(len(times))
	rows.SetRange(0, len(times))
	b.ReportAllocs()
	for b.Loop() {
		New(0, 60, times[0], times[len(times)-1]).Add(times, rows)
	}
}

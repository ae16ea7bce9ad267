// Package bars counts events by time, in bars of a width that people read easily.
package bars

import (
	"time"

	"weir/internal/archive/column"
)

// Bucket is one bar of a histogram.
type Bucket struct {
	From  time.Time
	Count int
}

// widths are those that people read easily.
var widths = [...]time.Duration{
	time.Millisecond, 10 * time.Millisecond, 100 * time.Millisecond, time.Second, 5 * time.Second, 10 * time.Second,
	30 * time.Second, time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 3 * time.Hour,
	12 * time.Hour, 24 * time.Hour, 7 * 24 * time.Hour, 30 * 24 * time.Hour, 365 * 24 * time.Hour,
}

// maxBuckets bounds a histogram whose width was given.
const maxBuckets = 100_000

// Histogram counts by time. It belongs to one goroutine.
type Histogram struct {
	from, width int64
	counts      []int
}

// New begins a histogram from lo to hi, both included. It chooses the width: the one asked for, else the narrowest readable
// one that needs no more than so many bars. Either way their number is bounded, because times come from outside.
func New(interval time.Duration, most int, lo, hi int64) *Histogram {
	if hi < lo {
		lo, hi = 0, 0
	}
	h := &Histogram{width: int64(interval)}
	if h.width <= 0 {
		h.width = int64(widths[len(widths)-1])
		for _, w := range widths {
			if floor(hi, int64(w))-floor(lo, int64(w)) < int64(most) {
				h.width = int64(w)
				break
			}
		}
	}
	for floor(hi, h.width)-floor(lo, h.width) >= maxBuckets {
		h.width *= 2
	}
	h.from = floor(lo, h.width)
	h.counts = make([]int, floor(hi, h.width)-h.from+1)
	return h
}

// Width is that of a bar.
func (h *Histogram) Width() time.Duration { return time.Duration(h.width) }

// floor divides towards the past, also before 1970.
func floor(t, width int64) int64 {
	q := t / width
	if t%width < 0 {
		q--
	}
	return q
}

// Add counts rows by time. Rows outside the bars are left out.
func (h *Histogram) Add(times []int64, rows column.Bits) {
	rows.Each(func(row int) bool {
		if i := floor(times[row], h.width) - h.from; i >= 0 && i < int64(len(h.counts)) {
			h.counts[i]++
		}
		return true
	})
}

// Buckets returns the bars, empty ones included, so that a chart needs no filling in.
func (h *Histogram) Buckets() []Bucket {
	out := make([]Bucket, len(h.counts))
	for i, n := range h.counts {
		out[i] = Bucket{time.Unix(0, (h.from+int64(i))*h.width).UTC(), n}
	}
	return out
}

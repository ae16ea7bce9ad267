package search

import (
	"strconv"
	"time"

	"weir/internal/control/searching"
)

// histogramBars is how many bars the histogram has at most, as the terminal's has.
const histogramBars = 60

// Size of the drawing, in units of its own: it is stretched to the width of the page.
const (
	histWidth  = 1200
	histHeight = 60
)

// Histogram is the drawing of how many events there were when.
type Histogram struct {
	Bars     []Bar
	From, To int64 // milliseconds since 1970, of the left and the right edge: what a drag is reckoned in
	Width    time.Duration
	Most     int64
	Labels   []string
}

// Bar is one of its bars.
type Bar struct {
	X, Y, W, H string
	Left       string // of the whole column, which can be clicked where the bar is low
	Wide       string
	Title      string
	Count      int64
	Href       string
}

// histogram draws buckets. The heights are those of counts, the lowest one pixel: what is there is seen.
func histogram(s State, buckets []searching.Bucket, width time.Duration, now time.Time, zone *time.Location) *Histogram {
	h := &Histogram{Width: width}
	for _, b := range buckets {
		h.Most = max(h.Most, b.Count)
	}
	n := len(buckets)
	end := buckets[n-1].Time.Add(width)
	h.From, h.To = buckets[0].Time.UnixMilli(), end.UnixMilli()
	step := float64(histWidth) / float64(n)
	for i, b := range buckets {
		x := Bar{Left: num(float64(i) * step), Wide: num(step), X: num(float64(i)*step + step*0.08), W: num(step * 0.84), Count: b.Count}
		if b.Count > 0 {
			high := max(1.5, float64(b.Count)/float64(h.Most)*histHeight)
			x.Y, x.H = num(histHeight-high), num(high)
		}
		to := b.Time.Add(width)
		x.Title = label(b.Time, to, zone)
		x.Href = s.Range(b.Time.UTC().Format(time.RFC3339Nano), to.UTC().Format(time.RFC3339Nano))
		h.Bars = append(h.Bars, x)
	}
	layout := axis(end.Sub(buckets[0].Time), width)
	if y := buckets[0].Time.In(zone).Year(); y != now.In(zone).Year() && layout != time.DateOnly {
		layout = "2006-01-02 15:04"
	}
	const labels = 4
	for i := range labels + 1 {
		at := buckets[0].Time.Add(end.Sub(buckets[0].Time) * time.Duration(i) / labels)
		h.Labels = append(h.Labels, at.In(zone).Format(layout))
	}
	return h
}

// axis is how times are written below the drawing.
func axis(span, width time.Duration) string {
	switch {
	case width < time.Second:
		return "15:04:05.000"
	case span <= time.Hour:
		return "15:04:05"
	case span <= 24*time.Hour:
		return "15:04"
	case span <= 40*24*time.Hour:
		return "01-02 15:04"
	}
	return time.DateOnly
}

// label is the time of a bar.
func label(from, to time.Time, zone *time.Location) string {
	layout := "2006-01-02 15:04:05"
	if to.Sub(from) < time.Second {
		layout += ".000"
	}
	return from.In(zone).Format(layout) + " – " + to.In(zone).Format(layout[len("2006-01-02 "):])
}

// num writes a coordinate.
func num(f float64) string { return strconv.FormatFloat(f, 'f', 2, 64) }

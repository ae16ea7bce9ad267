package show

import (
	"fmt"
	"strings"
	"time"

	"weir/internal/control"
	"weir/internal/term"
)

// Histogram draws one character a bar, and times below every fifteenth.
// A bar is a cell, so its width says nothing and its height all; the highest is named in the summary.
func Histogram(f *term.Face, sum control.SearchSummary) string {
	if len(sum.Buckets) == 0 {
		return ""
	}
	values := make([]int64, len(sum.Buckets))
	for i, b := range sum.Buckets {
		values[i] = b.Count
	}
	layout := "15:04"
	if sum.BucketWidth >= time.Hour || sum.Buckets[len(values)-1].Time.Sub(sum.Buckets[0].Time) > 24*time.Hour {
		layout = "01-02 15:04"
	}
	var axis strings.Builder
	for i := 0; i < len(values); i += 15 {
		fmt.Fprintf(&axis, "%-15s", sum.Buckets[i].Time.In(f.Zone).Format(layout))
	}
	return f.Spark(values) + "\n" + strings.TrimRight(axis.String(), " ") + "\n"
}

// Summary is the last line of a search: how much there is, of what time, and what it cost.
// It goes to stderr. What --size to write next is the usual one where fewer were asked for, else ten times as many.
func Summary(f *term.Face, r control.SearchRequest, sum control.SearchSummary) string {
	parts := []string{}
	if r.Histogram || r.Top != "" {
		s := term.Count(sum.Hits) + " events"
		if r.Histogram && len(sum.Buckets) > 0 {
			top := int64(0)
			for _, b := range sum.Buckets {
				top = max(top, b.Count)
			}
			s += "; one bar is " + term.Duration(sum.BucketWidth) + ", the highest " + term.Count(top)
		}
		if r.Top != "" {
			s += "; " + topWords(sum, r.Top)
		}
		parts = append(parts, s)
	} else if sum.Hits == 0 {
		parts = append(parts, "no hit")
	} else {
		order := "newest first"
		if r.Ascending {
			order = "oldest first"
		}
		parts = append(parts, fmt.Sprintf("%s of %s, %s", term.Count(int64(sum.Shown)), term.Count(sum.Hits), order))
	}
	if !sum.From.IsZero() && !sum.To.IsZero() {
		parts = append(parts, span(sum.From.In(f.Zone), sum.To.In(f.Zone)))
	}
	took := "under 1 ms"
	if sum.TookMS > 0 {
		took = term.Duration(time.Duration(sum.TookMS) * time.Millisecond)
	}
	parts = append(parts, fmt.Sprintf("%s, %d of %d segments read", took, sum.SegmentsRead, sum.SegmentsTotal))
	line := strings.Join(parts, "; ")
	if r.Size > 0 && int64(sum.Shown) < sum.Hits {
		more := 50
		for more <= r.Size {
			more *= 10
		}
		line += fmt.Sprintf(". More: --size %d, --json", more)
	}
	return line
}

// topWords says whether the values are all there are and whether the counts are exact; an estimate is never shown as a
// count.
// The number of values may be an estimate too, and is then larger than what is shown.
func topWords(sum control.SearchSummary, field string) string {
	exact := "exact"
	if !sum.TopExact {
		exact = "estimated"
	}
	if n := sum.TopValues; n > int64(len(sum.Top)) {
		return fmt.Sprintf("the first %d of %s values of %s, %s", len(sum.Top), term.Count(n), field, exact)
	}
	if len(sum.Top) == 1 {
		return "the one value of " + field + ", " + exact
	}
	return fmt.Sprintf("all %d values of %s, %s", len(sum.Top), field, exact)
}

// span writes two times, the date once if it is the same.
// The year is left out: what is older than one is asked for with dates that have it.
func span(a, b time.Time) string {
	if a.YearDay() == b.YearDay() && a.Year() == b.Year() {
		return a.Format("01-02 15:04") + " to " + b.Format("15:04")
	}
	return a.Format("01-02 15:04") + " to " + b.Format("01-02 15:04")
}

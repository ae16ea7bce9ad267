package show

import (
	"strings"
	"testing"
	"time"

	"weir/internal/control"
	"weir/internal/term"
)

func TestSummary(t *testing.T) {
	f := &term.Face{TTY: true, Zone: time.UTC, Now: time.Now}
	from := time.Date(2026, 11, 21, 7, 36, 0, 0, time.UTC)
	base := control.SearchSummary{TookMS: 4, SegmentsRead: 2, SegmentsTotal: 63}
	with := func(change func(*control.SearchSummary)) control.SearchSummary { s := base; change(&s); return s }
	for name, x := range map[string]struct {
		r    control.SearchRequest
		s    control.SearchSummary
		want string
	}{
		"no hit":       {control.SearchRequest{Size: 50}, base, "no hit; 4 ms, 2 of 63 segments read"},
		"all shown":    {control.SearchRequest{Size: 50}, with(func(s *control.SearchSummary) { s.Hits, s.Shown = 3, 3 }), "3 of 3, newest first; 4 ms, 2 of 63 segments read"},
		"more":         {control.SearchRequest{Size: 3}, with(func(s *control.SearchSummary) { s.Hits, s.Shown = 1204, 3 }), "3 of 1,204, newest first; 4 ms, 2 of 63 segments read. More: --size 50, --json"},
		"much more":    {control.SearchRequest{Size: 50, Ascending: true}, with(func(s *control.SearchSummary) { s.Hits, s.Shown = 1204, 50 }), "50 of 1,204, oldest first; 4 ms, 2 of 63 segments read. More: --size 500, --json"},
		"only counted": {control.SearchRequest{Size: 0}, with(func(s *control.SearchSummary) { s.Hits = 9 }), "0 of 9, newest first; 4 ms, 2 of 63 segments read"},
		"one day": {control.SearchRequest{Size: 9}, with(func(s *control.SearchSummary) { s.Hits, s.Shown, s.From, s.To = 1, 1, from, from.Add(time.Hour) }),
			"1 of 1, newest first; 11-21 07:36 to 08:36; 4 ms, 2 of 63 segments read"},
		"two days": {control.SearchRequest{Size: 9}, with(func(s *control.SearchSummary) { s.Hits, s.Shown, s.From, s.To = 1, 1, from, from.Add(24*time.Hour) }),
			"1 of 1, newest first; 11-21 07:36 to 11-22 07:36; 4 ms, 2 of 63 segments read"},
		"top, not all": {control.SearchRequest{Top: "user.name"}, with(func(s *control.SearchSummary) { s.Hits, s.Top, s.TopValues = 9, make([]control.TopValue, 10), 1204 }),
			"9 events; the first 10 of 1,204 values of user.name, estimated; 4 ms, 2 of 63 segments read"},
		"top, one": {control.SearchRequest{Top: "user.name"}, with(func(s *control.SearchSummary) { s.Hits, s.Top, s.TopExact = 9, make([]control.TopValue, 1), true }),
			"9 events; the one value of user.name, exact; 4 ms, 2 of 63 segments read"},
	} {
		if got := Summary(f, x.r, x.s); got != x.want {
			t.Errorf("%s: got  %s\nwant %s", name, got, x.want)
		}
	}
}

func TestHistogram(t *testing.T) {
	f := &term.Face{TTY: true, Zone: time.UTC, Now: time.Now}
	at := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	sum := control.SearchSummary{BucketWidth: time.Hour}
	for i := range 20 {
		sum.Buckets = append(sum.Buckets, control.Bucket{Time: at.Add(time.Duration(i) * time.Hour), Count: int64(i % 2)})
	}
	if got, want := Histogram(f, sum), ".█.█.█.█.█.█.█.█.█.█\n11-21 00:00    11-21 15:00\n"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := Histogram(f, control.SearchSummary{}); got != "" {
		t.Errorf("nothing: %q", got)
	}
}

// TestHistogram_Axis: below every fifteenth bar stands its time, with the date where one day is not enough.
func TestHistogram_Axis(t *testing.T) {
	at := time.Date(2026, 11, 21, 15, 51, 0, 0, time.UTC)
	bars := func(n int, width time.Duration) (sum control.SearchSummary) {
		sum.BucketWidth = width
		for i := range n {
			sum.Buckets = append(sum.Buckets, control.Bucket{Time: at.Add(time.Duration(i) * width), Count: 1})
		}
		return sum
	}
	seoul := time.FixedZone("KST", 9*3600)
	for name, c := range map[string]struct {
		face *term.Face
		sum  control.SearchSummary
		axis string
	}{
		"one bar":             {&term.Face{Zone: time.UTC}, bars(1, time.Minute), "15:51"},
		"fifteen":             {&term.Face{Zone: time.UTC}, bars(15, time.Minute), "15:51"},
		"sixteen":             {&term.Face{Zone: time.UTC}, bars(16, time.Minute), "15:51          16:06"},
		"of the person":       {&term.Face{Zone: seoul}, bars(1, time.Minute), "00:51"},
		"hours":               {&term.Face{Zone: time.UTC}, bars(1, time.Hour), "11-21 15:51"},
		"minutes over a day":  {&term.Face{Zone: time.UTC}, bars(60, 30*time.Minute), "11-21 15:51    11-21 23:21    11-22 06:51    11-22 14:21"},
		"without block signs": {&term.Face{Zone: time.UTC, ASCII: true}, bars(2, time.Minute), "15:51"},
	} {
		bar := "█"
		if c.face.ASCII {
			bar = "@"
		}
		want := strings.Repeat(bar, len(c.sum.Buckets)) + "\n" + c.axis + "\n"
		if got := Histogram(c.face, c.sum); got != want {
			t.Errorf("%s: got\n%swant\n%s", name, got, want)
		}
	}
}

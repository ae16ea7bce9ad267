package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"text/tabwriter" //nolint:depguard // ASCII alone, and aligned in files too
	"time"

	"weir/event"
	"weir/internal/archive"
	"weir/internal/archive/search"
	"weir/internal/archive/search/rank"
	"weir/internal/archive/verify"
	"weir/internal/query"
)

// questions are what people ask, the same as the programs for the other stores ask.
var questions = []struct {
	name, kql string
	req       search.Request
}{
	{"needle", "message: zqneedle", search.Request{}},
	{"common word", "message: failed", search.Request{}},
	{"network", "source.ip: 10.20.0.0/16", search.Request{}},
	{"user adm*", "user.name: adm*", search.Request{}},
	{"histogram, hours", "", search.Request{Interval: time.Hour}},
	{"top 10 addresses of failures", "event.outcome: failure", search.Request{Top: "source.ip"}},
	{"failures by user and address", "event.outcome: failure", search.Request{CountBy: []string{"user.name", "source.ip"}}},
	{"newest 100 of two conditions", "event.outcome: failure and message: failed", search.Request{Size: 100}},
	{"a page far behind", "event.outcome: failure", search.Request{Size: 100, Uncounted: true}},
	{"first 100 by address", "event.outcome: failure", search.Request{Size: 100, Order: rank.Parse("source.ip"), Uncounted: true}},
}

// ask asks each question over the fourth day and over everything.
func ask(ctx context.Context, a *archive.Archive, first time.Time, rounds int, out io.Writer) error {
	day := first.UTC().Truncate(24*time.Hour).AddDate(0, 0, 3)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\tone day, CPU ms\twall ms\thits\teverything, CPU ms\twall ms\thits\tsegments read\t")
	for _, q := range questions {
		parsed, err := query.Parse(q.kql)
		if err != nil {
			return fmt.Errorf("reading %s: %w", q.kql, err)
		}
		req := q.req
		req.Query = parsed
		fmt.Fprint(w, q.name)
		for _, over := range []bool{true, false} {
			if req.From, req.To = day, day.AddDate(0, 0, 1); !over {
				req.From, req.To = time.Time{}, time.Time{}
			}
			if q.name == "a page far behind" {
				if req.After, err = behind(ctx, a, req); err != nil {
					return err
				}
			}
			took, sum, err := median(ctx, a, req, rounds)
			if err != nil {
				return err
			}
			fmt.Fprintf(w, "\t%.1f\t%.1f\t%d", ms(took.cpu), ms(took.wall), max(sum.Total, sum.Returned))
			if !over {
				fmt.Fprintf(w, "\t%d of %d", sum.SegmentsRead, sum.Segments)
			}
		}
		fmt.Fprintln(w, "\t")
	}
	return w.Flush()
}

// behind returns the cursor of a page that many pages lie before.
func behind(ctx context.Context, a *archive.Archive, req search.Request) (string, error) {
	req.Size, req.After, req.Fields = 5000, "", []event.Field{event.EventID}
	sum, err := a.Search(ctx, req, nil)
	if err != nil {
		return "", fmt.Errorf("finding a page: %w", err)
	}
	return sum.Next, nil
}

// median asks a question some times and returns the middle one.
func median(ctx context.Context, a *archive.Archive, req search.Request, rounds int) (spent, *search.Summary, error) {
	var all []spent
	var sum *search.Summary
	for range max(1, rounds) + 1 { // the first warms the caches
		before := now()
		var err error
		if sum, err = a.Search(ctx, req, func([]byte, *event.Event) error { return nil }); err != nil {
			return spent{}, nil, fmt.Errorf("asking: %w", err)
		}
		all = append(all, now().since(before))
	}
	all = all[1:]
	slices.SortFunc(all, func(a, b spent) int { return int(a.cpu - b.cpu) })
	return all[len(all)/2], sum, nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// check measures how fast an archive is verified. This one has no log, which is found; what counts is the reading.
func check(ctx context.Context, folder string, bytes int64, out io.Writer) error {
	before := now()
	v, err := verify.Run(ctx, verify.Options{Files: os.DirFS(folder), Where: folder, Workers: 1, Now: time.Now})
	if err != nil {
		return fmt.Errorf("verifying: %w", err)
	}
	took := now().since(before)
	fmt.Fprintf(out, "verify     %d segments, %.0f MB per CPU-second, %.0f MB a second on one core\n", v.Segments, float64(bytes)/1e6/took.cpu.Seconds(), float64(bytes)/1e6/took.wall.Seconds())
	return nil
}

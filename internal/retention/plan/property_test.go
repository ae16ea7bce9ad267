package plan_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/internal/archive"
	"weir/internal/archive/manifest"
	"weir/internal/retention"
	"weir/internal/retention/plan"
	"weir/internal/retention/policy"
)

// naive decides about one segment by days of UTC, one condition after another: what goes has to pass all of them.
func naive(in plan.Input, s archive.SegmentInfo, keep map[string]int) bool {
	days, known := keep[s.Class]
	day, _ := time.Parse(time.DateOnly, s.Day)
	if !known || days == 0 || in.Now.Before(day.AddDate(0, 0, days+1)) || in.Now.Sub(s.Published) < in.Settle {
		return false
	}
	for _, h := range in.Holds {
		over := !h.Released.IsZero() || !h.Until.IsZero() && !in.Now.Before(h.Until)
		outside := !h.From.IsZero() && s.Max.Before(h.From) || !h.To.IsZero() && !s.Min.Before(h.To)
		wants := h.Query == "" || s.Quarantined != "" || strings.HasSuffix(s.Path, h.Query)
		if !over && !outside && wants {
			return false
		}
	}
	return true
}

// TestMake_Random: over random archives, holds and clocks a plan lets go exactly what passes every condition by itself, and never
// anything else. What it says adds up to the archive.
func TestMake_Random(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 9))
	p, faults := policy.Parse(policy.Options{Classes: "c"}, []byte("- {name: a, keep_at_least: 10 days, delete_by: 15 days, when: event.kind == 'event'}\n- {name: b, keep_at_least: 60 days, when: event.kind == 'event'}\n- {name: c, keep_at_least: forever, when: event.kind == 'event'}\n"), nil)
	if p == nil {
		t.Fatal(faults)
	}
	keep := map[string]int{"a": 10, "b": 60, "c": 0}
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	gone, held := 0, 0
	for range 300 {
		in := plan.Input{Now: start.Add(time.Duration(rnd.IntN(120*24)) * time.Hour), Policy: p, Settle: time.Duration(rnd.IntN(10)) * 24 * time.Hour,
			Finds: func(h *plan.Hold, s *archive.SegmentInfo) (bool, error) {
				if s.Quarantined != "" {
					t.Error("a segment that cannot be read was searched")
				}
				return strings.HasSuffix(s.Path, h.Query), nil
			}}
		for i := range rnd.IntN(30) {
			day := start.AddDate(0, 0, rnd.IntN(100))
			s := archive.SegmentInfo{Segment: manifest.Segment{Path: fmt.Sprintf("s%d-%d", i, rnd.IntN(3)), Class: string("abcx"[rnd.IntN(4)]), Day: day.Format(time.DateOnly), Rows: 1 + rnd.IntN(9), Bytes: 10,
				Min: day.Add(time.Hour), Max: day.Add(20 * time.Hour)}, Published: day.AddDate(0, 0, rnd.IntN(8))}
			if rnd.IntN(10) == 0 {
				s.Quarantined = "torn"
			}
			in.Segments = append(in.Segments, s)
		}
		for i := range rnd.IntN(4) {
			h := plan.Hold{Hold: manifest.Hold{ID: fmt.Sprint("H", i), Query: []string{"", "-1", "-2", "-9"}[rnd.IntN(4)]}}
			if rnd.IntN(2) == 0 {
				h.From = start.AddDate(0, 0, rnd.IntN(60))
				h.To = h.From.AddDate(0, 0, 1+rnd.IntN(40))
			}
			if rnd.IntN(2) == 0 {
				h.Until = start.AddDate(0, 0, rnd.IntN(150))
			}
			if rnd.IntN(4) == 0 {
				h.Released = start
			}
			in.Holds = append(in.Holds, h)
		}
		verdicts := plan.Make(in)
		if len(verdicts) != len(in.Segments) {
			t.Fatalf("%d verdicts of %d segments", len(verdicts), len(in.Segments))
		}
		for _, v := range verdicts {
			if want := naive(in, v.Segment, keep); (v.Why == retention.Due) != want {
				t.Fatalf("%s of %s %s, now %s: want gone %v\n%+v", v.Why, v.Segment.Class, v.Segment.Day, in.Now, want, in.Holds)
			}
			switch v.Why {
			case retention.Due:
				gone++
			case retention.Held:
				held++
			}
		}
		f := plan.Report(in, verdicts, plan.Known{})
		segments, events := 0, int64(0)
		for _, c := range f.Classes {
			segments, events = segments+c.Segments, events+c.Events
		}
		for _, u := range f.Unknown {
			segments, events = segments+u.Segments, events+u.Events
		}
		if segments != len(in.Segments) || segments != f.Segments || events != f.Events {
			t.Fatalf("the report has %d segments and %d events of %d and %d", segments, events, f.Segments, f.Events)
		}
	}
	if gone < 100 || held < 50 {
		t.Errorf("only %d went and %d were held: the cases say nothing", gone, held)
	}
}

// TestReport_Gaps: gaps and days with records together are all days from the first to the last, each once.
func TestReport_Gaps(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 1))
	p := rules(t, short)
	for range 100 {
		var in plan.Input
		in.Policy, in.Now = p, at(t, "2026-12-01")
		start := at(t, "2024-02-20") // over a leap day
		seen := map[string]bool{}
		for range 1 + rnd.IntN(20) {
			day := start.AddDate(0, 0, rnd.IntN(60)).Format(time.DateOnly)
			seen[day] = true
			in.Segments = append(in.Segments, segment(t, "short", day))
		}
		f := plan.Report(in, plan.Make(in), plan.Known{})
		i := slices.IndexFunc(f.Classes, func(c retention.ClassFacts) bool { return c.Name == "short" })
		c := f.Classes[i]
		days := 0
		for _, g := range c.Gaps {
			from, to := at(t, g.From), at(t, g.To)
			n := 0
			for d := from; !d.After(to); d = d.AddDate(0, 0, 1) {
				if n++; seen[d.Format(time.DateOnly)] {
					t.Fatalf("%s has a record and is in the gap %+v", d, g)
				}
			}
			if n != g.Days {
				t.Fatalf("%+v has %d days", g, n)
			}
			days += n
		}
		if all := int(at(t, c.LastDay).Sub(at(t, c.FirstDay)).Hours()/24) + 1; all != days+len(seen) {
			t.Fatalf("%d days, of which %d have records and %d are in gaps", all, len(seen), days)
		}
	}
}

// BenchmarkMake plans an archive of five years with four classes.
func BenchmarkMake(b *testing.B) {
	in := plan.Input{Now: at(b, "2030-12-31"), Policy: rules(b, short)}
	for day := at(b, "2026-01-01"); day.Year() < 2031; day = day.AddDate(0, 0, 1) {
		for _, class := range []string{"short", "standard", "kr-pipa-access-1y", "audit"} {
			in.Segments = append(in.Segments, segment(b, class, day.Format(time.DateOnly)))
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		if len(plan.Make(in)) != len(in.Segments) {
			b.Fatal("another number of verdicts")
		}
	}
}

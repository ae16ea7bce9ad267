package main

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// figures are made up: weir holds everything.
func figures() *report {
	r := &report{n: 1000, before: "1 1 1", after: "2 2 2", asking: 100 << 20, answers: make([][2]asked, len(questions)),
		ingest:  &ingested{n: 1000, raw: 1_000_000, bytes: 90_000, beside: 30_000, rss: 300 << 20, spent: spent{cpu: 12 * time.Millisecond, wall: 15 * time.Millisecond}},
		elastic: &ingested{n: 1000, bytes: 500_000, merged: 400_000, spent: spent{cpu: 40 * time.Millisecond, wall: time.Second}},
		duck:    &ingested{n: 1000, bytes: 100_000, rss: 200 << 20, spent: spent{cpu: 21 * time.Millisecond, wall: time.Second}},
		verify:  &verified{bytes: 120_000, segments: 3, spent: spent{cpu: 100 * time.Microsecond, wall: 100 * time.Microsecond}}}
	for i := range r.answers {
		for s := range r.answers[i] {
			r.answers[i][s] = asked{weir: answer{took: series{{wall: time.Millisecond, cpu: 900 * time.Microsecond}}, hits: 7, read: "1 of 3", asked: true},
				elastic: answer{took: series{{wall: 2 * time.Millisecond, cpu: 3 * time.Millisecond}}, hits: 7, asked: true}}
		}
	}
	return r
}

func TestReport(t *testing.T) {
	r := figures()
	r.answers[1][0].elastic.hits = 8
	var b strings.Builder
	if err := r.write(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"1000 events of 1000 B, ", "load before 1 1 1, after 2 2 2",
		"| **weir**, topic to sealed files | 12.0 | 15.0 | 120 (90 files, 30 index) | 300 |",
		"| Elasticsearch, the server alone | 40.0 | 1000.0 | 500, merged 400 | - |",
		"| DuckDB, with making the events | 21.0 | 1000.0 | 100 | 200 |",
		"Verifying 3 segments, 0 MB: 1200 MB a CPU-second",
		"| needle | 0.90 (1.0) | 3.0 (2.0) | - | - | 7 | 1 of 3 |",
		"| common word | 0.90 (1.0) | 3.0 (2.0) | - | - | 7 (Elasticsearch 8) | 1 of 3 |",
		"| CPU-s per million events: at most 15 | 12 | yes |",
		"| of Elasticsearch's CPU: at most 0.5 | 0.3 | yes |",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is missing:\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), "**no**") {
		t.Errorf("a bar is missed:\n%s", b.String())
	}
}

func TestReport_bars(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(r *report)
		want  string
	}{
		"work":      {func(r *report) { r.ingest.spent.cpu = 16 * time.Millisecond }, "CPU-s per million events"},
		"half":      {func(r *report) { r.elastic.spent.cpu = 20 * time.Millisecond }, "of Elasticsearch's CPU"},
		"disk":      {func(r *report) { r.ingest.beside = 61_000 }, "B an event with index"},
		"merged":    {func(r *report) { r.elastic.merged = 290_000 }, "of Elasticsearch's disk after a force-merge"},
		"memory":    {func(r *report) { r.ingest.rss = 601 << 20 }, "MB resident"},
		"asking":    {func(r *report) { r.asking = 601 << 20 }, "MB resident"},
		"verifying": {func(r *report) { r.verify.spent.cpu = time.Second }, "MB verified a CPU-second"},
		"a query": {func(r *report) { r.answers[0][0].weir.took = series{{wall: 3 * time.Millisecond}} },
			"of Elasticsearch's time on the wall over one day: needle"},
	} {
		t.Run(name, func(t *testing.T) {
			r := figures()
			c.spoil(r)
			var missed []string
			for _, b := range r.bars() {
				if !b.held() {
					missed = append(missed, b.what)
				}
			}
			if len(missed) != 1 || missed[0] != c.want {
				t.Errorf("missed %q, want %q", missed, c.want)
			}
		})
	}
}

func TestRepeat(t *testing.T) {
	var a answer
	n := 0
	for range 10 { // one that the machine pauses in is a slow one
		a, n = answer{}, 0
		if err := repeat(&a, now, func() error { n++; return nil }); err != nil || len(a.took) != 1 {
			t.Fatalf("%d figures, %v", len(a.took), err)
		}
		if n == 21 {
			break
		}
	}
	if n != 21 {
		t.Errorf("a quick one is asked %d times", n)
	}
	n = 0
	if err := repeat(&a, now, func() error { n++; time.Sleep(30 * time.Millisecond); return nil }); err != nil || n != 1 || len(a.took) != 2 {
		t.Errorf("a slow one is asked %d times, %v", n, err)
	}
	bad := errors.New("bad")
	if err := repeat(&a, now, func() error { return bad }); !errors.Is(err, bad) || len(a.took) != 2 {
		t.Errorf("got %v", err)
	}
}

package main

import (
	"path/filepath"
	"testing"

	"weir/internal/archive"
)

// TestAsk_Hits asks everything about the same events twice: once an archive, once its size, so that what is measured is
// known to be an answer.
func TestAsk_Hits(t *testing.T) {
	dir := t.TempDir()
	folder := filepath.Join(dir, "archive")
	in, err := ingest(t.Context(), dir, folder, canonical(fileFeed(events(t, 3000))))
	if err != nil {
		t.Fatal(err)
	}
	if in.n != 3000 || in.first.IsZero() || in.bytes == 0 || in.beside == 0 || in.rss == 0 || in.spent.cpu <= 0 {
		t.Fatalf("got %+v", in)
	}
	a, err := archive.OpenReader(folder)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	r := &report{ingest: in}
	if err := r.ask(t.Context(), 2, in.first.AddDate(0, 0, -3), asker{a}, nil, nil); err != nil { // so that the fourth day is that of the events
		t.Fatal(err)
	}
	for i, q := range questions {
		for s := range r.answers[i] {
			if got := r.answers[i][s].weir; len(got.took) != 2 || got.took.median().wall <= 0 || got.read == "" {
				t.Errorf("%s: %+v", q.name, got)
			}
		}
		if day, all := r.answers[i][0].weir.hits, r.answers[i][1].weir.hits; day != all && !q.behind {
			t.Errorf("%s: %d hits on the day of all events, %d without a day", q.name, day, all)
		}
		switch hits := r.answers[i][1].weir.hits; q.name {
		case "needle":
			if hits != 0 {
				t.Errorf("%d needles", hits)
			}
		case "histogram, hours":
			if hits != 3000 {
				t.Errorf("%d events in the histogram", hits)
			}
		case "common word", "top 10 addresses of failures":
			if hits == 0 || hits == 3000 {
				t.Errorf("%s: %d hits", q.name, hits)
			}
		}
	}
	v, err := check(t.Context(), folder, 1)
	if err != nil || v.segments == 0 || v.bytes != in.bytes+in.beside || v.perSecond() <= 0 {
		t.Errorf("got %+v, %v", v, err)
	}
	if _, err := check(t.Context(), filepath.Join(dir, "none"), 1); err == nil {
		t.Error("a folder that is not there is verified")
	}
}

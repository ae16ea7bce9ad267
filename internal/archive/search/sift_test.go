package search_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"weir/event"
	"weir/internal/archive/index"
	"weir/internal/archive/sample"
	"weir/internal/archive/search"
)

// sifted returns what comes out of a sifting, in the order in which it comes, and how it went.
func sifted(t *testing.T, parts []search.Part, o search.SiftOptions) (docs []string, stats search.SiftStats) {
	t.Helper()
	o.Progress = func(s search.SiftStats) { stats = s }
	for e, err := range search.Sift(t.Context(), parts, o, func(err error) { t.Error(err) }) {
		if err != nil {
			t.Fatal(err)
		}
		docs = append(docs, string(e.AppendJSON(nil)))
	}
	return docs, stats
}

// TestSift_Epochs: what was stored first comes first, whatever its time; within an epoch the parts are in one order.
func TestSift_Epochs(t *testing.T) {
	t.Parallel()
	docs := sample.Docs(9, 400)
	parts := []search.Part{tail(t, docs[:100]), tail(t, docs[100:200]), tail(t, docs[200:300]), tail(t, docs[300:])}
	for i, epoch := range []int{3, 1, 2, 1} {
		parts[i].Epoch = epoch
	}
	var got, ends []int
	o := search.SiftOptions{More: []string{"event.sequence"}, Epoch: func() { ends = append(ends, len(got)) }}
	for e, err := range search.Sift(t.Context(), parts, o, nil) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, int(e.Get(event.EventSequence).Int()))
	}
	for i, n := range got { // by which hundred each is of
		if want := [][]int{{1, 3}, {1, 3}, {2}, {0}}[i/100]; !slices.Contains(want, (n-1)/100) {
			t.Fatalf("event %d at place %d", n, i)
		}
	}
	if len(got) != 400 || !slices.Equal(ends, []int{200, 300, 400}) {
		t.Errorf("%d events, ends of epochs %v", len(got), ends)
	}
	ends = nil
	for _, err := range search.Sift(t.Context(), parts, o, nil) {
		if err != nil {
			t.Fatal(err)
		}
		break
	}
	if ends != nil {
		t.Error("an epoch that was left has no end")
	}
}

func TestSift_OrderBoundsAndFields(t *testing.T) {
	t.Parallel()
	docs := sample.Docs(9, 800)
	rnd := rand.New(rand.NewPCG(2, 2))
	rnd.Shuffle(len(docs), func(i, j int) { docs[i], docs[j] = docs[j], docs[i] })
	parts := split(t, docs)
	last, n := int64(0), 0
	from, to := sample.Start.Add(2*time.Second), sample.Start.Add(9*time.Second)
	failure := equal("event.outcome", "failure")
	o := search.SiftOptions{From: from, To: to, Sieve: failure.sieve, Keep: failure.holds, Read: failure.fields, More: []string{"@timestamp", "user"}}
	for e, err := range search.Sift(t.Context(), parts, o, nil) {
		if err != nil {
			t.Fatal(err)
		}
		at := e.Get(event.Timestamp).Int()
		if at < last || at < from.UnixNano() || at >= to.UnixNano() {
			t.Fatalf("%d after %d, of %d to %d", at, last, from.UnixNano(), to.UnixNano())
		}
		if last = at; e.Has(event.Message) || e.Has(event.EventOutcome) {
			t.Fatalf("fields that nobody asked for: %s", e.AppendJSON(nil))
		}
		n++
	}
	want := 0
	for _, e := range decode(docs) {
		at := e.Get(event.Timestamp).Int()
		if e.Str(event.EventOutcome) == "failure" && at >= from.UnixNano() && at < to.UnixNano() {
			want++
		}
	}
	if n != want || n == 0 {
		t.Errorf("%d events, want %d", n, want)
	}
	if got, stats := sifted(t, parts, search.SiftOptions{Without: []string{"default"}}); len(got) != 0 || stats.Rows != 0 {
		t.Errorf("%d of a class that is left out", len(got))
	}
	if got, stats := sifted(t, parts, search.SiftOptions{From: sample.Start.Add(time.Hour)}); len(got) != 0 || stats.Segments != 0 {
		t.Errorf("%d of a time at which there is nothing", len(got))
	}
}

func TestSift_UnreadablePartIsNamed(t *testing.T) {
	t.Parallel()
	docs := sample.Docs(3, 100)
	bad := sealed(t, docs, true)
	bad.Open = func() (search.Chunk, *index.Reader, func(), error) {
		return nil, nil, nil, errors.New("s-1.parquet is gone")
	}
	n, failed := 0, ""
	for e, err := range search.Sift(t.Context(), []search.Part{bad, tail(t, docs)}, search.SiftOptions{}, nil) {
		switch {
		case err != nil:
			failed = err.Error()
		case e != nil:
			n++
		}
	}
	if n != len(docs) || failed != "s-1.parquet is gone" {
		t.Errorf("%d events of %d, %q", n, len(docs), failed)
	}
}

func TestSift_EndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	parts := split(t, sample.Docs(3, 4000))
	n := 0
	var last error
	for _, err := range search.Sift(ctx, parts, search.SiftOptions{}, nil) {
		if last = err; err == nil {
			if n++; n == 10 {
				cancel()
			}
		}
	}
	if n > 11 || !errors.Is(last, context.Canceled) {
		t.Errorf("%d events after the end, %v", n, last)
	}
	asked := 0
	keep := func(*event.Event) bool { asked++; return true }
	for _, err := range search.Sift(ctx, parts, search.SiftOptions{Keep: keep}, nil) {
		last = err
	}
	if asked != 0 || !errors.Is(last, context.Canceled) {
		t.Errorf("asked %d times after the end, %v", asked, last)
	}
}

package archive

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/event"
	"weir/internal/archive/column"
	"weir/internal/archive/sample"
	"weir/internal/archive/search"
	"weir/internal/query"
)

// words draws words that stand in the documents' messages, and some that do not.
func words(rnd *rand.Rand, docs [][]byte, n int) []string {
	var out []string
	var e event.Event
	for len(out) < n {
		_ = e.Decode(docs[rnd.IntN(len(docs))])
		toks := slices.Collect(query.Tokens(e.Str(event.Message)))
		if len(toks) == 0 {
			continue
		}
		tok := strings.Clone(toks[rnd.IntN(len(toks))])
		switch {
		case strings.ContainsAny(tok, `\():<>"*{}`) || strings.EqualFold(tok, "and") || strings.EqualFold(tok, "or") || strings.EqualFold(tok, "not"):
		case len(out)%5 == 4:
			out = append(out, tok+"zz")
		default:
			out = append(out, tok)
		}
	}
	return out
}

// Whatever is sealed, in memory or read after a restart: a search finds what matching every document finds. The
// documents are real log lines and real ECS documents.
func TestSearch_EqualsMatchingRealDocuments(t *testing.T) {
	sets := map[string][][]byte{"lines": sample.Lines(t, 3000), "documents": sample.Real(t, 450)}
	for name, docs := range sets {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			a := open(t, dir, Options{})
			third := len(docs) / 3
			add(t, a, rowsOf(docs[:third], 0))
			seal(t, a)
			add(t, a, rowsOf(docs[third:2*third], int64(third)))
			seal(t, a)
			add(t, a, rowsOf(docs[2*third:], int64(2*third)))
			events := make([]event.Event, len(docs))
			for i, d := range docs {
				if err := events[i].Decode(d); err != nil {
					t.Fatal(err)
				}
			}
			w := words(rand.New(rand.NewPCG(5, 5)), docs, 60)
			var queries []string
			for i := 0; i+2 < len(w); i += 3 {
				queries = append(queries, w[i], "message: "+w[i]+" "+w[i+1], w[i]+" and not "+w[i+1], `"`+w[i]+" "+w[i+2]+`"`, w[i][:1]+"* and "+w[i+2],
					"(event.dataset: Linux or event.dataset: aws*) and "+w[i+1], "event.original: *"+w[i]+"*")
			}
			check := func(a *Archive, queries []string) {
				t.Helper()
				for _, src := range queries {
					q, err := query.Parse(src)
					if err != nil {
						t.Fatalf("%s: %v", src, err)
					}
					want := 0
					for i := range events {
						if q.Match(&events[i]) {
							want++
						}
					}
					sum, err := a.Search(context.Background(), search.Request{Query: q}, nil)
					if err != nil || sum.Total != want || len(sum.Unreadable) > 0 {
						t.Errorf("%s: %d, want %d; %v", src, sum.Total, want, err)
					}
				}
			}
			check(a, queries)
			seal(t, a)
			a.Close()
			r, err := OpenReader(dir)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			check(r, queries[:20])
			same(t, find(t, r, ""), docs...)
		})
	}
}

func TestScan_OverSegmentsAndTail(t *testing.T) {
	a := open(t, t.TempDir(), Options{})
	docs := sample.Docs(40, 900)
	shuffled := slices.Clone(docs)
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	for i := 0; i < 600; i += 200 {
		add(t, a, rowsOf(shuffled[i:i+200], int64(i)))
		seal(t, a)
	}
	add(t, a, rowsOf(shuffled[600:], 600))
	for _, newest := range []bool{false, true} {
		var got []string
		last := int64(0)
		for e, err := range a.Scan(context.Background(), search.ScanOptions{Newest: newest}) {
			if err != nil {
				t.Fatal(err)
			}
			at := column.SortTime(e)
			if len(got) > 0 && at != last && (at < last) != newest {
				t.Fatalf("event %d is out of order", len(got))
			}
			last = at
			got = append(got, string(e.AppendJSON(nil)))
		}
		same(t, got, docs...)
	}
}

// A segment that cannot be read is named, and the scan and the search go on with the others.
func TestScan_GoesOnAfterAnUnreadableSegment(t *testing.T) {
	a := open(t, t.TempDir(), Options{})
	docs := sample.Docs(41, 90)
	for i := 0; i < 90; i += 30 {
		add(t, a, rowsOf(docs[i:i+30], int64(i)))
		seal(t, a)
	}
	path := a.segments[1].path
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range b[:len(b)/2] {
		b[i] ^= 0x5a
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	events, errs := 0, []error{}
	for e, err := range a.Scan(context.Background(), search.ScanOptions{}) {
		if err != nil {
			errs = append(errs, err)
		} else if e != nil {
			events++
		}
	}
	if events != 60 || len(errs) != 1 || !strings.Contains(errs[0].Error(), path) {
		t.Errorf("%d events, %v", events, errs)
	}
	q, err := query.Parse("event.kind: event")
	if err != nil {
		t.Fatal(err)
	}
	sum, err := a.Search(context.Background(), search.Request{Query: q}, nil)
	if err != nil || sum.Total != 60 || len(sum.Unreadable) != 1 {
		t.Errorf("%+v, %v", sum, err)
	}
}

func TestSearch_SeesWhatWasAppendedBefore(t *testing.T) {
	a := open(t, t.TempDir(), Options{})
	docs := sample.Docs(42, 40)
	add(t, a, rowsOf(docs[:20], 0))
	q, err := query.Parse("")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	sum, err := a.Search(context.Background(), search.Request{Query: q, Size: 100}, func(doc []byte, _ *event.Event) error {
		if len(got) == 0 { // what comes while documents are handed over does not disturb
			add(t, a, rowsOf(docs[20:], 20))
			seal(t, a)
		}
		got = append(got, string(doc))
		return nil
	})
	if err != nil || sum.Total != 20 || sum.Tail != 20 || sum.Segments != 0 {
		t.Errorf("%+v, %v", sum, err)
	}
	same(t, got, docs[:20]...)
}

func TestSearch_StopsWithTheCallersError(t *testing.T) {
	a := open(t, t.TempDir(), Options{})
	add(t, a, rowsOf(sample.Docs(43, 50), 0))
	q, err := query.Parse("")
	if err != nil {
		t.Fatal(err)
	}
	calls := 0
	if _, err = a.Search(context.Background(), search.Request{Query: q, Size: 50}, func([]byte, *event.Event) error {
		calls++
		return os.ErrClosed
	}); !errors.Is(err, os.ErrClosed) || calls != 1 {
		t.Errorf("%d calls, %v", calls, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := a.Search(ctx, search.Request{Query: q}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestStats(t *testing.T) {
	a := open(t, t.TempDir(), Options{})
	if s := a.Stats(); s != (Stats{}) {
		t.Errorf("empty: %+v", s)
	}
	add(t, a, rowsOf(sample.Docs(44, 30), 0))
	seal(t, a)
	add(t, a, rowsOf(sample.Docs(44, 7), 30))
	s := a.Stats()
	if s.Segments != 1 || s.Rows != 30 || s.TailRows != 7 || s.Bytes < 1000 {
		t.Errorf("%+v", s)
	}
}

// The age of an epoch counts from its first row: an idle archive seals nothing.
func TestSeal_AgeCountsFromTheFirstRow(t *testing.T) {
	a := open(t, t.TempDir(), Options{EpochAge: 30 * time.Millisecond})
	time.Sleep(60 * time.Millisecond)
	a.mu.Lock()
	n := a.seq
	a.mu.Unlock()
	if n != 0 {
		t.Errorf("%d epochs without a row", n)
	}
	if err := <-add(t, a, rowsOf(sample.Docs(45, 3), 0)); err != nil {
		t.Error(err)
	}
	if err := <-add(t, a, rowsOf(sample.Docs(45, 3), 3)); err != nil { // and for the next one again
		t.Error(err)
	}
}

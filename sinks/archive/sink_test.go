package archive_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/event"
	store "weir/internal/archive"
	"weir/internal/archive/search"
	"weir/internal/query"
	"weir/internal/record"
	"weir/sinks/archive"
)

func open(t testing.TB, dir string) *store.Archive {
	t.Helper()
	a, err := store.Open(dir, store.Options{Writer: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a
}

// rec makes the record at offset off of weir.events/0, derived from the raw record src; prev is the one before it, -1
// for none.
func rec(off, src, prev int64) *kgo.Record {
	r := &kgo.Record{Topic: "weir.events", Partition: 0, Offset: off,
		Value: fmt.Appendf(nil, `{"@timestamp":"2026-11-21T07:00:00.000Z","event":{"id":"e%d"},"message":"raw %d"}`, src, src)}
	add := func(k, v string) { r.Headers = append(r.Headers, kgo.RecordHeader{Key: k, Value: []byte(v)}) }
	add(record.HeaderSource, fmt.Sprintf("weir.raw.syslog/0/%d/0", src))
	if prev >= 0 {
		add(record.HeaderPrev, fmt.Sprintf("weir.raw.syslog/0/%d/0", prev))
	}
	add(record.HeaderInput, "syslog")
	add(record.HeaderPeer, "[::ffff:192.0.2.1]:40000")
	return r
}

// stored returns the messages in the archive.
func stored(t testing.TB, a *store.Archive) []string {
	t.Helper()
	q, err := query.Parse("")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	_, err = a.Search(context.Background(), search.Request{Query: q, Size: 1000}, func(_ []byte, e *event.Event) error {
		out = append(out, strings.Clone(e.Str(event.Message)))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out
}

func want(t testing.TB, a *store.Archive, messages ...string) {
	t.Helper()
	if got := stored(t, a); !slices.Equal(got, messages) {
		t.Fatalf("stored %q, want %q", got, messages)
	}
}

func process(t testing.TB, w interface {
	Process(context.Context, []*kgo.Record, func(error)) error
}, batch ...*kgo.Record) <-chan error {
	t.Helper()
	c := make(chan error, 1)
	if err := w.Process(context.Background(), batch, func(err error) { c <- err }); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestProcess_DuplicatesAreDroppedAndCounted(t *testing.T) {
	a := open(t, t.TempDir())
	s := archive.New(a, nil)
	w := s.NewWorker("weir.events", 0)
	process(t, w, rec(0, 1, -1), rec(1, 2, 1), rec(2, 2, 1), rec(3, 1, -1))
	done := process(t, w, rec(4, 2, 1), rec(5, 3, 2))
	want(t, a, "raw 1", "raw 2", "raw 3")
	w.Close()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if c := a.Counts()["syslog/192.0.2.1"]; c != (store.Count{Stored: 3, Duplicates: 3}) {
		t.Errorf("counts: %+v", c)
	}
	if off, ok := s.StartOffset("weir.events", 0); off != 6 || !ok {
		t.Errorf("start at %d, %v", off, ok)
	}
	if _, ok := s.StartOffset("weir.events", 1); ok {
		t.Error("a partition that was never read has a start")
	}
}

// A producer that starts again writes what the archive has already, under new offsets and after a restart of weir.
func TestProcess_DuplicatesOverARestart(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir)
	w := archive.New(a, nil).NewWorker("weir.events", 0)
	process(t, w, rec(0, 1, -1), rec(1, 2, 1))
	w.Close()
	process(t, archive.New(a, nil).NewWorker("weir.events", 0), rec(2, 3, 2)) // never sealed
	a.Close()

	a = open(t, dir)
	s := archive.New(a, nil)
	off, ok := s.StartOffset("weir.events", 0)
	if off != 2 || !ok {
		t.Fatalf("start at %d, %v", off, ok)
	}
	w = s.NewWorker("weir.events", 0)
	process(t, w, rec(2, 3, 2), rec(3, 2, -1), rec(4, 3, 2), rec(5, 4, 3))
	w.Close()
	want(t, a, "raw 1", "raw 2", "raw 3", "raw 4")
	if c := a.Counts()["syslog/192.0.2.1"]; c != (store.Count{Stored: 4, Duplicates: 2}) {
		t.Errorf("counts: %+v", c)
	}
}

// What was consumed before in this process is no duplicate of the stream: it is read again after a rewind.
func TestProcess_RewindIsNotCounted(t *testing.T) {
	a := open(t, t.TempDir())
	s := archive.New(a, nil)
	process(t, s.NewWorker("weir.events", 0), rec(0, 1, -1), rec(1, 2, 1))
	w := s.NewWorker("weir.events", 0)
	done := process(t, w, rec(0, 1, -1), rec(1, 2, 1), rec(2, 3, 2))
	w.Close()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	want(t, a, "raw 1", "raw 2", "raw 3")
	if c := a.Counts()["syslog/192.0.2.1"]; c != (store.Count{Stored: 3}) {
		t.Errorf("counts: %+v", c)
	}
}

func TestProcess_HoleStopsThePartition(t *testing.T) {
	a := open(t, t.TempDir())
	s := archive.New(a, nil)
	w := s.NewWorker("weir.events", 0)
	process(t, w, rec(0, 1, -1))
	err := w.Process(context.Background(), []*kgo.Record{rec(1, 2, 1), rec(3, 5, 4)}, func(error) { t.Error("done was called") })
	if !errors.Is(err, archive.ErrHole) || !strings.Contains(err.Error(), "offset 3") {
		t.Fatalf("got %v", err)
	}
	want(t, a, "raw 1") // nothing of the batch was taken
	w.Close()

	w = s.NewWorker("weir.events", 0) // reading again finds what was missing
	process(t, w, rec(1, 2, 1), rec(2, 4, 2), rec(3, 5, 4))
	want(t, a, "raw 1", "raw 2", "raw 4", "raw 5")
	w.Close()
}

// Gaps in the numbers are no holes, a hole after a gap in time is seen over batches, and records that the topic lost
// for good do not stop the archive for ever.
func TestProcess_HoleThatStays(t *testing.T) {
	a := open(t, t.TempDir())
	s := archive.New(a, nil)
	w := s.NewWorker("weir.events", 0)
	process(t, w, rec(0, 10, -1), rec(1, 20, 10))
	for range 3 {
		err := w.Process(context.Background(), []*kgo.Record{rec(5, 40, 30)}, func(error) {})
		if !errors.Is(err, archive.ErrHole) {
			t.Fatalf("got %v", err)
		}
		w = s.NewWorker("weir.events", 0)
	}
	process(t, w, rec(5, 40, 30))
	want(t, a, "raw 10", "raw 20", "raw 40")
	w.Close()
}

func TestProcess_HolesAreSoughtPerSourcePartition(t *testing.T) {
	a := open(t, t.TempDir())
	w := archive.New(a, nil).NewWorker("weir.events", 0)
	other := rec(1, 7, 6)
	for i := range other.Headers {
		other.Headers[i].Value = []byte(strings.Replace(string(other.Headers[i].Value), "syslog/0", "snmptrap/0", 1))
	}
	process(t, w, rec(0, 900, -1), other, rec(2, 901, 900))
	want(t, a, "raw 7", "raw 900", "raw 901")
	w.Close()
}

func TestProcess_OtherRecords(t *testing.T) {
	cases := map[string]struct {
		headers map[string]string
		account string
	}{
		"alert without headers":    {nil, "weir.alerts"},
		"no port":                  {map[string]string{record.HeaderInput: "file", record.HeaderPeer: "web-1"}, "file/web-1"},
		"IPv6":                     {map[string]string{record.HeaderInput: "relp", record.HeaderPeer: "[2001:db8::1]:99"}, "relp/2001:db8::1"},
		"unreadable position":      {map[string]string{record.HeaderInput: "x", record.HeaderSource: "here"}, "x/unknown"},
		"unreadable one before it": {map[string]string{record.HeaderInput: "x", record.HeaderSource: "a/0/5/0", record.HeaderPrev: "there"}, "x/unknown"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			a := open(t, t.TempDir())
			w := archive.New(a, nil).NewWorker("weir.alerts", 3)
			r := &kgo.Record{Topic: "weir.alerts", Partition: 3, Offset: 12, Value: []byte(`{"message":"alert"}`)}
			for k, v := range c.headers {
				r.Headers = append(r.Headers, kgo.RecordHeader{Key: k, Value: []byte(v)})
			}
			process(t, w, r)
			w.Close()
			want(t, a, "alert")
			if got := a.Counts(); len(got) != 1 || got[c.account].Stored != 1 {
				t.Errorf("counts: %v", got)
			}
			if next, _, _ := a.Mark(store.Partition{Topic: "weir.alerts", ID: 3}); next != 13 {
				t.Errorf("next offset %d", next)
			}
		})
	}
}

// A compacted topic has tombstones, which are no events; an empty value is kept as it came.
func TestProcess_EmptyValue(t *testing.T) {
	a := open(t, t.TempDir())
	w := archive.New(a, nil).NewWorker("weir.alerts", 0)
	process(t, w, &kgo.Record{Topic: "weir.alerts"}, &kgo.Record{Topic: "weir.alerts", Offset: 1, Value: []byte{}})
	w.Close()
	want(t, a, "")
	if c := a.Counts()["weir.alerts"]; c.Stored != 1 {
		t.Errorf("counts: %+v", c)
	}
}

func TestProcess_TheRecordsMemoryIsNotKept(t *testing.T) {
	a := open(t, t.TempDir())
	w := archive.New(a, nil).NewWorker("weir.events", 0)
	r := rec(0, 1, -1)
	process(t, w, r)
	for i := range r.Value {
		r.Value[i] = 'x'
	}
	want(t, a, "raw 1")
	w.Close()
}

func TestProcess_ClosedArchive(t *testing.T) {
	a := open(t, t.TempDir())
	w := archive.New(a, nil).NewWorker("weir.events", 0)
	done := process(t, w, rec(0, 1, -1))
	a.Close()
	if err := <-done; !errors.Is(err, store.ErrClosed) {
		t.Errorf("done: %v", err)
	}
	if err := w.Process(context.Background(), []*kgo.Record{rec(1, 2, 1)}, nil); !errors.Is(err, store.ErrClosed) {
		t.Errorf("process: %v", err)
	}
	start := time.Now()
	w.Close()
	if time.Since(start) > 10*time.Second {
		t.Error("closing waits although there is nothing to wait for")
	}
}

func BenchmarkProcess(b *testing.B) {
	a := open(b, b.TempDir())
	w := archive.New(a, nil).NewWorker("weir.events", 0)
	batch := make([]*kgo.Record, 500)
	b.ReportAllocs()
	off := int64(0)
	for b.Loop() {
		for i := range batch {
			batch[i] = rec(off, off, off-1)
			off++
		}
		if err := w.Process(context.Background(), batch, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(off), "ns/event")
	w.Close()
}

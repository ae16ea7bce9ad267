package archive

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/event"
	"weir/internal/archive/manifest"
	"weir/internal/archive/sample"
	"weir/internal/record"
)

func TestPartition_GoesBothWays(t *testing.T) {
	for _, p := range []Partition{{"weir.events", 0}, {"a/b", 12}, {"x", 2147483647}} {
		if got, ok := parsePartition(p.String()); !ok || got != p {
			t.Errorf("%s: %v %v", p, got, ok)
		}
	}
	for _, s := range []string{"", "x", "/0", "x/", "x/-1", "x/y", "x/2147483648"} {
		if got, ok := parsePartition(s); ok {
			t.Errorf("%q is %v", s, got)
		}
	}
}

// Marks that went through a manifest record are the same marks, and never go back.
func TestMarks_ThroughARecord(t *testing.T) {
	m := newMarks()
	for off := range int64(20) {
		m.add(&Row{Consumed: record.Pos{Topic: "weir.events", Partition: int32(off % 3), Offset: off}, Source: record.Pos{Topic: "weir.raw.syslog", Partition: int32(off % 2), Offset: off / 2, Sub: int32(off % 2)}})
	}
	m.add(&Row{Consumed: record.Pos{Topic: "weir.alerts", Offset: 4}}) // without a source
	var r manifest.Record
	m.toRecord(&r, map[Partition]int64{{"weir.events", 1}: 1})
	back := newMarks()
	back.addRecord(&r)
	back.addRecord(&manifest.Record{Sources: map[string][2]int64{"weir.events/1": {0, 5}, "nonsense": {0, 9}}, Marks: map[string]map[string][2]int64{"weir.events/1": {"weir.raw.syslog/1": {3, 9}, "nonsense": {1, 1}}, "x": nil}})
	if fmt.Sprint(back) != fmt.Sprint(m) {
		t.Errorf("got  %v\nwant %v", back, m)
	}
	if r.Sources["weir.events/1"] != [2]int64{1, 20} || r.Sources["weir.alerts/0"] != [2]int64{0, 5} {
		t.Errorf("sources: %v", r.Sources)
	}
	c := m.clone()
	c.Next[Partition{"weir.events", 1}] = 1000
	c.source(Partition{"weir.events", 1}, Partition{"weir.raw.syslog", 1}, record.Pos{Offset: 1000})
	if m.Next[Partition{"weir.events", 1}] == 1000 || m.Source[Partition{"weir.events", 1}][Partition{"weir.raw.syslog", 1}].Offset == 1000 {
		t.Error("a copy shares its maps")
	}
}

func TestKeyOf(t *testing.T) {
	now := time.Date(2030, 5, 6, 23, 59, 59, 0, time.FixedZone("", -3600))
	cases := map[string]struct{ doc, class, day string }{
		"weir.time decides": {`{"@timestamp":"2020-01-01T00:00:00.000Z","weir":{"class":"access","time":"2026-11-21T23:59:59.999Z"}}`, "access", "2026-11-21"},
		"logged time":       {`{"@timestamp":"2020-01-02T00:00:00.000Z"}`, defaultClass, "2020-01-02"},
		"no time":           {`{"weir":{"class":""}}`, defaultClass, "2030-05-07"},
		"time is a text":    {`{"@timestamp":"yesterday"}`, defaultClass, "2030-05-07"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var e event.Event
			if err := e.Decode([]byte(c.doc)); err != nil {
				t.Fatal(err)
			}
			if got := keyOf(&e, now); got != (tableKey{c.class, c.day}) {
				t.Errorf("got %v", got)
			}
		})
	}
}

// Whatever a class is called, its folder lies below the archive's, and no two share one.
func FuzzFolder(f *testing.F) {
	for _, s := range []string{"access", "..", "../x", "a/b", "a\\b", "%2E", "김", "", "a.b", ".", "A B"} {
		f.Add(s, s+"x")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		x, y := tableKey{a, "2026-11-21"}.folder(), tableKey{b, "2026-11-21"}.folder()
		if (a == b) != (x == y) {
			t.Fatalf("%q and %q: %s and %s", a, b, x, y)
		}
		if strings.Contains(x, "..") || strings.Count(x, "/") != 1 || !filepath.IsLocal(x) || strings.ContainsAny(x, "\\\x00 ") {
			t.Fatalf("%q: %s", a, x)
		}
	})
}

func TestSeqOf(t *testing.T) {
	for name, want := range map[string]uint64{"s-00000012.parquet": 12, "s-00000012.idx": 12, "s-123456789.parquet": 123456789} {
		if got, ok := seqOf(name); !ok || got != want {
			t.Errorf("%s: %d %v", name, got, ok)
		}
	}
	for _, name := range []string{"manifest.jsonl", "s-1", "s-x.parquet", "1.parquet", "s-1.parquet.tmp", "s-.idx"} {
		if n, ok := seqOf(name); ok {
			t.Errorf("%s: %d", name, n)
		}
	}
	if n, ok := seqOf(segmentName(7, "")); !ok || n != 7 || indexName(segmentName(7, "")) != "s-00000007.idx" {
		t.Errorf("own names: %d %v", n, ok)
	}
}

func TestFiles_OpenOnceAndCloseTheOldest(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir, Options{})
	a.files.most = 8
	docs := sample.Docs(30, a.files.most+5)
	for i, d := range docs {
		add(t, a, rowsOf([][]byte{d}, int64(i)))
		seal(t, a)
	}
	f := a.files
	first := a.segments[0]
	h, err := f.get(first)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for _, s := range a.segments {
				g, err := f.get(s)
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := g.seg.Load("message", nil); err != nil {
					t.Error(err)
				}
				f.put(g)
			}
		})
	}
	wg.Wait()
	if n := f.recent.Len(); n > f.most {
		t.Errorf("%d files are open", n)
	}
	if _, err := h.seg.Load("message", nil); err != nil {
		t.Errorf("a file in use was closed: %v", err)
	}
	a.files.close()
	if _, err := h.seg.Load("message", nil); err != nil {
		t.Errorf("a file in use was closed with the archive: %v", err)
	}
	f.put(h)
	if f.recent.Len() != 0 {
		t.Errorf("%d files are left open", f.recent.Len())
	}
	if _, err := f.get(first); !errors.Is(err, ErrClosed) {
		t.Errorf("after the end: %v", err)
	}
}

func TestFiles_AFileThatCameBack(t *testing.T) {
	a := open(t, t.TempDir(), Options{})
	docs := sample.Docs(31, 10)
	add(t, a, rowsOf(docs, 0))
	seal(t, a)
	path := a.segments[0].path
	if err := os.Rename(path, path+".away"); err != nil {
		t.Fatal(err)
	}
	if _, err := a.files.get(a.segments[0]); !os.IsNotExist(unwrapped(err)) {
		t.Fatalf("got %v", err)
	}
	if err := os.Rename(path+".away", path); err != nil {
		t.Fatal(err)
	}
	same(t, find(t, a, ""), docs...)
}

func unwrapped(err error) error {
	for {
		u, ok := err.(interface{ Unwrap() error })
		if !ok {
			return err
		}
		if _, ok := err.(*os.PathError); ok { //nolint:errorlint // the question is whether it is bare
			return err
		}
		err = u.Unwrap()
	}
}

func TestFiles_AnotherFileUnderItsName(t *testing.T) {
	a := open(t, t.TempDir(), Options{})
	docs := sample.Docs(32, 30)
	add(t, a, rowsOf(docs[:10], 0))
	seal(t, a)
	add(t, a, rowsOf(docs[10:], 10))
	seal(t, a)
	b, err := os.ReadFile(a.segments[1].path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(a.segments[0].path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := a.files.get(a.segments[0]); err == nil || !strings.Contains(err.Error(), "20 rows, the manifest says 10") {
		t.Errorf("got %v", err)
	}
}

// History may bring in events of any number of days: an epoch with too many files is closed.
func TestEpoch_ManyDays(t *testing.T) {
	a := open(t, t.TempDir(), Options{})
	e, ev := newEpoch(), event.Event{}
	for i := range maxTables {
		if a.full(e) {
			t.Fatalf("full at %d files", i)
		}
		e.store(tableKey{"x", sample.Start.AddDate(0, 0, i).Format(time.DateOnly)}, &ev, []byte("{}"), true)
	}
	if !a.full(e) {
		t.Error("the epoch takes any number of files")
	}
}

func TestAppend_FromManyPartitions(t *testing.T) {
	a := open(t, t.TempDir(), Options{EpochRows: 70})
	docs := sample.Docs(33, 800)
	var wg sync.WaitGroup
	for p := range 4 {
		wg.Go(func() {
			for i := 0; i < 200; i += 10 {
				rows := rowsOf(docs[200*p+i:200*p+i+10], int64(i))
				for j := range rows {
					rows[j].Consumed.Partition = int32(p)
					rows[j].Source.Partition = int32(p)
				}
				if err := a.Append(t.Context(), rows, nil); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	seal(t, a)
	same(t, find(t, a, ""), docs...)
	for p := range 4 {
		if next, _, ok := a.Mark(Partition{"weir.events", int32(p)}); !ok || next != 200 {
			t.Errorf("partition %d: %d", p, next)
		}
	}
	var spans []string
	f, err := os.Open(filepath.Join(a.dir, manifest.Name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	l, err := manifest.Read(f)
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int64{}
	for _, r := range l.Records {
		for name, span := range r.Sources {
			if span[0] != at[name] {
				spans = append(spans, fmt.Sprintf("record %d, %s: from %d, want %d", r.Seq, name, span[0], at[name]))
			}
			at[name] = span[1]
		}
	}
	if len(spans) > 0 {
		t.Errorf("the records' spans do not join: %v", spans)
	}
}

func TestAppend_NothingStillCallsDone(t *testing.T) {
	a := open(t, t.TempDir(), Options{})
	empty := add(t, a, nil)
	seal(t, a)
	if err := <-empty; err != nil {
		t.Fatal(err)
	}
	dup := rowsOf([][]byte{nil, nil}, 0)
	dup[0].Doc, dup[1].Doc = nil, nil
	done := add(t, a, dup)
	seal(t, a)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if c := a.Counts()["syslog/192.0.2.1"]; c != (Count{Duplicates: 2}) {
		t.Errorf("%+v", c)
	}
	if next, _, _ := a.Mark(Partition{"weir.events", 1}); next != 2 {
		t.Errorf("position %d", next)
	}
	if got := find(t, a, ""); len(got) != 0 {
		t.Errorf("found %q", got)
	}
}

func TestClose_Twice(t *testing.T) {
	a := open(t, t.TempDir(), Options{})
	for range 2 {
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Seal(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("sealing: %v", err)
	}
	if err := a.Append(t.Context(), nil, nil); !errors.Is(err, ErrClosed) {
		t.Errorf("appending: %v", err)
	}
}

func TestClose_ReleasesWhoeverWaits(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir, Options{EpochRows: 5})
	if err := os.WriteFile(filepath.Join(dir, "class=default"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	docs := sample.Docs(34, 15)
	dones := []<-chan error{add(t, a, rowsOf(docs[:5], 0)), add(t, a, rowsOf(docs[5:10], 5))}
	blocked := make(chan error, 1)
	go func() { blocked <- a.Append(t.Context(), rowsOf(docs[10:], 10), nil) }()
	time.Sleep(10 * time.Millisecond) // it may be blocked by now; the outcome is the same if it is not
	a.Close()
	if err := <-blocked; !errors.Is(err, ErrClosed) {
		t.Errorf("append: %v", err)
	}
	var got []error
	for _, d := range dones {
		got = append(got, <-d)
	}
	if !slices.Equal(got, []error{ErrClosed, ErrClosed}) {
		t.Errorf("done: %v", got)
	}
}

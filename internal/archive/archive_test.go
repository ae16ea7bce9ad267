package archive

import (
	"bytes"
	"context"
	"encoding/json"
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
	"weir/internal/archive/search"
	"weir/internal/fault"
	"weir/internal/query"
	"weir/internal/record"
)

// open opens an archive that seals only when it is told to, unless opts say otherwise.
func open(t testing.TB, dir string, opts Options) *Archive {
	t.Helper()
	opts.Writer = "test"
	a, err := Open(dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	a.retry = backoff{time.Millisecond, 5 * time.Millisecond}
	t.Cleanup(func() { a.Close() })
	return a
}

// rowsOf makes rows of documents, read from one partition and derived from another.
func rowsOf(docs [][]byte, first int64) []Row {
	rows := make([]Row, len(docs))
	for i, d := range docs {
		off := first + int64(i)
		rows[i] = Row{Doc: bytes.Clone(d), Account: "syslog/192.0.2.1",
			Consumed: record.Pos{Topic: "weir.events", Partition: 1, Offset: off},
			Source:   record.Pos{Topic: "weir.raw.syslog", Partition: 1, Offset: 2 * off, Sub: 1}}
	}
	return rows
}

func add(t testing.TB, a *Archive, rows []Row) <-chan error {
	t.Helper()
	c := make(chan error, 1)
	if err := a.Append(context.Background(), rows, func(err error) { c <- err }); err != nil {
		t.Fatal(err)
	}
	return c
}

func seal(t testing.TB, a *Archive) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := a.Seal(ctx); err != nil {
		t.Fatal(err)
	}
}

// find returns the documents that a query finds, oldest first.
func find(t testing.TB, a *Archive, src string) []string {
	t.Helper()
	out, bad := findBut(t, a, src)
	if len(bad) > 0 {
		t.Fatal(bad)
	}
	return out
}

// findBut is find where some segments cannot be read.
func findBut(t testing.TB, a *Archive, src string) (out []string, bad []error) {
	t.Helper()
	q, err := query.Parse(src)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := a.Search(context.Background(), search.Request{Query: q, Size: 1 << 20, Ascending: true}, func(doc []byte, _ *event.Event) error {
		out = append(out, string(doc))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if sum.Total != len(out) && len(sum.Unreadable) == 0 {
		t.Fatalf("total %d, %d documents", sum.Total, len(out))
	}
	return out, sum.Unreadable
}

// same holds documents found against those that were stored, whatever their order.
func same(t testing.TB, got []string, docs ...[]byte) {
	t.Helper()
	want := make([]string, len(docs))
	for i, d := range docs {
		want[i] = string(d)
	}
	got = slices.Clone(got)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Fatalf("%d documents, want %d", len(got), len(want))
	}
}

func TestAppend_FoundAtOnceAndAfterSealing(t *testing.T) {
	dir := t.TempDir()
	docs := slices.Concat(sample.Docs(1, 700), sample.Ugly())
	a := open(t, dir, Options{})
	done := add(t, a, rowsOf(docs[:300], 0))
	same(t, find(t, a, ""), docs[:300]...)
	seal(t, a)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	same(t, find(t, a, ""), docs[:300]...)
	add(t, a, rowsOf(docs[300:], 300))
	same(t, find(t, a, ""), docs...)
	if s := a.Stats(); s.Rows != 300 || s.TailRows != len(docs)-300 || s.Segments == 0 || s.Bytes == 0 {
		t.Errorf("stats: %+v", s)
	}
	seal(t, a)
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	same(t, find(t, r, ""), docs...)
	if err := r.Append(context.Background(), nil, nil); !errors.Is(err, ErrClosed) {
		t.Errorf("appending to a reader: %v", err)
	}
}

func TestSeal_ByRowsBytesAndAge(t *testing.T) {
	docs := sample.Docs(2, 200)
	cases := map[string]Options{
		"rows":  {EpochRows: 100},
		"bytes": {EpochBytes: 50_000},
		"age":   {EpochAge: 20 * time.Millisecond},
	}
	for name, opts := range cases {
		t.Run(name, func(t *testing.T) {
			a := open(t, t.TempDir(), opts)
			select {
			case err := <-add(t, a, rowsOf(docs, 0)):
				if err != nil {
					t.Fatal(err)
				}
			case <-time.After(20 * time.Second):
				t.Fatal("the epoch was not sealed")
			}
			if s := a.Stats(); s.Rows != 200 || s.TailRows != 0 {
				t.Errorf("%+v", s)
			}
		})
	}
}

func TestPublish_ByClassAndDay(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir, Options{Now: func() time.Time { return time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC) }})
	docs := []string{
		`{"@timestamp":"2026-11-20T23:59:59.999Z","weir":{"class":"access"}}`,
		`{"@timestamp":"2026-11-21T00:00:00.000Z","weir":{"class":"access"}}`,
		`{"@timestamp":"2026-11-21T00:00:00.000Z","weir":{"class":"access","time":"2026-11-22T00:00:00.000Z"}}`,
		`{"@timestamp":"2026-11-21T00:00:00.000Z"}`,
		`{"message":"no time"}`,
		`{"@timestamp":"2026-11-21T00:00:00.000Z","weir":{"class":"../../etc/x y"}}`,
	}
	var rows [][]byte
	for _, d := range docs {
		rows = append(rows, []byte(d))
	}
	add(t, a, rowsOf(rows, 0))
	seal(t, a)
	var got []string
	for _, s := range a.segments {
		got = append(got, s.Path)
	}
	want := []string{
		"class=%2E%2E%2F.%2E%2Fetc%2Fx%20y/day=2026-11-21/s-00000001.parquet",
		"class=access/day=2026-11-20/s-00000001.parquet",
		"class=access/day=2026-11-21/s-00000001.parquet",
		"class=access/day=2026-11-22/s-00000001.parquet",
		"class=default/day=2026-11-21/s-00000001.parquet",
		"class=default/day=2030-01-02/s-00000001.parquet",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	same(t, find(t, a, ""), rows...)
	q, err := query.Parse("")
	if err != nil {
		t.Fatal(err)
	}
	sum, err := a.Search(context.Background(), search.Request{Query: q, Classes: []string{"access"}}, nil)
	if err != nil || sum.Total != 3 {
		t.Errorf("class access: %d, %v", sum.Total, err)
	}
}

func TestManifest_OneRecordAnEpoch(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir, Options{})
	docs := sample.Docs(3, 50)
	rows := rowsOf(docs, 10)
	rows[7].Doc = nil // a duplicate
	rows[8].Account = "syslog/192.0.2.2"
	add(t, a, rows)
	seal(t, a)
	add(t, a, rowsOf(docs[:5], 60))
	seal(t, a)
	seal(t, a) // nothing to do: no record
	f, err := os.Open(filepath.Join(dir, manifest.Name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	l, err := manifest.Read(f)
	if err != nil || len(l.Problems) > 0 || len(l.Records) != 2 {
		t.Fatalf("%+v, %v", l, err)
	}
	r := l.Records[0]
	if r.Seq != 1 || r.Writer != "test" || r.Prev != "" || l.Records[1].Prev == "" || r.Sources["weir.events/1"] != [2]int64{10, 60} ||
		r.Marks["weir.events/1"]["weir.raw.syslog/1"] != [2]int64{118, 1} ||
		r.Counts["syslog/192.0.2.1"] != (Count{Stored: 48, Duplicates: 1}) || r.Counts["syslog/192.0.2.2"] != (Count{Stored: 1}) {
		b, _ := json.Marshal(r)
		t.Errorf("record: %s", b)
	}
	if s := r.Segments[0]; s.Rows != 49 || s.Schema != 1 || !s.Min.Equal(sample.Start) || s.Class != "default" || s.Day != "2026-11-21" {
		t.Errorf("segment: %+v", s)
	}
}

func TestPositionsAndCounts_OverRestart(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir, Options{})
	docs := sample.Docs(4, 30)
	at, src := Partition{"weir.events", 1}, Partition{"weir.raw.syslog", 1}
	check := func(m Marks, next, source int64) {
		t.Helper()
		if m.Next[at] != next || m.Source[at][src].Offset != source {
			t.Errorf("next %d, source %d; want %d, %d", m.Next[at], m.Source[at][src].Offset, next, source)
		}
	}
	add(t, a, rowsOf(docs[:10], 0))
	check(a.Positions().Durable, 0, 0)
	check(a.Positions().Tail, 10, 18)
	seal(t, a)
	done := add(t, a, rowsOf(docs[10:], 10))
	check(a.Positions().Durable, 10, 18)
	check(a.Positions().Tail, 30, 58)
	if c := a.Counts()["syslog/192.0.2.1"]; c.Stored != 30 {
		t.Errorf("counts before the stop: %+v", c)
	}
	a.Close() // without Seal: what was not published is read again
	if err := <-done; !errors.Is(err, ErrClosed) {
		t.Errorf("done: %v", err)
	}
	a = open(t, dir, Options{})
	check(a.Positions().Tail, 10, 18)
	if c := a.Counts()["syslog/192.0.2.1"]; c.Stored != 10 {
		t.Errorf("counts after the start: %+v", c)
	}
	next, source, ok := a.Mark(at)
	if !ok || next != 10 || source[src].Offset != 18 {
		t.Errorf("mark: %d %v %v", next, source, ok)
	}
	if _, _, ok := a.Mark(Partition{"weir.events", 9}); ok {
		t.Error("a partition that was never read has a mark")
	}
	add(t, a, rowsOf(docs[10:], 10))
	same(t, find(t, a, ""), docs...)
}

func TestAppend_ReplayIsDroppedWithoutACount(t *testing.T) {
	a := open(t, t.TempDir(), Options{})
	docs := sample.Docs(5, 20)
	add(t, a, rowsOf(docs[:15], 0))
	add(t, a, rowsOf(docs, 0))
	same(t, find(t, a, ""), docs...)
	seal(t, a)
	add(t, a, rowsOf(docs, 0))
	same(t, find(t, a, ""), docs...)
	if c := a.Counts()["syslog/192.0.2.1"]; c != (Count{Stored: 20}) {
		t.Errorf("%+v", c)
	}
}

func TestSealed_DoneInOrder(t *testing.T) {
	a := open(t, t.TempDir(), Options{EpochRows: 40})
	docs := sample.Docs(6, 400)
	var mu sync.Mutex
	var got []int
	for i := range 40 {
		err := a.Append(context.Background(), rowsOf(docs[10*i:10*i+10], int64(10*i)), func(err error) {
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				got = append(got, i)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	seal(t, a)
	mu.Lock()
	defer mu.Unlock()
	if len(got) != 40 || !slices.IsSorted(got) {
		t.Errorf("%v", got)
	}
}

// While epochs are sealed under it, a search finds each row exactly once.
func TestSearch_NoGapAndNoDoubleWhileSealing(t *testing.T) {
	a := open(t, t.TempDir(), Options{EpochRows: 64})
	docs := sample.Docs(7, 3000)
	var wg sync.WaitGroup
	stop := make(chan struct{})
	wg.Go(func() {
		q, _ := query.Parse("event.kind: event")
		for {
			select {
			case <-stop:
				return
			default:
			}
			before := a.Positions().Tail.Next[Partition{"weir.events", 1}]
			sum, err := a.Search(context.Background(), search.Request{Query: q}, nil)
			after := a.Positions().Tail.Next[Partition{"weir.events", 1}]
			if err != nil || int64(sum.Total) < before || int64(sum.Total) > after {
				t.Errorf("total %d of %d to %d: %v", sum.Total, before, after, err)
				return
			}
		}
	})
	for i := 0; i < len(docs); i += 20 {
		add(t, a, rowsOf(docs[i:i+20], int64(i)))
	}
	seal(t, a)
	close(stop)
	wg.Wait()
	same(t, find(t, a, ""), docs...)
}

func TestAppend_BlocksWhileSealingCannotGoOn(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir, Options{EpochRows: 10})
	docs := sample.Docs(8, 40)
	blocker := filepath.Join(dir, "class=default")
	if err := os.WriteFile(blocker, nil, 0o600); err != nil { // a file where the folder has to be
		t.Fatal(err)
	}
	first := add(t, a, rowsOf(docs[:10], 0))
	second := add(t, a, rowsOf(docs[10:20], 10))
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if err := a.Append(ctx, rowsOf(docs[20:30], 20), nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("a third epoch: %v", err)
	}
	if err := a.Seal(ctx); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "sealing") {
		t.Fatalf("sealing: %v", err)
	}
	same(t, find(t, a, ""), docs[:20]...)
	if err := os.Remove(blocker); err != nil {
		t.Fatal(err)
	}
	for _, c := range []<-chan error{first, second} {
		if err := <-c; err != nil {
			t.Fatal(err)
		}
	}
	add(t, a, rowsOf(docs[20:], 20))
	seal(t, a)
	same(t, find(t, a, ""), docs...)
}

func TestFollow(t *testing.T) {
	a := open(t, t.TempDir(), Options{})
	q, err := query.Parse("user.name: root")
	if err != nil {
		t.Fatal(err)
	}
	f, slow := a.Follow(q, 1000, false), a.Follow(q, 1, false)
	docs := sample.Docs(9, 200)
	add(t, a, rowsOf(docs, 0))
	var got []string
	want := find(t, a, "user.name: root")
	for range want {
		got = append(got, string(<-f.C))
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) || len(got) == 0 {
		t.Errorf("%d documents, want %d", len(got), len(want))
	}
	if m, d := f.Matched(); int(m) != len(want) || d != 0 {
		t.Errorf("matched %d, dropped %d", m, d)
	}
	if m, d := slow.Matched(); int(m) != len(want) || int(d) != len(want)-1 {
		t.Errorf("slow: matched %d, dropped %d", m, d)
	}
	f.Close()
	f.Close()
	if _, ok := <-f.C; ok {
		t.Error("a document after Close")
	}
	a.Close()
	<-slow.C
	if _, ok := <-slow.C; ok {
		t.Error("the archive's end did not end the follower")
	}
	late := a.Follow(q, 1, false)
	if _, ok := <-late.C; ok {
		t.Error("a follower of a closed archive gets documents")
	}
}

func TestOpen_SecondWriterIsRefused(t *testing.T) {
	dir := t.TempDir()
	open(t, dir, Options{})
	_, err := Open(dir, Options{})
	if fault.Code(err) != "archive-in-use" || fault.Exit(err) != fault.ExitMissing {
		t.Errorf("got %v", err)
	}
}

func TestOpen_NoFolder(t *testing.T) {
	_, err := OpenReader(filepath.Join(t.TempDir(), "none"))
	if fault.Code(err) != "archive-folder" || !strings.Contains(err.Error(), "no archive") {
		t.Errorf("got %v", err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(file, Options{}); fault.Code(err) != "archive-folder" {
		t.Errorf("got %v", err)
	}
}

func TestOpen_AfterACrash(t *testing.T) {
	dir := t.TempDir()
	docs := sample.Docs(10, 60)
	a := open(t, dir, Options{})
	add(t, a, rowsOf(docs[:30], 0))
	seal(t, a)
	a.Close()
	folder := filepath.Join(dir, "class=default", "day=2026-11-21")
	stray := []string{"s-00000002.parquet", "s-00000002.idx", "s-00000002.parquet.tmp", "s-00000001.idx.tmp"}
	for _, name := range stray {
		if err := os.WriteFile(filepath.Join(folder, name), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, manifest.Name)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, torn := range []string{"", `{"seq":2,"published":"20`, strings.Repeat("\x00", 500)} {
		if err := os.WriteFile(path, append(bytes.Clone(whole), torn...), 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := OpenReader(dir) // a reader leaves everything as it is
		if err != nil {
			t.Fatal(err)
		}
		same(t, find(t, r, ""), docs[:30]...)
		r.Close()
		a = open(t, dir, Options{})
		if p := a.Problems(); len(p) > 0 {
			t.Fatalf("problems: %v", p)
		}
		same(t, find(t, a, ""), docs[:30]...)
		a.Close()
		if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, whole) {
			t.Errorf("torn %q: the manifest is %q, %v", torn, now, err)
		}
	}
	for _, name := range stray {
		if _, err := os.Stat(filepath.Join(folder, name)); !os.IsNotExist(err) {
			t.Errorf("%s is still there: %v", name, err)
		}
	}
	a = open(t, dir, Options{})
	add(t, a, rowsOf(docs[30:], 30))
	seal(t, a)
	same(t, find(t, a, ""), docs...)
}

func TestOpen_DamageIsNamedAndTheRestWorks(t *testing.T) {
	make := func(t *testing.T) (string, [][]byte) {
		dir := t.TempDir()
		docs := sample.Docs(11, 30)
		a := open(t, dir, Options{})
		for i := range 3 {
			add(t, a, rowsOf(docs[10*i:10*i+10], int64(10*i)))
			seal(t, a)
		}
		a.Close()
		return dir, docs
	}
	segmentPath := func(dir string, n int) string {
		return filepath.Join(dir, "class=default", "day=2026-11-21", segmentName(uint64(n), ""))
	}
	edit := func(t *testing.T, path string, fn func([]byte) []byte) {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, fn(b), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cases := map[string]struct {
		break_ func(t *testing.T, dir string)
		code   string
		text   string
		left   []int // tens that are found
	}{
		"missing segment": {func(t *testing.T, dir string) { _ = os.Remove(segmentPath(dir, 2)) }, "archive-segment", "10 events of 2026-11-21 is missing", []int{0, 2}},
		"cut segment": {func(t *testing.T, dir string) {
			edit(t, segmentPath(dir, 2), func(b []byte) []byte { return b[:len(b)-7] })
		}, "archive-segment", "was changed: it has", []int{0, 2}},
		"changed line": {func(t *testing.T, dir string) {
			edit(t, filepath.Join(dir, manifest.Name), func(b []byte) []byte {
				return bytes.Replace(b, []byte(`"writer":"test"`), []byte(`"writer":"evil"`), 1)
			})
		}, "archive-manifest", "line 2 of the manifest was changed", []int{0, 1, 2}},
		"unreadable line": {func(t *testing.T, dir string) {
			edit(t, filepath.Join(dir, manifest.Name), func(b []byte) []byte {
				lines := bytes.SplitAfter(b, []byte("\n"))
				lines[2][3] = 'X'
				return bytes.Join(lines, nil)
			})
		}, "archive-manifest", "line 3 of the manifest was changed", []int{0, 1}},
		"line taken out": {func(t *testing.T, dir string) {
			edit(t, filepath.Join(dir, manifest.Name), func(b []byte) []byte {
				lines := bytes.SplitAfter(b, []byte("\n"))
				return slices.Concat(lines[0], lines[2])
			})
		}, "archive-manifest", "line 2 of the manifest was changed", []int{0, 2}},
		"segment put there": {func(t *testing.T, dir string) {
			b, _ := os.ReadFile(segmentPath(dir, 1))
			_ = os.MkdirAll(filepath.Join(dir, "class=default", "day=2026-11-22"), 0o700)
			_ = os.WriteFile(filepath.Join(dir, "class=default", "day=2026-11-22", segmentName(1, "")), b, 0o600)
		}, "archive-stray", "does not know this segment", []int{0, 1, 2}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			dir, docs := make(t)
			c.break_(t, dir)
			a := open(t, dir, Options{})
			found := false
			for _, p := range a.Problems() {
				found = found || p.Code == c.code && strings.Contains(p.Error(), c.text) && p.Where != "" && p.Do != ""
			}
			if !found {
				t.Errorf("problems: %v", a.Problems())
			}
			var want [][]byte
			for _, ten := range c.left {
				want = append(want, docs[10*ten:10*ten+10]...)
			}
			got, bad := findBut(t, a, "")
			same(t, got, want...)
			if lost := strings.HasSuffix(name, "segment"); lost != (len(bad) == 1) { // each answer says what it is without
				t.Errorf("unreadable: %v", bad)
			}
			for n := 1; n <= 3; n++ { // nothing that may be evidence is removed
				if _, err := os.Stat(segmentPath(dir, n)); err != nil && name != "missing segment" {
					t.Errorf("segment %d: %v", n, err)
				}
			}
			add(t, a, rowsOf(sample.Docs(12, 5), 1000))
			seal(t, a)
			got, _ = findBut(t, a, "")
			same(t, got, append(want, sample.Docs(12, 5)...)...)
		})
	}
}

func TestRebuildIndexes(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir, Options{})
	docs := sample.Docs(13, 300)
	for i := range 3 {
		add(t, a, rowsOf(docs[100*i:100*i+100], int64(100*i)))
		seal(t, a)
	}
	want := find(t, a, "failed")
	path := func(n int) string {
		return filepath.Join(dir, "class=default", "day=2026-11-21", indexName(segmentName(uint64(n), "")))
	}
	before, err := os.ReadFile(path(1))
	if err != nil {
		t.Fatal(err)
	}
	a.Close()
	if err := os.Remove(path(1)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path(2), before[:len(before)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	a = open(t, dir, Options{})
	if got := find(t, a, "failed"); !slices.Equal(got, want) {
		t.Errorf("without indexes: %d, want %d", len(got), len(want))
	}
	if n, err := a.RebuildIndexes(context.Background(), false); n != 2 || err != nil {
		t.Fatalf("%d rebuilt: %v", n, err)
	}
	if after, err := os.ReadFile(path(1)); err != nil || !bytes.Equal(after, before) {
		t.Errorf("the index made from the segment is not the one made from memory: %d and %d bytes, %v", len(after), len(before), err)
	}
	if got := find(t, a, "failed"); !slices.Equal(got, want) {
		t.Errorf("with new indexes: %d, want %d", len(got), len(want))
	}
	if n, err := a.RebuildIndexes(context.Background(), true); n != 3 || err != nil {
		t.Errorf("%d rebuilt: %v", n, err)
	}
}

func TestSearch_ManySegments(t *testing.T) {
	a := open(t, t.TempDir(), Options{})
	a.files.most = 8
	docs := sample.Docs(14, a.files.most+20)
	for i, d := range docs {
		add(t, a, rowsOf([][]byte{d}, int64(i)))
		seal(t, a)
	}
	same(t, find(t, a, ""), docs...)
	a.files.mu.Lock()
	n := a.files.recent.Len()
	a.files.mu.Unlock()
	if n > a.files.most {
		t.Errorf("%d segments are open", n)
	}
	// A value that only one event has is looked for in the indexes alone.
	q, err := query.Parse(`event.id: "q7f3kx2m/3/5"`)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := a.Search(context.Background(), search.Request{Query: q, Size: 1}, nil)
	if err != nil || sum.Total != 1 || sum.SegmentsRead > 3 { // a filter may be wrong now and then
		t.Errorf("%+v, %v", sum, err)
	}
	sum, err = a.Search(context.Background(), search.Request{Query: q, From: sample.Start.Add(time.Hour)}, nil)
	if err != nil || sum.SegmentsRead != 0 || sum.Segments != len(docs) {
		t.Errorf("outside the time: %+v, %v", sum, err)
	}
}

func ExampleArchive_Search() {
	dir, err := os.MkdirTemp("", "archive")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	a, err := Open(dir, Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer a.Close()
	row := Row{Doc: []byte(`{"@timestamp":"2026-11-21T07:50:08.412Z","message":"hello weir"}`), Consumed: record.Pos{Topic: "weir.events"}}
	if err := a.Append(context.Background(), []Row{row}, nil); err != nil {
		fmt.Println(err)
		return
	}
	q, err := query.Parse("hello")
	if err != nil {
		fmt.Println(err)
		return
	}
	sum, err := a.Search(context.Background(), search.Request{Query: q, Size: 10}, func(doc []byte, _ *event.Event) error {
		fmt.Println(string(doc))
		return nil
	})
	fmt.Println(sum.Total, err)
	// Output:
	// {"@timestamp":"2026-11-21T07:50:08.412Z","message":"hello weir"}
	// 1 <nil>
}

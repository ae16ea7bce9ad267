package copies_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"weir/event"
	"weir/internal/archive"
	"weir/internal/archive/copies"
	"weir/internal/archive/manifest"
	"weir/internal/archive/replica"
	"weir/internal/archive/sample"
	"weir/internal/archive/search"
	"weir/internal/archive/store"
	"weir/internal/archive/store/storetest"
	"weir/internal/fault"
	"weir/internal/query"
	"weir/internal/record"
)

// source is an archive with some epochs.
type source struct {
	*archive.Archive
	t    *testing.T
	next int
	docs [][]byte
}

// newSource opens an archive of n epochs with ten events each.
func newSource(t *testing.T, dir string, n int) *source {
	t.Helper()
	a, err := archive.Open(dir, archive.Options{Writer: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	s := &source{Archive: a, t: t}
	for range n {
		s.epoch()
	}
	return s
}

// epoch seals ten more events.
func (s *source) epoch() {
	s.t.Helper()
	first := s.next
	s.next += 10
	docs := sample.Docs(uint64(first+1), 10)
	rows := make([]archive.Row, len(docs))
	for i, d := range docs {
		rows[i] = archive.Row{Doc: d, Consumed: record.Pos{Topic: "weir.events", Offset: int64(first + i)}, Account: "a"}
	}
	if err := s.Append(context.Background(), rows, nil); err != nil {
		s.t.Fatal(err)
	}
	if err := s.Seal(context.Background()); err != nil {
		s.t.Fatal(err)
	}
	s.docs = append(s.docs, docs...)
}

// expire expires the oldest segment.
func (s *source) expire() manifest.Segment {
	s.t.Helper()
	x := s.Segments()[0]
	if err := s.Expire(context.Background(), "weir", []manifest.Expiry{{Path: x.Path, SHA256: x.SHA256, Class: x.Class, Day: x.Day, Rows: x.Rows}}); err != nil {
		s.t.Fatal(err)
	}
	s.docs = s.docs[10:]
	return x.Segment
}

// act keeps a file and records it.
func (s *source) act() {
	s.t.Helper()
	if err := s.PutFile(context.Background(), "reviews/r1.json", []byte("signed")); err != nil {
		s.t.Fatal(err)
	}
	a, err := manifest.NewAction(manifest.KindReview, "kim", time.Now(), manifest.File{ID: "r1", Path: "reviews/r1.json", SHA256: "ab", Bytes: 6})
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.Act(context.Background(), []manifest.Action{a}); err != nil {
		s.t.Fatal(err)
	}
}

// running runs a copy until the function that it returns is called, or the test ends.
func running(t *testing.T, src copies.Source, st store.Store, o copies.Options) (*copies.Copy, func()) {
	t.Helper()
	if o.Pause == 0 {
		o.Pause, o.MaxPause, o.Every = 5*time.Millisecond, 20*time.Millisecond, 20*time.Millisecond
	}
	c := copies.New(src, st, o)
	ctx, stop := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { c.Run(ctx) })
	end := func() {
		stop()
		wg.Wait()
	}
	t.Cleanup(end)
	return c, end
}

// until waits for something.
func until(t *testing.T, c *copies.Copy, what string, ok func(copies.State) bool) copies.State {
	t.Helper()
	for began := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		s := c.State()
		if ok(s) {
			return s
		}
		if time.Since(began) > 2*time.Minute {
			t.Fatalf("waited in vain for: %s: %+v", what, s)
		}
	}
}

// whole waits until the copy has record seq and lacks nothing.
func whole(t *testing.T, c *copies.Copy, seq uint64) {
	t.Helper()
	began := time.Now()
	until(t, c, "the copy has everything", func(s copies.State) bool {
		return s.Seq == seq && s.Segments == 0 && s.Bytes == 0 && s.Since.IsZero() && s.Err == nil && s.Done.After(began) && len(s.Missing) == 0
	})
}

// holds makes sure that a copy is an archive with exactly these events.
func holds(t *testing.T, dir string, docs [][]byte) {
	t.Helper()
	a, err := archive.OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if p := a.Problems(); len(p) > 0 {
		t.Fatal(p)
	}
	q, err := query.Parse("")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int{}
	for _, d := range docs {
		want[string(d)]++
	}
	sum, err := a.Search(context.Background(), search.Request{Query: q, Size: 1 << 20}, func(doc []byte, _ *event.Event) error { want[string(doc)]--; return nil })
	if err != nil || len(sum.Unreadable) > 0 || sum.Total != len(docs) {
		t.Fatalf("%+v %v, want %d", sum, err, len(docs))
	}
	for d, n := range want {
		if n != 0 {
			t.Fatalf("%d times %s", n, d)
		}
	}
}

// A copy follows: what is sealed, done and expired, with the files beside the segments and the log; and it is an archive.
func TestCopy_Follows(t *testing.T) {
	dir, to := t.TempDir(), filepath.Join(t.TempDir(), "copy")
	src := newSource(t, dir, 2)
	c, stop := running(t, src, store.NewFolder(to), copies.Options{})
	whole(t, c, 2)
	holds(t, to, src.docs)
	src.epoch()
	src.act()
	if err := os.MkdirAll(filepath.Join(dir, "log"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "log", "checkpoint"), []byte("weir.log/test\n999\nroot\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	gone := src.expire()
	whole(t, c, 5)
	holds(t, to, src.docs)
	for name, want := range map[string]bool{gone.Path: false, replica.IndexOf(gone.Path): false, "reviews/r1.json": true, "log/checkpoint": true} {
		// What expired goes a round later, if the log had not said so when this one began.
		until(t, c, fmt.Sprintf("%s is there: %v", name, want), func(copies.State) bool {
			_, err := os.Stat(filepath.Join(to, name))
			return (err == nil) == want
		})
	}
	a, _ := os.ReadFile(filepath.Join(dir, manifest.Name))
	if b, err := os.ReadFile(filepath.Join(to, manifest.Name)); err != nil || !bytes.Equal(a, b) {
		t.Errorf("the manifests differ: %v", err)
	}
	stop()
	src.epoch()
	c, _ = running(t, src, store.NewFolder(to), copies.Options{})
	whole(t, c, 6)
	holds(t, to, src.docs)
}

func TestCopy_Bucket(t *testing.T) {
	m := storetest.Moto(t)
	m.Bucket(t, "copies", false)
	p := storetest.NewProxy(t, m.URL)
	src := newSource(t, t.TempDir(), 2)
	p.Set(storetest.Busy)
	c, _ := running(t, src, m.Open(t, "s3://copies/weir", p), copies.Options{})
	until(t, c, "trouble is said", func(s copies.State) bool { return s.Err != nil })
	p.Set(nil)
	whole(t, c, 2)
	n := p.Seen()
	p.Set(storetest.Lost) // what is asked is done, and nobody hears of it
	src.epoch()
	src.expire()
	for p.Seen() < n+4 {
		time.Sleep(5 * time.Millisecond)
	}
	p.Set(nil)
	whole(t, c, 4)
	back := t.TempDir()
	a, err := archive.Open(back, archive.Options{Bucket: replica.New(m.Open(t, "s3://copies/weir", nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	for _, s := range a.Segments() {
		if err := a.WithFile(s.Path, func(string) error { return nil }); err != nil {
			t.Error(err)
		}
	}
	holds(t, back, src.docs)
}

// A copy in a bucket with Object Lock keeps what expired until its time, and says so.
func TestCopy_Locked(t *testing.T) {
	m := storetest.Moto(t)
	m.Bucket(t, "locked", true)
	src := newSource(t, t.TempDir(), 2)
	lock := time.Now().Add(time.Hour).Truncate(time.Second) // as long as the test may take
	var later atomic.Int64
	c, _ := running(t, src, m.Open(t, "s3://locked", nil), copies.Options{Lock: func(string, string) time.Time { return lock },
		Now: func() time.Time { return time.Now().Add(time.Duration(later.Load())) }})
	whole(t, c, 2)
	gone := src.expire()
	until(t, c, "the lock is said", func(s copies.State) bool { return s.Locked[gone.Path].Equal(lock) })
	m.Unlock(t, "locked", gone.Path)
	later.Store(int64(2 * time.Hour))
	until(t, c, "it is deleted", func(s copies.State) bool { return len(s.Locked) == 0 && s.Err == nil })
	if _, err := m.Open(t, "s3://locked", nil).Stat(t.Context(), gone.Path); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

// What expired before it was copied is not asked for; a file that the archive lost is named, and stops nothing.
func TestCopy_LostAndExpired(t *testing.T) {
	dir, to := t.TempDir(), t.TempDir()
	src := newSource(t, dir, 4)
	src.expire()
	lost := src.Segments()[1]
	file := filepath.Join(dir, lost.Path)
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, damage := range map[string]func() error{
		"missing": func() error { return os.Remove(file) },
		"changed": func() error { return os.WriteFile(file, bytes.Replace(b, []byte("PAR1"), []byte("XXXX"), 1), 0o600) },
	} {
		if err := damage(); err != nil {
			t.Fatal(err)
		}
		place := filepath.Join(to, name)
		c, _ := running(t, src, store.NewFolder(place), copies.Options{})
		s := until(t, c, "the others are copied", func(s copies.State) bool { return s.Seq == 5 && !s.Done.IsZero() })
		if len(s.Missing) != 1 || s.Missing[0] != lost.Path || s.Segments != 1 || s.Err != nil {
			t.Errorf("%s: %+v", name, s)
		}
		if err := os.WriteFile(file, b, 0o600); err != nil { // it is brought back
			t.Fatal(err)
		}
		whole(t, c, 5)
		holds(t, place, src.docs)
	}
}

// What expired stays in the copy until the log says why it goes: a copy that is all that is left proves itself.
func TestCopy_LogBeforeFile(t *testing.T) {
	dir, to := t.TempDir(), t.TempDir()
	src := newSource(t, dir, 2)
	entries := 2 + len(src.Segments())
	checkpoint := func(size int) {
		if err := os.MkdirAll(filepath.Join(dir, "log"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "log", "checkpoint"), fmt.Appendf(nil, "weir.log/test\n%d\nroot\n", size), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	checkpoint(entries)
	c, _ := running(t, src, store.NewFolder(to), copies.Options{})
	whole(t, c, 2)
	file := filepath.Join(to, src.expire().Path)
	whole(t, c, 3)
	for range 3 { // rounds
		done := c.State().Done
		until(t, c, "another round", func(s copies.State) bool { return s.Done.After(done) })
	}
	if _, err := os.Stat(file); err != nil {
		t.Errorf("it went before its entry came: %v", err)
	}
	checkpoint(entries + 2)
	until(t, c, "it goes", func(copies.State) bool {
		_, err := os.Stat(file)
		return errors.Is(err, fs.ErrNotExist)
	})
	holds(t, to, src.docs)
}

// A copy whose manifest is not the beginning of the archive's is not touched.
func TestCopy_OfAnotherArchive(t *testing.T) {
	to := t.TempDir()
	src := newSource(t, t.TempDir(), 3)
	c, stop := running(t, src, store.NewFolder(to), copies.Options{})
	whole(t, c, 3)
	stop()
	before, err := os.ReadFile(filepath.Join(to, manifest.Name))
	if err != nil {
		t.Fatal(err)
	}
	shorter, other := newSource(t, t.TempDir(), 1), newSource(t, t.TempDir(), 4)
	for text, x := range map[string]*source{"the archive fewer": shorter, "is not the one that was copied": other} {
		c, stop := running(t, x, store.NewFolder(to), copies.Options{})
		s := until(t, c, "it is refused", func(s copies.State) bool { return s.Err != nil })
		if fault.Code(s.Err) != "archive-copy-differs" || !strings.Contains(s.Err.Error(), text) {
			t.Errorf("got %v", s.Err)
		}
		stop()
	}
	if after, err := os.ReadFile(filepath.Join(to, manifest.Name)); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the copy was changed: %v", err)
	}
}

// Files that somebody took out of a copy come back, and such that a crash left go.
func TestCopy_Mends(t *testing.T) {
	dir, to := t.TempDir(), t.TempDir()
	src := newSource(t, dir, 3)
	c, stop := running(t, src, store.NewFolder(to), copies.Options{})
	whole(t, c, 3)
	stop()
	x := src.Segments()
	saved, err := os.ReadFile(filepath.Join(to, x[0].Path))
	if err != nil {
		t.Fatal(err)
	}
	src.expire()
	c, stop = running(t, src, store.NewFolder(to), copies.Options{})
	whole(t, c, 4)
	stop()
	if err := os.WriteFile(filepath.Join(to, x[0].Path), saved, 0o600); err != nil { // as if its deletion had not come through
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(to, x[2].Path)); err != nil {
		t.Fatal(err)
	}
	c, _ = running(t, src, store.NewFolder(to), copies.Options{})
	whole(t, c, 4)
	holds(t, to, src.docs)
	if _, err := os.Stat(filepath.Join(to, x[0].Path)); err == nil {
		t.Error("an expired segment is left")
	}
}

// A damaged manifest of the archive is not copied: the copy keeps what it was.
func TestCopy_DamagedArchive(t *testing.T) {
	dir, to := t.TempDir(), t.TempDir()
	src := newSource(t, dir, 2)
	path := filepath.Join(dir, manifest.Name)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, bytes.Replace(b, []byte(`"writer":"test"`), []byte(`"writer":"evil"`), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	c, _ := running(t, src, store.NewFolder(to), copies.Options{})
	s := until(t, c, "it is said", func(s copies.State) bool { return s.Err != nil })
	if fault.Code(s.Err) != "archive-manifest" {
		t.Errorf("got %v", s.Err)
	}
}

// torn is a source whose manifest has a line that is not synced.
type torn struct {
	*source
	end int64
}

// Synced is that of copies.Source.
func (s torn) Synced() int64 { return s.end }

// A line that may be taken back is not copied.
func TestCopy_OnlyWhatIsSynced(t *testing.T) {
	src := newSource(t, t.TempDir(), 1)
	end := src.Synced()
	src.epoch()
	c, _ := running(t, torn{src, end}, store.NewFolder(t.TempDir()), copies.Options{})
	whole(t, c, 1)
}

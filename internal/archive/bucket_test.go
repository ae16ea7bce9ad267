package archive

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/internal/archive/manifest"
	"weir/internal/archive/replica"
	"weir/internal/archive/sample"
	"weir/internal/archive/store"
	"weir/internal/archive/store/storetest"
	"weir/internal/fault"
)

// cloud is a bucket behind a proxy.
type cloud struct {
	t      *testing.T
	server *storetest.Server
	proxy  *storetest.Proxy
	place  string
}

// newCloud starts a server with a bucket, with Object Lock if locked.
func newCloud(t *testing.T, locked bool) *cloud {
	t.Helper()
	c := &cloud{t: t, server: storetest.Moto(t), place: "s3://evidence/weir"}
	c.server.Bucket(t, "evidence", locked)
	c.proxy = storetest.NewProxy(t, c.server.URL)
	return c
}

// open opens an archive that is kept in the bucket.
func (c *cloud) open(dir string, opts Options) *Archive {
	c.t.Helper()
	opts.Bucket = replica.New(c.server.Open(c.t, c.place, c.proxy))
	return open(c.t, dir, opts)
}

// has returns what is in the bucket below a prefix.
func (c *cloud) has(prefix string) (out []string) {
	c.t.Helper()
	for i, err := range c.server.Open(c.t, c.place, nil).List(c.t.Context(), prefix) {
		if err != nil {
			c.t.Fatal(err)
		}
		out = append(out, i.Key)
	}
	return out
}

// until waits for something.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for began := time.Now(); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Since(began) > 2*time.Minute {
			t.Fatal("waited in vain for: " + what)
		}
	}
}

// A pod whose disk is lost goes on from the bucket: same events, same positions, same actions, same files.
func TestBucket_LostPod(t *testing.T) {
	c := newCloud(t, false)
	ctx := context.Background()
	dir := t.TempDir()
	a := c.open(dir, Options{})
	docs := sample.Docs(60, 40)
	for i := range 3 {
		if err := <-sealed(t, a, docs[10*i:10*i+10], int64(10*i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.PutFile(ctx, "policy/ab.yaml", []byte("classes: []")); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "log"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "log", "checkpoint"), []byte("signed"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Act(ctx, []manifest.Action{action(t, manifest.KindHold, manifest.Hold{ID: "h1"})}); err != nil {
		t.Fatal(err)
	}
	if err := a.Expire(ctx, "weir", []manifest.Expiry{expiry(a.Segments()[0])}); err != nil {
		t.Fatal(err)
	}
	until(t, "the log is in the bucket", func() bool { return len(c.has("log/")) == 1 })
	until(t, "the expired segment is gone", func() bool { return len(c.has("class=")) == 4 }) // two, each with its index
	if got := c.has("manifest/"); len(got) != 5 || got[4] != "manifest/00000005.json" {
		t.Errorf("lines: %q", got)
	}
	_ = a.Close()

	lost := t.TempDir()
	b := c.open(lost, Options{})
	if p := b.Problems(); len(p) > 0 || len(b.Actions()) != 2 || b.Counts()["syslog/192.0.2.1"] != (Count{Stored: 30}) {
		t.Errorf("%v, %d actions, %v", p, len(b.Actions()), b.Counts())
	}
	if next, _, _ := b.Mark(Partition{"weir.events", 1}); next != 30 {
		t.Errorf("position %d", next)
	}
	same(t, find(t, b, ""), docs[10:30]...)
	for _, name := range []string{"policy/ab.yaml", "log/checkpoint"} {
		if _, err := os.Stat(filepath.Join(lost, name)); err != nil {
			t.Error(err)
		}
	}
	if err := <-sealed(t, b, docs[30:], 30); err != nil {
		t.Fatal(err)
	}
	_ = b.Close()

	a = c.open(dir, Options{}) // the first disk comes back: it lacks a line
	same(t, find(t, a, ""), docs[10:]...)
	_ = a.Close()
	if n := lineCount(t, dir); n != 6 {
		t.Errorf("%d lines", n)
	}
}

// sealed appends documents and closes the epoch; the channel says when they are durable.
func sealed(t *testing.T, a *Archive, docs [][]byte, first int64) <-chan error {
	t.Helper()
	done := add(t, a, rowsOf(docs, first))
	a.mu.Lock()
	if a.sealing == nil {
		a.rotate()
	}
	a.mu.Unlock()
	return done
}

// While the bucket does not answer, nothing is said to be durable, everything is found, and Append waits; afterwards
// everything goes on by itself.
func TestBucket_Away(t *testing.T) {
	c := newCloud(t, false)
	for name, f := range map[string]storetest.Fault{"busy": storetest.Busy, "cut": storetest.Cut} {
		t.Run(name, func(t *testing.T) {
			c.place = "s3://evidence/" + name
			dir := t.TempDir()
			a := c.open(dir, Options{EpochRows: 100})
			docs := sample.Docs(61, 300)
			if err := <-sealed(t, a, docs[:50], 0); err != nil {
				t.Fatal(err)
			}
			c.proxy.Set(f)
			first := sealed(t, a, docs[50:150], 50)
			second := add(t, a, rowsOf(docs[150:250], 150))
			ctx, stop := context.WithTimeout(context.Background(), 200*time.Millisecond)
			defer stop()
			if err := a.Append(ctx, rowsOf(docs[250:], 250), nil); !errors.Is(err, context.DeadlineExceeded) {
				t.Fatalf("appending: %v", err)
			}
			select {
			case err := <-first:
				t.Fatalf("durable without the bucket: %v", err)
			default:
			}
			same(t, find(t, a, ""), docs[:250]...)
			c.proxy.Set(nil)
			for _, done := range []<-chan error{first, second} {
				if err := <-done; err != nil {
					t.Fatal(err)
				}
			}
			if err := <-sealed(t, a, docs[250:], 250); err != nil {
				t.Fatal(err)
			}
			same(t, find(t, a, ""), docs...)
			_ = a.Close()
			if n := lineCount(t, dir); n != 4 {
				t.Errorf("%d lines", n)
			}
			b := c.open(t.TempDir(), Options{})
			same(t, find(t, b, ""), docs...)
		})
	}
}

// The line is in the bucket, and nobody hears of it: neither an action nor an epoch is doubled or lost.
func TestBucket_AnswerLost(t *testing.T) {
	c := newCloud(t, false)
	dir := t.TempDir()
	a := c.open(dir, Options{})
	docs := sample.Docs(62, 30)
	if err := <-sealed(t, a, docs[:10], 0); err != nil {
		t.Fatal(err)
	}
	lose := func(w http.ResponseWriter, r *http.Request, pass http.Handler) bool {
		if strings.Contains(r.URL.Path, "/manifest/") {
			if r.Method == http.MethodPut {
				return storetest.Lost(w, r, pass)
			}
			return storetest.Cut(w, r, pass)
		}
		return false
	}
	c.proxy.Set(lose)
	hold := []manifest.Action{action(t, manifest.KindHold, manifest.Hold{ID: "h1"})}
	if _, err := a.Act(context.Background(), hold); err == nil {
		t.Fatal("an action without an answer was taken for done")
	}
	gone := []manifest.Expiry{expiry(a.Segments()[0])}
	if err := a.Expire(context.Background(), "weir", gone); err == nil {
		t.Fatal("an expiry without an answer was taken for done")
	}
	done := sealed(t, a, docs[10:20], 10)
	c.proxy.Set(nil)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if got := a.Actions(); len(got) != 1 || got[0].Kind != manifest.KindHold {
		t.Errorf("%v", got)
	}
	c.proxy.Set(lose)
	done = sealed(t, a, docs[20:], 20)
	until(t, "the line is in the bucket", func() bool { return len(c.has("manifest/")) == 4 })
	_ = a.Close() // as a crash: the folder does not have the line
	if err := <-done; !errors.Is(err, ErrClosed) {
		t.Errorf("got %v", err)
	}
	c.proxy.Set(nil)
	a = c.open(dir, Options{})
	if p := a.Problems(); len(p) > 0 {
		t.Error(p)
	}
	same(t, find(t, a, ""), docs...)
	if next, _, _ := a.Mark(Partition{"weir.events", 1}); next != 30 {
		t.Errorf("position %d", next)
	}
}

// A second writer of one bucket is refused by name, whichever comes first, and loses nothing of what it has.
func TestBucket_SecondWriter(t *testing.T) {
	c := newCloud(t, false)
	a, b := c.open(t.TempDir(), Options{}), c.open(t.TempDir(), Options{})
	docs := sample.Docs(63, 20)
	if err := <-sealed(t, a, docs[:10], 0); err != nil {
		t.Fatal(err)
	}
	add(t, b, rowsOf(docs[10:], 0))
	until(t, "the second writer is refused", func() bool { // it goes on trying until its time is over
		ctx, stop := context.WithTimeout(context.Background(), time.Second)
		defer stop()
		err := b.Seal(ctx)
		return err != nil && strings.Contains(err.Error(), "another weir writes to this bucket: test")
	})
	if _, err := b.Act(context.Background(), []manifest.Action{action(t, manifest.KindHold, manifest.Hold{ID: "h1"})}); fault.Code(err) != "archive-bucket-writer" {
		t.Errorf("got %v", err)
	}
	same(t, find(t, b, ""), docs[10:]...)
	same(t, find(t, a, ""), docs[:10]...)
	_ = b.Close()
	folder := t.TempDir() // a folder that went on alone is not mixed with the bucket
	x, _ := filled(t, folder, 1, Options{})
	_ = x.Close()
	if _, err := Open(folder, Options{Bucket: replica.New(c.server.Open(t, c.place, nil))}); fault.Code(err) != "archive-bucket-other" {
		t.Errorf("got %v", err)
	}
}

// What a folder had before it got a bucket goes there first.
func TestBucket_ForAnOlderArchive(t *testing.T) {
	c := newCloud(t, false)
	dir := t.TempDir()
	a, docs := filled(t, dir, 3, Options{})
	if err := a.Expire(context.Background(), "weir", []manifest.Expiry{expiry(a.Segments()[1])}); err != nil {
		t.Fatal(err)
	}
	_ = a.Close()
	a = c.open(dir, Options{})
	more := sample.Docs(64, 5)
	if err := <-sealed(t, a, more, 30); err != nil {
		t.Fatal(err)
	}
	_ = a.Close()
	b := c.open(t.TempDir(), Options{})
	same(t, find(t, b, ""), append(append(docs[:10:10], docs[20:]...), more...)...)
	if p := b.Problems(); len(p) > 0 {
		t.Error(p)
	}
}

// Old segments leave the folder and come back for a search, no more of them than the cache takes.
func TestBucket_Evict(t *testing.T) {
	c := newCloud(t, false)
	dir := t.TempDir()
	a := c.open(dir, Options{Local: time.Hour, Cache: 1})
	docs := sample.Docs(65, 30)
	for i := range 3 {
		if err := <-sealed(t, a, docs[10*i:10*i+10], int64(10*i)); err != nil {
			t.Fatal(err)
		}
	}
	here := func() (n int) {
		for _, s := range a.Segments() {
			if _, err := os.Stat(filepath.Join(dir, s.Path)); err == nil {
				n++
			}
		}
		return n
	}
	a.evict(time.Now())
	if here() != 3 {
		t.Error("young segments left")
	}
	later := time.Now().Add(2 * time.Hour)
	a.evict(later)
	if here() != 0 {
		t.Fatalf("%d segments are left", here())
	}
	if err := a.WithFile(a.Segments()[1].Path, func(path string) error { _, err := os.Stat(path); return err }); err != nil {
		t.Error(err)
	}
	if err := a.WithFile("class=a/none", func(string) error { return nil }); err == nil {
		t.Error("a segment that is none")
	}
	same(t, find(t, a, ""), docs...)
	a.evict(later) // what was used just now stays
	if here() != 3 {
		t.Errorf("%d segments are left", here())
	}
	for _, s := range a.segments {
		s.used.Store(1)
	}
	a.evict(later)
	if here() != 0 {
		t.Errorf("%d segments are left", here())
	}
	// Without the bucket they are unreadable, and not to blame: afterwards they are read again.
	c.proxy.Set(storetest.Busy)
	if got, bad := findBut(t, a, ""); len(got) != 0 || len(bad) != 3 {
		t.Errorf("%d found, %v", len(got), bad)
	}
	c.proxy.Set(nil)
	same(t, find(t, a, ""), docs...)
	if p := a.Problems(); len(p) > 0 {
		t.Error(p)
	}
	// One that was changed in the bucket is quarantined.
	for _, s := range a.segments {
		s.used.Store(1)
	}
	a.evict(later)
	s := a.Segments()[0]
	if err := c.server.Open(t, c.place, nil).Replace(t.Context(), s.Path, make([]byte, s.Bytes)); err != nil {
		t.Fatal(err)
	}
	if got, bad := findBut(t, a, ""); len(got) != 20 || len(bad) != 1 || a.Segments()[0].Quarantined == "" {
		t.Errorf("%d found, %v", len(got), bad)
	}
	_ = a.Close()
	r, err := OpenReader(dir, replica.New(c.server.Open(t, c.place, nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got, bad := findBut(t, r, ""); len(got) != 20 || len(bad) != 1 {
		t.Errorf("a reader: %d found, %v", len(got), bad)
	}
}

// What the bucket's lock keeps is kept, said, and deleted when its time is over.
func TestBucket_Locked(t *testing.T) {
	c := newCloud(t, true)
	dir := t.TempDir()
	lock := time.Now().Add(time.Hour).Truncate(time.Second) // as long as the test may take
	a := c.open(dir, Options{Lock: func(class, day string) time.Time {
		if class != defaultClass || day != "2026-11-21" {
			t.Errorf("asked for %s %s", class, day)
		}
		return lock
	}})
	docs := sample.Docs(66, 10)
	if err := <-sealed(t, a, docs, 0); err != nil {
		t.Fatal(err)
	}
	path := a.Segments()[0].Path
	if err := a.Expire(context.Background(), "weir", []manifest.Expiry{expiry(a.Segments()[0])}); err != nil {
		t.Fatal(err)
	}
	until(t, "the lock is said", func() bool { return a.Locked()[path].Equal(lock) })
	if got := find(t, a, ""); len(got) != 0 {
		t.Errorf("%d events are found", len(got))
	}
	_ = a.Close()
	if len(c.has("class=")) == 0 {
		t.Error("it was deleted before its time")
	}
	c.server.Unlock(t, "evidence", "weir/"+path)
	a = c.open(dir, Options{})
	until(t, "it is deleted", func() bool {
		a.bucket.doom(path)
		return len(c.has("class=")) == 0 && len(a.Locked()) == 0
	})
}

// Files that a crash left in the bucket go, but not while another writer may be about to name them.
func TestBucket_Sweep(t *testing.T) {
	c := newCloud(t, false)
	a := c.open(t.TempDir(), Options{})
	if err := <-sealed(t, a, sample.Docs(67, 10), 0); err != nil {
		t.Fatal(err)
	}
	st := c.server.Open(t, c.place, nil)
	orphan := "class=default/day=2026-11-21/s-00000002-deadbeef.parquet"
	if err := st.Put(t.Context(), orphan, store.Bytes([]byte("x"))); err != nil {
		t.Fatal(err)
	}
	if err := a.sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if a.bucket.Doomed() != 0 {
		t.Error("a young file is doomed")
	}
	if err := <-sealed(t, a, sample.Docs(68, 10), 10); err != nil { // its number does not matter
		t.Fatal(err)
	}
}

func TestBucket_NotThere(t *testing.T) {
	c := newCloud(t, false)
	check := func(place, text string) {
		t.Helper()
		_, err := Open(t.TempDir(), Options{Bucket: replica.New(c.server.Open(t, place, c.proxy))})
		if fault.Code(err) != "archive-bucket" || !strings.Contains(err.Error(), text) {
			t.Errorf("%s: %v", place, err)
		}
	}
	check("s3://nobody", "no such bucket")
	c.proxy.Set(storetest.Cut)
	check(c.place, "cannot be read")
}

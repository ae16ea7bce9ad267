package translog

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"weir/internal/archive/logkey"
	"weir/internal/archive/manifest"
	"weir/internal/fault"
)

// world is an archive's folder with a manifest, and the folder of the key.
type world struct {
	t    testing.TB
	dir  string
	keys string

	seq  uint64
	last string

	mu     sync.Mutex
	faults []*fault.Error
	more   chan struct{}
}

func newWorld(t testing.TB) *world {
	t.Helper()
	top := t.TempDir()
	w := &world{t: t, dir: filepath.Join(top, "archive"), keys: filepath.Join(top, "keys"), more: make(chan struct{})}
	if err := os.Mkdir(w.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return w
}

// keeper makes a keeper of the world that tries again at once.
func (w *world) keeper() *Keeper {
	k := New(Options{Archive: w.dir, Keys: w.keys, Name: "weir.log/test", Published: w.published, Fault: w.fault})
	k.retry = backoff{time.Millisecond, 5 * time.Millisecond}
	return k
}

func (w *world) published() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.more
}

func (w *world) fault(f *fault.Error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults = append(w.faults, f)
}

// told returns the codes that were raised; "" is the end of trouble.
func (w *world) told() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []string
	for _, f := range w.faults {
		if f == nil {
			out = append(out, "well")
			continue
		}
		out = append(out, f.Code)
	}
	return strings.Join(out, " ")
}

// add appends a record to the manifest and wakes who follows it.
func (w *world) add(segments int, actions ...manifest.Action) {
	w.t.Helper()
	w.seq++
	rec := &manifest.Record{Seq: w.seq, Published: at(w.seq), Writer: "test", Prev: w.last, Segments: []manifest.Segment{},
		Sources: map[string][2]int64{}, Actions: actions}
	for i := range segments {
		sum := sha256.Sum256(fmt.Appendf(nil, "%d/%d", w.seq, i))
		rec.Segments = append(rec.Segments, manifest.Segment{Path: fmt.Sprintf("class=c%d/day=2026-11-21/s-%08d.parquet", i, w.seq), Class: fmt.Sprintf("c%d", i),
			Day: "2026-11-21", SHA256: hex.EncodeToString(sum[:]), Bytes: 100, Rows: 10, Min: at(w.seq), Max: at(w.seq + 1), Schema: 1})
	}
	b, hash, err := rec.Append(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	w.append(b)
	w.last = hash
}

// append appends bytes to the manifest.
func (w *world) append(b []byte) {
	w.t.Helper()
	f, err := os.OpenFile(filepath.Join(w.dir, manifest.Name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = f.Write(b)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	f.Close()
	w.mu.Lock()
	close(w.more)
	w.more = make(chan struct{})
	w.mu.Unlock()
}

func at(n uint64) time.Time {
	return time.Date(2026, 11, 21, 7, 0, 0, 0, time.UTC).Add(time.Duration(n) * time.Second)
}

// action makes an action.
func action(t testing.TB, kind string, body any) manifest.Action {
	t.Helper()
	a, err := manifest.NewAction(kind, "kim", at(1), body)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// once brings the log up to date.
func (w *world) once() {
	w.t.Helper()
	if err := w.keeper().Once(); err != nil {
		w.t.Fatal(err)
	}
}

// read returns a file of the archive.
func (w *world) read(path string) []byte {
	w.t.Helper()
	b, err := os.ReadFile(filepath.Join(w.dir, filepath.FromSlash(path)))
	if err != nil {
		w.t.Fatal(err)
	}
	return b
}

// write replaces a file of the archive.
func (w *world) write(path string, b []byte) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, filepath.FromSlash(path)), b, 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// verifier is the present public key.
func (w *world) verifier() string {
	w.t.Helper()
	ring, err := logkey.Load(w.keys)
	if err != nil {
		w.t.Fatal(err)
	}
	return ring.Verifier()
}

// leaves makes the entries from the manifest, by itself.
func (w *world) leaves() [][]byte {
	w.t.Helper()
	list, err := manifest.Read(bytes.NewReader(w.read(manifest.Name)))
	if err != nil || len(list.Problems) > 0 {
		w.t.Fatal(err, list.Problems)
	}
	var out [][]byte
	for i := range list.Records {
		hash := list.Last
		if i+1 < len(list.Records) {
			hash = list.Records[i+1].Prev
		}
		out = append(out, Leaves(&list.Records[i], hash)...)
	}
	return out
}

// check holds the log in the folder against the manifest: every entry, the root, who signed.
func (w *world) check() Checkpoint {
	w.t.Helper()
	c, err := OpenCheckpoint(w.read("log/checkpoint"), w.verifier())
	if err != nil {
		w.t.Fatal(err)
	}
	leaves := w.leaves()
	if int64(len(leaves)) != c.Size {
		w.t.Fatalf("%d leaves, and the log has %d", len(leaves), c.Size)
	}
	if got := treeOf(leaves); got != c.Root {
		w.t.Fatalf("root %s, signed was %s", got, c.Root)
	}
	r := NewReader(os.DirFS(filepath.Join(w.dir, Folder)), c.Size)
	root, err := r.Root(c.Size)
	if err != nil || root != c.Root {
		w.t.Fatalf("tiles give %s (%v), signed was %s", root, err, c.Root)
	}
	for i, want := range leaves {
		got, err := r.Entry(int64(i))
		if err != nil || !bytes.Equal(got, want) {
			w.t.Fatalf("entry %d: %s (%v), want %s", i, got, err, want)
		}
	}
	return c
}

// treeOf hashes entries by the definition of RFC 6962, section 2.1.
func treeOf(entries [][]byte) tlog.Hash {
	switch n := len(entries); n {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return sha256.Sum256(append([]byte{0}, entries[0]...))
	default:
		k := 1
		for 2*k < n {
			k *= 2
		}
		l, r := treeOf(entries[:k]), treeOf(entries[k:])
		return sha256.Sum256(append(append([]byte{1}, l[:]...), r[:]...))
	}
}

func TestKeeper_FollowsTheManifest(t *testing.T) {
	w := newWorld(t)
	ctx, stop := context.WithCancel(t.Context())
	k := w.keeper()
	var done sync.WaitGroup
	done.Go(func() { k.Run(ctx) })
	for i := range 120 {
		if i%7 == 3 {
			w.add(0, action(t, manifest.KindHold, manifest.Hold{ID: "h1", Query: `user.name: "<kim>" & more`}), action(t, manifest.KindRelease, manifest.Release{ID: "h1"}))
		} else {
			w.add(1 + i%9)
		}
		if i%10 == 0 {
			if err := k.Sync(t.Context()); err != nil {
				t.Fatal(err)
			}
			w.check()
		}
	}
	w.add(2)
	stop()
	done.Wait()
	c := w.check() // what came before the end is in
	if s := k.Status(); s.Size != c.Size || s.Seq != w.seq || s.Behind != 0 || s.Fault != "" || s.Origin != "weir.log/test" || s.Verifier != w.verifier() || s.Signed.IsZero() {
		t.Errorf("status: %+v", s)
	}
	if note, head, ok := k.Head(); !ok || head.Size != c.Size || !bytes.Equal(note, w.read("log/checkpoint")) {
		t.Errorf("head: %v %v", ok, head)
	}
	if got := string(w.read("log/log.pub")); got != w.verifier()+"\n" {
		t.Errorf("log.pub: %s", got)
	}
	if told := w.told(); told != "" {
		t.Errorf("faults: %s", told)
	}
	// Partial tiles go when the full one is there.
	if left, err := filepath.Glob(filepath.Join(w.dir, "log/tile/0/000.p")); err != nil || len(left) > 0 {
		t.Errorf("left: %v %v", left, err)
	}
}

func TestKeeper_AnotherProgramsTiles(t *testing.T) {
	// The reference is the tiles that x/mod's own functions make of the same entries.
	w := newWorld(t)
	for i := range 60 {
		w.add(i % 11)
	}
	w.once()
	w.check()
	var hashes []tlog.Hash
	reader := tlog.HashReaderFunc(func(ix []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(ix))
		for i, x := range ix {
			out[i] = hashes[x]
		}
		return out, nil
	})
	leaves := w.leaves()
	for i, l := range leaves {
		h, err := tlog.StoredHashes(int64(i), l, reader)
		if err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, h...)
	}
	want := map[string]bool{}
	for _, tl := range tlog.NewTiles(height, 0, int64(len(leaves))) {
		data, err := tlog.ReadTileData(tl, reader)
		if err != nil {
			t.Fatal(err)
		}
		path := "log/" + TilePath(tl.L, tl.N, tl.W)
		want[path] = true
		if !bytes.Equal(w.read(path), data) {
			t.Errorf("%s differs", path)
		}
	}
	err := fs.WalkDir(os.DirFS(w.dir), "log/tile", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !strings.HasPrefix(path, "log/tile/entries/") && !want[path] {
			t.Errorf("%s is too much", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

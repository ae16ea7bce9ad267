package replica_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"weir/internal/archive/manifest"
	"weir/internal/archive/replica"
	"weir/internal/archive/store"
	"weir/internal/archive/store/storetest"
	"weir/internal/fault"
)

// each runs a test over both kinds of store.
func each(t *testing.T, fn func(t *testing.T, st store.Store)) {
	t.Run("folder", func(t *testing.T) { fn(t, store.NewFolder(filepath.Join(t.TempDir(), "copy"))) })
	t.Run("bucket", func(t *testing.T) {
		m := storetest.Moto(t)
		m.Bucket(t, "evidence", false)
		fn(t, m.Open(t, "s3://evidence/weir", nil))
	})
}

// lines makes n lines of a manifest without their ends.
func lines(t testing.TB, n int) (out [][]byte) {
	t.Helper()
	prev := ""
	for i := range n {
		rec := manifest.Record{Seq: uint64(i + 1), Writer: "w1", Prev: prev, Published: time.Unix(int64(i), 0).UTC(), Segments: []manifest.Segment{}, Sources: map[string][2]int64{}}
		b, hash, err := rec.Append(nil)
		if err != nil {
			t.Fatal(err)
		}
		out, prev = append(out, b[:len(b)-1]), hash
	}
	return out
}

func TestLines(t *testing.T) {
	each(t, func(t *testing.T, st store.Store) {
		ctx := t.Context()
		all := lines(t, 70) // more than are read at once
		r := replica.New(st)
		if s, err := r.State(ctx); err != nil || s != (replica.State{}) {
			t.Fatalf("%+v %v", s, err)
		}
		for i, l := range all {
			if err := r.PutLine(ctx, uint64(i+1), l, time.Time{}); err != nil {
				t.Fatal(err)
			}
		}
		r = replica.New(st) // nothing is remembered elsewhere
		if s, err := r.State(ctx); err != nil || s.Seq != 70 || s.Hash != manifest.Hash(all[69]) {
			t.Fatalf("%+v %v", s, err)
		}
		for _, after := range []uint64{0, 1, 69, 70} {
			var got [][]byte
			for l, err := range r.Lines(ctx, after) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, l)
			}
			if !slices.EqualFunc(got, all[after:], bytes.Equal) {
				t.Errorf("after %d: %d lines", after, len(got))
			}
		}
		for range r.Lines(ctx, 0) { //nolint:errcheck // only its end is looked at
			break // a caller may stop
		}
		f, err := fs.ReadFile(replica.FS(ctx, st), manifest.Name)
		if err != nil {
			t.Fatal(err)
		}
		if list, err := manifest.Read(bytes.NewReader(f)); err != nil || len(list.Records) != 70 || len(list.Problems) != 0 || list.Torn != 0 {
			t.Errorf("%+v %v", list, err)
		}
	})
}

// Of two that write to one bucket the second is refused by name.
func TestPutLine_SecondWriter(t *testing.T) {
	m := storetest.Moto(t)
	m.Bucket(t, "evidence", false)
	a, b := replica.New(m.Open(t, "s3://evidence", nil)), replica.New(m.Open(t, "s3://evidence", nil))
	l := lines(t, 1)[0]
	for range 2 { // the answer may have been lost
		if err := a.PutLine(t.Context(), 1, l, time.Time{}); err != nil {
			t.Fatal(err)
		}
	}
	err := b.PutLine(t.Context(), 1, bytes.ReplaceAll(l, []byte("w1"), []byte("w2")), time.Time{})
	if fault.Code(err) != "archive-bucket-writer" || !strings.Contains(err.Error(), "w1") || !errors.Is(err, store.ErrOther) {
		t.Errorf("got %v", err)
	}
}

func TestState_Damage(t *testing.T) {
	each(t, func(t *testing.T, st store.Store) {
		r := replica.New(st)
		if _, err := r.State(t.Context()); err != nil {
			t.Fatal(err)
		}
		for i, l := range lines(t, 3) {
			if err := r.PutLine(t.Context(), uint64(i+1), l, time.Time{}); err != nil {
				t.Fatal(err)
			}
		}
		if f, ok := st.(*store.Folder); ok {
			path := filepath.Join(f.String(), manifest.Name)
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			// A torn line was never acknowledged.
			if err := os.WriteFile(path, b[:len(b)-3], 0o600); err != nil {
				t.Fatal(err)
			}
			if s, err := r.State(t.Context()); err != nil || s.Seq != 2 {
				t.Errorf("%+v %v", s, err)
			}
			if err := r.PutLine(t.Context(), 3, lines(t, 3)[2], time.Time{}); err != nil {
				t.Fatal(err)
			}
			if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, b) {
				t.Errorf("the torn line was not replaced: %v", err)
			}
			if err := os.WriteFile(path, bytes.Replace(b, []byte("w1"), []byte("w2"), 1), 0o600); err != nil {
				t.Fatal(err)
			}
		} else if err := st.Delete(t.Context(), "manifest/00000002.json"); err != nil {
			t.Fatal(err)
		}
		if _, err := r.State(t.Context()); fault.Code(err) != "archive-manifest" {
			t.Errorf("got %v", err)
		}
	})
}

// segmentIn writes a segment's file and index below a folder.
func segmentIn(t testing.TB, dir, text string) manifest.Segment {
	t.Helper()
	s := manifest.Segment{Path: "class=a/day=2026-11-21/s-00000001.parquet", Class: "a", Day: "2026-11-21", Bytes: int64(len(text)), Rows: 1}
	sum := sha256.Sum256([]byte(text))
	s.SHA256 = hex.EncodeToString(sum[:])
	write(t, filepath.Join(dir, s.Path), text)
	write(t, filepath.Join(dir, replica.IndexOf(s.Path)), "index of "+text)
	return s
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestSegments(t *testing.T) {
	each(t, func(t *testing.T, st store.Store) {
		dir, back := t.TempDir(), t.TempDir()
		s := segmentIn(t, dir, "a segment")
		r := replica.New(st)
		file := filepath.Join(dir, s.Path)
		for range 2 {
			if err := r.PutSegment(t.Context(), file, s, time.Time{}); err != nil {
				t.Fatal(err)
			}
		}
		list, err := r.Segments(t.Context())
		if err != nil || len(list) != 1 || list[s.Path].Size != s.Bytes {
			t.Fatalf("%v %v", list, err)
		}
		if err := r.FetchSegment(t.Context(), s, back); err != nil {
			t.Fatal(err)
		}
		for _, p := range []string{s.Path, replica.IndexOf(s.Path)} {
			want, _ := os.ReadFile(filepath.Join(dir, p))
			if got, err := os.ReadFile(filepath.Join(back, p)); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s: %q %v", p, got, err)
			}
		}
		// What the manifest does not say is neither brought nor fetched.
		write(t, file, "A segment")
		other := s
		other.Path = "class=a/day=2026-11-22/s-00000002.parquet"
		if err := r.PutSegment(t.Context(), file, other, time.Time{}); !errors.Is(err, store.ErrContent) {
			t.Errorf("a changed file: %v", err)
		}
		if err := r.PutSegment(t.Context(), file+"x", s, time.Time{}); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a missing file: %v", err)
		}
		s.SHA256 = strings.Repeat("00", 32)
		if err := r.FetchSegment(t.Context(), s, t.TempDir()); !errors.Is(err, store.ErrContent) || fault.Code(err) != "archive-segment" {
			t.Errorf("a changed object: %v", err)
		}
		for range 2 {
			if err := r.DeleteSegment(t.Context(), s.Path); err != nil {
				t.Fatal(err)
			}
		}
		for i, err := range st.List(t.Context(), "") {
			t.Errorf("left: %v %v", i, err)
		}
	})
}

func TestSyncLogAndFetch(t *testing.T) {
	each(t, func(t *testing.T, st store.Store) {
		dir, back := t.TempDir(), t.TempDir()
		r := replica.New(st)
		sync := func(r *replica.Replica) error {
			taken, err := r.TakeLog(dir)
			if err != nil {
				return err
			}
			return r.SyncLog(t.Context(), dir, taken)
		}
		if err := sync(r); err != nil {
			t.Fatalf("without a log: %v", err)
		}
		write(t, filepath.Join(dir, "log/tile/0/000"), "tile")
		write(t, filepath.Join(dir, "log/checkpoint"), "one")
		write(t, filepath.Join(dir, "log/unfinished.tmp"), "half")
		write(t, filepath.Join(dir, "reviews/r1.json"), "signed")
		if err := sync(r); err != nil {
			t.Fatal(err)
		}
		if err := r.PutFile(t.Context(), dir, "reviews/r1.json"); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, "log/checkpoint"), "two, and longer")
		if err := sync(replica.New(st)); err != nil { // another process
			t.Fatal(err)
		}
		for _, prefix := range []string{"log/", "reviews/", "policy/"} {
			for range 2 {
				if err := r.Fetch(t.Context(), prefix, back); err != nil {
					t.Fatal(err)
				}
			}
		}
		for key, want := range map[string]string{"log/tile/0/000": "tile", "log/checkpoint": "two, and longer", "reviews/r1.json": "signed"} {
			if got, err := os.ReadFile(filepath.Join(back, key)); err != nil || string(got) != want {
				t.Errorf("%s: %q %v", key, got, err)
			}
		}
		if _, err := os.Stat(filepath.Join(back, "log/unfinished.tmp")); err == nil {
			t.Error("an unfinished file was copied")
		}
		write(t, filepath.Join(dir, "reviews/r1.json"), "forged")
		if err := r.PutFile(t.Context(), dir, "reviews/r1.json"); !errors.Is(err, store.ErrOther) {
			t.Errorf("a review was replaced: %v", err)
		}
	})
}

// A checkpoint that was signed after the log was taken is not brought: it would speak of lines that are not there yet.
func TestSyncLog_AsItWasTaken(t *testing.T) {
	dir := t.TempDir()
	st := store.NewFolder(t.TempDir())
	r := replica.New(st)
	write(t, filepath.Join(dir, "log/checkpoint"), "of one line")
	taken, err := r.TakeLog(dir)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "log/checkpoint"), "of two lines")
	write(t, filepath.Join(dir, "log/tile/0/000.p/2"), "tile")
	if err := r.SyncLog(t.Context(), dir, taken); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"log/checkpoint": "of one line", "log/tile/0/000.p/2": "tile"} {
		if b, err := store.ReadAll(t.Context(), st, key, 100); err != nil || string(b) != want {
			t.Errorf("%s: %q %v", key, b, err)
		}
	}
	if taken, err = r.TakeLog(dir); err != nil || len(taken) != 1 {
		t.Fatalf("%v %v", taken, err)
	}
	if err := r.SyncLog(t.Context(), dir, taken); err != nil {
		t.Fatal(err)
	}
	if taken, err = r.TakeLog(dir); err != nil || len(taken) != 0 {
		t.Errorf("what is there is taken again: %v %v", taken, err)
	}
}

// Whatever it is kept in, a replica reads like an archive's folder.
func TestFS(t *testing.T) {
	each(t, func(t *testing.T, st store.Store) {
		dir := t.TempDir()
		s := segmentIn(t, dir, "a segment")
		write(t, filepath.Join(dir, "log/checkpoint"), "one")
		r := replica.New(st)
		if err := r.PutSegment(t.Context(), filepath.Join(dir, s.Path), s, time.Time{}); err != nil {
			t.Fatal(err)
		}
		if _, err := r.State(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := r.PutLine(t.Context(), 1, lines(t, 1)[0], time.Time{}); err != nil {
			t.Fatal(err)
		}
		taken, err := r.TakeLog(dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.SyncLog(t.Context(), dir, taken); err != nil {
			t.Fatal(err)
		}
		fsys := replica.FS(t.Context(), st)
		if err := fstest.TestFS(fsys, manifest.Name, s.Path, replica.IndexOf(s.Path), "log/checkpoint"); err != nil {
			t.Fatal(err)
		}
	})
}

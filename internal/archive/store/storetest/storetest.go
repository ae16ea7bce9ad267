// Package storetest holds every store to the same behaviour, starts a real S3 server for tests, and stands between both
// with faults.
package storetest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/internal/archive/store"
)

// Run holds an empty store to what store.Store says.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	for name, fn := range map[string]func(*testing.T, store.Store){
		"put and read":       putAndRead,
		"put twice":          putTwice,
		"first writer wins":  firstWins,
		"wrong checksum":     wrongSum,
		"replace":            replace,
		"missing":            missing,
		"list":               list,
		"delete":             deletes,
		"keys that lead out": keys,
		"ended context":      ended,
		"append":             appends,
	} {
		t.Run(name, func(t *testing.T) { fn(t, open(t)) })
	}
}

// read returns a file's content.
func read(t testing.TB, s store.Store, key string) string {
	t.Helper()
	b, err := store.ReadAll(t.Context(), s, key, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// put writes a file.
func put(t testing.TB, s store.Store, key, text string) {
	t.Helper()
	if err := s.Put(t.Context(), key, store.Bytes([]byte(text))); err != nil {
		t.Fatal(err)
	}
}

// keysOf returns what List yields.
func keysOf(t testing.TB, s store.Store, prefix string) (out []string) {
	t.Helper()
	for i, err := range s.List(t.Context(), prefix) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, i.Key)
	}
	return out
}

func putAndRead(t *testing.T, s store.Store) {
	big := strings.Repeat("0123456789abcdef", 1<<16)
	for key, text := range map[string]string{"class=access/day=2026-11-21/s-00000001.parquet": big, "class=%2E%2E/day=2026-11-21/x": "strange", "empty": ""} {
		put(t, s, key, text)
		if got := read(t, s, key); got != text {
			t.Errorf("%s: %d bytes, want %d", key, len(got), len(text))
		}
		info, err := s.Stat(t.Context(), key)
		if err != nil || info.Key != key || info.Size != int64(len(text)) || time.Since(info.Modified) > time.Hour {
			t.Errorf("%s: %+v, %v", key, info, err)
		}
	}
	if _, err := store.ReadAll(t.Context(), s, "class=access/day=2026-11-21/s-00000001.parquet", 100); err == nil {
		t.Error("more was read than is allowed")
	}
}

func putTwice(t *testing.T, s store.Store) {
	put(t, s, "a/b", "one")
	put(t, s, "a/b", "one")
	if err := s.Put(t.Context(), "a/b", store.Bytes([]byte("two"))); !errors.Is(err, store.ErrOther) {
		t.Errorf("other content: %v", err)
	}
	if err := s.Put(t.Context(), "a/b", store.Bytes([]byte("longer"))); !errors.Is(err, store.ErrOther) {
		t.Errorf("longer content: %v", err)
	}
	if got := read(t, s, "a/b"); got != "one" {
		t.Errorf("got %q", got)
	}
}

func firstWins(t *testing.T, s store.Store) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	var won []string
	for i := range 8 {
		wg.Go(func() {
			text := fmt.Sprint("writer ", i)
			err := s.Put(t.Context(), "manifest/00000001.json", store.Bytes([]byte(text)))
			if err != nil && !errors.Is(err, store.ErrOther) {
				t.Error(err)
			}
			if err == nil {
				mu.Lock()
				won = append(won, text)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(won) != 1 || read(t, s, "manifest/00000001.json") != won[0] {
		t.Errorf("%q won", won)
	}
}

func wrongSum(t *testing.T, s store.Store) {
	c := store.Bytes([]byte("damaged on its way"))
	c.SHA256 = sha256.Sum256([]byte("as it was"))
	if err := s.Put(t.Context(), "x", c); !errors.Is(err, store.ErrContent) {
		t.Errorf("got %v", err)
	}
	if got := keysOf(t, s, ""); len(got) != 0 {
		t.Errorf("%q is there", got)
	}
}

func replace(t *testing.T, s store.Store) {
	for _, text := range []string{"one", "two and more", ""} {
		if err := s.Replace(t.Context(), "log/checkpoint", []byte(text)); err != nil {
			t.Fatal(err)
		}
		if got := read(t, s, "log/checkpoint"); got != text {
			t.Errorf("got %q, want %q", got, text)
		}
	}
}

func missing(t *testing.T, s store.Store) {
	put(t, s, "folder/x", "x")
	for _, key := range []string{"none", "folder", "folder/x/y"} {
		if _, err := s.Stat(t.Context(), key); !errors.Is(err, store.ErrNotFound) && key != "folder/x/y" {
			t.Errorf("%s: %v", key, err)
		}
		if _, _, err := s.Open(t.Context(), key); err == nil {
			t.Errorf("%s was opened", key)
		}
	}
	if !errors.Is(store.ErrNotFound, fs.ErrNotExist) {
		t.Error("a missing file is not one that does not exist")
	}
	if s.String() == "" {
		t.Error("the store has no name")
	}
}

func list(t *testing.T, s store.Store) {
	if got := keysOf(t, s, ""); len(got) != 0 {
		t.Errorf("empty: %q", got)
	}
	var want []string
	for i := range 12 {
		key := fmt.Sprintf("class=a/day=2026-11-%02d/s-00000001.parquet", i+10)
		put(t, s, key, "x")
		want = append(want, key)
	}
	put(t, s, "manifest/00000001.json", "{}")
	if got := keysOf(t, s, "class="); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if got := keysOf(t, s, "class=a/day=2026-11-12/"); !slices.Equal(got, want[2:3]) {
		t.Errorf("got %q", got)
	}
	if got := keysOf(t, s, "class=a/day=2026-11-1"); !slices.Equal(got, want[:10]) {
		t.Errorf("got %q", got)
	}
	if got := keysOf(t, s, ""); !slices.Equal(got, append(want, "manifest/00000001.json")) {
		t.Errorf("got %q", got)
	}
	for range s.List(t.Context(), "") { //nolint:errcheck // only its end is looked at
		break // a caller may stop
	}
}

func deletes(t *testing.T, s store.Store) {
	put(t, s, "a/b", "one")
	for range 2 {
		if err := s.Delete(t.Context(), "a/b"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Stat(t.Context(), "a/b"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	put(t, s, "a/b", "two")
	if got := read(t, s, "a/b"); got != "two" {
		t.Errorf("got %q", got)
	}
}

func keys(t *testing.T, s store.Store) {
	for _, key := range []string{"", ".", "..", "../x", "/x", "a//b", "a/../b", "a/", `a\b`, "a\x00b", "x.tmp"} {
		errs := []error{s.Put(t.Context(), key, store.Bytes(nil)), s.Replace(t.Context(), key, nil), s.Delete(t.Context(), key)}
		_, err := s.Stat(t.Context(), key)
		errs = append(errs, err)
		_, _, err = s.Open(t.Context(), key)
		for i, err := range append(errs, err) {
			if err == nil {
				t.Errorf("%q was taken by call %d", key, i)
			}
		}
	}
}

func ended(t *testing.T, s store.Store) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := s.Put(ctx, "x", store.Bytes([]byte("x"))); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if got := keysOf(t, s, ""); len(got) != 0 {
		t.Errorf("%q is there", got)
	}
}

func appends(t *testing.T, s store.Store) {
	a, ok := s.(store.Appender)
	if !ok {
		t.Skip("this store has no files that grow")
	}
	steps := []struct {
		at         int64
		text, want string
	}{{0, "one\n", "one\n"}, {4, "two\n", "one\ntwo\n"}, {4, "2\n", "one\n2\n"}, {6, "", "one\n2\n"}}
	for _, st := range steps {
		if err := a.Append(t.Context(), "manifest.jsonl", st.at, []byte(st.text)); err != nil {
			t.Fatal(err)
		}
		if got := read(t, s, "manifest.jsonl"); got != st.want {
			t.Errorf("got %q, want %q", got, st.want)
		}
	}
	if err := a.Append(t.Context(), "manifest.jsonl", 100, []byte("x")); err == nil {
		t.Error("a gap was made")
	}
}

// Torn is content whose body ends in an error, as when a disk fails while it is read.
func Torn(text string, err error) store.Content {
	return store.Content{Body: &tornBody{strings.NewReader(text), err}, Size: int64(len(text)) + 1, SHA256: sha256.Sum256(append([]byte(text), 0))}
}

// tornBody ends in an error.
type tornBody struct {
	*strings.Reader
	err error
}

// Read is that of io.Reader.
func (b *tornBody) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		err = b.err
	}
	return n, err
}

// WriteTo hides that of strings.Reader, which would not fail.
func (b *tornBody) WriteTo(w io.Writer) (int64, error) {
	var buf bytes.Buffer
	_, _ = buf.ReadFrom(b.Reader)
	n, _ := w.Write(buf.Bytes())
	return int64(n), b.err
}

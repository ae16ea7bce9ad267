package state

import (
	"bytes"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// file opens the store of a folder and loads it.
func file(t testing.TB, dir string, log *slog.Logger) (*fileStore, map[string][]byte) {
	t.Helper()
	s, err := Folder(dir, log).Open("n", 0)
	if err != nil {
		t.Fatal(err)
	}
	values, err := s.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s.(*fileStore), values
}

func put(t testing.TB, s Store, changes ...Change) {
	t.Helper()
	if err := SaveAndWait(t.Context(), s, changes); err != nil {
		t.Fatal(err)
	}
}

// TestFolder_CutAnywhere cuts a file at every byte: what is loaded is what some Save had made durable, and the next Save
// stands.
func TestFolder_CutAnywhere(t *testing.T) {
	dir := t.TempDir()
	s, _ := file(t, dir, slog.New(slog.DiscardHandler))
	var after []map[string][]byte // values after each Save
	ends := []int64{0}
	values := map[string][]byte{}
	for i := range 6 {
		c := Change{Key: fmt.Sprint("k", i%3), Value: bytes.Repeat([]byte{byte(i)}, i*3)}
		if i == 4 {
			c.Value = nil
			delete(values, c.Key)
		} else {
			values[c.Key] = c.Value
		}
		put(t, s, c)
		after = append(after, maps.Clone(values))
		ends = append(ends, s.end)
	}
	s.Close()
	whole, err := os.ReadFile(s.path)
	if err != nil {
		t.Fatal(err)
	}
	for cut := range len(whole) + 1 {
		if err := os.WriteFile(s.path, whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		n := 0
		for n+1 < len(ends) && ends[n+1] <= int64(cut) {
			n++
		}
		want := map[string][]byte{}
		if n > 0 {
			want = after[n-1]
		}
		var log bytes.Buffer
		s, got := file(t, dir, slog.New(slog.NewTextHandler(&log, nil)))
		if !maps.EqualFunc(got, want, bytes.Equal) {
			t.Fatalf("cut at %d: %q, want %q", cut, got, want)
		}
		torn := int64(cut) != ends[n] && cut != len(fileMagic)
		if torn != strings.Contains(log.String(), "not finished") && cut != len(fileMagic) {
			t.Errorf("cut at %d: said %q", cut, log.String())
		}
		put(t, s, Change{Key: "new", Value: []byte("x")})
		s.Close()
		_, got = file(t, dir, slog.New(slog.DiscardHandler))
		if string(got["new"]) != "x" || len(got) != len(want)+1 {
			t.Fatalf("cut at %d, then saved: %q", cut, got)
		}
	}
}

func TestFolder_IsWrittenAnewWhenMostIsOutOfDate(t *testing.T) {
	dir := t.TempDir()
	s, _ := file(t, dir, slog.New(slog.DiscardHandler))
	value := make([]byte, 100<<10)
	for i := range 60 {
		put(t, s, Change{Key: "always", Value: value}, Change{Key: fmt.Sprint(i), Value: []byte("once")})
		if info, err := os.Stat(s.path); err != nil || info.Size() > 2*s.base+growth || info.Size() != s.end {
			t.Fatalf("after %d saves the file has %d bytes, base %d, end %d (%v)", i, info.Size(), s.base, s.end, err)
		}
	}
	s.Close()
	if _, got := file(t, dir, slog.New(slog.DiscardHandler)); len(got) != 61 {
		t.Errorf("%d values", len(got))
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 1 {
		t.Errorf("files %v", left)
	}
}

// TestFolder_AFailedSaveEndsTheStore: what is durable after it is not known, so nothing more may be answered with yes.
func TestFolder_AFailedSaveEndsTheStore(t *testing.T) {
	dir := t.TempDir()
	s, _ := file(t, dir, slog.New(slog.DiscardHandler))
	put(t, s, Change{Key: "k", Value: []byte("v")})
	if err := os.Remove(s.path); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := SaveAndWait(t.Context(), s, []Change{{Key: "k", Value: []byte("w")}}); err == nil || !strings.Contains(err.Error(), "writing state") {
			t.Errorf("%v", err)
		}
	}
}

func TestFolder_UnreadableIsAnError(t *testing.T) {
	dir := t.TempDir()
	s, err := Folder(dir, slog.New(slog.DiscardHandler)).Open("n", 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(s.(*fileStore).path, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Load(t.Context()); err == nil {
		t.Error("a folder in place of the file is loaded")
	}
}

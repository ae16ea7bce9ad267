package evidence

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/internal/archive/manifest"
	"weir/internal/archive/translog"
	"weir/internal/archive/verify/verifytest"
)

// TestCandidates: what expired is left out, times narrow, and each has the leaf that the log has.
func TestCandidates(t *testing.T) {
	a := world(t)
	list, err := manifest.Read(bytes.NewReader(verifytest.Read(t, filepath.Join(a.Folder, manifest.Name))))
	if err != nil {
		t.Fatal(err)
	}
	all := candidates(list, time.Time{}, time.Time{})
	if len(all) != len(a.Segments) {
		t.Fatalf("%d of %d", len(all), len(a.Segments))
	}
	log := translog.NewReader(os.DirFS(filepath.Join(a.Folder, "log")), 48)
	for i, s := range all {
		entry, err := log.Entry(s.leaf)
		if err != nil || s.Path != a.Segments[i].Path || !strings.Contains(string(entry), s.Path) {
			t.Errorf("%s at leaf %d: %s, %v", s.Path, s.leaf, entry, err)
		}
	}
	last := all[len(all)-1]
	if got := candidates(list, last.Max, time.Time{}); len(got) == 0 || len(got) > 2 {
		t.Errorf("from its last event: %d", len(got))
	}
	if got := candidates(list, time.Time{}, all[0].Min); len(got) != 0 {
		t.Errorf("before its first event: %d", len(got))
	}
}

func TestFetch(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "x"), []byte("abcdef"), 0o600); err != nil {
		t.Fatal(err)
	}
	to, read := filepath.Join(dir, "a", "b"), int64(0)
	sum, err := fetch(context.Background(), os.DirFS(dir), "x", to, 6, func(n int64) { read += n })
	if err != nil || sum != manifest.Hash([]byte("abcdef")) || read != 6 || string(verifytest.Read(t, to)) != "abcdef" {
		t.Errorf("%s, %d bytes, %v", sum, read, err)
	}
	// Of a file that is longer than it should be only so much is taken as shows that.
	if _, err := fetch(context.Background(), os.DirFS(dir), "x", to, 2, nil); err != nil || len(verifytest.Read(t, to)) != 3 {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := fetch(ctx, os.DirFS(dir), "x", to, 6, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

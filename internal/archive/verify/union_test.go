package verify_test

import (
	"os"
	"path/filepath"
	"testing"

	"weir/internal/archive/verify"
	"weir/internal/archive/verify/verifytest"
)

// TestUnion: an archive whose older segments are elsewhere is one archive.
func TestUnion(t *testing.T) {
	a := archive(t)
	here, there := verifytest.Copy(t, a.Folder), t.TempDir()
	for _, s := range a.Segments[:6] {
		to := filepath.Join(there, s.Path)
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(here, s.Path), to); err != nil {
			t.Fatal(err)
		}
	}
	u := verify.Union(os.DirFS(here), os.DirFS(there))
	if v := check(t, verify.Options{Files: u, Keys: []string{a.Key}}); !v.OK || v.Segments != len(a.Segments) {
		t.Errorf("%s, %d segments", kinds(v), v.Segments)
	}
	verifytest.Flip(t, filepath.Join(there, a.Segments[0].Path), 9)
	if v := check(t, verify.Options{Files: u, Keys: []string{a.Key}}); kinds(v) != "changed "+a.Segments[0].Path {
		t.Errorf("found %s", kinds(v))
	}
}

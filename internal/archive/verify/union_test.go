package verify_test

import (
	"os"
	"path/filepath"
	"strings"
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

// TestUnion_NotOrdinary: what is no file in the folder of an archive that has a bucket too is named, and the check ends.
func TestUnion_NotOrdinary(t *testing.T) {
	a := archive(t)
	tried := 0
	for _, x := range verifytest.Tamperings(a) {
		if !strings.HasPrefix(x.Name, "a pipe") && !strings.HasPrefix(x.Name, "a device") {
			continue
		}
		tried++
		t.Run(x.Name, func(t *testing.T) {
			dir := verifytest.Copy(t, a.Folder)
			x.Do(t, dir, a)
			u := verify.Union(os.DirFS(dir), os.DirFS(t.TempDir()))
			v := check(t, verify.Options{Files: u, Keys: []string{a.Key}, Bucket: true})
			if want := x.Kinds[0]; !strings.Contains(kinds(v), want.Kind+" "+want.What) {
				t.Errorf("no %s %s in\n%s", want.Kind, want.What, kinds(v))
			}
		})
	}
	if tried < 3 {
		t.Errorf("%d tried", tried)
	}
}

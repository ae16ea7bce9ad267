package verify_test

import (
	"os"
	"strings"
	"testing"

	"weir/internal/archive/verify"
	"weir/internal/archive/verify/verifytest"
)

// archive returns the archive of all tests here, which only read it or copies of it.
func archive(t testing.TB) *verifytest.Archive { return verifytest.Shared(t) }

func TestMain(m *testing.M) { os.Exit(verifytest.Run(m)) }

// TestTampering: each kind is found, and called by its name.
func TestTampering(t *testing.T) {
	a := archive(t)
	for _, x := range verifytest.Tamperings(a) {
		t.Run(x.Name, func(t *testing.T) {
			dir := verifytest.Copy(t, a.Folder)
			x.Do(t, dir, a)
			o := verify.Options{Files: os.DirFS(dir), Keys: []string{a.Key}}
			if x.Old {
				o.Checkpoints = []verify.Checkpoint{{Name: "kept.txt", Text: a.Old}}
			}
			v := check(t, o)
			if v.OK || v.Found == 0 {
				t.Fatal("nothing was found")
			}
			for _, want := range x.Kinds {
				found := false
				for _, f := range v.Findings {
					found = found || f.Kind == want.Kind && strings.Contains(f.Path, want.What) && f.Why != ""
				}
				if !found {
					t.Errorf("no %s %s in\n%s", want.Kind, want.What, kinds(v))
				}
			}
			t.Log("\n" + kinds(v))
		})
	}
}

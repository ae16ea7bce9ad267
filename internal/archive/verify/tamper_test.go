package verify_test

import (
	"os"
	"strings"
	"sync"
	"testing"

	"weir/internal/archive/verify"
	"weir/internal/archive/verify/verifytest"
)

// made is the archive of all tests here, which work on copies of it.
var made struct {
	sync.Once
	*verifytest.Archive
}

// archive returns it.
func archive(t testing.TB) *verifytest.Archive {
	t.Helper()
	made.Do(func() {
		dir, err := os.MkdirTemp("", "weir-verify-") //nolint:usetesting // it outlives the test that asked first
		if err != nil {
			t.Fatal(err)
		}
		made.Archive = verifytest.Make(t, dir)
	})
	return made.Archive
}

// TestMain removes what archive made.
func TestMain(m *testing.M) {
	code := m.Run()
	if made.Archive != nil {
		_ = os.RemoveAll(strings.TrimSuffix(made.Folder, "/archive")) // below the system's folder of temporary files
	}
	os.Exit(code)
}

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

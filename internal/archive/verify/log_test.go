package verify_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/internal/archive/verify"
	"weir/internal/archive/verify/verifytest"
)

// TestRun_NoLog: an archive of a weir that had no log is checked as far as it goes, and that is said.
func TestRun_NoLog(t *testing.T) {
	a := archive(t)
	dir := verifytest.Copy(t, a.Folder)
	if err := os.RemoveAll(filepath.Join(dir, "log")); err != nil {
		t.Fatal(err)
	}
	v := check(t, verify.Options{Files: os.DirFS(dir)})
	if !v.OK || v.Proof != verify.ProofChain || v.Segments != len(a.Segments) || v.Expired != 1 {
		t.Errorf("%s\n%+v", kinds(v), v)
	}
	verifytest.Flip(t, filepath.Join(dir, a.Segments[0].Path), 50)
	if v := check(t, verify.Options{Files: os.DirFS(dir)}); v.OK || kinds(v) != "changed "+a.Segments[0].Path {
		t.Errorf("found %s", kinds(v))
	}
}

// TestRun_KeptCheckpoints: what the folder of keys keeps may be ahead by what a crash left; a copy may be behind.
func TestRun_KeptCheckpoints(t *testing.T) {
	a := archive(t)
	last := verify.Checkpoint{Name: "log.last", Text: verifytest.Read(t, filepath.Join(a.Keys, "log.last")), Own: true}
	dir := verifytest.Copy(t, a.Folder)
	if v := check(t, verify.Options{Files: os.DirFS(dir), Keys: []string{a.Key}, Checkpoints: []verify.Checkpoint{last}}); !v.OK {
		t.Errorf("clean: %s", kinds(v))
	}
	// The log's own checkpoint is that of the published one, signed by the same key; the manifest is whole.
	if err := os.WriteFile(filepath.Join(dir, "log", "checkpoint"), a.Old, 0o600); err != nil {
		t.Fatal(err)
	}
	o := verify.Options{Files: os.DirFS(dir), Keys: []string{a.Key}, Checkpoints: []verify.Checkpoint{last}}
	if v := check(t, o); v.OK {
		t.Error("an older checkpoint in its place is not found")
	}
	o.Copy = true
	if v := check(t, o); strings.Contains(kinds(v), verify.LogTruncated) || len(v.Notes) == 0 {
		t.Errorf("a copy that is behind: %s", kinds(v))
	}
	// A newer checkpoint that was published proves that something is missing, whatever the folder says.
	o.Copy, o.Checkpoints = false, []verify.Checkpoint{{Name: "kept.txt", Text: last.Text}}
	if v := check(t, o); !strings.Contains(kinds(v), "log-truncated kept.txt") {
		t.Errorf("found %s", kinds(v))
	}
}

package translog_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"weir/internal/archive/verify/verifytest"
	"weir/internal/testkit"
)

// TestDocs_CheckByHand runs the commands of docs/explanation/evidence.md as they stand there.
func TestDocs_CheckByHand(t *testing.T) {
	for _, tool := range []string{"openssl", "xxd", "sha256sum", "base64", "sh"} {
		if _, err := exec.LookPath(tool); err != nil {
			testkit.Skip(t, tool, "the commands of the documentation use it")
		}
	}
	page, err := os.ReadFile(filepath.Join(testkit.Root(t), "docs", "explanation", "evidence.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, script, ok := strings.Cut(string(page), "```sh\n# 1.")
	script, _, end := strings.Cut(script, "```")
	if !ok || !end {
		t.Fatal("the page has no commands any more")
	}
	a := verifytest.Make(t, t.TempDir())
	run := func(folder string) (string, error) {
		cmd := exec.Command("sh", "-e", "-c", "#"+script)
		cmd.Env = append(os.Environ(), "A="+folder, "KEY="+a.Key, "N=2", "TMPDIR="+t.TempDir())
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	out, err := run(a.Folder)
	if err != nil || !strings.Contains(out, "Signature Verified Successfully") || !strings.Contains(out, `"kind":"record","seq":2,`) || strings.Count(out, ": OK") != 2 {
		t.Fatalf("%v\n%s", err, out)
	}
	second := a.Segments[1].Path // the first expired, so these are those of line 2
	bad := verifytest.Copy(t, a.Folder)
	verifytest.Flip(t, filepath.Join(bad, filepath.FromSlash(second)), 50)
	if out, err := run(bad); err == nil || !strings.Contains(out, "FAILED") {
		t.Errorf("a changed segment: %v\n%s", err, out)
	}
	bad = verifytest.Copy(t, a.Folder)
	verifytest.Flip(t, filepath.Join(bad, "log", "checkpoint"), 20)
	if out, err := run(bad); err == nil {
		t.Errorf("a changed checkpoint: %v\n%s", err, out)
	}
}

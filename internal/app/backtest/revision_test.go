package backtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"weir/internal/fault"
	"weir/internal/testkit"
)

// repository makes a git repository with a rule in a folder of it, in two revisions.
func repository(t *testing.T) (file string) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		testkit.Skip(t, "machine", "git is not here")
	}
	dir := t.TempDir()
	git := func(args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "git", append([]string{"-C", dir, "-c", "user.name=t", "-c", "user.email=t@t", "-c", "commit.gpgsign=false"}, args...)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	file = filepath.Join(dir, "rules", "f.yaml")
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	git("init", "-q")
	write(strings.Replace(failed, `"failure"`, `"success"`, 1))
	git("add", ".")
	git("commit", "-qm", "one")
	git("tag", "v1")
	write(failed)
	git("commit", "-qam", "two")
	return file
}

func TestAtRevision(t *testing.T) {
	t.Parallel()
	file := repository(t)
	if got, err := AtRevision(t.Context(), file, "v1"); err != nil || !strings.Contains(got, `"success"`) {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := AtRevision(t.Context(), file, "HEAD"); err != nil || got != failed {
		t.Errorf("%q, %v", got, err)
	}
	fresh := filepath.Join(filepath.Dir(file), "new.yaml")
	tests := []struct{ name, file, rev, why string }{
		{"no such revision", file, "nowhere", "nowhere"},
		{"the file is not in it", fresh, "HEAD", "new.yaml"},
		{"an option", file, "--output=x", "no name of a revision"},
		{"nothing", file, "", "no name of a revision"},
		{"no repository", filepath.Join(t.TempDir(), "f.yaml"), "HEAD", "not a git repository"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := AtRevision(t.Context(), tt.file, tt.rev)
			f, ok := err.(*fault.Error) //nolint:errorlint // it is made here
			if !ok || f.Code != "rule-revision" || !strings.Contains(f.Why, tt.why) || f.Do == "" || f.Where != tt.file {
				t.Errorf("%+v", err)
			}
		})
	}
}

func TestAtRevision_NoGit(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := AtRevision(t.Context(), "f.yaml", "HEAD")
	if f, ok := err.(*fault.Error); !ok || !strings.Contains(f.Why, "no git") || !strings.Contains(f.Do, "--against OLD.yaml") { //nolint:errorlint // it is made here
		t.Errorf("%v", err)
	}
}

package translog_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/internal/archive/evidence"
	"weir/internal/archive/verify/verifytest"
	"weir/internal/testkit"
)

// python returns the interpreter, or skips.
func python(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("python3")
	if err != nil {
		testkit.Skip(t, "python3", "the second verifier is a Python program")
	}
	return path
}

// verifyPy runs the second verifier over an archive and returns what it said and its exit code.
func verifyPy(t testing.TB, args ...string) (said string, code int) {
	t.Helper()
	program := filepath.Join(testkit.Root(t), "docs", "evidence", "verify.py")
	if _, err := os.ReadFile(program); err != nil { // so that a change of it runs the tests again
		t.Fatal(err)
	}
	cmd := exec.Command(python(t), append([]string{"-I", "-S", program}, args...)...) // no site packages: its own library only
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return out.String(), exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	return out.String(), 0
}

func TestVerifyPy_AcceptsAWholeArchive(t *testing.T) {
	python(t)
	a := verifytest.Make(t, t.TempDir())
	old := filepath.Join(t.TempDir(), "old")
	if err := os.WriteFile(old, a.Old, 0o600); err != nil {
		t.Fatal(err)
	}
	// As it comes out of a mail: lines joined, text around it.
	mail := filepath.Join(t.TempDir(), "mail")
	if err := os.WriteFile(mail, []byte("Hello,\r\n> "+strings.Join(strings.Fields(string(a.Old)), " ")+"\r\nbye\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][]string{
		"the first key":      {a.Folder, "--key", a.First},
		"the present key":    {a.Folder, "--key", a.Key},
		"a key file":         {a.Folder, "--key", filepath.Join(a.Keys, "log.pub")},
		"an old checkpoint":  {a.Folder, "--key", a.First, "--checkpoint", old},
		"one out of a mail":  {a.Folder, "--key", a.First, "--checkpoint", mail},
		"a trailing slash":   {a.Folder + "/", "--key", a.First},
		"both that are kept": {a.Folder, "--key", a.First, "--checkpoint", old, "--checkpoint", mail},
	} {
		t.Run(name, func(t *testing.T) {
			said, code := verifyPy(t, args...)
			if code != 0 || !strings.Contains(said, " 0 findings") {
				t.Errorf("exit %d:\n%s", code, said)
			}
		})
	}
}

func TestVerifyPy_CannotCheck(t *testing.T) {
	python(t)
	a := verifytest.Make(t, t.TempDir())
	for name, args := range map[string][]string{
		"no archive":    {t.TempDir(), "--key", a.First},
		"no key":        {a.Folder},
		"half a key":    {a.Folder, "--key", a.First[:len(a.First)-4]},
		"no checkpoint": {a.Folder, "--key", a.First, "--checkpoint", "nowhere"},
	} {
		t.Run(name, func(t *testing.T) {
			if said, code := verifyPy(t, args...); code != 2 || strings.Contains(said, "Traceback") {
				t.Errorf("exit %d:\n%s", code, said)
			}
		})
	}
}

func TestVerifyPy_NamesEachTampering(t *testing.T) {
	python(t)
	a := verifytest.Make(t, t.TempDir())
	for _, tc := range verifytest.Tamperings(a) {
		t.Run(tc.Name, func(t *testing.T) {
			t.Parallel()
			dir := verifytest.Copy(t, a.Folder)
			tc.Do(t, dir, a)
			args := []string{dir, "--key", a.First}
			if tc.Old {
				// Without what somebody else kept it cannot be seen: that is what publishing is for.
				if said, _ := verifyPy(t, args...); names(said, tc.Kinds[0]) {
					t.Errorf("found without the old checkpoint:\n%s", said)
				}
				old := filepath.Join(t.TempDir(), "old")
				if err := os.WriteFile(old, a.Old, 0o600); err != nil {
					t.Fatal(err)
				}
				args = append(args, "--checkpoint", old)
			}
			said, code := verifyPy(t, args...)
			if code != 1 || strings.Contains(said, "Traceback") {
				t.Fatalf("exit %d:\n%s", code, said)
			}
			for _, want := range tc.Kinds {
				if !names(said, want) {
					t.Errorf("no %s about %q in:\n%s", want.Kind, want.What, said)
				}
			}
		})
	}
}

// names says whether a line of a report has a kind and what it is about.
func names(said string, want verifytest.Named) bool {
	for line := range strings.Lines(said) {
		if kind, rest, ok := strings.Cut(line, " "); ok && kind == want.Kind && strings.Contains(rest, want.What) {
			return true
		}
	}
	return false
}

func TestVerifyPy_AnotherKey(t *testing.T) {
	python(t)
	a, b := verifytest.Make(t, t.TempDir()), verifytest.Make(t, t.TempDir())
	said, code := verifyPy(t, a.Folder, "--key", b.First)
	if code != 1 || !strings.Contains(said, "checkpoint-bad") {
		t.Errorf("exit %d:\n%s", code, said)
	}
}

// TestVerifyPy_Package: a package of evidence is an archive in small, checked by the program that lies in it.
func TestVerifyPy_Package(t *testing.T) {
	python(t)
	a := verifytest.Make(t, t.TempDir())
	clean := filepath.Join(t.TempDir(), "case")
	made, err := evidence.Export(t.Context(), evidence.Options{Files: os.DirFS(a.Folder), Where: "archive", Keys: []string{a.Key}, Query: "user.name: 김민수 or user.name: kim",
		To: verifytest.Start.Add(3 * time.Hour), Reason: "case 12", By: "ana", Host: "log-1", Version: "0.1.0", Out: clean, Now: verifytest.Start.Add(48 * time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	if len(made.Segments) == 0 || len(made.Segments) >= len(a.Segments) {
		t.Fatalf("%d of %d segments: the test needs some of them", len(made.Segments), len(a.Segments))
	}
	if said, code := verifyPy(t, clean, "--key", a.First); code != 0 || !strings.Contains(said, fmt.Sprintf("%d segments, ", len(made.Segments))) {
		t.Fatalf("exit %d:\n%s", code, said)
	}
	first := "archive/" + made.Segments[0]
	for name, tc := range map[string]struct {
		do   func(dir string)
		want verifytest.Named
	}{
		"a segment changed":   {func(dir string) { verifytest.Flip(t, filepath.Join(dir, first), 100) }, verifytest.Named{Kind: "changed", What: made.Segments[0]}},
		"a segment removed":   {func(dir string) { mustDo(t, os.Remove(filepath.Join(dir, first))) }, verifytest.Named{Kind: "removed", What: made.Segments[0]}},
		"an event changed":    {func(dir string) { verifytest.Flip(t, filepath.Join(dir, "events.ndjson"), 50) }, verifytest.Named{Kind: "package-changed", What: "events.ndjson"}},
		"a file added":        {func(dir string) { mustDo(t, os.WriteFile(filepath.Join(dir, "x"), nil, 0o600)) }, verifytest.Named{Kind: "package-changed", What: "x: nothing names"}},
		"the proofs removed":  {func(dir string) { mustDo(t, os.Remove(filepath.Join(dir, "proofs.json"))) }, verifytest.Named{Kind: "package-changed", What: "proofs.json"}},
		"a policy changed":    {func(dir string) { verifytest.Flip(t, filepath.Join(dir, "archive", a.Policy), 1) }, verifytest.Named{Kind: "file-changed", What: a.Policy}},
		"a line changed":      {func(dir string) { verifytest.Flip(t, filepath.Join(dir, "archive/manifest.jsonl"), 300) }, verifytest.Named{Kind: "manifest-changed", What: "manifest.jsonl"}},
		"the signature":       {func(dir string) { flipSignature(t, filepath.Join(dir, "archive/log/checkpoint")) }, verifytest.Named{Kind: "checkpoint-bad", What: "log/checkpoint"}},
		"the checkpoint gone": {func(dir string) { mustDo(t, os.Remove(filepath.Join(dir, "archive/log/checkpoint"))) }, verifytest.Named{Kind: "log-truncated", What: "log/checkpoint"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := verifytest.Copy(t, clean)
			tc.do(dir)
			if said, code := verifyPy(t, dir, "--key", a.First); code != 1 || !names(said, tc.want) {
				t.Errorf("exit %d, no %s about %q:\n%s", code, tc.want.Kind, tc.want.What, said)
			}
		})
	}
}

// flipSignature changes a character of a checkpoint's signature into another one that can stand there.
func flipSignature(t testing.TB, path string) {
	t.Helper()
	b := verifytest.Read(t, path)
	i := bytes.LastIndexByte(b, ' ') + 20
	b[i] = map[bool]byte{true: 'C', false: 'B'}[b[i] == 'B']
	mustDo(t, os.WriteFile(path, b, 0o600))
}

func mustDo(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

package evidence

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"weir/internal/archive/verify/verifytest"
	"weir/internal/fault"
	"weir/internal/testkit"
)

// TestVerify_Tampering: each kind is found, and called by its name.
func TestVerify_Tampering(t *testing.T) {
	a := world(t)
	clean := filepath.Join(t.TempDir(), "case")
	s := export(t, options(a, clean))
	first := "archive/" + s.Segments[0]
	cases := map[string]struct {
		do   func(t *testing.T, dir string)
		kind string
		what string
	}{
		"an event changed": {func(t *testing.T, dir string) { verifytest.Flip(t, filepath.Join(dir, eventsName), 50) }, PackageChanged, eventsName},
		"an event taken out, the list made good": {func(t *testing.T, dir string) {
			b := verifytest.Read(t, filepath.Join(dir, eventsName))
			put(t, dir, eventsName, b[bytes.IndexByte(b, '\n')+1:])
		}, EventsChanged, eventsName},
		"an event added, the list made good": {func(t *testing.T, dir string) {
			put(t, dir, eventsName, append(verifytest.Read(t, filepath.Join(dir, eventsName)), `{"message":"x"}`+"\n"...))
		}, EventsChanged, eventsName},
		"a segment changed, the list made good": {func(t *testing.T, dir string) {
			b := verifytest.Read(t, filepath.Join(dir, first))
			b[100] ^= 1
			put(t, dir, first, b)
		}, "changed", s.Segments[0]},
		"a segment removed": {func(t *testing.T, dir string) { remove(t, filepath.Join(dir, first)) }, "removed", s.Segments[0]},
		"a segment left out of the list too": {func(t *testing.T, dir string) {
			remove(t, filepath.Join(dir, first))
			relist(t, dir, func(p *Package) { p.Segments = p.Segments[1:] })
		}, EventsChanged, eventsName},
		"the manifest changed, the list made good": {func(t *testing.T, dir string) {
			put(t, dir, "archive/manifest.jsonl", bytes.Replace(verifytest.Read(t, filepath.Join(dir, "archive/manifest.jsonl")), []byte(`"rows":20`), []byte(`"rows":19`), 1))
		}, "manifest-changed", "manifest.jsonl"},
		"a checkpoint changed, the list made good": {func(t *testing.T, dir string) {
			b := verifytest.Read(t, filepath.Join(dir, "archive/log/checkpoint"))
			b[bytes.IndexByte(b, '\n')+1] ^= 1
			put(t, dir, "archive/log/checkpoint", b)
		}, "checkpoint-bad", "log/checkpoint"},
		"a report changed": {func(t *testing.T, dir string) { verifytest.Flip(t, filepath.Join(dir, "report.en.html"), 9) }, PackageChanged, "report.en.html"},
		"a policy changed": {func(t *testing.T, dir string) { verifytest.Flip(t, filepath.Join(dir, "archive", a.Policy), 1) }, "file-changed", a.Policy},
		"a file added":     {func(t *testing.T, dir string) { write(t, dir, "extra.txt", []byte("x")) }, PackageChanged, "extra.txt"},
		"proofs removed":   {func(t *testing.T, dir string) { remove(t, filepath.Join(dir, proofsName)) }, PackageChanged, proofsName},
		"a wrong count":    {func(t *testing.T, dir string) { relist(t, dir, func(p *Package) { p.Events++ }) }, PackageChanged, listName},
		"another query":    {func(t *testing.T, dir string) { relist(t, dir, func(p *Package) { p.Query = "user.name: root" }) }, EventsChanged, eventsName},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			dir := verifytest.Copy(t, clean)
			c.do(t, dir)
			v := verified(t, dir, a.Key)
			if v.OK || v.Found == 0 {
				t.Fatal("nothing was found")
			}
			for _, f := range v.Findings {
				if f.Kind == c.kind && f.Path == c.what {
					return
				}
			}
			t.Errorf("no %s %s in\n%s", c.kind, c.what, found(v))
		})
	}
}

// TestVerify_Python: the program in the package agrees, with nothing of weir; it cannot tell what a query finds.
func TestVerify_Python(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		testkit.Skip(t, "python3", "the verifier in a package is a Python program")
	}
	a := world(t)
	clean := filepath.Join(t.TempDir(), "case")
	s := export(t, options(a, clean))
	first := "archive/" + s.Segments[0]
	run := func(dir string) (string, int) {
		cmd := exec.Command(python, "verify.py", ".", "--key", a.Key)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			return string(out), exit.ExitCode()
		} else if err != nil {
			t.Fatal(err)
		}
		return string(out), 0
	}
	if out, code := run(clean); code != 0 {
		t.Fatalf("a clean package: exit %d\n%s", code, out)
	}
	for name, c := range map[string]struct {
		do   func(dir string)
		want string
	}{
		"an event changed":  {func(dir string) { verifytest.Flip(t, filepath.Join(dir, eventsName), 50) }, "package-changed"},
		"a segment removed": {func(dir string) { remove(t, filepath.Join(dir, first)) }, "removed"},
		"a segment changed, the list made good": {func(dir string) {
			b := verifytest.Read(t, filepath.Join(dir, first))
			b[100] ^= 1
			put(t, dir, first, b)
		}, "changed"},
		"the manifest changed, the list made good": {func(dir string) {
			put(t, dir, "archive/manifest.jsonl", bytes.Replace(verifytest.Read(t, filepath.Join(dir, "archive/manifest.jsonl")), []byte(`"rows":20`), []byte(`"rows":19`), 1))
		}, "manifest-changed"},
		"a file added": {func(dir string) { write(t, dir, "extra.txt", []byte("x")) }, "package-changed"},
	} {
		dir := verifytest.Copy(t, clean)
		c.do(dir)
		if out, code := run(dir); code != 1 || !strings.Contains(out, c.want) {
			t.Errorf("%s: exit %d\n%s", name, code, out)
		}
	}
}

// put replaces a file and makes the list of files good, as a careful forger would.
func put(t *testing.T, dir, name string, b []byte) {
	t.Helper()
	write(t, dir, name, b)
	relist(t, dir, func(p *Package) {
		for i := range p.Files {
			if p.Files[i].Path == name {
				sum, size, err := hashOf(t.Context(), os.DirFS(dir), name)
				if err != nil {
					t.Fatal(err)
				}
				p.Files[i].SHA256, p.Files[i].Bytes = sum, size
			}
		}
	})
}

// relist changes package.json.
func relist(t *testing.T, dir string, f func(*Package)) {
	t.Helper()
	p, _, err := readList(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	f(p)
	b, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, listName, b)
}

func write(t *testing.T, dir, name string, b []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, name string) {
	t.Helper()
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
}

// TestVerify_NoPackage: what is no package is said to be none.
func TestVerify_NoPackage(t *testing.T) {
	if _, _, _, ok, err := Open(t.TempDir()); ok || err != nil {
		t.Errorf("an empty folder: %v, %v", ok, err)
	}
	junk := filepath.Join(t.TempDir(), "x.zip")
	if err := os.WriteFile(junk, []byte("no zip"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{junk, "/nowhere"} {
		if _, _, _, _, err := Open(name); fault.Code(err) != "archive-folder" {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, list := range map[string]string{"no JSON": "x", "another form": `{"v":9}`} {
		dir := t.TempDir()
		write(t, dir, listName, []byte(list))
		if _, err := Verify(context.Background(), os.DirFS(dir), VerifyOptions{}); fault.Code(err) != "archive-folder" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

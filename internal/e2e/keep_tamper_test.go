package e2e

import (
	"archive/zip"
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// keepSome sends lines of round 0 over TCP and waits until they are found: those of now and of the past, by number.
func (w *weir) keepSome(from, to int) {
	w.t.Helper()
	c, err := net.Dial("tcp", w.syslog())
	if err != nil {
		w.t.Fatal(err)
	}
	for i := from; i < to; i++ {
		if _, err := fmt.Fprintf(c, "%s\n", keepLine(0, i)); err != nil {
			w.t.Fatal(err)
		}
	}
	if err := c.Close(); err != nil {
		w.t.Fatal(err)
	}
	w.waitFor("event.dataset: system.auth and event.kind: event", to)
}

// segments are the files of an archive's segments of a class, below its folder.
func segments(t testing.TB, dir, class string) []string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(dir, "class="+class, "day=*", "*.parquet"))
	if err != nil || len(list) < 2 {
		t.Fatalf("%q, %v", list, err)
	}
	for i, name := range list {
		if list[i], err = filepath.Rel(dir, name); err != nil {
			t.Fatal(err)
		}
	}
	return list
}

// flip changes one byte of a file, counted from its end if at is negative.
func flip(t testing.TB, name string, at int) {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if at < 0 {
		at += len(b)
	}
	b[at] ^= 0x20
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// edit replaces a text of a file, which must be there.
func edit(t testing.TB, name, was, is string) {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil || !bytes.Contains(b, []byte(was)) {
		t.Fatalf("no %q in %s: %v", was, name, err)
	}
	if err := os.WriteFile(name, bytes.Replace(b, []byte(was), []byte(is), 1), 0o600); err != nil {
		t.Fatal(err)
	}
}

// remove removes a file or folder that is there.
func remove(t testing.TB, name string) {
	t.Helper()
	if _, err := os.Stat(name); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(name); err != nil {
		t.Fatal(err)
	}
}

// bothFind runs both verifiers on something that was tampered with: each must end with 1 and name what and where.
func (w *weir) bothFind(t *testing.T, dir, kind, where string, more ...string) {
	t.Helper()
	cmd := w.command(append([]string{"archive", "verify", dir, "--key", w.keyFile(), "--json"}, more...)...)
	out, err := cmd.CombinedOutput()
	if code := cmd.ProcessState.ExitCode(); code != 1 || !strings.Contains(string(out), fmt.Sprintf("%q", kind)) || !strings.Contains(string(out), where) {
		t.Errorf("weir archive verify: exit code %d (%v), want 1, %s and %s:\n%s", code, err, kind, where, out)
	}
	said, err := verifyPy(t, dir, w.keyFile(), more...)
	if exit, ok := err.(*exec.ExitError); !ok || exit.ExitCode() != 1 || !strings.Contains(said, kind) || !strings.Contains(said, where) { //nolint:errorlint // as exec returns it
		t.Errorf("verify.py: %v, want 1, %s and %s:\n%s", err, kind, where, said)
	}
}

// TestTamper: whatever is done to an archive while weir is stopped, both verifiers name it; a damaged segment is named by the
// next start and by an alert, and the others are found.
func TestTamper(t *testing.T) {
	w := newKeep(t, "WEIR_ARCHIVE_EPOCH_ROWS=50")
	w.args = []string{"--history"}
	w.start()
	w.keepSome(0, 120) // two epochs at least
	w.keepSome(120, 240)
	w.stop()
	dir := w.archiveDir()
	w.bothVerify(dir)
	list := segments(t, dir, "lasting")
	one, two := list[0], list[1]
	at := func(dir string, parts ...string) string { return filepath.Join(append([]string{dir}, parts...)...) }
	for _, tt := range []struct {
		name, kind, where string
		tamper            func(t *testing.T, dir string)
	}{
		{"a byte is changed", "changed", one, func(t *testing.T, dir string) { flip(t, at(dir, one), 1000) }},
		{"a segment is removed", "removed", one, func(t *testing.T, dir string) { remove(t, at(dir, one)) }},
		{"a segment is added", "added", "s-00009999.parquet", func(t *testing.T, dir string) {
			write(t, at(dir, filepath.Dir(one), "s-00009999.parquet"), "PAR1")
		}},
		{"two are swapped", "swapped", two, func(t *testing.T, dir string) {
			for _, move := range [][2]string{{one, "x"}, {two, one}, {"x", two}} {
				if err := os.Rename(at(dir, move[0]), at(dir, move[1])); err != nil {
					t.Fatal(err)
				}
			}
		}},
		{"the manifest is edited", "manifest-changed", "manifest.jsonl", func(t *testing.T, dir string) {
			edit(t, at(dir, "manifest.jsonl"), `"class":"lasting"`, `"class":"brief"`)
		}},
		{"the end of the log is cut off", "log-truncated", "log", func(t *testing.T, dir string) {
			remove(t, at(dir, "log", "tile", "entries"))
		}},
		{"the log's newest checkpoint is gone", "log-truncated", "log/checkpoint", func(t *testing.T, dir string) { remove(t, at(dir, "log", "checkpoint")) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			changed := filepath.Join(t.TempDir(), "archive")
			if err := os.CopyFS(changed, os.DirFS(dir)); err != nil {
				t.Fatal(err)
			}
			tt.tamper(t, changed)
			w.bothFind(t, changed, tt.kind, tt.where)
		})
	}
	t.Run("a start with a shorter segment", func(t *testing.T) {
		kept := len(w.search("host.name: keep-0", 1000))
		if err := os.Truncate(filepath.Join(dir, one), 5000); err != nil {
			t.Fatal(err)
		}
		w.start()
		w.logs(one, 10*time.Second)
		w.alerted(one)
		if found := len(w.search("host.name: keep-0", 1000)); found == 0 || found >= kept {
			t.Errorf("%d of %d are found", found, kept)
		}
		if found := len(w.search("host.name: web-0", 1000)); found != 80 {
			t.Errorf("%d of 80 are found", found)
		}
		for at := 500; at < 9000; at += 50 { // in every column: what a search does not read it cannot notice
			flip(t, filepath.Join(dir, two), at)
		}
		w.search("host.name: keep-0", 1000)
		w.logs(two, 10*time.Second)
		w.alerted(two)
		w.stop()
		w.bothFind(t, dir, "changed", one)
		w.bothFind(t, dir, "changed", two)
	})
}

// alerted waits a minute for the alert about a damaged segment.
func (w *weir) alerted(segment string) {
	w.t.Helper()
	eventually(w.t, time.Minute, "an alert names "+segment, func() bool {
		for _, a := range w.alertsOf("weir-archive-damaged") {
			if strings.Contains(fmt.Sprint(a), segment) {
				return true
			}
		}
		return false
	})
}

// inside returns a place in the middle of a file's bytes in a zip: much of what lies between files says nothing of them.
func inside(t testing.TB, path, name string) int {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	for _, f := range z.File {
		if strings.HasSuffix(f.Name, name) {
			at, err := f.DataOffset()
			if err != nil || f.CompressedSize64 < 100 {
				t.Fatalf("%s has %d bytes in %s, %v", name, f.CompressedSize64, path, err)
			}
			return int(at) + int(f.CompressedSize64/2)
		}
	}
	t.Fatalf("no %s in %s", name, path)
	return 0
}

// TestExport: what a running weir hands on proves itself to both verifiers, and no longer when a byte of it is another.
func TestExport(t *testing.T) {
	w := newKeep(t)
	w.args = []string{"--history"}
	w.start()
	w.keepSome(0, 120)
	folder, zip := filepath.Join(t.TempDir(), "case-12"), filepath.Join(t.TempDir(), "case-12.zip")
	w.run("archive", "export", "host.name: keep-0", "--reason", "case 12", "--out", folder)
	w.run("archive", "export", "host.name: web-0 and wseq", "--reason", "case 12", "--out", zip)
	w.bothVerify(folder)
	w.verified(zip, "--key", w.keyFile())
	b, err := os.ReadFile(filepath.Join(folder, "events.ndjson"))
	if n := bytes.Count(b, []byte("\n")); err != nil || n != 20 || bytes.Count(b, []byte("keep-0")) < n {
		t.Errorf("%d events, %v", n, err)
	}
	// The export itself is recorded, with its reason.
	if docs := w.waitFor("event.dataset: weir.audit and event.action: archive-export", 2); !strings.HasPrefix(field(docs[0], "event.reason"), "case 12") {
		t.Errorf("%v", docs[0])
	}
	w.stop()

	for _, name := range []string{"events.ndjson", "report.ko.html", "archive/manifest.jsonl"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changed := filepath.Join(t.TempDir(), "case-12")
			if err := os.CopyFS(changed, os.DirFS(folder)); err != nil {
				t.Fatal(err)
			}
			flip(t, filepath.Join(changed, name), 300)
			w.bothFind(t, changed, "package-changed", name)
		})
	}
	flip(t, zip, inside(t, zip, "events.ndjson"))
	if out, err := w.command("archive", "verify", zip, "--key", w.keyFile()).CombinedOutput(); err == nil {
		t.Errorf("a zip with another byte is whole:\n%s", out)
	}
}

package verify_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/internal/archive/verify"
	"weir/internal/archive/verify/verifytest"
)

// lines changes the lines of a copy's manifest.
func lines(t *testing.T, dir string, f func([]string) []string) {
	t.Helper()
	name := filepath.Join(dir, "manifest.jsonl")
	l := strings.Split(strings.TrimSuffix(string(verifytest.Read(t, name)), "\n"), "\n")
	if err := os.WriteFile(name, []byte(strings.Join(f(l), "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestRun_OneLine: of a manifest that was chained anew from a line on, that line is named, and not all behind it.
func TestRun_OneLine(t *testing.T) {
	a := archive(t)
	dir := verifytest.Copy(t, a.Folder)
	lines(t, dir, func(l []string) []string {
		l[5] = strings.Replace(l[5], `"writer":"test"`, `"writer":"x"`, 1)
		return verifytest.Chain(t, l)
	})
	v := check(t, verify.Options{Files: os.DirFS(dir), Keys: []string{a.Key}})
	if kinds(v) != "manifest-changed manifest.jsonl:6" || !strings.HasSuffix(v.Findings[0].Why, "only chained to it anew: 12") || v.Findings[0].Leaf < 0 {
		t.Errorf("%s: %+v", kinds(v), v.Findings)
	}
}

// TestRun_NothingProves: where neither the manifest nor the log's files give the root, no line is blamed, and all that can
// be read is.
func TestRun_NothingProves(t *testing.T) {
	a := archive(t)
	dir := verifytest.Copy(t, a.Folder)
	lines(t, dir, func(l []string) []string {
		l[5] = strings.Replace(l[5], `"rows":20`, `"rows":19`, 1)
		return verifytest.Chain(t, l)
	})
	if err := os.RemoveAll(filepath.Join(dir, "log", "tile", "entries")); err != nil {
		t.Fatal(err)
	}
	// The hashes alone still tell which line it is.
	if v := check(t, verify.Options{Files: os.DirFS(dir), Keys: []string{a.Key}}); !strings.Contains(kinds(v), "manifest-changed manifest.jsonl:6") || !strings.Contains(kinds(v), verify.LogTruncated) {
		t.Errorf("with the tiles of hashes: %s", kinds(v))
	}
	if err := os.RemoveAll(filepath.Join(dir, "log", "tile")); err != nil {
		t.Fatal(err)
	}
	v := check(t, verify.Options{Files: os.DirFS(dir), Keys: []string{a.Key}})
	if !strings.Contains(kinds(v), "manifest-changed manifest.jsonl\n") || v.Segments != len(a.Segments) {
		t.Errorf("without any: %s", kinds(v))
	}
}

// TestRun_NewLines: lines that the log does not have yet are counted, and only too many of them are a finding.
func TestRun_NewLines(t *testing.T) {
	a := archive(t)
	for name, c := range map[string]struct {
		after time.Duration // of the appended lines, one behind the other
		want  string
	}{
		"what a running weir has not signed yet": {time.Second, ""},
		"what was never signed":                  {time.Minute, "log-truncated manifest.jsonl:19"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := verifytest.Copy(t, a.Folder)
			lines(t, dir, func(l []string) []string {
				from := verifytest.Start.Add((verifytest.Epochs - 1) * time.Hour)
				for i := range 3 {
					l = append(l, `{"seq":1,"published":"`+from.Add(time.Duration(i+1)*c.after).Format(time.RFC3339)+`","writer":"test","epoch":"","segments":[],"sources":{},"prev":""}`)
				}
				return verifytest.Chain(t, l)
			})
			if v := check(t, verify.Options{Files: os.DirFS(dir), Keys: []string{a.Key}}); kinds(v) != c.want {
				t.Errorf("found %s", kinds(v))
			}
		})
	}
}

// TestRun_DamagedKeyChange: the change of keys is in the log too, so what the new key signed still counts.
func TestRun_DamagedKeyChange(t *testing.T) {
	a := archive(t)
	dir := verifytest.Copy(t, a.Folder)
	lines(t, dir, func(l []string) []string {
		for i := range l {
			l[i] = strings.Replace(l[i], `"kind":"key"`, `"kind":"kex"`, 1)
		}
		return l
	})
	v := check(t, verify.Options{Files: os.DirFS(dir), Keys: []string{a.First}})
	if got := kinds(v); !strings.Contains(got, "manifest-changed") || strings.Contains(got, verify.CheckpointBad) {
		t.Errorf("found %s", got)
	}
}

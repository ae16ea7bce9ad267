package verify_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/internal/archive/verify"
	"weir/internal/archive/verify/verifytest"
)

// TestRun_Anchors: the list of publications is nobody's word but weir's, and held against the log all the same.
func TestRun_Anchors(t *testing.T) {
	a := archive(t)
	clean := verifytest.Read(t, filepath.Join(a.Folder, "log", "anchors.jsonl"))
	for name, c := range map[string]struct {
		text   string
		want   string
		newest int64
	}{
		"torn":          {string(clean) + `{"at":"2026-`, "", -1},
		"a failed one":  {string(clean) + strings.ReplaceAll(strings.Replace(string(clean), `"ok":true`, `"ok":false`, 1), `"size":`, `"size":9`), "", -1},
		"another root":  {strings.Replace(string(clean), `"root":"`, `"root":"AAAA`, 1), "log-rewritten log/anchors.jsonl:1", 0},
		"a larger size": {strings.Replace(string(clean), `"size":`, `"size":99`, 1), "log-rewritten log/anchors.jsonl:1", 0},
		"none":          {"", "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			dir := verifytest.Copy(t, a.Folder)
			if err := os.WriteFile(filepath.Join(dir, "log", "anchors.jsonl"), []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			v := check(t, verify.Options{Files: os.DirFS(dir), Keys: []string{a.Key}})
			if kinds(v) != c.want || (c.newest == 0) != (v.Anchored == 0) {
				t.Errorf("%q, anchored %d", kinds(v), v.Anchored)
			}
		})
	}
}

// TestRun_GivenAnchors: a checkpoint that somebody brings is an anchor too.
func TestRun_GivenAnchors(t *testing.T) {
	a := archive(t)
	now := verifytest.Read(t, filepath.Join(a.Folder, "log", "checkpoint"))
	v := check(t, verify.Options{Files: os.DirFS(a.Folder), Keys: []string{a.Key}, Checkpoints: []verify.Checkpoint{{Name: "today.txt", Text: now}}})
	if !v.OK || v.Anchored != v.Size || v.Unanchored != 0 || !v.Until.IsZero() {
		t.Errorf("%s: %d of %d, %d newer", kinds(v), v.Anchored, v.Size, v.Unanchored)
	}
}

func TestRun_Stamps(t *testing.T) {
	a := archive(t)
	dir := verifytest.Copy(t, a.Folder)
	day := filepath.Join(dir, "log", "checkpoints", "2026-11-19")
	if err := os.WriteFile(day+".tsr", bytes.Repeat([]byte("no stamp"), 9), 0o600); err != nil {
		t.Fatal(err)
	}
	if v := check(t, verify.Options{Files: os.DirFS(dir), Keys: []string{a.Key}}); kinds(v) != "stamp-bad log/checkpoints/2026-11-19.tsr" || v.Stamps != 0 {
		t.Errorf("found %s", kinds(v))
	}
}

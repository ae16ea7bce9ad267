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

// TestRun_LeftOver: what a weir that was killed left behind is said, and is no tampering.
func TestRun_LeftOver(t *testing.T) {
	a := archive(t)
	dir := verifytest.Copy(t, a.Folder)
	folder := filepath.Join(dir, filepath.Dir(a.Segments[0].Path))
	for name, text := range map[string]string{"s-00000019.parquet": "PAR1 of its own PAR1", "s-00000019.idx": "x", "s-00000020.parquet.tmp": "x"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f := filepath.Join(dir, "manifest.jsonl")
	if err := os.WriteFile(f, append(verifytest.Read(t, f), `{"seq":19,"publ`...), 0o600); err != nil {
		t.Fatal(err)
	}
	v := check(t, verify.Options{Files: os.DirFS(dir), Keys: []string{a.Key}})
	if notes := strings.Join(v.Notes, "\n"); !v.OK || !strings.Contains(notes, "s-00000019.parquet") || !strings.Contains(notes, "15 bytes behind") {
		t.Errorf("%s\n%s", kinds(v), notes)
	}
}

// TestRun_Expired: a segment whose going is in the log may still be there, as it was.
func TestRun_Expired(t *testing.T) {
	a := archive(t)
	dir := verifytest.Copy(t, a.Folder)
	gone := filepath.Join(dir, a.Gone.Path)
	if err := os.WriteFile(gone, []byte("no"), 0o600); err != nil {
		t.Fatal(err)
	}
	if v := check(t, verify.Options{Files: os.DirFS(dir), Keys: []string{a.Key}}); kinds(v) != "changed "+a.Gone.Path || v.Expired != 1 {
		t.Errorf("%s, %d expired", kinds(v), v.Expired)
	}
}

// TestRun_Bucket: in a bucket a file is there before its line.
func TestRun_Bucket(t *testing.T) {
	a := archive(t)
	dir := verifytest.Copy(t, a.Folder)
	extra := filepath.Join(dir, filepath.Dir(a.Segments[0].Path), "s-00000044-0123abcd.parquet")
	if err := os.WriteFile(extra, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	o := verify.Options{Files: os.DirFS(dir), Keys: []string{a.Key}, Bucket: true}
	if v := check(t, o); !v.OK || len(v.Notes) == 0 {
		t.Errorf("a young one: %s", kinds(v))
	}
	old := time.Now().Add(-48 * time.Hour)
	if err := os.Chtimes(extra, old, old); err != nil {
		t.Fatal(err)
	}
	if v := check(t, o); !strings.Contains(kinds(v), "added ") {
		t.Errorf("an old one: %s", kinds(v))
	}
}

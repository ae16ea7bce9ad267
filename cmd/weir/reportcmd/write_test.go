package reportcmd

import (
	"os"
	"path/filepath"
	"testing"

	"weir/internal/fault"
)

// TestWriter_drop: what is left half is no file afterwards.
func TestWriter_drop(t *testing.T) {
	dir := t.TempDir()
	w := &writer{out: dir}
	if err := w.piece("a.pdf", []byte("half")); err != nil {
		t.Fatal(err)
	}
	if got := names(t, dir); got == "" || got == "a.pdf" {
		t.Errorf("while it comes it is called %q", got)
	}
	w.drop()
	if got := names(t, dir); got != "" {
		t.Errorf("left: %s", got)
	}
}

// FuzzPiece: whatever the other side calls a file, nothing is written outside the folder.
func FuzzPiece(f *testing.F) {
	for _, s := range []string{"a.pdf", "..", "../x", "/etc/x", "a/b", "", ".", "a\x00b", `a\b`, "가.pdf", "-"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		top := t.TempDir()
		dir := filepath.Join(top, "in")
		w := &writer{out: dir}
		err := w.piece(name, []byte("x"))
		w.drop()
		if err != nil && fault.Code(err) != "report-answer" {
			t.Errorf("%q: %v", name, err)
		}
		list, _ := os.ReadDir(top) // it is there
		if len(list) > 1 || len(list) == 1 && list[0].Name() != "in" {
			t.Errorf("%q wrote beside the folder: %v", name, list)
		}
	})
}

// TestIsFolder: what is there decides, else how it is written.
func TestIsFolder(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]bool{dir: true, file: false, filepath.Join(dir, "new"): true, filepath.Join(dir, "new.pdf"): false, filepath.Join(dir, "a.b") + "/": true, ".": true} {
		if got := isFolder(in); got != want {
			t.Errorf("%s: %v", in, got)
		}
	}
}

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestMan(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "man1")
	_, msg, code := shell{}.run(t, "man", dir)
	page, err := os.ReadFile(filepath.Join(dir, "weir-alerts-list.1"))
	if err != nil || code != 0 || !strings.HasSuffix(msg, "files written to "+dir+"\n") {
		t.Fatalf("exit %d, %s, %v", code, msg, err)
	}
	for _, want := range []string{".TH WEIR\\-ALERTS\\-LIST 1", ".SH EXAMPLES", ".B \\-\\-level LEVEL", ".SH EXIT CODES"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("no %q in\n%s", want, page)
		}
	}
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, msg, code := (shell{}).run(t, "man", blocked); code != 3 || !strings.HasPrefix(msg, "error[folder-unusable]") {
		t.Errorf("exit %d, %s", code, msg)
	}
}

// TestMan_Markdown: the reference of the documentation is written by the same command, twice the same.
func TestMan_Markdown(t *testing.T) {
	var before map[string]string
	for range 2 {
		dir := t.TempDir()
		if _, msg, code := (shell{}).run(t, "man", "--markdown", dir); code != 0 || !strings.HasPrefix(msg, "3 files written to ") {
			t.Fatalf("exit %d, %s", code, msg)
		}
		files := map[string]string{}
		for _, name := range []string{"commands.md", "config.md", "errors.md"} {
			text, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			files[name] = string(text)
			if before != nil && before[name] != files[name] {
				t.Errorf("%s differs from one time to the next", name)
			}
		}
		before = files
	}
	if _, msg, code := (shell{}).run(t, "man"); code != 2 || !strings.Contains(msg, "missing: DIR") {
		t.Errorf("no folder: exit %d, %s", code, msg)
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "weir.1"), 0o700); err != nil { // stands in the way of a page
		t.Fatal(err)
	}
	if _, msg, code := (shell{}).run(t, "man", dir); code != 3 || !strings.Contains(msg, "a file cannot be written") {
		t.Errorf("exit %d, %s", code, msg)
	}
}

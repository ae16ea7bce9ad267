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

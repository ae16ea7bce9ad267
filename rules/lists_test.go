package rules

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/internal/match"
)

func TestLists(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{"bad.txt": "192.0.2.0/24\n", "sub/vips.list": "kim\n", "readme.md": "x"} {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	lists, faults := LoadLists(dir)
	if len(faults) != 0 || len(lists) != 2 || !lists["bad"].Has("192.0.2.9") || !lists["sub/vips"].Has("kim") {
		t.Fatal(lists, faults)
	}
	if lists, faults = LoadLists(filepath.Join(dir, "none")); len(lists) != 0 || faults != nil {
		t.Error(lists, faults)
	}
	_, ruleFaults := Parse("f.yaml", []byte(strings.Replace(small, `user.name == "x"`, `in_list(source.ip, "bad")`, 1)), Options{Lists: match.Lists{"bad": match.NewList("x")}})
	if len(ruleFaults) != 0 {
		t.Error(show(ruleFaults))
	}
	if err := os.WriteFile(filepath.Join(dir, "long.txt"), []byte(strings.Repeat("x", 100_000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, faults = LoadLists(dir); len(faults) != 1 || faults[0].Code != "list-unreadable" {
		t.Error(faults)
	}
}

func TestListValues(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("a.txt", "# ours\none\n\n two  # a comment\n")
	write("b.list", "x*\n")
	write("empty.txt", "# nothing\n")
	write("many.txt", strings.Repeat("x\n", maxListValues+1))
	write("large.txt", strings.Repeat("x", maxListValuesBytes+1))
	values := ListValues(dir)
	for name, want := range map[string]string{"a": "one|two", "b": "x*", "empty": "", "none": "", "many": "", "large": "", "..": ""} {
		if got := strings.Join(values(name), "|"); got != want {
			t.Errorf("%s: %.40s", name, got)
		}
	}
}

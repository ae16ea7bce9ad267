package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

func TestFind(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		"a_test.go":              "package a\n\nimport \"testing\"\n\nfunc FuzzRoot(f *testing.F) {}\n",
		"a.go":                   "package a\n\nimport \"testing\"\n\nfunc FuzzNotInATest(f *testing.F) {}\n",
		"b/b_test.go":            "package b\n\nimport \"testing\"\n\nfunc FuzzOne(f *testing.F) {}\n\nfunc FuzzTwo(f *testing.F) {}\n",
		"b/c/c_test.go":          "package c\n\nfunc FuzzNothing() {}\n\nfunc FuzzNumber(n *int) {}\n\nfunc fuzzSmall() {}\n\ntype t int\n\nfunc (t) FuzzMethod() {}\n",
		"b/testdata/d_test.go":   "package d\n\nimport \"testing\"\n\nfunc FuzzData(f *testing.F) {}\n",
		"tools/go.mod":           "module tools\n",
		"tools/tool_test.go":     "package tools\n\nimport \"testing\"\n\nfunc FuzzTool(f *testing.F) {}\n",
		".hidden/hidden_test.go": "package hidden\n\nimport \"testing\"\n\nfunc FuzzHidden(f *testing.F) {}\n",
	} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, tc := range []struct{ only, want string }{
		{"", "[. FuzzRoot b FuzzOne b FuzzTwo]"},
		{"^b ", "[b FuzzOne b FuzzTwo]"},
		{"FuzzTwo", "[b FuzzTwo]"},
		{"none", "[]"},
	} {
		got, err := find(root, regexp.MustCompile(tc.only))
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(got) != tc.want {
			t.Errorf("only %q: got %v, want %s", tc.only, got, tc.want)
		}
	}
	if err := os.WriteFile(filepath.Join(root, "b/bad_test.go"), []byte("package\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := find(root, regexp.MustCompile("")); err == nil {
		t.Error("a file that does not parse was passed over")
	}
}

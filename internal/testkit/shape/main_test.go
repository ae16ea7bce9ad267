package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRunExitCodes(t *testing.T) {
	fine := write(t, map[string]string{
		"go.mod":      "module x\n",
		"a/a.go":      "// Package a is small.\npackage a\n\n// F works.\nfunc F() {}\n",
		"a/a_test.go": "package a\n\nimport \"testing\"\n\nfunc TestF(t *testing.T) { F() }\n",
	})
	bare := write(t, map[string]string{"go.mod": "module x\n", "a.go": "package a\n\nfunc F() {\n}\n"})
	for _, tc := range []struct {
		name string
		args []string
		code int
		out  string
	}{
		{"all holds", []string{"-root", fine}, 0, "all 8 ceilings hold"},
		{"no tests, no comments", []string{"-root", bare}, 1, "2 of 8 measures"},
		{"no such folder", []string{"-root", filepath.Join(fine, "none")}, 2, ""},
		{"unknown flag", []string{"-nope"}, 2, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var out, errs strings.Builder
			if got := run(tc.args, &out, &errs); got != tc.code {
				t.Errorf("exit %d, want %d\n%s%s", got, tc.code, out.String(), errs.String())
			}
			if !strings.Contains(out.String(), tc.out) {
				t.Errorf("%q is missing in\n%s", tc.out, out.String())
			}
			if tc.code == 2 && errs.Len() == 0 {
				t.Error("nothing on stderr")
			}
		})
	}
}

func TestModuleRootIsFoundFromBelow(t *testing.T) {
	root := write(t, map[string]string{"go.mod": "module x\n", "deep/er/a.go": "package a\n"})
	t.Chdir(filepath.Join(root, "deep", "er"))
	got, err := moduleRoot("")
	if err != nil {
		t.Fatal(err)
	}
	a, errA := os.Stat(got)
	b, errB := os.Stat(root)
	if errA != nil || errB != nil || !os.SameFile(a, b) {
		t.Errorf("got %s, want %s", got, root)
	}
	t.Chdir(t.TempDir())
	if got, err := moduleRoot(""); err == nil {
		t.Errorf("found %s where no go.mod is", got)
	}
}

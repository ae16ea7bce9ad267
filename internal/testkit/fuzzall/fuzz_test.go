package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// module makes a module with one sound and one broken fuzz target.
func module(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module weirfuzz\n\ngo 1.26\n",
		"a/a_test.go": "package a\n\nimport \"testing\"\n\n" +
			"func FuzzSound(f *testing.F) {\n\tf.Add([]byte(\"a\"))\n\tf.Fuzz(func(t *testing.T, b []byte) {})\n}\n\n" +
			"func FuzzBroken(f *testing.F) {\n\tf.Add([]byte(\"seed\"))\n\tf.Fuzz(func(t *testing.T, b []byte) { t.Error(\"always\") })\n}\n",
		"b/b_test.go": "package b\n\nimport \"testing\"\n\nfunc FuzzNoBuild(f *testing.F) { undefined() }\n",
	} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestAllTellsSoundFromBroken(t *testing.T) {
	root := module(t)
	f := &fuzzer{root: root, bin: t.TempDir(), corpus: t.TempDir(), share: 300 * time.Millisecond}
	for _, tc := range []struct {
		name    string
		targets []target
		code    int
		want    []string
	}{
		{"one of two broken", []target{{"a", "FuzzSound"}, {"a", "FuzzBroken"}}, 1,
			[]string{"ok    a FuzzSound", "FAIL  a FuzzBroken", "always", "2 fuzz targets, 300ms each: 1 broken, 0 not run"}},
		{"does not build", []target{{"b", "FuzzNoBuild"}}, 2, []string{"FAIL  b FuzzNoBuild", "undefined: undefined"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var out strings.Builder
			if got := f.all(t.Context(), tc.targets, &out); got != tc.code {
				t.Errorf("exit %d, want %d", got, tc.code)
			}
			for _, want := range tc.want {
				if !strings.Contains(out.String(), want) {
					t.Errorf("%q is missing in\n%s", want, out.String())
				}
			}
		})
	}
}

func TestEndedInTime(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		want       bool
	}{
		{"time over", "--- FAIL: FuzzX (2.10s)\n    context deadline exceeded\nFAIL\n", true},
		{"a broken input", "--- FAIL: FuzzX\n    Failing input written to testdata/fuzz/FuzzX/1\n    context deadline exceeded\n", false},
		{"a panic", "panic: index out of range\ncontext deadline exceeded\n", false},
		{"a hang", "fuzzing process hung or terminated unexpectedly\ncontext deadline exceeded", false},
		{"anything else", "--- FAIL: FuzzX\n", false},
	} {
		if got := endedInTime(tc.text); got != tc.want {
			t.Errorf("%s: got %v", tc.name, got)
		}
	}
}

func TestTried(t *testing.T) {
	text := "fuzz: elapsed: 0s, gathering baseline coverage: 0/2 completed\n" +
		"fuzz: elapsed: 1s, execs: 100 (99/sec), new interesting: 1 (total: 3)\n" +
		"fuzz: elapsed: 2s, execs: 250 (150/sec), new interesting: 2 (total: 4)\nPASS\n"
	if got, want := tried(text), "250 inputs, 2 reached new code (4 kept)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := tried("PASS\n"); !strings.Contains(got, "too short") {
		t.Errorf("got %q", got)
	}
}

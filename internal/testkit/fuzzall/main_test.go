package main

import (
	"io"
	"strings"
	"testing"
)

func TestRunUsage(t *testing.T) {
	root := module(t)
	for _, tc := range []struct {
		name string
		args []string
		code int
		out  string
		errs string
	}{
		{"list", []string{"-root", root, "-list"}, 0, "a FuzzSound\na FuzzBroken\nb FuzzNoBuild\n", ""},
		{"list of some", []string{"-root", root, "-list", "-only", "Sound"}, 0, "a FuzzSound\n", ""},
		{"none left", []string{"-root", root, "-only", "Nothing"}, 2, "", "no fuzz target"},
		{"no time", []string{"-root", root, "-for", "0s"}, 2, "", "more than nothing"},
		{"bad expression", []string{"-root", root, "-only", "("}, 2, "", "-only"},
		{"unknown flag", []string{"-nope"}, 2, "", "-nope"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var out, errs strings.Builder
			if got := run(t.Context(), tc.args, &out, &errs); got != tc.code {
				t.Errorf("exit %d, want %d", got, tc.code)
			}
			if out.String() != tc.out {
				t.Errorf("printed %q, want %q", out.String(), tc.out)
			}
			if !strings.Contains(errs.String(), tc.errs) {
				t.Errorf("stderr %q, want %q", errs.String(), tc.errs)
			}
		})
	}
}

// TestPart: N parts together are everything, each target once, and the targets of a package stay together.
func TestPart(t *testing.T) {
	all := []target{{"a", "FuzzX"}, {"a", "FuzzY"}, {"b", "FuzzX"}, {"c", "FuzzX"}, {"d", "FuzzX"}, {"d", "FuzzY"}}
	seen := map[target]int{}
	for i := range 3 {
		s := settings{part: i + 1, parts: 3}
		for _, x := range s.partOf(all) {
			seen[x]++
		}
	}
	for _, x := range all {
		if seen[x] != 1 {
			t.Errorf("%s: %d times", x, seen[x])
		}
	}
	if got := (&settings{part: 1, parts: 3}).partOf(all); len(got) != 4 {
		t.Errorf("the first part: %v", got)
	}
	if got := (&settings{}).partOf(all); len(got) != len(all) {
		t.Errorf("without parts: %v", got)
	}
	for _, bad := range []string{"0/4", "5/4", "x", "1"} {
		if _, err := parse([]string{"-part", bad}, io.Discard); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
}

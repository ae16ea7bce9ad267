package main

import (
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

package main

import (
	"bytes"
	"strings"
	"testing"
)

// TestProve holds correlation against the oracle: every form of rule, every fault. More seeds are for `task proof:correlate`.
func TestProve(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-seeds", "10", "-all"}, &out); err != nil {
		t.Errorf("%v\n%s", err, out.String())
	}
	if !strings.Contains(out.String(), "all equal") {
		t.Errorf("%s", out.String())
	}
}

func TestRun_refuses(t *testing.T) {
	for _, args := range [][]string{{"-x"}, {"x"}} {
		if err := run(t.Context(), args, &bytes.Buffer{}); err == nil {
			t.Errorf("%v is taken", args)
		}
	}
}

func TestRun_one(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-form", "count", "-fault", "late", "-seeds", "2"}, &out); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Split(out.String(), "\n"); len(lines) != 6 || !strings.Contains(lines[4], "2 streams") {
		t.Errorf("%s", out.String())
	}
}

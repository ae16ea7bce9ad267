package main

import (
	"strings"
	"testing"
)

func TestVersion(t *testing.T) {
	out, _, _ := shell{}.run(t, "version")
	if !strings.HasPrefix(out, "weir 0.1.0") || !strings.Contains(out, " go1.") {
		t.Errorf("version: %s", out)
	}
	out, _, _ = shell{}.run(t, "version", "--json")
	if !strings.HasPrefix(out, `{"version":"0.1.0`) {
		t.Errorf("version --json: %s", out)
	}
}

package main

import (
	"strings"
	"testing"
)

func TestExplain(t *testing.T) {
	out, _, code := shell{terminal: 100}.run(t, "explain", "port-in-use")
	if code != 0 || !strings.HasPrefix(out, "port-in-use: a port is taken\n\n  why ") || !strings.HasSuffix(out, "exit code 3\n") {
		t.Errorf("exit %d, %s", code, out)
	}
	out, _, _ = shell{}.run(t, "explain")
	if !strings.Contains(out, "\nport-in-use\t3\ta port is taken\n") {
		t.Errorf("all: %s", out)
	}
}

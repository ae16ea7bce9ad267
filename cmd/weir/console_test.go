package main

import (
	"strings"
	"testing"
	"time"

	"weir/internal/control/consoling"
	"weir/internal/fault"
)

// TestConsoleOpen: the address alone is data; for whom and until when is said beside it.
func TestConsoleOpen(t *testing.T) {
	b := &fake{named: map[string]any{consoling.AskToken: consoling.Token{Name: "ana", Address: "http://127.0.0.1:8514/in/x", Until: now.Add(10 * time.Minute)}}}
	sh := shell{terminal: 100}
	sh.b = b
	out, msg, code := sh.run(t, "console", "open", "--name", "ana")
	if code != 0 || out != "http://127.0.0.1:8514/in/x\n" || !strings.Contains(msg, "one sign-in of ana") {
		t.Errorf("%d %q %q", code, out, msg)
	}
	if len(b.wanted) != 1 || b.wanted[0] != `console/token {"name":"ana"}` {
		t.Errorf("asked %q", b.wanted)
	}
	out, _, _ = sh.run(t, "console", "open", "--json")
	if !strings.Contains(out, `"address":"http://127.0.0.1:8514/in/x"`) {
		t.Errorf("%q", out)
	}
	b.err = &fault.Error{Code: "name-unusable", What: "no name", Exit: fault.ExitUsage}
	if _, msg, code := sh.run(t, "console", "open", "--name", "\x1b"); code != fault.ExitUsage || !strings.Contains(msg, "name-unusable") {
		t.Errorf("%d %q", code, msg)
	}
}

package main

import (
	"strings"
	"testing"

	"weir/internal/control"
)

func TestTail(t *testing.T) {
	docs := make([]string, 60)
	for i := range docs {
		docs[i] = sshDocs[i%2]
	}
	b := &fake{docs: docs, tail: control.TailSummary{Matched: 60}}
	out, msg, code := shell{b: b, terminal: 80}.run(t, "tail", "x")
	lines := strings.Split(out, "\n")
	same(t, "first line", lines[0], "16:50:08.412  sshd  web-1  203.0.113.5  Failed password for root from 203.0.113…")
	if len(lines) != 51 || code != 0 {
		t.Errorf("%d lines, exit %d", len(lines)-1, code)
	}
	same(t, "stderr", msg, "              ... 10 more in this second, all stored; a terminal shows 50/s (--all shows every one)\n60 matched, 50 shown, 0 dropped\n")
	out, msg, _ = shell{b: b, terminal: 80}.run(t, "tail", "--all")
	if strings.Count(out, "\n") != 60 || !strings.HasPrefix(msg, "60 matched, 60 shown") {
		t.Errorf("--all: %d lines, %s", strings.Count(out, "\n"), msg)
	}
	out, _, _ = shell{b: b}.run(t, "tail")
	if strings.Count(out, "\n") != 60 || !strings.HasPrefix(out, "2026-11-21T07:50:08.412Z\tsshd\tweb-1\t203.0.113.5\tFailed") {
		t.Errorf("pipe: %s", out)
	}
	out, _, _ = shell{b: b}.run(t, "tail", "--json")
	same(t, "--json", out, strings.Join(docs, "\n")+"\n")
}

package main

import (
	"strings"
	"testing"
)

func TestSources(t *testing.T) {
	out, msg, _ := shell{b: &fake{ledger: book()}, terminal: 110}.run(t, "sources", "list")
	same(t, "stdout", out, ""+
		"SOURCE            NAME         LAST       FIRST    RECEIVED   SIZE  REFUSED  DEAD\n"+
		"syslog/192.0.2.1  syslog/fw-1  3 s ago    2 d ago    81,204  9 MiB        0     2\n"+
		"http/cloud        -            1 min ago  -             400    0 B        0     0\n"+
		"file/nginx        -            1 h ago    -          12,000    0 B        0     0\n")
	same(t, "stderr", msg, "3 sources. Next: weir ledger --source syslog/192.0.2.1\n")
	out, _, _ = shell{b: &fake{ledger: book()}}.run(t, "sources", "list", "--json")
	if !strings.HasPrefix(out, `{"source":"syslog/192.0.2.1","name":"syslog/fw-1","received":81204,`) {
		t.Errorf("--json: %s", out)
	}
}

package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"weir/internal/control"
	"weir/internal/control/watching"
	"weir/internal/fault"
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

func TestSourcesMissing(t *testing.T) {
	b := &fake{missing: watching.Sources{Rows: []watching.Source{
		{Device: "door", State: watching.Never, Presence: "expected"},
		{Source: "syslog/192.0.2.1", Device: "fw-1", State: watching.Silent, Last: now.Add(-25 * time.Minute), Quiet: (24 * time.Minute).Milliseconds(), Missed: 1204.4},
	}}}
	out, msg, code := shell{b: b, terminal: 110}.run(t, "sources", "missing")
	same(t, "stdout", out, ""+
		"STATE   SOURCE            NAME  LAST        SILENT  EXPECTED\n"+
		"never   -                 door  -                -         -\n"+
		"silent  syslog/192.0.2.1  fw-1  25 min ago  24 min     1,204\n")
	same(t, "stderr", msg, "2 sources. Next: weir alerts list --rule weir-source-silent\n")
	if code != 0 || b.asked != (watching.SourcesRequest{Missing: true}) {
		t.Errorf("exit %d, asked %+v", code, b.asked)
	}
	out, _, _ = shell{b: b}.run(t, "sources", "missing", "--json")
	if !strings.HasPrefix(out, `{"device":"door","presence":"expected","state":"never"}`+"\n"+`{"source":"syslog/192.0.2.1","device":"fw-1","state":"silent","last":`) {
		t.Errorf("--json: %s", out)
	}
	for i := range b.missing.Rows {
		b.missing.Rows[i].Many = true
	}
	if _, msg, _ := (shell{b: b, terminal: 110}).run(t, "sources", "missing"); msg != "2 sources, 2 of them at once: look for what they share\n" {
		t.Errorf("many: %s", msg)
	}
	if out, msg, code := (shell{b: &fake{}, terminal: 110}).run(t, "sources", "missing"); code != 0 || msg != "nobody is missing\n" {
		t.Errorf("nobody: exit %d, %s%s", code, out, msg)
	}
	gone := &fake{err: &fault.Error{Code: "version-mismatch", What: "this weir watches no sources", Exit: fault.ExitMissing}}
	if _, msg, code := (shell{b: gone}).run(t, "sources", "missing"); code != 3 || !strings.Contains(msg, "watches no sources") {
		t.Errorf("exit %d: %s", code, msg)
	}
}

func TestSourcesNew(t *testing.T) {
	rows := []control.LedgerRow{
		{Source: "syslog/192.0.2.1", Name: "syslog/fw-1", First: now.Add(-3 * time.Hour), Last: now, Received: 7},
		{Source: "syslog/192.0.2.9", Name: "syslog/192.0.2.9", First: now.Add(-2 * time.Hour), Last: now.Add(-time.Hour), Received: 3},
		{Source: "syslog/192.0.2.2", First: now.AddDate(0, 0, -20), Last: now, Received: 9},
		{Source: "http/cloud", Received: 1},
	}
	of := func() *fake { return &fake{ledger: control.Ledger{Rows: slices.Clone(rows)}} }
	out, msg, _ := shell{b: of(), terminal: 110}.run(t, "sources", "new")
	same(t, "stdout", out, ""+
		"FIRST    SOURCE            NAME         LAST     RECEIVED\n"+
		"2 h ago  syslog/192.0.2.9  -            1 h ago         3\n"+
		"3 h ago  syslog/192.0.2.1  syslog/fw-1  now             7\n")
	same(t, "stderr", msg, "2 new sources, 1 without a name in the inventory\n")
	out, _, _ = shell{b: of()}.run(t, "sources", "new", "--from", "-30d", "--json")
	if strings.Count(out, "\n") != 3 || !strings.HasPrefix(out, `{"source":"syslog/192.0.2.9","name":`) {
		t.Errorf("--json: %s", out)
	}
	if out, msg, code := (shell{b: of(), terminal: 110}).run(t, "sources", "new", "--from", "-1h"); code != 0 || out != "" || !strings.HasPrefix(msg, "no source was first heard after 2026-11-21 15:52") {
		t.Errorf("none: exit %d, %s%s", code, out, msg)
	}
	if _, msg, code := (shell{b: of()}).run(t, "sources", "new", "--from", "yesterdayish"); code != 2 {
		t.Errorf("exit %d: %s", code, msg)
	}
}

package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"weir/internal/control"
	"weir/internal/fault"
)

// book is the ledger of the transcripts.
func book() control.Ledger {
	return control.Ledger{Balanced: true, At: clock(16, 52, 30), Rows: []control.LedgerRow{
		{Source: "syslog/192.0.2.1", Name: "syslog/fw-1", Received: 81_204, Bytes: 9 << 20, Stored: 81_190, Dead: 2, Filtered: 12, First: now.Add(-48 * time.Hour), Last: now.Add(-3 * time.Second)},
		{Source: "file/nginx", Received: 12_000, Stored: 11_998, InFlight: 2, Last: now.Add(-time.Hour)},
		{Source: "http/cloud", Received: 400, Split: 3600, Stored: 4000, Last: now.Add(-time.Minute)},
	}}
}

func TestLedger(t *testing.T) {
	out, msg, code := shell{b: &fake{ledger: book()}, terminal: 110}.run(t, "ledger")
	same(t, "stdout", out, ""+
		"SOURCE        RECEIVED +SPLIT = STORED +DUPLICATE +DEAD +REFUSED +FILTERED +IN FLIGHT   DIFFERENCE\n"+
		"syslog/fw-1     81,204      0   81,190          0     2        0        12          0            0\n"+
		"file/nginx      12,000      0   11,998          0     0        0         0          2            0\n"+
		"http/cloud         400  3,600    4,000          0     0        0         0          0            0\n")
	same(t, "stderr", msg, "balanced: 97,204 = 97,204. Lost before weir could read it: 0 (kernel), 0 (ring). Counts to 16:52:30\n")
	if code != 0 {
		t.Errorf("exit %d", code)
	}
	out, _, _ = shell{b: &fake{ledger: book()}}.run(t, "ledger")
	if !strings.HasPrefix(out, "syslog/fw-1\t81204\t0\t81190\t0\t2\t0\t12\t0\t0\n") {
		t.Errorf("pipe: %s", out)
	}
}

func TestLedger_Gap(t *testing.T) {
	l := book()
	l.Rows = l.Rows[1:2]
	l.Balanced, l.Rows[0].Stored, l.Rows[0].InFlight, l.Rows[0].Difference = false, 11_950, 0, 50
	l.Unclean = []control.UncleanStop{{At: clock(16, 49, 0), Hop: "archive", Most: 20}}
	l.Faults = []*fault.Error{{Code: "ledger-gap", What: "50 events of file/nginx are missing between normalise and archive", Why: "not known"}}
	b := &fake{ledger: l}
	_, msg, code := shell{b: b, terminal: 110}.run(t, "ledger", "--source", "file/nginx", "--from", "-1h")
	same(t, "stderr", msg, "unclean stop at 16:49:00: at most 20 of archive after the last count\n"+
		"NOT balanced: 12,000 and 11,950. Lost before weir could read it: 0 (kernel), 0 (ring). Counts to 16:52:30\n"+
		"error[ledger-gap]: 50 events of file/nginx are missing between normalise and archive\n  why    not known\n")
	if r := b.asked.(control.LedgerRequest); code != 1 || r.Source != "file/nginx" || !r.From.Equal(now.Add(-time.Hour)) {
		t.Errorf("exit %d, asked %+v", code, r)
	}
	if _, msg, code := (shell{b: &fake{ledger: control.Ledger{Balanced: true}}}).run(t, "ledger", "--source", "x"); code != 2 || !strings.HasPrefix(msg, "error[source-unknown]") {
		t.Errorf("unknown source: exit %d, %s", code, msg)
	}
}

// TestLedger_JSON: each count stands at one hop, so that sums over all lines are right, and the verdict comes last.
func TestLedger_JSON(t *testing.T) {
	out, _, code := shell{b: &fake{ledger: book()}, terminal: 100}.run(t, "ledger", "--json")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != 3*3+1 || code != 0 {
		t.Fatalf("%d lines, exit %d", len(lines), code)
	}
	sums := map[string]float64{}
	for _, line := range lines[:9] {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil || m["source"] == nil || m["hop"] == nil {
			t.Fatalf("%s: %v", line, err)
		}
		for k, v := range m {
			if n, ok := v.(float64); ok {
				sums[k] += n
			}
		}
	}
	if sums["received"]+sums["split"] != sums["stored"]+sums["duplicate"]+sums["dead"]+sums["refused"]+sums["filtered"]+sums["in_flight"] {
		t.Errorf("sums do not balance: %v", sums)
	}
	if !strings.HasPrefix(lines[9], `{"balanced":true,`) {
		t.Errorf("last line: %s", lines[9])
	}
}

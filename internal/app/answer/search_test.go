package answer

import (
	"strings"
	"testing"
	"time"

	"weir/internal/control"
	"weir/internal/fault"
	"weir/internal/ledger"
)

func balance() ledger.Balance {
	at := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	return ledger.Balance{
		At: at, Kernel: 3, OK: false,
		Rows: []ledger.Row{
			{Source: "syslog/192.0.2.1", Received: 10, Split: 2, Stored: 9, Duplicate: 1, Dead: 1, Refused: 1, Bytes: 900, First: at, Last: at},
			{Source: "syslog/192.0.2.2", Received: 5, Stored: 3, Difference: 2},
			{Source: "syslog/192.0.2.3", Received: 5, Stored: 9, Difference: -4},
		},
		Unclean: []ledger.Unclean{{Start: "a/1", At: at, Found: 7, Most: 5}},
	}
}

func TestShowLedger(t *testing.T) {
	got := Ledger(balance(), control.LedgerRequest{}, names{"192.0.2.1": "fw-1"})
	if len(got.Rows) != 3 || got.Balanced || got.KernelDrops != 3 || got.At.IsZero() {
		t.Fatalf("got %+v", got)
	}
	first := got.Rows[0]
	if first.Name != "syslog/fw-1" || first.Source != "syslog/192.0.2.1" || first.Received != 10 || first.Split != 2 || first.Stored != 9 ||
		first.Duplicate != 1 || first.Dead != 1 || first.Refused != 1 || first.Bytes != 900 || first.First.IsZero() || first.Last.IsZero() {
		t.Errorf("the first row: %+v", first)
	}
	if len(got.Unclean) != 1 || got.Unclean[0].Hop != "ingest a/1" || got.Unclean[0].Most != 12 || got.Unclean[0].Found != 7 {
		t.Errorf("unclean stops: %+v", got.Unclean)
	}
	for i, want := range []string{"2 events of syslog/192.0.2.2 are missing", "4 events of syslog/192.0.2.3 are stored more often"} {
		f := got.Faults[i]
		if f.Code != "ledger-gap" || f.Exit != fault.ExitFound || !strings.Contains(f.What, want) || f.Do == "" {
			t.Errorf("fault %d: %+v", i, f)
		}
	}
}

// TestShowLedger_OneSource asks for a device by its address or by its name; the faults of others are not its own.
func TestShowLedger_OneSource(t *testing.T) {
	for _, ask := range []string{"syslog/192.0.2.1", "syslog/fw-1"} {
		got := Ledger(balance(), control.LedgerRequest{Source: ask}, names{"192.0.2.1": "fw-1"})
		if len(got.Rows) != 1 || got.Rows[0].Source != "syslog/192.0.2.1" || len(got.Faults) != 0 {
			t.Errorf("%s: %+v", ask, got)
		}
	}
	if got := Ledger(balance(), control.LedgerRequest{Source: "syslog/192.0.2.9"}, nil); len(got.Rows) != 0 {
		t.Errorf("a source that is not there: %+v", got.Rows)
	}
}

func TestRawJSON_IsACopy(t *testing.T) {
	doc := []byte(`{"a":1}`)
	got := rawJSON(doc)
	doc[1] = '#'
	if string(got) != `{"a":1}` {
		t.Errorf("got %s", got)
	}
}

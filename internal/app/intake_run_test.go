package app_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/internal/control"
	"weir/internal/control/intake"
)

// TestImport: rows go through the front door as what they are, the same file twice gives nothing new, neither by the list of
// what is done nor, where that is lost, by the cursor of normalise; and the ledger balances.
func TestImport(t *testing.T) {
	cfg := settings(t)
	a := start(t, cfg)
	l := backend(t, cfg)
	sha := strings.Repeat("ab", 32)
	rows := make([]intake.Row, 5)
	for i := range rows {
		rows[i] = intake.Row{Line: int64(i + 2), Doc: fmt.Appendf(nil, `{"import":{"by":"kim","file":"r.csv","sha256":%q,"line":%d,"time":"2026-11-20T00:00:00Z"},"row":{"actor":"admin7","action":"grant","target":"user%d","system":"crm","right":"read"}}`, sha, i+2, i)}
	}
	part := func(r intake.Request) intake.Summary {
		t.Helper()
		r.File, r.SHA256, r.By, r.Total = "/home/kim/r.csv", sha, "kim", 5
		sum, err := l.(control.Importer).Import(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		return sum
	}
	if sum := part(intake.Request{Rows: rows[:3], First: true}); sum.Stored != 3 || sum.Before != nil {
		t.Errorf("the first part: %+v", sum)
	}
	if sum := part(intake.Request{Rows: rows[3:], Last: true}); sum.Stored != 2 {
		t.Errorf("the last part: %+v", sum)
	}
	docs := waitHits(t, l, `event.dataset: access_rights.log and weir.import.sha256: `+sha, 5)
	if !strings.Contains(docs[0], `"action":"grant"`) || !strings.Contains(docs[0], `"by":"kim"`) {
		t.Errorf("the event is %s", docs[0])
	}
	if sum := part(intake.Request{Rows: rows, First: true, Last: true}); sum.Before == nil || sum.Before.By != "kim" || sum.Before.Rows != 5 {
		t.Errorf("the same file again: %+v", sum)
	}
	if err := os.RemoveAll(filepath.Join(cfg.Data, "imports")); err != nil {
		t.Fatal(err)
	}
	part(intake.Request{Rows: rows, First: true, Last: true})
	deadline := time.Now().Add(time.Minute)
	for {
		led, err := l.Ledger(t.Context(), control.LedgerRequest{})
		if err != nil {
			t.Fatal(err)
		}
		var dup int64
		for _, row := range led.Rows {
			dup += row.Duplicate
		}
		if dup == 5 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d rows were dropped as copies, want 5", dup)
		}
		time.Sleep(50 * time.Millisecond)
	}
	waitHits(t, l, `event.dataset: access_rights.log`, 5)
	waitHits(t, l, `event.dataset: weir.audit and event.action: import`, 2)
	stop(t, a)
}

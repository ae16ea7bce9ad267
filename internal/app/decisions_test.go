package app_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/internal/alert"
	"weir/internal/control"
	"weir/internal/control/alerting"
	"weir/internal/fault"
)

// firstAlert waits for the alert of a rule.
func firstAlert(t *testing.T, b control.Backend, rule string) control.AlertRow {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		list, err := b.Alerts(t.Context(), control.AlertsRequest{Rule: rule})
		if err != nil {
			t.Fatal(err)
		}
		if len(list) > 0 {
			return list[0]
		}
		if time.Now().After(end) {
			t.Fatalf("no alert of %s", rule)
		}
	}
}

// TestDecisions follows an alert from the socket through the hands of two people: who comes second is told, each decision is
// found in the archive, and a store that is lost afterwards comes back from Kafka as it was, with the next start.
func TestDecisions(t *testing.T) {
	cfg := settings(t)
	a := start(t, cfg)
	b := backend(t, cfg)
	d, ok := b.(alerting.Decider)
	if !ok {
		t.Fatal("the weir that runs decides nothing")
	}
	send(t, cfg, attack(6)...)
	id := firstAlert(t, b, "ssh-brute-force").Short
	out, err := d.Decide(t.Context(), alerting.Decision{ID: id, Kind: alert.ToState, State: alert.Acknowledged, By: "ana", Note: "looking"})
	if err != nil || out.State != alert.Acknowledged || out.Was != alert.Open || out.Assignee != "ana" || out.Waiting {
		t.Fatalf("%+v, %v", out, err)
	}
	if _, err := d.Decide(t.Context(), alerting.Decision{ID: id, Kind: alert.ToState, State: alert.Acknowledged, By: "ben"}); fault.Code(err) != "alert-changed" || !strings.Contains(err.Error(), "ana acknowledged alert "+id) {
		t.Errorf("the second is told %v", err)
	}
	if out, err = d.Decide(t.Context(), alerting.Decision{ID: id, Kind: alert.ToState, State: alert.Closed, Verdict: alert.FalsePositive, By: "ben"}); err != nil || out.Changes != 2 {
		t.Fatalf("%+v, %v", out, err)
	}
	docs := waitHits(t, b, "event.dataset: weir.change and user.name: ben", 1)
	if !strings.Contains(docs[0], `"alert-closed"`) || !strings.Contains(docs[0], `"audit"`) || !strings.Contains(docs[0], `"`+alert.FalsePositive+`"`) {
		t.Errorf("the decision in the archive: %s", docs[0])
	}
	detail, err := b.Alert(t.Context(), id)
	if err != nil || len(detail.History) != 2 || detail.History[0].By != "ana" || detail.History[1].Verdict != alert.FalsePositive {
		t.Errorf("history %+v, %v", detail.History, err)
	}
	list, err := d.Risk(t.Context(), alerting.RiskRequest{Entity: "203.0.113.5"})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range list {
		for _, p := range r.Parts {
			if p.Alert == detail.ID {
				t.Errorf("a false positive weighs %+v", p)
			}
		}
	}
	stop(t, a)

	off := backend(t, cfg).(alerting.Decider)
	if _, err := off.Decide(t.Context(), alerting.Decision{ID: id, Kind: alert.Note, Note: "x", By: "ana"}); fault.Code(err) != "not-running" || fault.Exit(err) != fault.ExitMissing {
		t.Errorf("without a weir: %v", err)
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.RemoveAll(filepath.Join(cfg.Data, "alerts.db"+suffix)); err != nil {
			t.Fatal(err)
		}
	}
	a = start(t, cfg)
	defer stop(t, a)
	b = backend(t, cfg)
	firstAlert(t, b, "ssh-brute-force")
	for end := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		again, err := b.Alert(t.Context(), id)
		if err == nil && len(again.History) == 2 && again.State == alert.Closed && again.Verdict == alert.FalsePositive && again.Count == detail.Count {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("the store came back as %+v, %v", again.Row, err)
		}
	}
}

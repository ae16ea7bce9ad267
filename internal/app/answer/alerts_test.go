package answer

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"weir/internal/alert"
	"weir/internal/control"
	"weir/internal/control/alerting"
	"weir/internal/fault"
	"weir/sinks/alerts"
	"weir/sinks/alerts/risk"
)

// store has three alerts about kim and one about lee, of an hour ago.
func store(t *testing.T) *alerts.Store {
	t.Helper()
	weights := risk.Default()
	s, err := alerts.Open(filepath.Join(t.TempDir(), "alerts.db"), alerts.Options{Risk: &weights})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	at := time.Now().Add(-time.Hour)
	var list []alert.Alert
	for i, user := range []string{"kim", "kim", "kim", "lee"} {
		list = append(list, alert.Alert{ID: fmt.Sprintf("%04x000000000001", i+1), Revision: 1, Rule: fmt.Sprint("rule", i), Level: "high", What: "w", Group: map[string]string{"user.name": user},
			First: at, Last: at, Created: at, Count: 1, Tags: []string{"vpn"}})
	}
	if err := s.Upsert(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestDecide: the answer has the alert as it is then, and whether the others know.
func TestDecide(t *testing.T) {
	s := store(t)
	zero := 0
	out, err := Decide(t.Context(), s, alerting.Decision{ID: "0001", Kind: alert.ToState, State: alert.Acknowledged, By: "ana", Note: "n", Version: &zero})
	if err != nil || out.State != alert.Acknowledged || out.Was != alert.Open || out.Changes != 1 || out.By != "ana" || out.Note != "n" || out.Changed.IsZero() || !out.Waiting {
		t.Errorf("nobody sends: %+v, %v", out, err)
	}
	if _, err := Decide(t.Context(), s, alerting.Decision{ID: "0001", Kind: alert.Note, Note: "n", By: "ben", Version: &zero}); fault.Code(err) != "alert-changed" {
		t.Errorf("on an old page: %v", err)
	}
	if _, err := Decide(t.Context(), s, alerting.Decision{ID: "0", Kind: alert.Note, Note: "n", By: "ben"}); fault.Code(err) != "alert-ambiguous" {
		t.Errorf("of several: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { // ends with ctx
		defer close(done)
		s.Deliver(ctx, func(context.Context, *alerts.Message) error { return nil })
	}()
	defer func() { cancel(); <-done }()
	for end := time.Now().Add(time.Minute); out.Waiting; {
		if out, err = Decide(t.Context(), s, alerting.Decision{ID: "0002", Kind: alert.Note, Note: "n", By: "ana"}); err != nil || time.Now().After(end) {
			t.Fatalf("somebody sends: %+v, %v", out, err)
		}
	}
}

// TestAlert: the detail has the history of an alert and the risk of what it is about; a process without an archive gives it
// without events.
func TestAlert(t *testing.T) {
	s := store(t)
	if _, err := Decide(t.Context(), s, alerting.Decision{ID: "0001", Kind: alert.Assign, Assignee: "ben", By: "ana"}); err != nil {
		t.Fatal(err)
	}
	d, err := Alert(t.Context(), s, nil, nil, "0001")
	if err != nil || len(d.History) != 1 || d.History[0].Assignee != "ben" || d.Assignee != "ben" || d.Events != nil {
		t.Errorf("%+v, %v", d, err)
	}
	if len(d.Risk) != 1 || d.Risk[0].Value != "kim" || d.Risk[0].Score < 110 || d.Risk[0].Alert == "" || d.Risk[0].Parts != nil {
		t.Errorf("risk %+v", d.Risk)
	}
}

// TestAlerts: each narrowing of the request comes to the store.
func TestAlerts(t *testing.T) {
	s := store(t)
	for want, r := range map[int]control.AlertsRequest{4: {Tag: "vpn"}, 3: {Entity: "KIM", Sort: "level"}, 1: {Entity: "lee", Live: true}, 2: {Size: 2, Level: "high"}, 0: {Assignee: "ana"}} {
		if list, err := Alerts(t.Context(), s, r); err != nil || len(list) != want {
			t.Errorf("%+v: %d, %v", r, len(list), err)
		}
	}
	if _, err := Alerts(t.Context(), s, control.AlertsRequest{Sort: "x"}); fault.Code(err) != "alert-state" {
		t.Errorf("got %v", err)
	}
}

func TestRisk(t *testing.T) {
	s := store(t)
	list, err := Risk(t.Context(), s, alerting.RiskRequest{})
	if err != nil || len(list) != 2 || list[0].Value != "kim" || list[0].Rules != 3 || len(list[0].Parts) != 3 || list[0].Parts[0].Level != "high" || list[0].At.IsZero() {
		t.Errorf("%+v, %v", list, err)
	}
	if list, err := Risk(t.Context(), s, alerting.RiskRequest{At: time.Now().AddDate(0, 1, 0)}); err != nil || len(list) != 0 {
		t.Errorf("in a month: %+v, %v", list, err)
	}
	if list, err := Risk(t.Context(), s, alerting.RiskRequest{Entity: "lee", Size: 5}); err != nil || len(list) != 1 || list[0].Score > 40 {
		t.Errorf("%+v, %v", list, err)
	}
}

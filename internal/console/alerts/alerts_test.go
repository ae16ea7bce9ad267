package alerts_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"weir/internal/alert"
	"weir/internal/console/consoletest"
	"weir/internal/control"
	"weir/internal/control/alerting"
	"weir/internal/fault"
)

// row is the alert of the demo.
func row() control.AlertRow {
	at := time.Date(2026, 11, 21, 7, 48, 3, 0, time.UTC)
	return control.AlertRow{Alert: alert.Alert{
		ID: "3f9c0a1b2c3d4e5f", Rule: "ssh-brute-force", Version: 3, Level: "high", Tags: []string{"attack.t1110.001", "attack.credential_access"}, Group: map[string]string{"source.ip": "203.0.113.5"},
		What: "203.0.113.5 guessed root's password on web-1", WhatKo: "203.0.113.5가 web-1의 root 암호를 알아냄", First: at, Last: at.Add(6400 * time.Millisecond), Count: 17, Within: 10 * time.Minute,
		Conditions: []alert.Condition{{Name: "failed", Expr: `event.outcome == "failure"`, Needed: 5, Matched: 128}},
		Evidence:   []alert.Evidence{{EventID: "e1", Time: at, When: "failed"}, {EventID: "e2", Time: at.Add(6400 * time.Millisecond), When: "failed", Values: map[string]string{"message": "kept of an event that is gone"}}},
	}, Short: "3f9c", State: alert.Open, Changes: 2}
}

func weir() *consoletest.Weir {
	return &consoletest.Weir{Rows: []control.AlertRow{row()}, Detail: control.AlertDetail{Row: row(), Events: map[string]json.RawMessage{"e1": json.RawMessage(`{"message":"Failed password for root"}`)},
		Held:    []alert.Held{{When: "failed", Parts: []alert.HeldPart{{Field: "event.outcome", Value: "failure", Literal: "failure", From: 3, To: 10}, {Expr: "absent(x)", From: -1}}}},
		History: []alert.Change{{By: "ben", Kind: alert.Note, Note: "looking <b>"}}, Risk: []alerting.Risk{{Kind: "host", Value: "web-1", Score: 115.4, Alerts: 5}},
	}}
}

func TestList(t *testing.T) {
	s := consoletest.New(t, weir(), nil)
	page := s.Page("/alerts?level=high&state=open&entity=web-1&mine=1")
	consoletest.Has(t, consoletest.Text(page), "high 203.0.113.5 guessed root's password on web-1 1 min ago 3f9c open 17 times ssh-brute-force")
	consoletest.Has(t, page, `href="/alerts?entity=web-1&amp;id=3f9c&amp;level=high&amp;mine=1&amp;state=open"`, `data-live="/alerts/list?entity=web-1&amp;level=high&amp;mine=1&amp;state=open"`, `<b class="n"`)
	var asked alerting.Request
	for _, q := range s.Weir.Questions("alerts") {
		if q.Who == "ana" {
			asked = q.Body.(control.AlertsRequest)
		}
	}
	if asked.Level != "high" || asked.State != "open" || asked.Entity != "web-1" || asked.Assignee != "ana" || asked.Live {
		t.Errorf("asked for %+v", asked)
	}
	consoletest.Has(t, s.Page("/alerts?lang=ko"), "203.0.113.5가 web-1의 root 암호를 알아냄", "미처리")
	part := s.Page("/alerts/list")
	consoletest.Lacks(t, part, "<html")
	consoletest.Has(t, part, `data-live="/alerts/list"`)
}

// TestList_quiet: no alert is no empty page.
func TestList_quiet(t *testing.T) {
	s := consoletest.New(t, &consoletest.Weir{StatusIs: control.Status{Rules: 87, Stored: 12345}}, nil)
	consoletest.Has(t, consoletest.Text(s.Page("/alerts")), "No alert is open", "87 rules are loaded", "12,345 events", "weir up --demo")
	consoletest.Has(t, consoletest.Text(s.Page("/alerts?level=critical")), "No such alert", "All alerts")
}

func TestDetail(t *testing.T) {
	s := consoletest.New(t, weir(), nil)
	page := s.Page("/alerts?id=3f9c")
	consoletest.Has(t, consoletest.Text(page), "rule ssh-brute-force v3", "ATT&CK T1110.001", "source.ip = 203.0.113.5 , 6.4 s of 10 min used", "failed 128, needs 5 event.outcome == \"failure\"", "failed Failed password for root",
		"kept of an event that is gone", "event.outcome = “failure” bytes 3 to 10", "absent(x)", "host web-1 115 by 5 alerts", "ben note: looking <b>", "weir alerts show 3f9c")
	consoletest.Has(t, page, `name="version" value="2"`, `id=e1&amp;q=source.ip%3A`, "looking &lt;b&gt;", `href="/search?from=2026-11-21T07%3A38%3A03Z`)
	if w := consoletest.New(t, &consoletest.Weir{AlertErr: &fault.Error{Code: "alert-unknown", What: "no alert has this id"}}, nil).Get("/alerts?id=zz"); !strings.Contains(w.Body.String(), "[alert-unknown]") {
		t.Error("an alert that is not there is not said")
	}
}

// TestDetail_hostile: what attackers brought into an alert is text.
func TestDetail_hostile(t *testing.T) {
	w := weir()
	evil := `<script>alert(1)</script>` + "\u202e\x1b"
	d := &w.Detail
	d.What, d.Rule, d.Group, d.Assignee, d.Approximate = evil, evil, map[string]string{evil: evil}, evil, evil
	d.Conditions[0].Name, d.Conditions[0].Expr, d.Evidence[0].When = evil, evil, evil
	d.Events["e1"] = json.RawMessage(`{"message":"<script>alert(1)</script>\u202e"}`)
	d.History[0].By, d.History[0].Note = evil, evil
	d.Held[0].Parts[0].Value = evil
	w.Rows[0].Alert = d.Alert
	page := consoletest.New(t, w, nil).Page("/alerts?id=3f9c")
	consoletest.Lacks(t, page, "<script>alert")
	_, body, _ := strings.Cut(page, `<article`)
	if strings.ContainsAny(consoletest.Text(body), "\u202e\x1b") {
		t.Error("a mark turns the text around")
	}
}

func TestDecide(t *testing.T) {
	for name, c := range map[string]struct {
		form   url.Values
		want   alerting.Decision
		notice string
	}{
		"acknowledge": {url.Values{"do": {"ack"}, "version": {"2"}}, alerting.Decision{Kind: "state", State: "acknowledged"}, "You look at this alert now."},
		"close":       {url.Values{"do": {"close"}, "verdict": {"false_positive"}, "note": {" the scanner "}, "version": {"2"}}, alerting.Decision{Kind: "state", State: "closed", Verdict: "false_positive", Note: "the scanner"}, "closed as false positive"},
		"open again":  {url.Values{"do": {"open"}, "note": {"x"}, "version": {"2"}}, alerting.Decision{Kind: "state", State: "open", Note: "x"}, "open again"},
		"note":        {url.Values{"do": {"note"}, "note": {"x"}}, alerting.Decision{Kind: "note", Note: "x"}, "The note is kept."},
		"assign":      {url.Values{"do": {"assign"}, "assignee": {"ben"}, "version": {"2"}}, alerting.Decision{Kind: "assign", Assignee: "ben"}, "ben's now"},
		"give back":   {url.Values{"do": {"assign"}, "version": {"2"}}, alerting.Decision{Kind: "assign"}, "nobody's now"},
	} {
		s := consoletest.New(t, weir(), nil)
		c.form.Set("id", "3f9c0a1b2c3d4e5f")
		c.form.Set("by", "somebody else") // who decides is who is signed in
		w := s.Post("/alerts/decide", c.form)
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/alerts?id=3f9c0a1b2c3d4e5f" {
			t.Errorf("%s: %d %v", name, w.Code, w.Header())
			continue
		}
		got := s.Weir.Decided[0]
		if v := got.Version; (c.form.Get("version") != "") != (v != nil) || v != nil && *v != 2 {
			t.Errorf("%s: version %v", name, v)
		}
		c.want.ID, c.want.By, got.Version = "3f9c0a1b2c3d4e5f", "ana", nil
		if got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
		res := w.Result()
		_ = res.Body.Close()
		notice, _ := url.QueryUnescape(res.Cookies()[0].Value)
		if !strings.Contains(notice, c.notice) {
			t.Errorf("%s says %q", name, notice)
		}
	}
}

// TestDecide_second: who comes second is told by whom and what was done, sees the alert as it is, and has not lost what they
// wrote.
func TestDecide_second(t *testing.T) {
	w := weir()
	w.DecideErr = &fault.Error{Code: "alert-changed", What: "ben closed this alert 2 min ago as benign", Do: "look at it again"}
	s := consoletest.New(t, w, nil)
	got := s.Post("/alerts/decide", url.Values{"do": {"close"}, "verdict": {"true_positive"}, "note": {"account locked"}, "id": {"3f9c"}, "version": {"2"}})
	if got.Code != http.StatusConflict {
		t.Errorf("status %d", got.Code)
	}
	consoletest.Has(t, got.Body.String(), "[alert-changed]", "ben closed this alert", `value="account locked"`, `<option value="true_positive" selected>`)
}

func TestDecide_mistakes(t *testing.T) {
	for name, form := range map[string]url.Values{"no verdict": {"do": {"close"}}, "a verdict that is none": {"do": {"close"}, "verdict": {"x"}}, "an empty note": {"do": {"note"}, "note": {"  "}}, "nothing": {}, "something else": {"do": {"delete"}}} {
		s := consoletest.New(t, weir(), nil)
		form.Set("id", "3f9c")
		if w := s.Post("/alerts/decide", form); w.Code != http.StatusBadRequest || len(s.Weir.Decided) != 0 {
			t.Errorf("%s: %d, decided %v", name, w.Code, s.Weir.Decided)
		}
	}
}

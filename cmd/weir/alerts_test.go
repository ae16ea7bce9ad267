package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"weir/internal/alert"
	"weir/internal/control"
	"weir/internal/fault"
)

// bruteForce is the alert of the transcripts.
func bruteForce() control.AlertRow {
	return control.AlertRow{Short: "3f9c", State: alert.Open, Alert: alert.Alert{
		ID: "3f9cab7e", Revision: 3, Rule: "ssh-brute-force", Version: 3, Level: "high", What: "203.0.113.5 guessed root's password on web-1",
		Tags: []string{"attack.credential_access", "attack.t1110.001"}, Group: map[string]string{"source.ip": "203.0.113.5", "user.name": "root"},
		First: clock(16, 50, 3), Last: clock(16, 50, 30), Count: 17, Within: 10 * time.Minute,
		Conditions: []alert.Condition{{Name: "failed", Expr: `event.outcome == "failure"`, Needed: 5, Matched: 128}, {Name: "login", Expr: `event.outcome == "success"`, Needed: 1, Matched: 1}},
		Evidence: []alert.Evidence{{EventID: "e1", Time: clock(16, 50, 3.12), When: "failed"}, {EventID: "e2", Time: clock(16, 50, 9.533), When: "login",
			Values: map[string]string{"user.name": "root", "source.ip": "203.0.113.5"}}},
	}}
}

func TestAlertsList(t *testing.T) {
	closed := bruteForce()
	closed.Short, closed.State = "b07e", alert.Closed
	b := &fake{alerts: []control.AlertRow{bruteForce(), closed}}
	out, msg, code := shell{b: b, terminal: 90}.run(t, "alerts", "list")
	same(t, "stdout", out, ""+
		"ID    LEVEL  STATE  LAST       COUNT  RULE             WHAT\n"+
		"3f9c  high   open   2 min ago     17  ssh-brute-force  203.0.113.5 guessed root's passwor…\n")
	same(t, "stderr", msg, "1 open. Next: weir alerts show 3f9c\n")
	if code != 0 {
		t.Errorf("exit %d", code)
	}
	out, _, _ = shell{b: b}.run(t, "alerts", "list", "--all")
	if strings.Count(out, "\n") != 2 || !strings.HasPrefix(out, "3f9c\thigh\topen\t2026-11-21T07:50:30Z\t17\tssh-brute-force\t203.0.113.5 guessed root's password on web-1\n") {
		t.Errorf("pipe: %s", out)
	}
	out, _, _ = shell{b: b}.run(t, "alerts", "list", "--json", "--level", "high", "--rule", "ssh-brute-force", "--from", "-1d", "--size", "5")
	var row control.AlertRow
	if err := json.Unmarshal([]byte(out), &row); err != nil || row.ID != "3f9cab7e" || row.State != alert.Open {
		t.Errorf("--json: %s, %v", out, err)
	}
	if r := b.asked.(control.AlertsRequest); r.Level != "high" || r.Rule != "ssh-brute-force" || !r.From.Equal(now.Add(-24*time.Hour)) || r.Size != 6 || !r.Live {
		t.Errorf("asked %+v", r)
	}
	if _, msg, _ = (shell{b: &fake{}, terminal: 90}).run(t, "alerts", "list"); msg != "no alerts; rules that run: weir rules list\n" {
		t.Errorf("none: %s", msg)
	}
}

func TestAlertsShow(t *testing.T) {
	d := control.AlertDetail{Row: bruteForce(), Events: map[string]json.RawMessage{"e1": json.RawMessage(`{"message":"Failed password for root\u001b[2J from 203.0.113.5"}`)}}
	out, _, code := shell{b: &fake{detail: d}, terminal: 100}.run(t, "alerts", "show", "3f9c")
	same(t, "stdout", out, ""+
		"high, open   203.0.113.5 guessed root's password on web-1\n"+
		"rule ssh-brute-force v3   first 16:50:03   last 16:50:30   17 times   ATT&CK T1110.001\n"+
		"Why          source.ip = 203.0.113.5, user.name = root, 6.4 s of 10 min used\n"+
		"  ✓ failed   128, needs 5   event.outcome == \"failure\"\n"+
		"  ✓ login    1, needs 1     event.outcome == \"success\"\n"+
		"Evidence     16:50:03.120  failed  Failed password for root\\x1b[2J from 203.0.113.5\n"+
		"             16:50:09.533  login   source.ip=203.0.113.5 user.name=root\n"+
		"Next         weir alerts ack 3f9c      weir search 'source.ip: 203.0.113.5 and user.name: root'      --json\n")
	if code != 0 {
		t.Errorf("exit %d", code)
	}
	out, _, _ = shell{b: &fake{detail: d}, terminal: 100, env: []string{"LC_ALL=C"}}.run(t, "alerts", "show", "3f9c")
	if !strings.Contains(out, "  ok failed") || strings.Contains(out, "✓") {
		t.Errorf("C: %s", out)
	}
	out, _, _ = shell{b: &fake{detail: d}}.run(t, "alerts", "show", "3f9c", "--json")
	var back control.AlertDetail
	if err := json.Unmarshal([]byte(out), &back); err != nil || back.Short != "3f9c" || len(back.Events) != 1 {
		t.Errorf("--json: %s, %v", out, err)
	}
	_, msg, code := shell{b: &fake{err: &fault.Error{Code: "alert-unknown", What: "no alert has the id `zz`", Exit: fault.ExitUsage}}}.run(t, "alerts", "show", "zz")
	if code != 2 || !strings.HasPrefix(msg, "error[alert-unknown]") {
		t.Errorf("exit %d, %s", code, msg)
	}
}

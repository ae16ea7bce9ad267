package app_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"weir/internal/alert"
	"weir/internal/app/backtest"
	"weir/internal/control"
	"weir/internal/control/trial"
)

// alertLines writes alerts in a line each: all that live and a backtest must agree in. Revisions are not part of it: live
// says an alert again while it grows.
func alertLines(list []alert.Alert) []string {
	var out []string
	for _, a := range list {
		if a.MergedInto != "" { // it was taken over by another one
			continue
		}
		doc, _ := json.Marshal(struct {
			ID, Rule, What, Level string
			Group                 map[string]string
			First, Last, Created  time.Time
			Count                 int
			Conditions            []alert.Condition
			Evidence              []alert.Evidence
		}{a.ID, a.Rule, a.What, a.Level, a.Group, a.First, a.Last, a.Created, a.Count, a.Conditions, a.Evidence})
		out = append(out, string(doc))
	}
	slices.Sort(out)
	return out
}

// backtested asks for the alerts that all rules would have raised.
func backtested(t *testing.T, o backtest.Options) ([]string, trial.Summary) {
	t.Helper()
	var list []alert.Alert
	o.Request.Values = true
	sum, err := backtest.Run(t.Context(), o, func(l trial.Line) error {
		if l.Alert != nil {
			list = append(list, l.Alert.Alert)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return alertLines(list), sum
}

// TestBacktestEqualsLive: what live raised, a backtest over the archive raises again, to the last value and with the same
// ids: of the rows in memory, of the sealed files while weir runs, and of the files of one that does not run.
func TestBacktestEqualsLive(t *testing.T) {
	cfg := settings(t)
	cfg.Bus.Partitions = 1 // between two partitions chance decides which match is the first of an alert, and so its id
	place(t, cfg, map[string]string{"rules/mine.yaml": "id: many\ntitle: Many\nlevel: low\nwhen: icontains(message, \"failed password\")\nfold: {by: [user.name], for: 1s}\nexplain: \"{{user.name}} from {{source.ip}}\"\n" +
		"---\nid: counted\ntitle: Counted\nlevel: low\nwhen: event.outcome == \"failure\"\ncorrelate: {count: {at_least: 4}, by: [source.ip], within: 1m}\n" +
		"---\nid: anything\ntitle: Anything\nlevel: low\nwhen: icontains($env, \"kilroy\")\nfold: {by: [host.name]}\n"})
	a := start(t, cfg)
	b := backend(t, cfg)
	// Logged times run backwards for some devices, and far from the clock for others.
	n := int64(0)
	for i := range 60 {
		at := time.Now().Add(time.Duration(i%7-9) * time.Second)
		if i%11 == 0 {
			at = at.Add(-30 * 24 * time.Hour)
		}
		stamp := at.Format(time.RFC3339)
		lines := []string{
			fmt.Sprintf("<38>1 %s web-%d sshd %d - - Failed password for u%d from 203.0.113.%d port %d ssh2", stamp, i%3, i, i%4, i%5, 1000+i),
			fmt.Sprintf("<38>1 %s web-%d sshd %d - - Accepted password for u%d from 203.0.113.%d port %d ssh2", stamp, i%3, i, i%4, i%5, 1000+i),
			fmt.Sprintf("<34>1 %s db-%d app - - - kilroy was here %d", stamp, i%2, i),
		}
		send(t, cfg, lines[:1+i%3]...)
		n += int64(1 + i%3)
	}
	settled(t, b, n)
	o := backtest.Options{Config: cfg}
	live := alertsOf(t, b)
	// Live says the last of an alert when it has nothing to read for a while.
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		got, _ := backtested(t, o)
		if live = alertsOf(t, b); slices.Equal(got, live) {
			break
		}
	}
	if len(live) < 8 {
		t.Fatalf("only %d alerts: the test says little", len(live))
	}
	compareAlerts := func(where string) {
		t.Helper()
		got, sum := backtested(t, o)
		if !slices.Equal(got, live) {
			t.Errorf("%s: %d alerts, live %d; %s", where, len(got), len(live), firstDifference(got, live))
		}
		if sum.Stopped != "" || len(sum.Warnings) > 0 || sum.Late != 0 || sum.Evicted != 0 {
			t.Errorf("%s: %+v", where, sum)
		}
	}
	compareAlerts("in memory")
	waitHits(t, b, `event.dataset: weir.audit and event.action: backtest`, 1)
	stop(t, a)
	compareAlerts("sealed, nobody runs")
	a = start(t, cfg)
	compareAlerts("sealed, while weir runs")
	stop(t, a)
}

// alertsOf asks for the alerts that live has raised so far.
func alertsOf(t *testing.T, b control.Backend) []string {
	t.Helper()
	rows, err := b.Alerts(t.Context(), control.AlertsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	list := make([]alert.Alert, len(rows))
	for i := range rows {
		list[i] = rows[i].Alert
	}
	return alertLines(list)
}

func firstDifference(got, want []string) string {
	for i := range max(len(got), len(want)) {
		g, w := "", ""
		if i < len(got) {
			g = got[i]
		}
		if i < len(want) {
			w = want[i]
		}
		if g != w {
			return "got\n" + cmp.Or(g, "nothing") + "\nwant\n" + cmp.Or(w, "nothing")
		}
	}
	return ""
}

package show

import (
	"strings"
	"testing"
	"time"

	"weir/internal/alert"
	"weir/internal/control"
	"weir/internal/control/alerting"
	"weir/internal/term"
)

func TestState(t *testing.T) {
	for want, a := range map[string]control.AlertRow{
		"open":                       {State: alert.Open},
		"closed as benign":           {State: alert.Closed, Verdict: alert.Benign},
		"open, suppressed":           {State: alert.Open, Alert: alert.Alert{SuppressedBy: "aaaa"}},
		"closed as resolved, canary": {State: alert.Closed, Verdict: alert.Resolved, Alert: alert.Alert{Canary: true}},
		"acknowledged, historic":     {State: alert.Acknowledged, Alert: alert.Alert{Historic: true}},
	} {
		if got := State(&a); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestAlert_History: an alert that went through hands, with all that can be said of one, and hostile text in it.
func TestAlert_History(t *testing.T) {
	at := func(minute int) time.Time { return time.Date(2026, 11, 21, 16, minute, 0, 0, time.UTC) }
	over := at(50)
	f := &term.Face{TTY: true, ASCII: true, Width: 100, Zone: time.UTC, Now: func() time.Time { return at(59) }}
	d := control.AlertDetail{
		Row: control.AlertRow{Short: "3f9c", State: alert.Closed, Verdict: alert.FalsePositive, Assignee: "김민수", Alert: alert.Alert{Rule: "r", Version: 1, Level: "low", What: "x", Count: 2, First: at(1), Last: at(2),
			Suppressed: 1, SuppressedBy: "b07e", MergedInto: "c001", Historic: true, Approximate: "values beyond 10,000\x1b", Ended: &over}},
		Risk: []alerting.Risk{{Kind: "user", Value: "kim", Score: 119.7, Alerts: 4, Alert: "c0ffee0000000001"}, {Kind: "address", Value: "203.0.113.5", Score: 5, Alerts: 1}},
		History: []alert.Change{
			{Version: 1, Kind: alert.ToState, State: alert.Acknowledged, By: "ana", At: at(3), Note: "looking\nat it"},
			{Version: 2, Kind: alert.Note, State: alert.Acknowledged, By: "김민수", At: at(4), Note: "\u202emine"},
			{Version: 3, Kind: alert.Assign, State: alert.Acknowledged, Assignee: "김민수", By: "ana", At: at(5)},
			{Version: 4, Kind: alert.Assign, State: alert.Acknowledged, By: "ana", At: at(6)},
			{Version: 5, Kind: alert.ToState, State: alert.Open, By: alert.Self, At: at(7), Note: "3 further hits after it was closed"},
			{Version: 6, Kind: alert.ToState, State: alert.Closed, Verdict: alert.FalsePositive, By: "ana", At: at(8)},
		},
	}
	want := `low, closed as false_positive, suppressed, historic   x
rule r v1   first 16:01:00   last 16:02:00   2 times
Why          one event is enough
Whose        김민수
Estimated    values beyond 10,000\x1b
Over         16:50:00
Speaks for   1 alert besides, which lists show with --suppressed
Spoken for   by alert b07e
Merged       into alert c001
Historic     found in the past by a backtest: nobody was told
Risk         user kim  120 by 4 alerts, alert c0ffee00
             address 203.0.113.5  5 by 1 alert
History      16:03:00  ana     acknowledged: looking\nat it
             16:04:00  김민수  note: \u202emine
             16:05:00  ana     given to 김민수
             16:06:00  ana     given to nobody
             16:07:00  weir    opened: 3 further hits after it was closed
             16:08:00  ana     closed as false_positive
             changes 6
Next         alerts show 3f9c --exception      search '*'      --json
`
	got := Alert(f, d, func(rest string) string { return rest })
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestNext: what one does with an alert depends on how it stands.
func TestNext(t *testing.T) {
	for want, a := range map[string]control.AlertRow{
		"alerts ack 3f9c": {State: alert.Open},
		"alerts close 3f9c --verdict true_positive": {State: alert.Acknowledged},
		"alerts show 3f9c --exception":              {State: alert.Closed, Verdict: alert.FalsePositive},
		"alerts open 3f9c":                          {State: alert.Closed, Verdict: alert.Benign},
	} {
		a.Short = "3f9c"
		if got := next(&a); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestDone_hostile: states and names come over the socket and from files of other versions: they are text.
func TestDone_hostile(t *testing.T) {
	for _, c := range []alert.Change{{Kind: alert.ToState, State: "x\x1b"}, {Kind: alert.Assign, Assignee: "x\x1b"}, {Kind: alert.ToState, State: alert.Closed, Verdict: "x\x1b"}} {
		if got := done(&c); strings.Contains(got, "\x1b") || !strings.Contains(got, "x") {
			t.Errorf("%+v: %q", c, got)
		}
	}
}

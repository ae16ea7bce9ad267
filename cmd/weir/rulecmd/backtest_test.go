package rulecmd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"weir/cmd/weir/ui"
	"weir/internal/alert"
	"weir/internal/app/backtest"
	"weir/internal/control/trial"
	"weir/internal/fault"
	"weir/internal/term"
)

// found is an alert of a day of November about a user.
func found(day int, user, change string) trial.Line {
	at := time.Date(2026, 11, day, 3, 4, 5, 0, time.UTC)
	return trial.Line{Alert: &trial.Alert{Change: change, Alert: alert.Alert{ID: "00ff", Rule: "vpn", What: user + " came\x1b[31m in", Count: 2, First: at, Last: at,
		Group: map[string]string{"user.name": user, "source.ip": ""}}}}
}

// answers is an engine that gives an answer and notes what it was asked.
func answers(asked *backtest.Options, sum trial.Summary, lines ...trial.Line) Engine {
	return Engine{Backtest: func(_ context.Context, o backtest.Options, each func(trial.Line) error) (trial.Summary, error) {
		if asked != nil {
			*asked = o
		}
		for _, l := range lines {
			if err := each(l); err != nil {
				return sum, err
			}
		}
		return sum, nil
	}}
}

func november() trial.Summary {
	return trial.Summary{
		Rules: []trial.Rule{{Rule: "vpn", Title: "VPN", Level: "low", Matches: 9, Alerts: 4, New: 3, Same: 1, Gone: 1}},
		From:  time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC),
		Events: 66_014_233, Skipped: 66_000_000, Tried: 14_233, TookMS: 31_400, CostNS: 212.4, CostAgainstNS: 90, Columns: []string{"a", "b"}, Segments: 1204, SegmentsRead: 12,
	}
}

func TestBacktest_Terminal(t *testing.T) {
	t.Parallel()
	lines := []trial.Line{found(3, "ana", "new"), found(3, "ana", "same"), found(4, "kim", "gone"), found(7, "kim", "new"), found(9, "root", "new")}
	w := world{engine: answers(nil, november(), lines...), terminal: 100}
	out, msg, code := w.run(t, "backtest", "vpn", "--from", "-30d", "--against", "HEAD")
	want := `alerts a day  ..█...▄.▄............   4 in 21 days, most on 11-03
for           2  user.name=ana
              1  user.name=kim
              1  user.name=root
cost          212 ns an event, of 14,233 tried (the other version 90 ns)
against HEAD  3 new, 1 as before, 1 gone     --show new lists them
`
	if out != want || code != 0 {
		t.Errorf("%d\n%s\nwant\n%s", code, out, want)
	}
	if msg != "66,014,233 events in 31 s, 66,000,000 skipped by their columns, 2 columns read, 12 of 1,204 segments, no gap in the archive\n" {
		t.Errorf("messages %q", msg)
	}
}

func TestBacktest_Pipe(t *testing.T) {
	t.Parallel()
	w := world{engine: answers(nil, november(), found(2, "ana", ""), found(2, "ana", ""), found(4, "kim", ""))}
	out, _, code := w.run(t, "backtest", "vpn")
	if lines := strings.Split(out, "\n"); code != 0 || lines[0] != "2026-11-01\t0" || lines[1] != "2026-11-02\t2" || lines[3] != "2026-11-04\t1" || len(lines) != 21 {
		t.Errorf("%d\n%s", code, out)
	}
}

func TestBacktest_Show(t *testing.T) {
	t.Parallel()
	lines := []trial.Line{found(3, "ana", "new"), found(4, "kim", "gone"), found(5, "root", "same")}
	for show, want := range map[string]string{
		"all":  "2026-11-03T03:04:05Z\t2\tnew\tvpn\tuser.name=ana\tana came\\x1b[31m in\n2026-11-04T03:04:05Z\t2\tgone\tvpn\tuser.name=kim\tkim came\\x1b[31m in\n2026-11-05T03:04:05Z\t2\tsame\tvpn\tuser.name=root\troot came\\x1b[31m in\n",
		"gone": "2026-11-04T03:04:05Z\t2\tgone\tvpn\tuser.name=kim\tkim came\\x1b[31m in\n",
	} {
		w := world{engine: answers(nil, november(), lines...)}
		if out, _, code := w.run(t, "backtest", "vpn", "--against", "old.yaml", "--show", show); out != want || code != 0 {
			t.Errorf("--show %s: %d\n%s", show, code, out)
		}
	}
}

func TestBacktest_All(t *testing.T) {
	t.Parallel()
	sum := november()
	sum.Rules = []trial.Rule{{Rule: "a", Level: "low", Title: "A"}, {Rule: "b", Level: "high", Title: "B", Matches: 12, Alerts: 3}}
	var asked backtest.Options
	w := world{engine: answers(&asked, sum)}
	out, _, code := w.run(t, "backtest", "--all", "x.ndjson", "y.ndjson")
	if out != "b\thigh\t12\t3\tB\na\tlow\t0\t0\tA\n" || code != 0 || asked.Rule != "" || len(asked.Files) != 2 {
		t.Errorf("%d\n%s\n%+v", code, out, asked)
	}
}

func TestBacktest_JSON(t *testing.T) {
	t.Parallel()
	var asked backtest.Options
	sum := november()
	sum.Warnings = fault.List{{Code: "segment-unreadable", What: "a part cannot be read", Warn: true}}
	w := world{engine: answers(&asked, sum, trial.Line{Progress: &trial.Progress{Done: 1, Total: 2}}, found(3, "ana", "new"), found(4, "kim", "gone"))}
	out, msg, code := w.run(t, "backtest", "vpn", "--against", "HEAD", "--json")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	var a trial.Alert
	var last struct {
		Summary struct {
			trial.Summary
			Days   []dayCount
			Top    []groupCount
			Groups int
		}
	}
	if code != 0 || len(lines) != 3 || json.Unmarshal([]byte(lines[1]), &a) != nil || json.Unmarshal([]byte(lines[2]), &last) != nil {
		t.Fatalf("%d\n%s", code, out)
	}
	s := last.Summary
	if a.Change != "gone" || a.Group["user.name"] != "kim" || !asked.Request.Values || s.Events != 66_014_233 || len(s.Days) != 20 || s.Groups != 1 || s.Top[0].Group != "user.name=ana" {
		t.Errorf("%+v\n%+v", a, s)
	}
	if !strings.Contains(msg, "a part cannot be read") {
		t.Errorf("messages %q", msg)
	}
}

// TestBacktest_Asked: what the words of the command line become.
func TestBacktest_Asked(t *testing.T) {
	t.Parallel()
	var asked backtest.Options
	w := world{engine: answers(&asked, november()), data: "/srv/weir"}
	if _, msg, code := w.run(t, "backtest", "vpn.yaml", "a.json", "b.json", "--winevent", "--from", "2026-11-01", "--to", "-1d", "--against", "v1"); code != 0 {
		t.Fatal(msg)
	}
	r := asked.Request
	if asked.Rule != "vpn.yaml" || len(asked.Files) != 2 || !asked.Form.WinEvent || asked.Against != "v1" || asked.Config.Data != "/srv/weir" || r.Values ||
		!r.From.Equal(time.Date(2026, 11, 1, 0, 0, 0, 0, now.Location())) || !r.To.Equal(now.Add(-24*time.Hour)) {
		t.Errorf("%+v", asked)
	}
}

func TestBacktest_Mistakes(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, args, want string }{
		{"no rule", "", "missing: RULE"},
		{"all and another version", "--all --against HEAD", "--against is about one rule"},
		{"an unknown word", "vpn --show fresh --against HEAD", "--show fresh is not known"},
		{"nothing to compare with", "vpn --show new", "--show new needs another version"},
		{"a form without files", "vpn --raw auto", "are about files"},
		{"a time that is none", "vpn --from yesterday-ish", "yesterday-ish"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, msg, code := world{}.run(t, append([]string{"backtest"}, strings.Fields(tt.args)...)...)
			if code != fault.ExitUsage || !strings.Contains(msg, tt.want) {
				t.Errorf("%d: %s", code, msg)
			}
		})
	}
	failing := Engine{Backtest: func(context.Context, backtest.Options, func(trial.Line) error) (trial.Summary, error) {
		return trial.Summary{}, &fault.Error{Code: "rule-unknown", What: "no rule has the id `vpm`", Exit: fault.ExitUsage}
	}}
	if out, msg, code := (world{engine: failing}).run(t, "backtest", "vpm"); code != fault.ExitUsage || out != "" || !strings.Contains(msg, "vpm") {
		t.Errorf("%d: %s%s", code, out, msg)
	}
}

// TestBacktest_Stopped: who ends it reads how much the figures are about.
func TestBacktest_Stopped(t *testing.T) {
	t.Parallel()
	sum := november()
	sum.Stopped, sum.Reached = trial.Interrupted, time.Date(2026, 11, 9, 5, 0, 0, 0, time.UTC)
	_, msg, code := world{engine: answers(nil, sum)}.run(t, "backtest", "vpn")
	if code != 0 || !strings.Contains(msg, "stopped; read up to about 2026-11-09") {
		t.Errorf("%d: %s", code, msg)
	}
	sum.Stopped, sum.Late, sum.Evicted = trial.TooManyAlerts, 2, 3
	_, msg, _ = world{engine: answers(nil, sum)}.run(t, "backtest", "vpn")
	for _, want := range []string{"stopped at 100,000 alerts", "2 hits", "3 groups"} {
		if !strings.Contains(msg, want) {
			t.Errorf("no %q in %s", want, msg)
		}
	}
}

// TestBacktest_Progress: on a terminal one line that is written over and taken away, with the day that is read.
func TestBacktest_Progress(t *testing.T) {
	t.Parallel()
	clock := now
	var msg bytes.Buffer
	face := &term.Face{W: &msg, TTY: true, Width: 100, Zone: now.Location(), Now: func() time.Time { clock = clock.Add(time.Second); return clock }}
	bar := &progress{sh: ui.Shell{Msg: face}}
	at := time.Date(2026, 11, 9, 1, 0, 0, 0, time.UTC)
	bar.at(trial.Progress{Done: 0, Total: 66e6, At: at})
	bar.at(trial.Progress{Done: 41e6, Total: 66e6, At: at})
	bar.done()
	bar.done()
	if s := msg.String(); !strings.Contains(s, " 62 %") || !strings.Contains(s, "2026-11-09") || !strings.Contains(s, "41 M of 66 M events") || !strings.Contains(s, "left") || !strings.HasSuffix(s, "\r\x1b[K") {
		t.Errorf("%q", s)
	}
	msg.Reset()
	bar.at(trial.Progress{Done: 1, Total: 4 << 20, Unit: "bytes", In: "events.ndjson"})
	bar.at(trial.Progress{Done: 2 << 20, Total: 4 << 20, Unit: "bytes", In: "events.ndjson"})
	if s := msg.String(); !strings.Contains(s, "events.ndjson") || !strings.Contains(s, "bytes") {
		t.Errorf("%q", s)
	}
	msg.Reset()
	quiet := &progress{sh: ui.Shell{Msg: face, Quiet: true}}
	quiet.at(trial.Progress{Done: 1, Total: 2})
	quiet.at(trial.Progress{Done: 2, Total: 2})
	if quiet.done(); msg.Len() > 0 {
		t.Errorf("-q is not quiet: %q", msg.String())
	}
}

// TestBacktest_ClosedPipe: who has seen enough ends it.
func TestBacktest_ClosedPipe(t *testing.T) {
	t.Parallel()
	broken := errors.New("closed")
	w := world{engine: answers(nil, november(), found(3, "ana", "")), out: writer(func([]byte) (int, error) { return 0, broken })}
	if _, msg, code := w.run(t, "backtest", "vpn", "--json"); code == 0 || !strings.Contains(msg, "closed") {
		t.Errorf("%d %s", code, msg)
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(b []byte) (int, error) { return w(b) }

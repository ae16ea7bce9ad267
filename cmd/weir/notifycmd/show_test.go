package notifycmd

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"weir/internal/control/notifying"
	"weir/internal/fault"
)

func status() notifying.Status {
	return notifying.Status{
		File: "weir-data/notify.yaml", Loaded: now, Groups: 3, Silences: 1,
		Channels: []notifying.Channel{
			{Name: "mail", Type: "email", State: notifying.Up, Since: now.Add(-2 * time.Hour), Sent: 4100, Dead: 1},
			{Name: "pager", Type: "sms", State: notifying.Down, Since: now.Add(-30 * time.Minute), Waiting: 3, Oldest: now.Add(-31 * time.Minute), Sent: 12, Error: "dial tcp 192.0.2.1:443: refused"},
			{Name: "old", State: notifying.Missing, Waiting: 1, Oldest: now},
		},
		Dead:        []notifying.Dead{{ID: "ab12-7", Channel: "mail", Kind: "firing", Group: "rule=ssh", At: now, Error: "550 no such user", Alerts: []string{"3f9c"}}},
		Maintenance: []notifying.Window{{Name: "patch", Owner: "ana", Reason: "updates", Until: now.Add(time.Hour)}},
		Faults:      []*fault.Error{{Code: "notify-value", What: "there is no channel `boss`", Where: "notify.yaml:3:8"}},
	}
}

func TestStatus(t *testing.T) {
	b := &backend{status: status()}
	out, msg, code := world{backend: b, terminal: 120}.run(t, "notify", "status")
	same(t, "stdout", out, strings.Join([]string{
		"CHANNEL  TYPE   STATE    SINCE     WAITING  OLDEST    DEAD   SENT  LAST ERROR",
		"mail     email  up       14:52:30        0  -            1  4,100  -",
		"pager    sms    down     16:22:30        3  16:21:30     0     12  dial tcp 192.0.2.1:443: refused",
		"old      -      missing  -               1  16:52:30     0      0  -", ""}, "\n"))
	for _, want := range []string{"error[notify-value]: there is no channel `boss`", "maintenance patch until 17:52:30, ana: updates", "3 channels, 2 down; 3 groups open, 1 silence. Next: weir notify status --dead"} {
		if !strings.Contains(msg, want) {
			t.Errorf("stderr lacks %q:\n%s", want, msg)
		}
	}
	if code != 0 {
		t.Errorf("exit %d", code)
	}
	out, _, _ = world{backend: b}.run(t, "notify", "status")
	if line, _, _ := strings.Cut(out, "\n"); line != "mail\temail\tup\t2026-11-21T05:52:30Z\t0\t-\t1\t4100\t-" {
		t.Errorf("a pipe gets %q", line)
	}
	out, _, _ = world{backend: b}.run(t, "notify", "status", "--json")
	if strings.Count(out, "\n") != 3 || !strings.Contains(out, `{"name":"pager","type":"sms","state":"down"`) {
		t.Errorf("json %s", out)
	}
}

func TestStatus_Dead(t *testing.T) {
	b := &backend{status: status()}
	out, msg, _ := world{backend: b, terminal: 100}.run(t, "notify", "status", "--dead")
	same(t, "stdout", out, "TIME +09:00  ID      CHANNEL  KIND    GROUP     ERROR\n16:52:30     ab12-7  mail     firing  rule=ssh  550 no such user\n")
	same(t, "stderr", msg, "1 message. When the reason is gone: weir notify retry mail\n")
	out, _, _ = world{backend: b}.run(t, "notify", "status", "--dead", "--json")
	same(t, "json", out, `{"id":"ab12-7","channel":"mail","kind":"firing","group":"rule=ssh","at":"2026-11-21T16:52:30+09:00","error":"550 no such user","alerts":["3f9c"]}`+"\n")
	b.status.Dead = nil
	if _, msg, _ := (world{backend: b}).run(t, "notify", "status", "--dead"); msg != "every message arrived or waits to be sent\n" {
		t.Errorf("none: %q", msg)
	}
}

func TestStatus_Nothing(t *testing.T) {
	b := &backend{status: notifying.Status{File: "weir-data/notify.yaml"}}
	out, msg, code := world{backend: b, terminal: 100}.run(t, "notify", "status")
	if code != 0 || strings.Contains(out, "mail") || msg != "nobody is told of alerts: write weir-data/notify.yaml, then weir notify check\n" {
		t.Errorf("exit %d, %q, %q", code, out, msg)
	}
}

func TestRoute(t *testing.T) {
	b := &backend{route: notifying.Route{
		Alert: "3f9cab", Rule: "ssh-brute-force", Level: "high", What: "203.0.113.5 guessed root's password",
		Steps: []notifying.Step{
			{Line: 8, Matched: true}, {Line: 12, Depth: 1, Match: "level>=critical", Why: "not level>=critical: it is high"},
			{Line: 15, Depth: 1, Matched: true, Takes: true, Match: "rule=ssh-*", To: []string{"mail", "chat"}},
			{Line: 18, Depth: 1, Match: "rule=x", Why: "not asked: an earlier route took it"},
		},
		To: []notifying.Target{{Channels: []string{"mail", "chat"}, Line: 15, Group: "rule=ssh-brute-force", WaitMS: 10_000, RepeatMS: 4 * 3600_000, Escalate: []notifying.Later{{AfterMS: 15 * 60_000, Channels: []string{"boss"}}}},
			{Channels: []string{"soc"}, Own: true}},
		Holds: []notifying.Hold{{Kind: "silence", Name: "4be1c2d3", Owner: "ana", Reason: "test", Until: now.Add(time.Hour)}, {Kind: "maintenance", Name: "w", Owner: "bo", Reason: "r"}},
		Past:  []notifying.Past{{At: now.Add(-time.Minute), What: "came"}, {At: now, What: "sent", Channel: "mail", Kind: "firing", Group: "rule=ssh-brute-force", Message: "ab12-7", Detail: "250 ok"}},
	}}
	out, _, code := world{backend: b, terminal: 100}.run(t, "notify", "route", "3f9c")
	same(t, "stdout", out, `alert     3f9cab  high  ssh-brute-force  203.0.113.5 guessed root's password
routes    ✓   line 8: everything
            no  line 12: level>=critical   not level>=critical: it is high
            ✓   line 15: rule=ssh-*   takes it: mail, chat
            no  line 18: rule=x   not asked: an earlier route took it
goes to   mail, chat, together with rule=ssh-brute-force, after 10 s, again every 4 h
          boss after 15 min, if nobody acknowledges it
          soc (its rule names it), together with all others, at once
held by   silence 4be1c2d3 of ana until 17:52:30: test
          maintenance w of bo: r
so far    16:51:30  came
          16:52:30  sent  mail  firing  rule=ssh-brute-force  ab12-7: 250 ok
`)
	if r := b.asked.(notifying.RouteRequest); code != 0 || r.Alert != "3f9c" || !r.At.IsZero() {
		t.Errorf("exit %d, asked %+v", code, r)
	}
	b.route = notifying.Route{Withheld: "it answers weir canary", Steps: []notifying.Step{{Line: 2, Matched: true, Takes: true}}}
	out, _, _ = world{backend: b, terminal: 100}.run(t, "notify", "route", "--level", "low", "--rule", "x", "--field", "host.name=web=1", "--label", "team=net", "--tag", "t", "--notify", "soc", "--at", "2026-11-21 23:00")
	same(t, "stdout", out, "routes    ✓   line 2: everything   takes it and tells nobody\ngoes to   nobody\nbut       nobody is told: it answers weir canary\n")
	r := b.asked.(notifying.RouteRequest)
	if r.Level != "low" || r.Group["host.name"] != "web=1" || r.Labels["team"] != "net" || len(r.Tags) != 1 || len(r.Notify) != 1 || r.At.Hour() != 23 {
		t.Errorf("asked %+v", r)
	}
}

func TestRoute_Failure(t *testing.T) {
	for _, args := range [][]string{{}, {"3f9c", "--level", "high"}, {"--field", "host.name"}, {"--label", "=x"}, {"--rule", "x", "--at", "someday"}} {
		if _, msg, code := (world{backend: &backend{}}).run(t, append([]string{"notify", "route"}, args...)...); code != fault.ExitUsage {
			t.Errorf("%q: exit %d, %s", args, code, msg)
		}
	}
}

// TestText_Hostile: names, answers and errors come from outside; none of it acts on a terminal, and each stays on its line.
func TestText_Hostile(t *testing.T) {
	const bad = "관리자\x1b[2J\u202e\nroot"
	b := &backend{
		status: notifying.Status{Loaded: now, Channels: []notifying.Channel{{Name: bad, Type: bad, State: notifying.Down, Error: bad}}, Dead: []notifying.Dead{{ID: bad, Channel: bad, Group: bad, Error: bad}},
			Maintenance: []notifying.Window{{Name: bad, Owner: bad, Reason: bad}}},
		route: notifying.Route{Alert: bad, Rule: bad, What: bad, Withheld: bad, Steps: []notifying.Step{{Match: bad, Why: bad}}, To: []notifying.Target{{Channels: []string{bad}, Group: bad}},
			Holds: []notifying.Hold{{Name: bad, Owner: bad, Reason: bad}}, Past: []notifying.Past{{What: "sent", Group: bad, Detail: bad}}},
		silences: []notifying.Silence{{ID: bad, Match: []string{bad}, Owner: bad, Reason: bad}},
	}
	for _, tc := range []struct {
		args  string
		lines int // of stdout
	}{
		{"notify status", 2}, {"notify status --dead", 2}, {"notify route 3f", 6}, {"silences list", 2},
	} {
		t.Run(tc.args, func(t *testing.T) {
			out, msg, code := world{backend: b, terminal: 300}.run(t, strings.Fields(tc.args)...)
			if code != 0 || strings.ContainsAny(out+msg, "\x1b\u202e") || strings.Count(out, "\n") != tc.lines {
				t.Errorf("exit %d, %d lines: %q %q", code, strings.Count(out, "\n"), out, msg)
			}
		})
	}
}

// TestJSON: each command prints one object a line, and says nothing beside it.
func TestJSON(t *testing.T) {
	b := &backend{status: status(), route: notifying.Route{Rule: "x", Steps: []notifying.Step{{Line: 1}}, To: []notifying.Target{}}, silences: []notifying.Silence{{ID: "a", Active: true}, {ID: "b"}}}
	for _, tc := range []struct {
		args  string
		lines int
	}{
		{"notify status", 3}, {"notify status --dead", 1}, {"notify route --rule x", 1}, {"notify test mail", 1}, {"notify retry mail", 1}, {"silences list --all", 2},
		{"silences add --match rule=x --owner o --reason r --for 1h", 1}, {"silences end a", 1},
	} {
		t.Run(tc.args, func(t *testing.T) {
			out, msg, code := world{backend: b, terminal: 100}.run(t, append(strings.Fields(tc.args), "--json")...)
			if code != 0 || msg != "" || strings.Count(out, "\n") != tc.lines {
				t.Errorf("exit %d, %q, stderr %q", code, out, msg)
			}
			for line := range strings.Lines(out) {
				var v map[string]any
				if err := json.Unmarshal([]byte(line), &v); err != nil || len(v) == 0 {
					t.Errorf("%q: %v", line, err)
				}
			}
		})
	}
}

// TestFailures: what the other side cannot do ends every command with its own code.
func TestFailures(t *testing.T) {
	b := &backend{err: &fault.Error{Code: "weir-gone", What: "the running weir went away", Exit: fault.ExitMissing}}
	for _, args := range []string{"notify status", "notify status --dead", "notify route 3f", "notify test mail", "notify retry mail", "silences list", "silences add --match rule=x --for 1h", "silences end a"} {
		out, msg, code := world{backend: b, terminal: 100}.run(t, strings.Fields(args)...)
		if code != fault.ExitMissing || out != "" || msg != "error[weir-gone]: the running weir went away\n" {
			t.Errorf("%s: exit %d, %q, %q", args, code, out, msg)
		}
	}
}

func TestSpan(t *testing.T) {
	for ms, want := range map[int64]string{10_000: "10 s", 4 * 3600_000: "4 h", 15 * 60_000: "15 min", 500: "500 ms"} {
		if got := span(ms); got != want {
			t.Errorf("%d: %q, want %q", ms, got, want)
		}
	}
}

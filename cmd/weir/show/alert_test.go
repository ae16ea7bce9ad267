package show

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"weir/event"
	"weir/internal/alert"
	"weir/internal/control"
	"weir/internal/query"
	"weir/internal/term"
)

func TestAlert_Values(t *testing.T) {
	f := &term.Face{ASCII: true, Width: 100, Zone: time.UTC, Now: time.Now}
	d := control.AlertDetail{Row: control.AlertRow{Short: "3f9c", State: "open", Alert: alert.Alert{Rule: "r", Level: "low", What: "x", Count: 1, Author: "a sigma author",
		Group: map[string]string{"url.path": `/a "b"`}, Conditions: []alert.Condition{{Name: "event", Expr: "true", Needed: 1, Matched: 1}}}}}
	var asked []string
	page := Alert(f, d, func(q string) string { asked = append(asked, q); return "COMMAND" })
	for _, want := range []string{"once", "Why          url.path = /a \"b\"\n", "ok event", "Author       a sigma author\n", "Next         COMMAND      COMMAND      --json"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in\n%s", want, page)
		}
	}
	if len(asked) != 2 || asked[0] != "alerts ack 3f9c" || asked[1] != `search 'url.path: "/a \"b\""'` {
		t.Errorf("asked %q", asked)
	}
	d.Group = nil
	if page = Alert(f, d, func(q string) string { return q }); !strings.Contains(page, "one event is enough") || !strings.Contains(page, "search '*'") {
		t.Errorf("without a group:\n%s", page)
	}
	d.Evidence = []alert.Evidence{{EventID: "a:b", When: "event"}}
	if page = Alert(f, d, func(q string) string { return q }); !strings.Contains(page, `search 'event.id: "a:b"'`) {
		t.Errorf("one event:\n%s", page)
	}
}

func TestLevelStyle(t *testing.T) {
	for level, want := range map[string]term.Style{"critical": term.Red, "high": term.Red, "medium": term.Yellow, "low": term.Plain, "": term.Plain} {
		if LevelStyle(level) != want {
			t.Errorf("%s: %v", level, LevelStyle(level))
		}
	}
}

// TestAlert_Page: the whole page of an alert with a window, two conditions, Korean names and hostile text in all of it.
func TestAlert_Page(t *testing.T) {
	at := func(s float64) time.Time {
		return time.Date(2026, 11, 21, 16, 50, 0, 0, time.UTC).Add(time.Duration(s * float64(time.Second)))
	}
	f := &term.Face{TTY: true, Width: 70, Zone: time.UTC, Now: func() time.Time { return at(150) }}
	d := control.AlertDetail{
		Row: control.AlertRow{Short: "3f9c", State: "open", Alert: alert.Alert{Rule: "r", Version: 2, Level: "high", What: "관리자\x1b[2J", Count: 1204, First: at(3), Last: at(30), Within: 10 * time.Minute,
			Tags: []string{"attack.t1110.001", "attack.credential_access", "attack.t1078"}, Group: map[string]string{"user.name": "김 민수", "source.ip": "203.0.113.5"},
			Conditions: []alert.Condition{{Name: "실패", Expr: "a\u202e", Needed: 5, Matched: 128}, {Name: "login", Expr: "b", Needed: 1, Matched: 1}},
			Evidence:   []alert.Evidence{{EventID: "e1", Time: at(3), When: "실패"}, {EventID: "e2", Time: at(9.4), When: "login", Values: map[string]string{"b": "2", "a": "1"}}, {EventID: "e3", Time: at(9), When: "login", Values: map[string]string{"message": "kept"}}}}},
		Events: map[string]json.RawMessage{"e1": json.RawMessage(`{"message":"` + strings.Repeat("길다 ", 40) + `"}`), "e2": json.RawMessage(`broken`)},
	}
	want := `high, open   관리자\x1b[2J
rule r v2   first 16:50:03   last 16:50:30   1,204 times   ATT&CK T1110.001, T1078
Why          source.ip = 203.0.113.5, user.name = 김 민수, 6.4 s of 10 min used
  ✓ 실패    128, needs 5   a\u202e
  ✓ login   1, needs 1     b
Evidence     16:50:03.000  실패   길다 길다 길다 길다 길다 길다 길다 …
             16:50:09.400  login  a=1 b=2
             16:50:09.000  login  kept
Next         alerts ack 3f9c      search 'source.ip: 203.0.113.5 and user.name: "김 민수"'      --json
`
	if got := Alert(f, d, func(q string) string { return q }); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestAround_Parses: the query behind Next is one, whatever the values hold, and finds them.
func TestAround_Parses(t *testing.T) {
	for _, value := range []string{"root", "Kim Min", `C:\Windows\cmd.exe`, `a "quoted" b`, "and", "or", "not", "a*b", "(x)", "{x}", "김민수", "<5", "2001:db8::1", `back\slash`, "tab\there", " lead", ""} {
		d := control.AlertDetail{Row: control.AlertRow{Alert: alert.Alert{Group: map[string]string{"user.name": value}}}}
		src := aroundQuery(d)
		q, err := query.Parse(src)
		if err != nil {
			t.Errorf("%q: %s: %v", value, src, err)
			continue
		}
		var e event.Event
		e.Set(event.UserName, event.Str(value))
		if !q.Match(&e) {
			t.Errorf("%q: %s does not find it", value, src)
		}
	}
}

func TestTechniques(t *testing.T) {
	for want, tags := range map[string][]string{
		"":                 {"attack.credential_access", "attack.tools", "attack.t", "cve.1", ""},
		"T1110.001, T1078": {"attack.t1110.001", "x", "attack.t1078"},
	} {
		if got := Techniques(tags); got != want {
			t.Errorf("%v: %q, want %q", tags, got, want)
		}
	}
	if Times(1) != "once" || Times(0) != "0 times" || Times(1204) != "1,204 times" {
		t.Error("wrong words")
	}
}

package alert

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"weir/event"
)

func sample() *Alert {
	t := time.Date(2026, 11, 21, 7, 50, 3, 0, time.UTC)
	return &Alert{
		ID: "3f9c0a1b2c3d4e5f", Revision: 2, Rule: "ssh-brute-force", Version: 3, Title: "Many failed logins", Level: "high", Author: "ana",
		Tags:  []string{"attack.credential_access", "attack.t1110.001", "attack.s0154", "local"},
		Group: map[string]string{"source.ip": "203.0.113.5", "user.name": "김민수", "source.port": "22", "event.id": "forged", "destination.port": "many", "destination.ip": "10.0.0.9"},
		What:  "203.0.113.5 guessed a password", First: t, Last: t.Add(6400 * time.Millisecond), Count: 17, Created: t,
		Conditions: []Condition{{Name: "failed", Expr: `event.outcome == "failure"`, Needed: 5, Matched: 128}},
		Evidence:   []Evidence{{EventID: "e1", Time: t, When: "failed", Src: "weir.raw.syslog/0/1/0", Values: map[string]string{"user.name": "root", "message": "m"}}},
	}
}

func TestEvent(t *testing.T) {
	var e event.Event
	e.SetStr(event.HostName, "left over")
	Event(sample(), &e)
	cases := []struct{ path, want string }{
		{"@timestamp", "2026-11-21T07:50:09.400Z"},
		{"event.kind", "alert"},
		{"event.id", "3f9c0a1b2c3d4e5f-2"}, // not what the group says
		{"event.dataset", "weir.alert"},
		{"event.module", "weir"},
		{"event.severity", "73"},
		{"message", "203.0.113.5 guessed a password"},
		{"rule.id", "ssh-brute-force"},
		{"rule.name", "Many failed logins"},
		{"rule.version", "3"},
		{"source.ip", "203.0.113.5"},
		{"source.port", "22"},
		{"destination.port", ""}, // no number
		{"user.name", "김민수"},
		{"related.ip", `["10.0.0.9","203.0.113.5"]`},
		{"threat.framework", "MITRE ATT&CK"},
		{"threat.technique.id", `["T1110"]`},
		{"threat.technique.subtechnique.id", `["T1110.001"]`},
		{"threat.tactic.name", `["Credential Access"]`},
		{"weir.alert.id", "3f9c0a1b2c3d4e5f"},
		{"weir.alert.count", "17"},
		{"weir.alert.first", "2026-11-21T07:50:03.000Z"},
		{"weir.alert.group.destination.port", "many"},
		{"weir.revision", "2"},
		{"host.name", ""},
	}
	for _, c := range cases {
		if got := e.GetPath(c.path).Text(); got != c.want {
			t.Errorf("%s is %q, want %q", c.path, got, c.want)
		}
	}
}

// The same alert is the same bytes every time, and they are what the archive reads back.
func TestEvent_sameBytes(t *testing.T) {
	var e, back event.Event
	Event(sample(), &e)
	first := e.AppendJSON(nil)
	if !json.Valid(first) {
		t.Fatalf("%s", first)
	}
	for range 20 {
		Event(sample(), &e)
		if again := e.AppendJSON(nil); !bytes.Equal(first, again) {
			t.Fatalf("%s\n%s", first, again)
		}
	}
	if err := back.Decode(first); err != nil {
		t.Fatal(err)
	}
	if again := back.AppendJSON(nil); !bytes.Equal(first, again) {
		t.Fatalf("read back:\n%s\n%s", first, again)
	}
}

func TestAlert_jsonRoundTrip(t *testing.T) {
	b, err := json.Marshal(sample())
	if err != nil {
		t.Fatal(err)
	}
	var a Alert
	if err := json.Unmarshal(b, &a); err != nil {
		t.Fatal(err)
	}
	c, _ := json.Marshal(&a)
	if !bytes.Equal(b, c) {
		t.Errorf("%s\n%s", b, c)
	}
}

func BenchmarkEvent(b *testing.B) {
	a := sample()
	var e event.Event
	b.ReportAllocs()
	for b.Loop() {
		Event(a, &e)
	}
}

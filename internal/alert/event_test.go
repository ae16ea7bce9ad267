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

// The group's values go into the fields of their names in the type of those, and into nothing where they do not fit.
func TestEvent_group(t *testing.T) {
	for _, c := range []struct{ name, path, value, want string }{
		{"keyword", "host.name", "web-1", "web-1"},
		{"number", "source.port", "22", "22"},
		{"no number", "source.port", "ssh", ""},
		{"float", "event.risk_score", "1.5", "1.5"},
		{"no float", "event.risk_score", "much", ""},
		{"boolean", "dll.code_signature.exists", "true", "true"},
		{"no boolean", "dll.code_signature.exists", "maybe", ""},
		{"address", "source.ip", "2001:db8::1", "2001:db8::1"},
		{"no address", "source.ip", "web-1", ""},
		{"date", "event.end", "2026-11-21", "2026-11-21T07:50:09.400Z"}, // the alert's own
		{"a path that no list knows", "odd.thing", "x", "x"},
		{"an open key", "labels.team", "blue", "blue"},
		{"empty", "user.name", "", ""},
		{"a field of the alert itself", "rule.id", "forged", "ssh-brute-force"},
		{"the kind of event", "event.kind", "event", "alert"},
	} {
		a := sample()
		a.Group = map[string]string{c.path: c.value}
		var e event.Event
		Event(a, &e)
		if got := e.GetPath(c.path).Text(); got != c.want {
			t.Errorf("%s: %s is %q, want %q", c.name, c.path, got, c.want)
		}
		if got := e.Get(event.WeirAlertGroup).Get(c.path).Text(); got != c.value {
			t.Errorf("%s: the group says %q, want %q", c.name, got, c.value)
		}
	}
}

// Levels are spread so that a level of its own scale can be sorted with the scores of other products.
func TestEvent_severity(t *testing.T) {
	last := int64(0)
	for _, level := range []string{"informational", "low", "medium", "high", "critical"} {
		a := sample()
		a.Level = level
		var e event.Event
		Event(a, &e)
		n := e.Get(event.EventSeverity).Int()
		if n <= last || n > 100 {
			t.Errorf("%s is %d after %d", level, n, last)
		}
		last = n
	}
	a := sample()
	a.Level = "odd"
	var e event.Event
	if Event(a, &e); e.Has(event.EventSeverity) {
		t.Error("an unknown level has a severity")
	}
}

func TestThreat(t *testing.T) {
	for tag, want := range map[string]string{
		"attack.t1110":               `["T1110"] - - MITRE ATT&CK`,
		"attack.T1110.001":           `["T1110"] ["T1110.001"] - MITRE ATT&CK`,
		"attack.credential_access":   `- - ["Credential Access"] MITRE ATT&CK`,
		"attack.command-and-control": `- - ["Command and Control"] MITRE ATT&CK`,
		"attack.g0016":               `- - - -`, // a group
		"attack.s0154":               `- - - -`, // a software
		"attack.":                    `- - - -`,
		"cve.2026.1234":              `- - - -`,
	} {
		var e event.Event
		threat([]string{tag}, &e)
		got := ""
		for _, f := range []event.Field{event.ThreatTechniqueID, event.ThreatTechniqueSubtechniqueID, event.ThreatTacticName, event.ThreatFramework} {
			text := e.Get(f).Text()
			if text == "" {
				text = "-"
			}
			got += " " + text
		}
		if got[1:] != want {
			t.Errorf("%s: %s, want %s", tag, got[1:], want)
		}
		if e.Get(event.Tags).Text() != `["`+tag+`"]` {
			t.Errorf("%s is kept as %s", tag, e.Get(event.Tags).Text())
		}
	}
}

// TestEvent_marks: what not every alert has is in the document where there is one, and absent elsewhere.
func TestEvent_marks(t *testing.T) {
	var e event.Event
	a := sample()
	paths := map[string]string{"weir.alert.approximate": "distinct values", "weir.alert.merged_into": "aaaa", "weir.alert.suppressed_by": "bbbb", "weir.alert.canary": "true", "weir.alert.historic": "true",
		"weir.alert.ended": "2026-11-21T07:50:03.000Z", "weir.alert.labels.team": "blue"}
	Event(a, &e)
	for path := range paths {
		if got := e.GetPath(path).Text(); got != "" {
			t.Errorf("%s is %q where there is none", path, got)
		}
	}
	a.Approximate, a.MergedInto, a.SuppressedBy, a.Canary, a.Historic, a.Ended, a.Labels = "distinct values", "aaaa", "bbbb", true, true, &a.First, map[string]string{"team": "blue", "area": "a"}
	Event(a, &e)
	for path, want := range paths {
		if got := e.GetPath(path).Text(); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	if e.Str(event.WeirAlertLevel) != "high" || e.Get(event.WeirAlertCreated).Text() != "2026-11-21T07:50:03.000Z" {
		t.Errorf("%s", e.AppendJSON(nil))
	}
}

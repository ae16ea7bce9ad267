package correlate

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"weir/internal/alert"
	"weir/internal/signal"
	"weir/rules"
	"weir/rules/correlation"
)

// at makes a match of a rule, so many milliseconds after base.
func at(r *rules.Rule, ms int, when, id string, group ...string) *signal.Signal {
	return &signal.Signal{Kind: signal.Match, Rule: r.ID, Hash: r.Hash, When: when, Group: group, EventID: id,
		Time: base.Add(time.Duration(ms) * time.Millisecond), Src: "weir.raw.syslog/0/" + fmt.Sprint(ms) + "/0", Dataset: "sshd",
		Values: map[string]string{"host.name": "web-1", "message": "line " + id}}
}

func counting(n int, within, fold time.Duration) *rules.Rule {
	return &rules.Rule{ID: "count", Hash: "h1", Enabled: true, Title: "counted", Level: rules.Low, When: when("event"),
		Correlate: &rules.Correlate{Kind: correlation.Count, Steps: []rules.Step{{When: "event", AtLeast: n}}, By: []string{"source.ip"}, Within: within},
		Fold:      rules.Fold{By: []string{"source.ip"}, For: fold}}
}

func engine(set ...*rules.Rule) *Engine {
	en := New(Options{Lateness: 5 * time.Second})
	en.SetRules(set)
	return en
}

func TestEngine_unknownSignals(t *testing.T) {
	r := counting(1, time.Second, time.Second)
	off := counting(1, time.Second, time.Second)
	off.ID, off.Enabled = "off", false
	odd := counting(1, time.Second, time.Second)
	odd.ID = "odd"
	odd.Correlate.Steps[0].When = "nothing"
	cases := []struct {
		name string
		s    *signal.Signal
	}{
		{"rule", &signal.Signal{Kind: signal.Match, Rule: "x", Hash: "h1", When: "event", Group: []string{"g"}}},
		{"hash", &signal.Signal{Kind: signal.Match, Rule: "count", Hash: "h0", When: "event", Group: []string{"g"}}},
		{"condition", &signal.Signal{Kind: signal.Match, Rule: "count", Hash: "h1", When: "x", Group: []string{"g"}}},
		{"group", &signal.Signal{Kind: signal.Match, Rule: "count", Hash: "h1", When: "event", Group: []string{"g", "h"}}},
		{"rule that is off", &signal.Signal{Kind: signal.Match, Rule: "off", Hash: "h1", When: "event", Group: []string{"g"}}},
		{"rule without its condition", &signal.Signal{Kind: signal.Match, Rule: "odd", Hash: "h1", When: "event", Group: []string{"g"}}},
	}
	for _, c := range cases {
		en := engine(r, off, odd)
		if got := play(t, en, []*signal.Signal{c.s}); len(got) != 0 || en.Stats().Unknown != 1 || en.Stats().Matches != 0 {
			t.Errorf("%s: %d alerts, %+v", c.name, len(got), en.Stats())
		}
	}
	if err := engine(r).Apply(&signal.Signal{Kind: "x"}, nil); err == nil {
		t.Error("a signal of no kind was taken")
	}
}

func TestEngine_lateIsCounted(t *testing.T) {
	r := counting(2, time.Second, time.Second)
	en := engine(r)
	play(t, en, []*signal.Signal{mark(signal.Watermark, base.Add(time.Minute), 1), at(r, 54_999, "event", "a", "g"), at(r, 55_000, "event", "b", "g")})
	if s := en.Stats(); s.Late != 1 || s.Alerts != 1 {
		t.Errorf("%+v", s)
	}
}

func bruteForce() *rules.Rule {
	return &rules.Rule{ID: "ssh-brute-force", Hash: "h1", Version: 3, Enabled: true, Title: "Many failed logins", Level: rules.High, Author: "ana",
		Tags: []string{"attack.t1110.001"}, When: when("failed", "login"),
		Explain: "{{source.ip}} guessed {{user.name}}'s password on {{host.name}}", ExplainKo: "{{source.ip}}: {{host.name}}",
		Correlate: &rules.Correlate{Kind: correlation.Sequence, Steps: []rules.Step{{When: "failed", AtLeast: 3}, {When: "login", AtLeast: 1}},
			By: []string{"source.ip", "user.name"}, Within: 10 * time.Minute},
		Fold: rules.Fold{By: []string{"source.ip"}, For: time.Hour}}
}

func TestEngine_sequenceAlert(t *testing.T) {
	r := bruteForce()
	en := engine(r)
	got := play(t, en, []*signal.Signal{
		at(r, 0, "failed", "f1", "203.0.113.5", "root"), at(r, 10, "login", "l0", "203.0.113.5", "root"), // too early
		at(r, 20, "failed", "f2", "203.0.113.5", "root"), at(r, 25, "failed", "x1", "203.0.113.5", "other"),
		at(r, 30, "failed", "f3", "203.0.113.5", "root"), at(r, 6400, "login", "l1", "203.0.113.5", "root"),
	})
	if len(got) != 1 {
		t.Fatalf("%d revisions, want 1", len(got))
	}
	a := got[0]
	if a.Revision != 1 || a.Rule != "ssh-brute-force" || a.Version != 3 || a.Level != "high" || a.Count != 1 || a.Author != "ana" || a.Within != 10*time.Minute {
		t.Errorf("%+v", a)
	}
	if a.What != "203.0.113.5 guessed root's password on web-1" || a.WhatKo != "203.0.113.5: web-1" {
		t.Errorf("what: %q, %q", a.What, a.WhatKo)
	}
	if len(a.Group) != 1 || a.Group["source.ip"] != "203.0.113.5" {
		t.Errorf("group: %v", a.Group)
	}
	if !a.First.Equal(base) || !a.Last.Equal(base.Add(6400*time.Millisecond)) || !a.Created.Equal(a.Last) {
		t.Errorf("times: %s %s %s", a.First, a.Last, a.Created)
	}
	if len(a.Conditions) != 2 || a.Conditions[0] != (alert.Condition{Name: "failed", Expr: `failed == "x"`, Needed: 3, Matched: 3}) || a.Conditions[1].Matched != 1 {
		t.Errorf("conditions: %+v", a.Conditions)
	}
	ids := ""
	for _, e := range a.Evidence {
		ids += e.EventID + ":" + e.When + " "
	}
	if ids != "f1:failed f2:failed f3:failed l1:login " || a.Evidence[0].Values["message"] != "line f1" {
		t.Errorf("evidence: %s", ids)
	}
	if len(a.ID) != 16 || strings.Trim(a.ID, "0123456789abcdef") != "" {
		t.Errorf("id: %q", a.ID)
	}
}

// Whatever signals come, in whatever times, revisions follow one another, and state ends when time has passed.
func FuzzApply(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, int64(1e9))
	f.Add([]byte("the quick brown fox jumps over the lazy dog, and again, and again"), int64(-3e9))
	f.Add([]byte{255, 254, 253, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 255}, int64(1)<<61)
	f.Fuzz(func(t *testing.T, script []byte, stride int64) {
		set := testRules()
		en := New(Options{MaxGroups: 3, Lateness: 5 * time.Second})
		en.SetRules(set)
		at := base.UnixNano()
		var out []*alert.Alert
		for i, b := range script {
			at += stride * int64(b%5)
			r := set[int(b)%len(set)]
			by := r.Fold.By
			if r.Correlate != nil {
				by = r.Correlate.By
			}
			s := &signal.Signal{Kind: signal.Match, Rule: r.ID, Hash: r.Hash, When: r.When[int(b>>4)%len(r.When)].Name, Time: time.Unix(0, at),
				Group: []string{fmt.Sprint(b >> 6), "u"}[:len(by)], EventID: fmt.Sprint("e", i), Src: fmt.Sprintf("t/0/%d/0", i)}
			if b%7 == 0 {
				s = &signal.Signal{Kind: signal.Watermark, Time: time.Unix(0, at), Dataset: "d", Src: s.Src}
			}
			if err := en.Apply(s, func(a *alert.Alert) { out = append(out, a) }); err != nil {
				t.Fatal(err)
			}
		}
		end := &signal.Signal{Kind: signal.Idle, Time: time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC), Dataset: "d", Src: "t/0/99999/0"}
		if err := en.Apply(end, func(a *alert.Alert) { out = append(out, a) }); err != nil {
			t.Fatal(err)
		}
		checkRevisions(t, out)
		held := 0
		for _, rs := range en.ordered() {
			held += rs.groups + rs.book.Len()
		}
		if (held != 0 || en.bytes != 0) && max(stride, -stride) < 1<<50 && stride != math.MinInt64 { // else times are at their bounds
			t.Fatalf("%d groups and folds are left, %d bytes", held, en.bytes)
		}
	})
}

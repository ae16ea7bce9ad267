package fold

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/internal/alert"
	"weir/processors/correlate/kind"
	"weir/rules"
	"weir/rules/correlation"
)

// Evidence is the earliest and the latest, in whatever order events arrive, each once, also when two alerts become one.
func TestShow(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	for range 300 {
		all := make([]*kind.Match, 1+rnd.IntN(20))
		for i := range all {
			all[i] = &kind.Match{T: int64(rnd.IntN(10)), ID: fmt.Sprint(i), Src: fmt.Sprint(i)}
		}
		g := &Group{}
		a, b := &open{in: g, parts: make([]part, 1)}, &open{in: g, parts: make([]part, 1)}
		for _, m := range all {
			x := a
			if rnd.IntN(2) == 0 {
				x = b
			}
			x.take(m)
			if rnd.IntN(3) == 0 {
				x.show(m) // twice
			}
		}
		a.merge(b)
		slices.SortFunc(all, kind.Compare)
		head := min(len(all), headEvidence)
		tail := all[max(head, len(all)-tailEvidence):]
		if got := a.parts[0]; !slices.Equal(got.head, all[:head]) || !slices.Equal(got.tail, tail) || got.matched != len(all) {
			t.Fatalf("of %d events %d and %d are shown", len(all), len(got.head), len(got.tail))
		}
	}
}

func full() *rules.Rule {
	return &rules.Rule{ID: "ssh", Hash: "h1", Version: 3, Title: "Many failed logins", TitleKo: "로그인 실패", Level: rules.High, Author: "ana",
		Tags: []string{"attack.t1110"}, When: conditions("failed", "login", "unused"), Labels: map[string]string{"team": "net"}, Notify: []string{"mail"},
		Explain: "{{source.ip}} guessed {{user.name}} on {{host.name}}", ExplainKo: "{{source.ip}}: {{missing}}",
		Correlate: &rules.Correlate{Kind: correlation.Sequence, Steps: []rules.Step{{When: "failed", AtLeast: 2}, {When: "login", AtLeast: 1}}, By: []string{"source.ip", "user.name"}, Within: time.Minute},
		Fold:      rules.Fold{By: []string{"source.ip"}, For: time.Hour}}
}

// Only the rule of canaries makes alerts that nobody is told of, whatever labels another one has.
func TestRevise_Canary(t *testing.T) {
	for _, c := range []struct {
		name, id, label string
		want            bool
	}{{"the canary's rule", "weir-canary", "true", true}, {"another rule with the label", "ssh", "true", false}, {"the id without the label", "weir-canary", "", false}} {
		t.Run(c.name, func(t *testing.T) {
			r := full()
			r.ID, r.Labels = c.id, map[string]string{"canary": c.label}
			b := newBench(t, r)
			b.hit(10, "l1", 1, "192.0.2.1", "root")
			b.deliver()
			if len(b.out) != 1 || b.out[0].Canary != c.want {
				t.Errorf("%+v", b.out)
			}
		})
	}
}

// An alert has all that a person reads: of its rule, its group, and its events.
func TestRevise(t *testing.T) {
	b := newBench(t, full())
	m, of := b.hit(10, "l1", 1, "192.0.2.1", "root")
	b.part(7, "f1", 0, m, of)
	b.deliver()
	got := b.out[0]
	if len(b.out) != 1 || got.Rule != "ssh" || got.Revision != 1 || got.Version != 3 || got.Title != "Many failed logins" || got.TitleKo != "로그인 실패" || got.Level != "high" ||
		got.Author != "ana" || len(got.Tags) != 1 || got.Labels["team"] != "net" || got.Notify[0] != "mail" || got.Within != time.Minute || got.Count != 1 {
		t.Errorf("%+v", got)
	}
	if got.What != "192.0.2.1 guessed root on web-1" || got.WhatKo != "192.0.2.1: ?" || len(got.Group) != 1 || got.Group["source.ip"] != "192.0.2.1" {
		t.Errorf("%q %q %v", got.What, got.WhatKo, got.Group)
	}
	if want := []alert.Condition{{Name: "failed", Expr: `failed == "x"`, Needed: 2, Matched: 1}, {Name: "login", Expr: `login == "x"`, Needed: 1, Matched: 1}}; !slices.Equal(got.Conditions, want) {
		t.Errorf("%+v", got.Conditions)
	}
	if len(got.Evidence) != 2 || got.Evidence[0].EventID != "f1" || got.Evidence[0].When != "failed" || got.Evidence[1].Values["message"] != "line l1" || got.Evidence[1].Src == "" {
		t.Errorf("%+v", got.Evidence)
	}
	if got.First.Unix() != 7 || got.Last.Unix() != 10 || got.Created.Unix() != 10 || len(got.ID) != 16 {
		t.Errorf("%s %s %s %s", got.First, got.Last, got.Created, got.ID)
	}
}

// A completion is shown by the matches that made it, and counts for the condition that completed it.
func TestTake_Completion(t *testing.T) {
	b := newBench(t, full())
	m := b.match(20, "c", 1)
	m.Parts = []*kind.Match{b.match(15, "p1", 0), b.match(16, "p2", 0), b.match(20, "c", 1)}
	b.book.Hit(&Hit{Match: m, Event: "c", At: m.T, Group: key("192.0.2.1", "root"), Approximate: "counted roughly"})
	again := b.match(21, "d", 1)
	again.Parts = []*kind.Match{b.match(16, "p2", 0), b.match(21, "d", 1)}
	b.book.Hit(&Hit{Match: again, Event: "d", At: again.T, Group: key("192.0.2.1", "root")})
	b.deliver()
	got := b.out[0]
	if got.Count != 2 || got.Conditions[0].Matched != 2 || got.Conditions[1].Matched != 2 || got.First.Unix() != 15 || len(got.Evidence) != 4 || got.Approximate != "counted roughly" {
		t.Errorf("%+v", got)
	}
}

// An alert has room in a Kafka record whatever its events hold.
func TestRevise_Bounded(t *testing.T) {
	b := newBench(t, full())
	huge := strings.Repeat("x", 60_000)
	for i := range 20 {
		m := b.match(10+i, fmt.Sprint(i), 1)
		m.Shown = `{"message":"` + huge + `"}`
		b.book.Hit(&Hit{Match: m, Event: m.ID, At: m.T, Group: key(huge, "root")})
	}
	b.deliver()
	size := len(b.out[0].Group["source.ip"])
	for _, e := range b.out[0].Evidence {
		for _, v := range e.Values {
			size += len(v)
		}
	}
	if size > maxEvidence+MaxValue || len(b.out[0].Evidence) != 8 || len(b.out[0].Evidence[0].Values) == 0 {
		t.Errorf("%d bytes in %d events", size, len(b.out[0].Evidence))
	}
}

func TestHeard(t *testing.T) {
	var h heard
	for i := range 1000 {
		if !h.add(&kind.Match{ID: fmt.Sprint(i)}, i) {
			t.Fatalf("%d is new", i)
		}
	}
	for _, c := range []struct {
		id    string
		cond  int32
		fresh bool
	}{{"999", 0, false}, {"999", 1, true}, {"800", 0, false}, {"1000", 0, true}} {
		if h.add(&kind.Match{ID: c.id, Cond: uint16(c.cond)}, 1000) != c.fresh {
			t.Errorf("%+v", c)
		}
	}
	if len(h) != maxHeard {
		t.Errorf("%d are known", len(h))
	}
}

func TestWarm(t *testing.T) {
	for shown, warm := range map[string]bool{"": false, `{"a":"w"}`: false, Warm(""): true, Warm(`{"a":"b"}`): true} {
		if IsWarm(&kind.Match{Shown: shown}) != warm {
			t.Errorf("%q", shown)
		}
	}
}

package correlate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"weir/internal/alert"
	"weir/internal/signal"
	"weir/rules"
)

func bruteForce() *rules.Rule {
	return &rules.Rule{ID: "ssh-brute-force", Hash: "h1", Version: 3, Enabled: true, Title: "Many failed logins", Level: rules.High, Author: "ana",
		Tags: []string{"attack.t1110.001"}, When: when("failed", "login"),
		Explain: "{{source.ip}} guessed {{user.name}}'s password on {{host.name}}", ExplainKo: "{{source.ip}}: {{host.name}}",
		Correlate: &rules.Correlate{Kind: rules.Sequence, Steps: []rules.Step{{When: "failed", AtLeast: 3}, {When: "login", AtLeast: 1}},
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

func TestEngine_sequenceIsBounded(t *testing.T) {
	r := bruteForce()
	en := engine(r)
	var in []*signal.Signal
	for i := range 20_000 {
		in = append(in, at(r, i, "failed", fmt.Sprint(i), "10.0.0.1", "root"))
	}
	got := play(t, en, append(in, at(r, 20_000, "login", "l", "10.0.0.1", "root")))
	if len(got) != 1 || got[0].Evidence[0].EventID != "0" {
		t.Fatalf("%d revisions", len(got))
	}
	if n := len(en.rules[r.ID].groups.byKey[keyOf([]string{"10.0.0.1", "root"})].seq.steps[0]); n > maxStepMatches+1 || en.Stats().Thinned == 0 {
		t.Errorf("%d matches kept, %d thinned", n, en.Stats().Thinned)
	}
}

// Each case is one group: letters arrive as matches of the condition a or b at a second; want names the hits and, for
// each, what became its evidence, in the order in which it did.
func TestSequence(t *testing.T) {
	steps := func(list ...rules.Step) []rules.Step { return list }
	aThenB := steps(rules.Step{When: "a", AtLeast: 2}, rules.Step{When: "b", AtLeast: 1})
	aba := steps(rules.Step{When: "a", AtLeast: 1}, rules.Step{When: "b", AtLeast: 1}, rules.Step{When: "a", AtLeast: 1})
	twice := steps(rules.Step{When: "a", AtLeast: 1}, rules.Step{When: "b", AtLeast: 2})
	cases := []struct {
		name   string
		steps  []rules.Step
		arrive string
		want   string
	}{
		{"in order", aThenB, "a0 a1 b2", "b2(a0 a1)"},
		{"too few", aThenB, "a0 b2", ""},
		{"wrong order", aThenB, "b0 a1 a2", ""},
		{"too slow", aThenB, "a0 a9 b11", ""},
		{"just in time", aThenB, "a0 a9 b10", "b10(a0 a9)"},
		{"more than needed", aThenB, "a0 a1 a2 a3 b4", "b4(a0 a1 a2 a3)"},
		{"only those in time", aThenB, "a0 a5 a6 b12", "b12(a5 a6)"},
		{"each completion is a hit", aThenB, "a0 a1 b2 b3", "b2(a0 a1) b3()"},
		{"new evidence for the second", aThenB, "a0 a1 b2 a3 b4", "b2(a0 a1) b4(a3)"},
		{"late first step", aThenB, "a1 b2 a0", "b2(a0 a1)"},
		{"late, between hits", aThenB, "a0 a2 b3 a1", "b3(a0 a2) b3(a1)"},
		{"late last step", aThenB, "a0 a1 a5 b2", "b2(a0 a1)"},
		{"same second, later position", aThenB, "a0 a0 b0", "b0(a0 a0)"},
		{"same second, earlier position", aThenB, "b0 a0 a0", ""},
		{"one condition in two steps", aba, "a0 b1 a2", "a2(a0 b1)"},
		{"one condition in two steps, too short", aba, "a0 b1", ""},
		{"goes on from the middle", aba, "a0 b1 a2 b3 a4", "a2(a0 b1) a4(b3)"},
		{"last step needs two", twice, "a0 b1 b2 b3", "b2(a0 b1) b3()"},
		{"late step before the last", twice, "b1 b2 b3 a0", "b2(a0 b1) b3()"},
		{"late one in the last step", twice, "a0 b2 b1", "b2(a0 b1)"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := &rules.Rule{ID: "s", Hash: "1", When: when("a", "b"), Correlate: &rules.Correlate{Kind: rules.Sequence, Steps: c.steps, Within: 10 * time.Second}}
			rs := newRuleState(r)
			g := rs.newGroup("", nil)
			var hits []string // "b2(" and what follows
			for i, word := range strings.Fields(c.arrive) {
				second, err := strconv.Atoi(word[1:])
				if err != nil {
					t.Fatal(err)
				}
				before := len(hits)
				g.add(&match{t: int64(second) * 1e9, src: fmt.Sprintf("t/0/%d/0", i), id: word, cond: int(word[0] - 'a')}, rs, func(f found) {
					if f.of == nil {
						hits = append(hits, f.m.id+"(")
						return
					}
					if len(hits) == before || !strings.HasPrefix(hits[len(hits)-1], f.of.id+"(") {
						hits = append(hits, f.of.id+"(") // more for an earlier hit
					}
					hits[len(hits)-1] = strings.Replace(hits[len(hits)-1]+" "+f.m.id, "( ", "(", 1)
				})
			}
			got := strings.Join(hits, ") ")
			if got != "" {
				got += ")"
			}
			if got != c.want {
				t.Errorf("%s: %s, want %s", c.arrive, got, c.want)
			}
		})
	}
}

// The window of a sequence reaches from its first match to its last, both included.
func TestSequence_edges(t *testing.T) {
	for _, c := range []struct {
		name string
		gap  time.Duration
		hits int
	}{{"inside", 10*time.Minute - 1, 1}, {"on the edge", 10 * time.Minute, 1}, {"outside", 10*time.Minute + 1, 0}} {
		rs := newRuleState(bruteForce())
		times := []int64{0, 1, 2, int64(c.gap)}
		for first := range times { // whichever arrives last
			g := rs.newGroup("", []string{"ip", "root"})
			order := slices.Concat(times[:first], times[first+1:], times[first:first+1])
			hits := 0
			for i, at := range order {
				m := &match{t: at, src: fmt.Sprintf("t/0/%d/0", i)}
				if at == int64(c.gap) {
					m.cond = 1
				}
				g.add(m, rs, func(f found) {
					if f.of == nil {
						hits++
					}
				})
			}
			if hits != c.hits {
				t.Errorf("%s, %d last: %d hits, want %d", c.name, times[first], hits, c.hits)
			}
		}
	}
}

// A step is done only by matches that come after all of the step before, in the order of time, position and id.
func TestSequence_tie(t *testing.T) {
	rs := newRuleState(bruteForce())
	for _, c := range []struct {
		name  string
		login string // position of the login, of the same moment as the failures at 1 to 3
		hit   bool
	}{{"behind them", "t/0/4/0", true}, {"between them", "t/0/2/5", false}, {"before them", "t/0/0/0", false}} {
		g, hit := rs.newGroup("", []string{"ip", "root"}), false
		for i := range 3 {
			g.add(&match{t: 7, src: fmt.Sprintf("t/0/%d/0", i+1)}, rs, func(found) {})
		}
		g.add(&match{t: 7, src: c.login, cond: 1}, rs, func(f found) { hit = hit || f.of == nil })
		if hit != c.hit {
			t.Errorf("%s: %v", c.name, hit)
		}
	}
}

func TestSequence_prune(t *testing.T) {
	rs := newRuleState(bruteForce())
	g := rs.newGroup("", []string{"ip", "root"})
	minute := int64(time.Minute)
	for i, at := range []int64{0, 5 * minute, 9 * minute} {
		g.add(&match{t: at, src: fmt.Sprintf("t/0/%d/0", i)}, rs, func(found) {})
	}
	if got := g.expires(rs); got != 19*minute {
		t.Errorf("expires at minute %d, want 19", got/minute)
	}
	before := g.progress(rs)
	g.prune(15*minute, rs)
	if n := len(g.seq.steps[0]); n != 2 {
		t.Errorf("%d matches are left, want those of minutes 5 and 9", n)
	}
	if got := g.progress(rs); got >= before {
		t.Errorf("level %d after a match was let go, %d before", got, before)
	}
	hits := 0
	g.add(&match{t: 15 * minute, src: "t/0/9/0", cond: 1}, rs, func(found) { hits++ })
	if hits != 0 {
		t.Error("two failures and one that was let go are a hit")
	}
}

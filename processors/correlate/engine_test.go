package correlate

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"weir/internal/alert"
	"weir/internal/signal"
	"weir/rules"
)

// at makes a match of a rule, so many milliseconds after base.
func at(r *rules.Rule, ms int, when, id string, group ...string) *signal.Signal {
	return &signal.Signal{Kind: signal.Match, Rule: r.ID, Hash: r.Hash, When: when, Group: group, EventID: id,
		Time: base.Add(time.Duration(ms) * time.Millisecond), Src: "weir.raw.syslog/0/" + fmt.Sprint(ms) + "/0", Dataset: "sshd",
		Values: map[string]string{"host.name": "web-1", "message": "line " + id}}
}

func bruteForce() *rules.Rule {
	return &rules.Rule{ID: "ssh-brute-force", Hash: "h1", Version: 3, Enabled: true, Title: "Many failed logins", Level: rules.High, Author: "ana",
		Tags: []string{"attack.t1110.001"}, When: when("failed", "login"),
		Explain: "{{source.ip}} guessed {{user.name}}'s password on {{host.name}}", ExplainKo: "{{source.ip}}: {{host.name}}",
		Correlate: &rules.Correlate{Kind: rules.Sequence, Steps: []rules.Step{{When: "failed", AtLeast: 3}, {When: "login", AtLeast: 1}},
			By: []string{"source.ip", "user.name"}, Within: 10 * time.Minute},
		Fold: rules.Fold{By: []string{"source.ip"}, For: time.Hour}}
}

func counting(n int, within, fold time.Duration) *rules.Rule {
	return &rules.Rule{ID: "count", Hash: "h1", Enabled: true, Title: "counted", Level: rules.Low, When: when("event"),
		Correlate: &rules.Correlate{Kind: rules.Count, Steps: []rules.Step{{When: "event", AtLeast: n}}, By: []string{"source.ip"}, Within: within},
		Fold:      rules.Fold{By: []string{"source.ip"}, For: fold}}
}

func engine(set ...*rules.Rule) *Engine {
	en := New(Options{Lateness: 5 * time.Second})
	en.SetRules(set)
	return en
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

func TestEngine_idNamesRuleGroupAndEvent(t *testing.T) {
	id := func(change func(r *rules.Rule, s []*signal.Signal)) string {
		r := counting(2, time.Minute, time.Hour)
		in := []*signal.Signal{at(r, 0, "event", "a", "10.0.0.1"), at(r, 10, "event", "b", "10.0.0.1")}
		change(r, in)
		for _, s := range in {
			s.Rule, s.Hash = r.ID, r.Hash
		}
		return play(t, engine(r), in)[0].ID
	}
	same := id(func(*rules.Rule, []*signal.Signal) {})
	cases := []struct {
		name   string
		change func(r *rules.Rule, s []*signal.Signal)
		equal  bool
	}{
		{"nothing", func(*rules.Rule, []*signal.Signal) {}, true},
		{"title", func(r *rules.Rule, _ []*signal.Signal) { r.Title = "other" }, true},
		{"first event", func(_ *rules.Rule, s []*signal.Signal) { s[0].EventID = "other" }, true},
		{"firing event", func(_ *rules.Rule, s []*signal.Signal) { s[1].EventID = "other" }, false},
		{"rule", func(r *rules.Rule, _ []*signal.Signal) { r.ID = "other" }, false},
		{"hash", func(r *rules.Rule, _ []*signal.Signal) { r.Hash = "other" }, false},
		{"group", func(_ *rules.Rule, s []*signal.Signal) { s[0].Group[0], s[1].Group[0] = "10.0.0.2", "10.0.0.2" }, false},
	}
	for _, c := range cases {
		if got := id(c.change); (got == same) != c.equal {
			t.Errorf("%s changed: id %s, was %s", c.name, got, same)
		}
	}
}

// A storm of one match each millisecond makes one alert, a revision a second of event time, and the whole count.
func TestEngine_stormIsFolded(t *testing.T) {
	r := counting(5, 10*time.Second, time.Hour)
	en := engine(r)
	var in []*signal.Signal
	for i := range 10_000 {
		in = append(in, at(r, i, "event", fmt.Sprint(i), "10.0.0.1"))
	}
	got := play(t, en, append(in, mark(signal.Watermark, base.Add(10*time.Second), 1), mark(signal.Watermark, base.Add(12*time.Second), 2)))
	checkRevisions(t, got)
	last := got[len(got)-1]
	if got[0].Count != 5 || last.Count != 10_000 || last.Conditions[0].Matched != 10_000 {
		t.Errorf("first count %d, last %d", got[0].Count, last.Count)
	}
	if len(got) < 10 || len(got) > 12 {
		t.Errorf("%d revisions of 10 s of storm", len(got))
	}
	if len(last.Evidence) != headEvidence+tailEvidence || last.Evidence[0].EventID != "0" || last.Evidence[7].EventID != "9999" {
		t.Errorf("evidence: %+v", last.Evidence)
	}
	if again := play(t, en, []*signal.Signal{mark(signal.Idle, base.Add(13*time.Second), 3)}); len(again) != 0 {
		t.Errorf("%d revisions with nothing new", len(again))
	}
}

func TestEngine_idleSaysTheRest(t *testing.T) {
	r := counting(2, 10*time.Second, time.Hour)
	en := engine(r)
	got := play(t, en, []*signal.Signal{at(r, 0, "event", "a", "g"), at(r, 1, "event", "b", "g"), at(r, 2, "event", "c", "g"),
		mark(signal.Watermark, base.Add(2*time.Millisecond), 1)})
	if len(got) != 1 || got[0].Count != 2 {
		t.Fatalf("%d revisions", len(got))
	}
	got = play(t, en, []*signal.Signal{mark(signal.Idle, base.Add(2*time.Millisecond), 2)})
	if len(got) != 1 || got[0].Count != 3 || got[0].Revision != 2 {
		t.Errorf("idle: %+v", got)
	}
}

func TestEngine_foldEnds(t *testing.T) {
	r := counting(2, time.Second, 10*time.Second)
	got := outcomes(r, play(t, engine(r), []*signal.Signal{
		at(r, 0, "event", "a", "g"), at(r, 100, "event", "b", "g"),
		at(r, 10_100, "event", "c", "g"), // just in time: joins by itself
		at(r, 20_101, "event", "d", "g"), // too late, and alone
		at(r, 20_200, "event", "e", "g"), mark(signal.Idle, base.Add(time.Minute), 1),
	}))
	if len(got) != 2 || got[0].count != 3 || got[1].count != 2 {
		t.Errorf("%v", got)
	}
}

// A late match between two alerts shows that they are one.
func TestEngine_merge(t *testing.T) {
	r := counting(1, time.Second, 10*time.Second)
	got := play(t, engine(r), []*signal.Signal{
		at(r, 0, "event", "a", "g"), at(r, 12_000, "event", "c", "g"), at(r, 7_000, "event", "b", "g"), mark(signal.Idle, base.Add(12*time.Second), 1)})
	checkRevisions(t, got)
	if len(got) != 4 {
		t.Fatalf("%d revisions", len(got))
	}
	first, second := got[0].ID, got[1].ID
	if got[2].ID != second || got[2].MergedInto != first || got[2].Revision != 2 {
		t.Errorf("the later alert: %+v", got[2])
	}
	if got[3].ID != first || got[3].Count != 3 || !got[3].Last.Equal(base.Add(12*time.Second)) {
		t.Errorf("the one that is left: %+v", got[3])
	}
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

func TestEngine_stateEnds(t *testing.T) {
	set := testRules()
	en := New(Options{Lateness: time.Second})
	en.SetRules(set)
	for seed := range uint64(5) {
		play(t, en, mixed(seed, 50))
	}
	play(t, en, []*signal.Signal{mark(signal.Watermark, base.Add(time.Hour), 1)})
	for id, rs := range en.rules {
		if len(rs.groups.byKey) != 0 || len(rs.folds) != 0 || rs.foldFirst != nil || len(rs.groups.ending) != 0 {
			t.Errorf("%s keeps %d groups, %d folds", id, len(rs.groups.byKey), len(rs.folds))
		}
	}
	play(t, en, []*signal.Signal{mark(signal.Idle, base.Add(time.Hour), 2)})
	if len(en.dirty) != 0 {
		t.Errorf("%d alerts are unsaid for ever", len(en.dirty))
	}
}

// A flood of groups with one match each pushes out its like, not the group that is about to fire.
func TestEngine_floodSparesWhatIsClose(t *testing.T) {
	r := counting(3, time.Minute, time.Hour)
	en := New(Options{MaxGroups: 100})
	en.SetRules([]*rules.Rule{r})
	in := []*signal.Signal{at(r, 0, "event", "a", "victim"), at(r, 1, "event", "b", "victim")}
	for i := range 5000 {
		in = append(in, at(r, 2+i, "event", fmt.Sprint(i), fmt.Sprint("flood", i)))
	}
	got := play(t, en, append(in, at(r, 6000, "event", "c", "victim")))
	if len(got) != 1 || got[0].Group["source.ip"] != "victim" {
		t.Fatalf("%d alerts", len(got))
	}
	rs := en.rules["count"]
	if n := len(rs.groups.byKey); n != 100 || en.Stats().EvictedGroups != 5001-100 {
		t.Errorf("%d groups, %d evicted", n, en.Stats().EvictedGroups)
	}
	if rs.groups.byKey[keyOf([]string{"flood4999"})] == nil || rs.groups.byKey[keyOf([]string{"flood1"})] != nil {
		t.Error("of equal groups the longest untouched must go")
	}
}

func TestEngine_foldsAreBounded(t *testing.T) {
	r := &rules.Rule{ID: "single", Hash: "1", Enabled: true, Title: "t", When: when("event"), Fold: rules.Fold{By: []string{"ip"}, For: time.Hour}}
	en := New(Options{MaxGroups: 10})
	en.SetRules([]*rules.Rule{r})
	var in []*signal.Signal
	for i := range 30 {
		in = append(in, at(r, i, "event", fmt.Sprint(i), fmt.Sprint(i/2))) // each alert has something unsaid when it goes
	}
	got := play(t, en, append(in, mark(signal.Idle, base.Add(time.Second), 1)))
	checkRevisions(t, got)
	if len(en.rules["single"].folds) != 10 || en.Stats().EvictedFolds != 5 {
		t.Errorf("%d folds, %d evicted", len(en.rules["single"].folds), en.Stats().EvictedFolds)
	}
	for _, o := range outcomes(r, got) {
		if o.count != 2 {
			t.Errorf("an evicted alert kept its count for itself: %s", o)
		}
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

// An alert has room in a Kafka record whatever the events hold.
func TestEngine_hugeValues(t *testing.T) {
	r := counting(8, time.Minute, time.Hour)
	en := engine(r)
	var in []*signal.Signal
	for i := range 9 {
		s := at(r, i, "event", fmt.Sprint(i), strings.Repeat("g", 1<<20))
		for j := range 50 {
			s.Values[fmt.Sprint("field", j)] = strings.Repeat("김", 20_000)
		}
		in = append(in, s)
	}
	a := play(t, en, in)[0]
	size := len(a.Group["source.ip"])
	for _, e := range a.Evidence {
		for _, v := range e.Values {
			size += len(v)
		}
	}
	if size > maxEvidence+maxValue || len(a.Evidence) != 8 || len(a.Evidence[0].Values) == 0 {
		t.Errorf("%d bytes in %d events", size, len(a.Evidence))
	}
}

func TestFoldGroup(t *testing.T) {
	r := bruteForce()
	cases := []struct {
		name string
		fold []string
		want string
	}{
		{"coarser", []string{"source.ip"}, "ip"},
		{"the same, other order", []string{"user.name", "source.ip"}, "root ip"},
		{"with a field that is not grouped by", []string{"user.name", "host.name"}, "root"},
		{"nothing in common", []string{"host.name"}, "ip root"},
		{"none", nil, "ip root"},
	}
	for _, c := range cases {
		r.Fold.By = c.fold
		if got := strings.Join(FoldGroup(r, []string{"ip", "root"}), " "); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// A dataset that speaks rarely does not hold back the state of the others for ever; one that is only behind does.
func TestClock(t *testing.T) {
	wm := func(worker, set string, minutes int) *signal.Signal {
		return &signal.Signal{Kind: signal.Watermark, Src: "weir.raw.syslog/" + worker + "/7/0", Dataset: set, Time: base.Add(time.Duration(minutes) * time.Minute)}
	}
	idle := func(worker string, minutes int) *signal.Signal {
		s := wm(worker, "", minutes)
		s.Kind = signal.Idle
		return s
	}
	cases := []struct {
		name string
		in   []*signal.Signal
		want int
	}{
		{"one", []*signal.Signal{wm("0", "a", 5)}, 5},
		{"never back", []*signal.Signal{wm("0", "a", 5), wm("0", "a", 3)}, 5},
		{"the slower dataset", []*signal.Signal{wm("0", "b", 2), wm("0", "a", 5)}, 2},
		{"the slower worker", []*signal.Signal{wm("0", "a", 2), wm("1", "a", 5)}, 2},
		{"idle lifts all of its worker", []*signal.Signal{wm("0", "a", 2), wm("0", "b", 1), wm("1", "a", 9), idle("0", 8)}, 8},
		{"silent for a day", []*signal.Signal{wm("0", "a", 2), wm("0", "b", 24*60)}, 24 * 60},
	}
	for _, c := range cases {
		k := newClock()
		for _, s := range c.in {
			k.mark(s)
		}
		if want := base.Add(time.Duration(c.want) * time.Minute).UnixNano(); k.low != want {
			t.Errorf("%s: %s, want %s", c.name, moment(k.low), moment(want))
		}
	}
}

func benchmark(b *testing.B, r *rules.Rule, groups int, when func(i int) string) {
	en := New(Options{MaxGroups: groups, Lateness: 5 * time.Second})
	en.SetRules([]*rules.Rule{r})
	keys := make([][]string, groups)
	for i := range keys {
		keys[i] = []string{fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255), "root"}[:len(r.Correlate.By)]
	}
	s := at(r, 0, "", "event")
	emit := func(*alert.Alert) {}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		s.Kind, s.When, s.Group, s.Time = signal.Match, when(i), keys[i%groups], base.Add(time.Duration(i)*time.Millisecond)
		if err := en.Apply(s, emit); err != nil {
			b.Fatal(err)
		}
		if i%1000 == 999 {
			s.Kind = signal.Watermark
			if err := en.Apply(s, emit); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkApply(b *testing.B) {
	event := func(int) string { return "event" }
	b.Run("count 50000 groups", func(b *testing.B) { benchmark(b, counting(10, time.Minute, time.Hour), 50_000, event) })
	b.Run("count storm of 10 groups", func(b *testing.B) { benchmark(b, counting(10, time.Minute, time.Hour), 10, event) })
	b.Run("sequence 50000 groups", func(b *testing.B) {
		benchmark(b, bruteForce(), 50_000, func(i int) string { return []string{"failed", "failed", "failed", "login"}[i/50_000%4] })
	})
}

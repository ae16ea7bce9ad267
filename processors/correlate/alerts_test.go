package correlate

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"weir/internal/signal"
	"weir/processors/correlate/fold"
	"weir/rules"
)

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
	if size > 256<<10+fold.MaxValue || len(a.Evidence) != 8 || len(a.Evidence[0].Values) == 0 {
		t.Errorf("%d bytes in %d events", size, len(a.Evidence))
	}
}

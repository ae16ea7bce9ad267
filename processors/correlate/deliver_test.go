package correlate

import (
	"fmt"
	"testing"
	"time"

	"weir/internal/signal"
	"weir/rules"
)

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
	if len(last.Evidence) != 8 || last.Evidence[0].EventID != "0" || last.Evidence[7].EventID != "9999" {
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

func TestEngine_stateEnds(t *testing.T) {
	set := testRules()
	en := New(Options{Lateness: time.Second})
	en.SetRules(set)
	for seed := range uint64(5) {
		play(t, en, mixed(seed, 50))
	}
	play(t, en, []*signal.Signal{mark(signal.Watermark, base.Add(time.Hour), 1)})
	for id, rs := range en.rules {
		if rs.groups != 0 || rs.book.Len() != 0 || rs.held() != 0 {
			t.Errorf("%s keeps %d groups, %d folds, %d bytes", id, rs.groups, rs.book.Len(), rs.held())
		}
	}
	if n := len(play(t, en, []*signal.Signal{mark(signal.Idle, base.Add(time.Hour), 2)})); n != 0 {
		t.Errorf("%d alerts were unsaid although they had ended", n)
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
	if en.rules["single"].book.Len() != 10 || en.Stats().EvictedFolds != 5 {
		t.Errorf("%d folds, %d evicted", en.rules["single"].book.Len(), en.Stats().EvictedFolds)
	}
	for _, o := range outcomes(r, got) {
		if o.count != 2 {
			t.Errorf("an evicted alert kept its count for itself: %s", o)
		}
	}
}

// A revision waits until a second of event time has passed since the last, not a millisecond less.
func TestEngine_revisionEvery(t *testing.T) {
	for _, c := range []struct {
		name  string
		after int // milliseconds between the first revision and a further hit
		now   bool
	}{{"at once", 0, false}, {"just before", 999, false}, {"after a second", 1000, true}} {
		r := counting(1, time.Second, time.Hour)
		en := engine(r)
		if n := len(play(t, en, []*signal.Signal{at(r, 0, "event", "a", "g")})); n != 1 {
			t.Fatalf("%s: the first revision comes in %d parts", c.name, n)
		}
		got := play(t, en, []*signal.Signal{at(r, c.after, "event", "b", "g")})
		if (len(got) == 1) != c.now {
			t.Errorf("%s: %d revisions", c.name, len(got))
		}
		rest := play(t, en, []*signal.Signal{mark(signal.Idle, base.Add(time.Duration(c.after)*time.Millisecond), 1)})
		if (len(rest) == 0) != c.now {
			t.Errorf("%s: %d revisions when idle", c.name, len(rest))
		}
	}
}

// Two alerts are one before the second was ever told of: nobody hears of the second.
func TestEngine_mergeBeforeTold(t *testing.T) {
	r := counting(3, 10*time.Second, 10*time.Second)
	en := engine(r)
	got := outcomes(r, play(t, en, []*signal.Signal{
		at(r, 0, "event", "a", "g"), at(r, 1, "event", "b", "g"), at(r, 2, "event", "c", "g"),
		at(r, 15_000, "event", "d", "g"), at(r, 15_001, "event", "e", "g"), at(r, 15_002, "event", "f", "g"),
		at(r, 8_000, "event", "x", "g"), mark(signal.Idle, base.Add(time.Minute), 1),
	}))
	if len(got) != 1 || got[0].count != 7 {
		t.Errorf("%v", got)
	}
}

// A rule that is switched off takes what is unsaid with it, and others say theirs.
func TestEngine_rulesGo(t *testing.T) {
	a, b := counting(1, time.Second, time.Hour), counting(1, time.Second, time.Hour)
	b.ID = "other"
	en := engine(a, b)
	for _, r := range []*rules.Rule{a, b} {
		play(t, en, []*signal.Signal{at(r, 0, "event", "a", "g"), at(r, 1, "event", "b", "g")})
	}
	en.SetRules([]*rules.Rule{b})
	got := play(t, en, []*signal.Signal{mark(signal.Idle, base.Add(time.Second), 1)})
	if len(got) != 1 || got[0].Rule != "other" || got[0].Count != 2 {
		t.Errorf("%+v", got)
	}
	if n := len(play(t, en, []*signal.Signal{at(a, 5000, "event", "c", "g")})); n != 0 || en.Stats().Unknown != 1 {
		t.Errorf("a rule that is gone makes %d revisions, %+v", n, en.Stats())
	}
}

package correlate

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"weir/internal/alert"
	"weir/internal/signal"
	"weir/rules"
)

// A flood of groups with one match each pushes out its like, not the group that is about to fire.
func TestBound_FloodSparesWhatIsClose(t *testing.T) {
	r := counting(3, time.Minute, time.Hour)
	var log bytes.Buffer
	en := New(Options{MaxGroups: 100, Log: slog.New(slog.NewTextHandler(&log, nil))})
	en.SetRules([]*rules.Rule{r})
	in := []*signal.Signal{at(r, 0, "event", "a", "victim"), at(r, 1, "event", "b", "victim")}
	for i := range 5000 {
		in = append(in, at(r, 2+i, "event", fmt.Sprint(i), fmt.Sprint("flood", i)))
	}
	got := play(t, en, append(in, at(r, 6000, "event", "c", "victim")))
	if len(got) != 1 || got[0].Group["source.ip"] != "victim" {
		t.Fatalf("%d alerts", len(got))
	}
	st := en.RuleStats()[0]
	if st.Groups != 100 || st.EvictedGroups != 5001-100 || en.Stats().EvictedGroups != st.EvictedGroups {
		t.Errorf("%+v", st)
	}
	byKey := &en.rules["count"].nodes[0].groups.byKey
	if byKey.find([]byte("\x09flood4999")) == nil || byKey.find([]byte("\x06flood1")) != nil {
		t.Error("of equal groups the longest untouched must go")
	}
	if n := strings.Count(log.String(), "more groups"); n != 1 {
		t.Errorf("that it is full is said %d times", n)
	}
}

// Long texts are bounded by what they take, not by their number; a rule that is full leaves the others alone.
func TestBound_Bytes(t *testing.T) {
	fat, lean := counting(3, time.Minute, time.Hour), counting(3, time.Minute, time.Hour)
	fat.ID, lean.ID = "fat", "lean"
	const most = 1 << 20
	en := New(Options{MaxBytes: most})
	en.SetRules([]*rules.Rule{fat, lean})
	play(t, en, []*signal.Signal{at(lean, 0, "event", "a", "g")})
	for i := range 3000 {
		s := at(fat, i, "event", fmt.Sprint(i), fmt.Sprint("g", i))
		s.Values["message"] = strings.Repeat("x", 1000)
		play(t, en, []*signal.Signal{s})
		if st := en.rules["fat"].held(); st > most {
			t.Fatalf("after %d matches it holds %d bytes", i, st)
		}
	}
	for _, st := range en.RuleStats() {
		if (st.Rule == "fat") != (st.EvictedGroups > 0) || st.Groups == 0 || st.Bytes == 0 {
			t.Errorf("%+v", st)
		}
	}
}

// All rules together have four times what one has; the one that has most gives.
func TestBound_AllRules(t *testing.T) {
	var set []*rules.Rule
	for i := range 10 {
		r := counting(3, time.Minute, time.Hour)
		r.ID = fmt.Sprint("r", i)
		set = append(set, r)
	}
	const most = 1 << 18
	en := New(Options{MaxBytes: most})
	en.SetRules(set)
	for i := range 10_000 {
		r := set[i%10]
		if i%10 > 0 && i > 9000 {
			continue // one goes on alone
		}
		play(t, en, []*signal.Signal{at(r, i, "event", fmt.Sprint(i), fmt.Sprint("g", i))})
		if en.bytes > manyRules*most {
			t.Fatalf("after %d matches all hold %d bytes", i, en.bytes)
		}
	}
	sum := int64(0)
	for _, rs := range en.ordered() {
		sum += rs.held()
	}
	if sum != en.bytes || sum < manyRules*most/2 {
		t.Errorf("they hold %d bytes, counted are %d", sum, en.bytes)
	}
	en.SetRules(set[:2])
	if en.bytes >= sum || en.bytes != en.rules["r0"].held()+en.rules["r1"].held() {
		t.Errorf("what rules held that are gone is still counted: %d", en.bytes)
	}
}

// A hundred rules that match everything: folds, memory and revisions are bounded, and it is said.
func TestBound_AlertStorm(t *testing.T) {
	var set []*rules.Rule
	for i := range 100 {
		set = append(set, &rules.Rule{ID: fmt.Sprintf("all-%02d", i), Hash: "1", Enabled: true, Title: "t", When: when("event"), Fold: rules.Fold{By: []string{"ip"}, For: time.Hour}})
	}
	var log bytes.Buffer
	en := New(Options{MaxGroups: 50, Log: slog.New(slog.NewTextHandler(&log, nil))})
	en.SetRules(set)
	perSecond := map[int64]int{}
	revision := map[string]int{}
	emit := func(a *alert.Alert) {
		perSecond[en.clock.Now()/1e9]++
		if revision[a.ID]++; a.Revision != revision[a.ID] {
			t.Fatalf("revision %d of %s does not follow", a.Revision, a.ID)
		}
	}
	const seconds = 20
	for i := range seconds * 100 {
		for _, r := range set {
			if err := en.Apply(at(r, i*10, "event", fmt.Sprint(i), fmt.Sprint(i%200)), emit); err != nil {
				t.Fatal(err)
			}
		}
	}
	for second, n := range perSecond {
		if n > 1000 {
			t.Errorf("%d revisions in second %d", n, second)
		}
	}
	s := en.Stats()
	if s.Held == 0 || s.Unsaid == 0 || s.EvictedFolds == 0 || len(perSecond) < seconds || !strings.Contains(log.String(), "alert storm") {
		t.Errorf("%+v in %d seconds", s, len(perSecond))
	}
	for _, st := range en.RuleStats() {
		if st.Folds > 50 {
			t.Errorf("%+v", st)
		}
	}
	// What waits when the storm is over is said, and nothing is left to say.
	play(t, en, []*signal.Signal{mark(signal.Idle, base.Add(time.Minute), 1)})
	if n := len(play(t, en, []*signal.Signal{mark(signal.Idle, base.Add(2*time.Minute), 2)})); n != 0 {
		t.Errorf("%d revisions are said later still", n)
	}
}

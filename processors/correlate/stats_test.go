package correlate

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"weir/internal/signal"
	"weir/rules"
)

// Late matches are told apart by dataset, of which there may be too many; the last sixteen are listed, the newest first.
func TestTooLate(t *testing.T) {
	r := counting(2, time.Second, time.Second)
	en := engine(r)
	play(t, en, []*signal.Signal{mark(signal.Watermark, base.Add(time.Hour), 1)})
	for i := range 100 {
		s := at(r, i, "event", fmt.Sprint(i)+strings.Repeat("x", 1000), fmt.Sprint("g", i))
		s.Dataset = fmt.Sprint("set", i)
		play(t, en, []*signal.Signal{s})
	}
	st := en.RuleStats()[0]
	if st.Late != 100 || len(st.LateBy) != lateSets+1 || st.LateBy["set0"] != 1 || st.LateBy[""] != 100-lateSets {
		t.Errorf("%+v", st)
	}
	list := en.LateList()
	if len(list) != lateKept || !strings.HasPrefix(list[0].Event, "99x") || !strings.HasPrefix(list[lateKept-1].Event, "84x") || len(list[0].Event) > lateText {
		t.Errorf("%d are listed", len(list))
	}
	if want := time.Hour - 5*time.Second - 99*time.Millisecond; list[0].By != want || !list[0].At.Equal(base.Add(99*time.Millisecond)) || list[0].Rule != "count" {
		t.Errorf("%+v", list[0])
	}
	st.LateBy["set0"] = 7
	if en.RuleStats()[0].LateBy["set0"] != 1 {
		t.Error("who is given the counts can change them")
	}
}

// Counts of several engines are summed; versions of one rule are one.
func TestRuleStats(t *testing.T) {
	v := versions(2)
	en := New(Options{Lateness: 5 * time.Second})
	en.SetVersion(setOf("A", v[0]))
	play(t, en, []*signal.Signal{of(v[0], 1, "a1")})
	en.SetVersion(setOf("B", v[1], bruteForce()))
	play(t, en, []*signal.Signal{of(v[1], 2, "b1"), of(v[0], 3, "a2")})
	got := en.RuleStats()
	if len(got) != 2 || got[0].Rule != "count" || got[0].Matches != 3 || got[0].Groups != 2 || got[0].Folds != 1 || got[0].Bytes == 0 || got[1].Matches != 0 {
		t.Errorf("%+v", got)
	}
	sum := RuleStat{Rule: "count"}
	for range 2 {
		sum.Add(RuleStat{Groups: 1, Folds: 2, Bytes: 3, Matches: 4, EvictedGroups: 5, EvictedFolds: 6, Late: 7, LateBy: map[string]uint64{"d": 7}, NotANumber: 8, Lacks: 9})
	}
	if got := fmt.Sprintf("%+v", sum); got != "{Rule:count Groups:2 Folds:4 Bytes:6 Matches:8 EvictedGroups:10 EvictedFolds:12 Late:14 LateBy:map[d:14] NotANumber:16 Lacks:18}" {
		t.Error(got)
	}
	if len(engine([]*rules.Rule{}...).RuleStats()) != 0 {
		t.Error("an engine without rules counts")
	}
}

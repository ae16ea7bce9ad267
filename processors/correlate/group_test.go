package correlate

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"weir/internal/signal"
	"weir/rules"
)

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

// The three ways in which groups are held agree with a plain model, whatever is done to them.
func TestGroups_model(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 8))
	rs := newRuleState(counting(8, 50*time.Second, 50*time.Second))
	gs := &rs.groups
	var model []*group // in the order in which they were touched
	now := int64(0)
	for range 5000 {
		now += int64(rnd.IntN(3)) * 1e9
		key := []string{fmt.Sprint(rnd.IntN(40))}
		switch rnd.IntN(12) {
		case 0:
			gs.advance(now-20e9, rs)
			model = slices.DeleteFunc(model, func(g *group) bool { return g.expires(rs) < now-20e9 })
		case 1:
			gs.evict(nil)
			if len(model) > 0 {
				victim := 0
				for i, g := range model {
					if g.level < model[victim].level {
						victim = i
					}
				}
				model = slices.Delete(model, victim, victim+1)
			}
		default:
			g := gs.byKey[keyOf(key)]
			if g == nil {
				g = rs.newGroup(keyOf(key), key)
				gs.put(g)
			}
			g.add(&match{t: now - int64(rnd.IntN(5))*1e9, id: fmt.Sprint(now)}, rs, func(found) {})
			gs.touch(g, rs)
			model = append(slices.DeleteFunc(model, func(x *group) bool { return x == g }), g)
		}
		check(t, gs, model)
	}
}

func check(t *testing.T, gs *groups, model []*group) {
	t.Helper()
	if len(gs.byKey) != len(model) || len(gs.ending) != len(model) {
		t.Fatalf("%d by key, %d in the heap, want %d", len(gs.byKey), len(gs.ending), len(model))
	}
	for level := range gs.lists {
		g := gs.lists[level].first
		for _, want := range model {
			if want.level != level {
				continue
			}
			if g != want || gs.byKey[g.key] != g || gs.ending[g.place] != g {
				t.Fatalf("level %d: not the groups, or not their order", level)
			}
			g = g.next
		}
		if g != nil {
			t.Fatalf("level %d has a group too many", level)
		}
	}
}

func TestKeyOf(t *testing.T) {
	lists := [][]string{nil, {""}, {"", ""}, {"a"}, {"a", ""}, {"", "a"}, {"ab"}, {"a", "b"}, {"1:a"}, {"a1:", "b"}, {"a", "1:b"}, {"a\x00b"}}
	seen := map[string]int{}
	for i, l := range lists {
		if j, ok := seen[keyOf(l)]; ok {
			t.Errorf("%q and %q have one key", lists[j], l)
		}
		seen[keyOf(l)] = i
	}
}

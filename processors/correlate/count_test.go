package correlate

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// Each case is one group: the seconds at which matches arrive, in that order, and which of them are hits at the end.
func TestCounter(t *testing.T) {
	cases := []struct {
		name         string
		need         int
		within, fold int
		arrive, hits []int
	}{
		{"too few", 3, 10, 20, []int{0, 5}, nil},
		{"enough", 3, 10, 20, []int{0, 5, 10}, []int{0, 5, 10}},
		{"too slow", 3, 10, 20, []int{0, 5, 11}, nil},
		{"sliding", 3, 10, 20, []int{0, 5, 11, 14}, []int{5, 11, 14}},
		{"follows by itself", 3, 10, 20, []int{0, 5, 10, 30}, []int{0, 5, 10, 30}},
		{"follows too late", 3, 10, 20, []int{0, 5, 10, 31}, []int{0, 5, 10}},
		{"a chain of followers", 2, 1, 20, []int{0, 1, 20, 40, 60}, []int{0, 1, 20, 40, 60}},
		{"late, completes", 3, 10, 20, []int{0, 10, 5}, []int{0, 5, 10}},
		{"late, makes one before it a hit", 4, 10, 20, []int{9, 13, 18, 21, 21, 19}, []int{9, 13, 18, 19, 21, 21}},
		{"late, before the run", 3, 10, 20, []int{10, 12, 14, 5}, []int{5, 10, 12, 14}},
		{"late, too far before the run", 3, 10, 20, []int{10, 12, 14, 1}, []int{10, 12, 14}},
		{"late, joins two runs", 2, 1, 5, []int{0, 1, 8, 9, 4}, []int{0, 1, 4, 8, 9}},
		{"late, lets a lone one follow", 2, 1, 5, []int{0, 1, 9, 5}, []int{0, 1, 5, 9}},
		{"same second", 3, 1, 5, []int{7, 7, 7}, []int{7, 7, 7}},
		{"one is enough", 1, 1, 1, []int{3, 9}, []int{3, 9}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			rs := newRuleState(counting(c.need, time.Duration(c.within)*time.Second, time.Duration(c.fold)*time.Second))
			var k counter
			var got []int
			for i, s := range c.arrive {
				m := &match{t: int64(s) * 1e9, src: fmt.Sprintf("t/0/%d/0", i)}
				k.add(m, rs, func(f found) {
					if f.trigger != m {
						t.Error("the trigger is not what arrived")
					}
					got = append(got, int(f.m.t/1e9))
				})
			}
			slices.Sort(got)
			if !slices.Equal(got, c.hits) {
				t.Errorf("hits %v, want %v", got, c.hits)
			}
			if len(k.cold)+len(got) != len(c.arrive) {
				t.Errorf("%d cold and %d hits of %d", len(k.cold), len(got), len(c.arrive))
			}
		})
	}
}

// The window's edge is exact: a span of within holds both its ends, and not a nanosecond more.
func TestCounter_edges(t *testing.T) {
	const within, fold = 10 * time.Second, 20 * time.Second
	for _, c := range []struct {
		name string
		gap  time.Duration // of three matches, between the first and the last
		hits int
	}{{"inside", within - 1, 3}, {"on the edge", within, 3}, {"a nanosecond outside", within + 1, 0}} {
		rs := newRuleState(counting(3, within, fold))
		for _, order := range [][]int64{{0, int64(c.gap / 2), int64(c.gap)}, {int64(c.gap), 0, int64(c.gap / 2)}, {int64(c.gap), int64(c.gap / 2), 0}} {
			var k counter
			hits := 0
			for i, at := range order {
				k.add(&match{t: at, src: fmt.Sprintf("t/0/%d/0", i)}, rs, func(found) { hits++ })
			}
			if hits != c.hits {
				t.Errorf("%s, order %v: %d hits, want %d", c.name, order, hits, c.hits)
			}
		}
	}
	for _, c := range []struct {
		name string
		gap  time.Duration // between the last hit and a further match
		hits int
	}{{"inside the fold", fold - 1, 4}, {"on its edge", fold, 4}, {"outside of it", fold + 1, 3}} {
		rs := newRuleState(counting(3, within, fold))
		var k counter
		hits := 0
		for i, at := range []int64{0, 1, 2, 2 + int64(c.gap)} {
			k.add(&match{t: at, src: fmt.Sprintf("t/0/%d/0", i)}, rs, func(found) { hits++ })
		}
		if hits != c.hits {
			t.Errorf("%s: %d hits, want %d", c.name, hits, c.hits)
		}
	}
}

// What is let go is what nothing can need any more: with it gone, the matches from the cut on are hits as before.
func TestCounter_prune(t *testing.T) {
	rs := newRuleState(counting(3, 10*time.Second, 20*time.Second))
	fill := func(seconds ...int) *counter {
		k := &counter{}
		for i, s := range seconds {
			k.add(&match{t: int64(s) * 1e9, src: fmt.Sprintf("t/0/%d/0", i)}, rs, func(found) {})
		}
		return k
	}
	for _, c := range []struct {
		name       string
		at         []int
		cut        int
		cold, runs int
		expires    int
	}{
		{"nothing is old", []int{0, 5}, 10, 2, 0, 15},
		{"the first is too old", []int{0, 5}, 11, 1, 0, 15},
		{"all are", []int{0, 5}, 16, 0, 0, -1},
		{"a run is kept as long as it can be followed", []int{0, 1, 2}, 22, 0, 1, 22},
		{"then it goes", []int{0, 1, 2}, 23, 0, 0, -1},
		{"the later of two runs stays", []int{0, 1, 2, 40, 41, 42}, 30, 0, 1, 62},
	} {
		k := fill(c.at...)
		k.prune(int64(c.cut)*1e9, rs)
		if len(k.cold) != c.cold || len(k.runs) != c.runs {
			t.Errorf("%s: %d cold, %d runs", c.name, len(k.cold), len(k.runs))
		}
		want := int64(c.expires) * 1e9
		if c.expires < 0 {
			want = longAgo
		}
		if got := k.expires(rs); got != want {
			t.Errorf("%s: expires at %d, want %d", c.name, got, want)
		}
	}
}

// The nearer to firing, the higher the level; what fired is highest, and only that.
func TestCounter_progress(t *testing.T) {
	rs := newRuleState(counting(5, 10*time.Second, 20*time.Second))
	var k counter
	last := -1
	for i := range 5 {
		k.add(&match{t: int64(i) * 1e9, src: fmt.Sprintf("t/0/%d/0", i)}, rs, func(found) {})
		got := k.progress(rs)
		if got <= last || (got == levels-1) != (i == 4) {
			t.Errorf("after %d of 5: level %d, before %d", i+1, got, last)
		}
		last = got
	}
	spread := counter{cold: []*match{{t: 0}, {t: 100e9}, {t: 200e9}}}
	alone := counter{cold: []*match{{t: 0}}}
	if spread.progress(rs) != alone.progress(rs) {
		t.Error("matches that share no window count for its progress")
	}
}

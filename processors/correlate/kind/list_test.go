package kind

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"weir/rules"
)

// A list is what a sorted slice is, whatever is put in and taken out, and knows how large it is.
func TestList_isASortedSlice(t *testing.T) {
	rnd := rand.New(rand.NewPCG(8, 8))
	var l list
	var want []*Match
	for i := range 20_000 {
		switch n := len(want); {
		case n > 0 && rnd.IntN(3) == 0:
			lo := rnd.IntN(n)
			if rnd.IntN(2) == 0 {
				lo = 0
			}
			hi := lo + rnd.IntN(n-lo+1)
			l.drop(lo, hi)
			want = slices.Delete(want, lo, hi)
		default:
			m := event(rnd.IntN(5000), int64(i/3+rnd.IntN(20)), "")
			place, found := slices.BinarySearchFunc(want, m, Compare)
			at, fresh := l.insert(m)
			if at != place || fresh == found {
				t.Fatalf("place %d fresh %v, want %d %v", at, fresh, place, !found)
			}
			if fresh {
				want = slices.Insert(want, place, m)
			}
		}
		size := 0
		for k, m := range want {
			if l.at(k) != m || l.last(k) != m.T {
				t.Fatalf("place %d is another", k)
			}
			size += sizeOf(m)
		}
		if l.len() != len(want) || l.size != size || l.bytes() < size {
			t.Fatalf("%d matches of %d bytes, want %d of %d", l.len(), l.size, len(want), size)
		}
		at := int64(i/3 + rnd.IntN(20))
		if from := slices.IndexFunc(want, func(m *Match) bool { return m.T >= at }); from >= 0 && l.from(at) != from {
			t.Fatalf("from %d is %d, want %d", at, l.from(at), from)
		}
	}
	if l.drop(0, l.len()); cap(l.items) > 32 || l.size != 0 {
		t.Errorf("an empty list keeps %d places", cap(l.items))
	}
}

// What is condensed stands for as many matches as there were, of the same sum, and within the same time.
func TestList_condensed(t *testing.T) {
	for _, w := range []rules.Window{rules.Sliding, rules.Tumbling, rules.Session} {
		t.Run(string(w), func(t *testing.T) {
			s := mustSpec(t, &rules.Correlate{Kind: rules.Sum, Window: w, Within: time.Minute, Bounds: bounds("gte", 1_000_000_000), Steps: names("a", "b")}, 0, false)
			var l list
			rnd := rand.New(rand.NewPCG(8, 9))
			want, at := exact{}, int64(0)
			const n = 3 * maxMatches
			for i := range n {
				at += rnd.Int64N(4e7)
				if i == n/2 {
					at += 70e9 // two sessions
				}
				m := event(i, at, "")
				m.Step = int32(rnd.IntN(2))
				want = want.plus(exactOf(m.Number))
				if l.insert(m); l.crowded(s) && l.len() > maxMatches*3/4 {
					t.Fatalf("%d are left", l.len())
				}
			}
			count, got, parts := 0, exact{}, 1
			for i := range l.len() {
				x := s.start(l.at(i).T)
				wt := l.weigh(i, s)
				count += int(wt.n)
				got = got.plus(exactOf(wt.number))
				if l.last(i) < l.at(i).T || w == rules.Tumbling && s.start(l.last(i)) != x {
					t.Fatalf("%d stands for what is until %d", l.at(i).T, l.last(i))
				}
				if w == rules.Session && i > 0 && s.apart(&l, i-1, i) {
					parts++
				}
			}
			if count != n || got != want || w == rules.Session && parts != 2 || l.rough != roughTimes {
				t.Errorf("%d matches, sum %v for %v, %d sessions, %s", count, got.float(), want.float(), parts, l.rough)
			}
		})
	}
}

func TestRough(t *testing.T) {
	if got := (roughTimes | roughLost).String(); got != "times are rounded, there were too many matches to keep each; matches were left out, there were too many to keep" || rough(0).String() != "" {
		t.Error(got)
	}
}

// What the tail of a list comes to is what its window comes to, in order and out of order.
func TestTrailing(t *testing.T) {
	for _, w := range []rules.Window{rules.Sliding, rules.Tumbling, rules.Session} {
		t.Run(string(w), func(t *testing.T) {
			s := mustSpec(t, &rules.Correlate{Kind: rules.Count, Window: w, Within: 10, Bounds: bounds("gte", 5)}, 0, false)
			rnd := rand.New(rand.NewPCG(2, 2))
			var l list
			tail := trailing{tally: s.newTally(&l)}
			now := int64(0)
			for i := range 5000 {
				now += rnd.Int64N(5)
				if rnd.IntN(15) == 0 {
					now += 12
				}
				if place, _ := l.insert(event(i, max(now-rnd.Int64N(2)*rnd.Int64N(30), 0), "")); place == l.len()-1 {
					tail.follow(&l, s)
				} else {
					tail.late(&l, s, place)
				}
				if rnd.IntN(10) == 0 {
					n, _ := l.past(s, now-40, tail.lo)
					tail.take(&l, s, 0, n)
					l.drop(0, n)
				}
				fresh := trailing{tally: s.newTally(&l)}
				fresh.rebuild(&l, s)
				if tail.lo != fresh.lo || tail.tally.(*count).n != fresh.tally.(*count).n {
					t.Fatalf("%d: from %d: %d, want from %d: %d", i, tail.lo, tail.tally.(*count).n, fresh.lo, fresh.tally.(*count).n)
				}
			}
			if l.len() > 200 {
				t.Error("nothing was let go")
			}
		})
	}
}

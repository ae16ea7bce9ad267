package timeline

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"weir/processors/correlate/kind/match"
	"weir/processors/correlate/kind/tally"
	"weir/rules"
	"weir/rules/correlation"
)

// What the tail of a list comes to is what its window comes to, in order and out of order.
func TestTrailing(t *testing.T) {
	for _, w := range []correlation.Window{correlation.Sliding, correlation.Tumbling, correlation.Session} {
		t.Run(string(w), func(t *testing.T) {
			s := mustSpec(t, &rules.Correlate{Kind: correlation.Count, Window: w, Within: 10, Bounds: bounds("gte", 1000)}, 0, false)
			rnd := rand.New(rand.NewPCG(2, 2))
			var l List
			tail := Trailing{Tally: tally.New(s, &l.Values)}
			now := int64(0)
			for i := range 5000 {
				now += rnd.Int64N(5)
				if rnd.IntN(15) == 0 {
					now += 12
				}
				if place, _ := l.Insert(event(i, max(now-rnd.Int64N(2)*rnd.Int64N(30), 0), "")); place == l.Len()-1 {
					tail.Follow(&l, s)
				} else {
					tail.Late(&l, s, place)
				}
				if rnd.IntN(10) == 0 {
					n, _ := l.Past(s, now-40, tail.Lo)
					tail.Take(&l, s, 0, n)
					l.Drop(0, n)
				}
				fresh := Trailing{Tally: tally.New(s, &l.Values)}
				fresh.Rebuild(&l, s)
				if tail.Lo != fresh.Lo || tail.Tally.Share() != fresh.Tally.Share() {
					t.Fatalf("%d: from %d: %v, want from %d: %v", i, tail.Lo, tail.Tally.Share(), fresh.Lo, fresh.Tally.Share())
				}
			}
			if l.Len() > 200 {
				t.Error("nothing was let go")
			}
		})
	}
}

// TestList_windows tells which matches share a window with one, and from when on a window is past.
func TestList_windows(t *testing.T) {
	times := []int64{1, 5, 12, 14, 30}
	for _, c := range []struct {
		window correlation.Window
		place  int
		lo, hi int
		cut    int64
		past   int
		next   int64
	}{
		{correlation.Tumbling, 0, 0, 2, 9, 0, 9},
		{correlation.Tumbling, 2, 2, 4, 10, 2, 19},
		{correlation.Tumbling, 4, 4, 5, 50, 5, match.Farthest},
		{correlation.Session, 0, 0, 4, 24, 0, 24},
		{correlation.Session, 3, 0, 4, 25, 4, 40},
		{correlation.Session, 4, 4, 5, 50, 5, match.Farthest},
	} {
		t.Run(fmt.Sprint(c.window, " ", c.place), func(t *testing.T) {
			s := mustSpec(t, &rules.Correlate{Kind: correlation.Count, Window: c.window, Within: 10}, 0, false)
			var l List
			for i, at := range times {
				l.Insert(event(i, at, ""))
			}
			if lo, hi := l.Stretch(s, c.place); lo != c.lo || hi != c.hi {
				t.Errorf("the window is from %d to %d, want %d to %d", lo, hi, c.lo, c.hi)
			}
			if n, next := l.Past(s, c.cut, 4); n != c.past || next != c.next {
				t.Errorf("past: %d, then at %d; want %d, %d", n, next, c.past, c.next)
			}
		})
	}
	s := mustSpec(t, &rules.Correlate{Kind: correlation.Count, Within: 10}, 0, false)
	var l List
	for i, at := range times {
		l.Insert(event(i, at, ""))
	}
	if n, next := l.Past(s, 15, 0); n != 1 || next != 15 {
		t.Errorf("sliding: %d are past, then at %d; want 1, 15", n, next)
	}
}

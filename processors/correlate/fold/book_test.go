package fold

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"weir/processors/correlate/kind"
	"weir/rules"
)

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

// Whatever the order of arrival, hits fold as they do when they come in order; no revision is missing, no count shrinks.
func TestBook_AsInOrder(t *testing.T) {
	for seed := range uint64(200) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		b := newBench(t, simple(5))
		times := map[string][]int{}
		for i := range 1 + rnd.IntN(40) {
			ip, at := fmt.Sprint(rnd.IntN(2)), rnd.IntN(60)
			times[ip] = append(times[ip], at)
			b.hit(at, fmt.Sprint(i), int32(rnd.IntN(2)), ip)
			b.deliver()
		}
		b.idle()
		var want []string
		for ip, list := range times {
			slices.Sort(list)
			for i := 0; i < len(list); {
				j := i + 1
				for j < len(list) && list[j]-list[j-1] <= 5 {
					j++
				}
				want = append(want, fmt.Sprint(ip, list[i], list[j-1], j-i))
				i = j
			}
		}
		var got []string
		for _, a := range b.last() {
			got = append(got, fmt.Sprint(a.Group["ip"], a.First.Unix(), a.Last.Unix(), a.Count))
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Fatalf("seed %d: got %v, want %v", seed, got, want)
		}
		revision := map[string]int{}
		for _, a := range b.out {
			if revision[a.ID]++; a.Revision != revision[a.ID] {
				t.Fatalf("seed %d: revision %d of %s does not follow", seed, a.Revision, a.ID)
			}
		}
	}
}

// Of a rule without a correlation, a match that comes again is none.
func TestBook_Twice(t *testing.T) {
	b := newBench(t, simple(5))
	for _, id := range []string{"a", "b", "a", "b", "a"} {
		b.hit(10, id, 0, "x")
	}
	b.hit(10, "a", 1, "x") // another condition
	b.hit(10, "a", 0, "y") // another group
	b.deliver()
	if got := b.last(); len(got) != 2 || got[0].Count+got[1].Count != 4 {
		t.Errorf("%d alerts: %+v", len(got), got[0])
	}
}

// Further hits, too many to keep, count and carry the alert on; they join it with the next one where they reach it.
func TestBook_More(t *testing.T) {
	b := newBench(t, simple(5))
	m, of := b.hit(10, "a", 0, "x")
	b.hit(30, "b", 0, "x")
	b.book.More(of, m, 100, 20e9)
	b.deliver()
	if got := b.last(); len(got) != 2 || got[0].Count != 101 || got[0].Conditions[0].Matched != 101 || got[0].Last.Unix() != 20 {
		t.Errorf("%+v", got[0])
	}
	b.book.More(of, m, 10, 26e9)
	b.deliver()
	b.idle()
	if got := b.last(); len(got) != 1 || got[0].Count != 112 || got[0].Last.Unix() != 30 {
		t.Errorf("%+v", got[0])
	}
	b.book.More(key("nobody"), m, 10, 26e9) // it has ended
}

// Alerts end when no hit can reach them any more; what is unsaid of them is said, and all memory is given back.
func TestBook_Advance(t *testing.T) {
	b := newBench(t, simple(5))
	b.hit(10, "a", 0, "x")
	b.deliver()
	m, of := b.hit(10, "b", 0, "x")
	b.hit(12, "d", 0, "y")
	b.hit(10, "c", 0, "z")
	b.hit(10, "d", 0, "z")
	b.deliver()
	b.hit(40, "e", 0, "x")
	b.deliver()
	b.hit(40, "f", 0, "x")
	b.deliver()
	for _, c := range []struct{ cut, folds, said int }{{15, 3, 5}, {16, 2, 5}, {18, 1, 5}, {45, 1, 5}, {46, 0, 6}} {
		b.book.Advance(int64(c.cut) * 1e9)
		if b.book.Len() != c.folds || len(b.out) != c.said {
			t.Errorf("at %d: %d fold groups, %d revisions", c.cut, b.book.Len(), len(b.out))
		}
	}
	b.part(9, "g", 1, m, of)
	b.deliver()
	if b.idle(); len(b.out) != 6 || b.book.Bytes() != 0 {
		t.Errorf("after the end: %d revisions, %d bytes", len(b.out), b.book.Bytes())
	}
}

// The fold group that was not touched for the longest time goes first, and never the last one.
func TestBook_Evict(t *testing.T) {
	b := newBench(t, simple(5))
	for _, ip := range []string{"a", "b", "c", "a"} {
		b.hit(10, ip+fmt.Sprint(b.book.Len()), 0, ip)
	}
	b.deliver()
	var order []string
	for g := b.book.first; g != nil; g = g.next {
		order = append(order, Values(nil, g.key)[0])
	}
	if fmt.Sprint(order) != "[b c a]" {
		t.Errorf("order %v", order)
	}
	for _, left := range []int{2, 1, 1} {
		if did := b.book.Evict(); b.book.Len() != left || did != (len(order) > left) {
			t.Errorf("%d left, want %d (%v)", b.book.Len(), left, did)
		}
		order = order[:b.book.Len()]
	}
	if b.book.byKey[key("a")] == nil {
		t.Error("the one that was touched last is gone")
	}
	// What a group knew of its fold group does not bring that back.
	old := b.book.byKey[key("a")]
	b.book.Close()
	if g := b.book.Hit(&Hit{Match: b.match(11, "z", 0), Event: "z", Group: key("a"), In: old}); g == old || b.book.Len() != 1 {
		t.Error("a fold group that was let go took a hit")
	}
}

// Hits that matches of the past make are silent, until one of now joins them: then the alert is told of, with all of them.
func TestBook_Warm(t *testing.T) {
	hit := func(b *bench, second int, id string, warm bool) {
		m := b.match(second, id, 0)
		b.book.Hit(&Hit{Match: m, Event: id, At: m.T, Group: key("x"), Warm: warm})
		b.deliver()
	}
	for _, c := range []struct {
		name  string
		hits  []string // w: of the past
		count []int    // of the alerts at the end
	}{
		{"the past alone", []string{"w10", "w12"}, nil},
		{"now joins it", []string{"w10", "w12", "14"}, []int{3}},
		{"the past joins now", []string{"14", "w12"}, []int{2}},
		{"apart", []string{"w10", "30"}, []int{1}},
		{"the past joins two", []string{"10", "20", "w15"}, []int{3}},
		{"now joins two of the past", []string{"w10", "w20", "15"}, []int{3}},
		{"the past joins one of each", []string{"w10", "20", "w15"}, []int{3}},
		{"the same, other way round", []string{"10", "w20", "w15"}, []int{3}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, simple(5))
			for i, h := range c.hits {
				var second int
				warm := h[0] == 'w'
				if warm {
					h = h[1:]
				}
				if _, err := fmt.Sscan(h, &second); err != nil {
					t.Fatal(err)
				}
				hit(b, second, fmt.Sprint("e", i), warm)
			}
			b.idle()
			var got []int
			for _, a := range b.last() {
				got = append(got, a.Count)
			}
			if !slices.Equal(got, c.count) {
				t.Errorf("counts %v, want %v", got, c.count)
			}
			revision := map[string]int{}
			for _, a := range b.out {
				if revision[a.ID]++; a.Revision != revision[a.ID] || a.What == "" {
					t.Errorf("revision %d of %s: %q", a.Revision, a.ID, a.What)
				}
			}
			b.book.Advance(kind.Farthest)
			if n := len(b.out); b.book.Len() != 0 || b.book.Bytes() != 0 || n > len(c.hits)+1 {
				t.Errorf("%d bytes are left, %d revisions", b.book.Bytes(), n)
			}
		})
	}
}

// Texts of a rule may change while it runs.
func TestBook_Describe(t *testing.T) {
	b := newBench(t, simple(5))
	b.hit(10, "a", 0, "x")
	b.deliver()
	next := simple(5)
	next.Title = "another"
	b.book.Describe(NewRule(next))
	b.hit(12, "b", 0, "x")
	b.deliver()
	if b.out[1].Title != "another" || b.out[1].What != "t" || b.out[1].ID != b.out[0].ID {
		t.Errorf("%+v", b.out[1])
	}
}

func BenchmarkHit(b *testing.B) {
	for _, groups := range []int{1, 50_000} {
		b.Run(fmt.Sprint(groups, " groups"), func(b *testing.B) {
			r := &rules.Rule{ID: "s", When: conditions("a"), Fold: rules.Fold{By: []string{"ip"}, For: time.Hour}, Correlate: &rules.Correlate{By: []string{"ip"}}}
			k := newBench(b, r)
			keys := make([]string, groups)
			for i := range keys {
				keys[i] = key(fmt.Sprint("10.0.0.", i))
			}
			m := k.match(10, "a", 0)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				x := *m
				x.T += int64(i) * 1000
				k.book.Hit(&Hit{Match: &x, Event: "a", At: x.T, Group: keys[i%groups]})
				k.desk.Deliver()
				k.out = k.out[:0]
			}
		})
	}
}

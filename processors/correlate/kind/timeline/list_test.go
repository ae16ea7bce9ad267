package timeline

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/processors/correlate/kind/match"
	"weir/processors/correlate/kind/spec"
	"weir/rules"
)

// event makes a match as the engine does, with an id of the front door.
func event(i int, t int64, value string) *match.Match {
	return &match.Match{T: t, ID: fmt.Sprintf("f3a9c1d2/17/%08d", i), Src: fmt.Sprintf("weir.raw.syslog/0/%08d/0", i), Value: value, Shown: "\x01{}", Number: float64(i % 100)}
}

func names(ns ...string) (out []rules.Step) {
	for _, n := range ns {
		out = append(out, rules.Step{When: n, AtLeast: 1})
	}
	return out
}

func bounds(b ...any) (out []rules.Bound) {
	for i := 0; i < len(b); i += 2 {
		out = append(out, rules.Bound{Op: b[i].(string), Value: float64(b[i+1].(int))})
	}
	return out
}

func mustSpec(t testing.TB, c *rules.Correlate, fold time.Duration, completes bool) *spec.Spec {
	t.Helper()
	if c.Steps == nil {
		c.Steps = names("a")
	}
	s, err := spec.Compile(c, fold, completes)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A list is what a sorted slice is, whatever is put in and taken out, and knows how large it is.
func TestList_isASortedSlice(t *testing.T) {
	rnd := rand.New(rand.NewPCG(8, 8))
	var l List
	var want []*match.Match
	for i := range 20_000 {
		switch n := len(want); {
		case n > 0 && rnd.IntN(3) == 0:
			lo := rnd.IntN(n)
			if rnd.IntN(2) == 0 {
				lo = 0
			}
			hi := lo + rnd.IntN(n-lo+1)
			l.Drop(lo, hi)
			want = slices.Delete(want, lo, hi)
		default:
			m := event(rnd.IntN(5000), int64(i/3+rnd.IntN(20)), "")
			place, found := slices.BinarySearchFunc(want, m, match.Compare)
			at, fresh := l.Insert(m)
			if at != place || fresh == found {
				t.Fatalf("place %d fresh %v, want %d %v", at, fresh, place, !found)
			}
			if fresh {
				want = slices.Insert(want, place, m)
			}
		}
		size := 0
		for k, m := range want {
			if l.At(k) != m || l.Last(k) != m.T {
				t.Fatalf("place %d is another", k)
			}
			size += match.SizeOf(m)
		}
		if l.Len() != len(want) || l.size != size || l.Bytes() < size {
			t.Fatalf("%d matches of %d bytes, want %d of %d", l.Len(), l.size, len(want), size)
		}
		at := int64(i/3 + rnd.IntN(20))
		if from := slices.IndexFunc(want, func(m *match.Match) bool { return m.T >= at }); from >= 0 && l.From(at) != from {
			t.Fatalf("from %d is %d, want %d", at, l.From(at), from)
		}
	}
	if l.Drop(0, l.Len()); cap(l.items) > 32 || l.size != 0 {
		t.Errorf("an empty list keeps %d places", cap(l.items))
	}
}

func TestList_completion(t *testing.T) {
	var l List
	for i := range 40 {
		m := event(i, int64(i), "")
		if i == 2 || i == 39 {
			m.Parts = []*match.Match{event(100+i, int64(i), ""), event(200+i, int64(i), "")}
		}
		l.Insert(m)
	}
	c := l.Completion(l.At(39), 77, 0, 40)
	var got []string
	for _, p := range c.Parts {
		got = append(got, strings.TrimLeft(p.ID[len("f3a9c1d2/17/"):], "0"))
	}
	if want := " 1 102 202 3 38 139 239"; strings.Join(got, " ") != want || c.T != 77 || c.ID != l.At(39).ID {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestList_places tells where a match stands among others: in time, and in order.
func TestList_places(t *testing.T) {
	var l List
	for i, at := range []int64{2, 4, 4, 4, 7} {
		l.Insert(event(i, at, ""))
	}
	for _, c := range []struct {
		name                       string
		at                         int64
		id                         int
		from, after, ahead, behind int
	}{
		{"before all", 1, 0, 0, 0, 0, 0},
		{"the first", 2, 0, 0, 1, 0, 1},
		{"between", 3, 9, 1, 1, 1, 1},
		{"among those of one time", 4, 2, 1, 4, 2, 3},
		{"behind those of one time", 4, 9, 1, 4, 4, 4},
		{"the last", 7, 4, 4, 5, 4, 5},
		{"after all", 8, 0, 5, 5, 5, 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := event(c.id, c.at, "")
			got := [4]int{l.From(c.at), l.After(c.at), l.Ahead(m), l.Behind(m)}
			if want := [4]int{c.from, c.after, c.ahead, c.behind}; got != want {
				t.Errorf("from, after, ahead, behind: %v, want %v", got, want)
			}
		})
	}
	if l.Since(0) != 2 || l.Since(5) != match.Farthest {
		t.Errorf("since %d and %d", l.Since(0), l.Since(5))
	}
}

// Two matches of one event stand in the order of their steps, and none is taken twice.
func TestList_Insert_twins(t *testing.T) {
	var l List
	for _, step := range []int32{2, 0, 1, 0, 2} {
		m := event(1, 5, "")
		m.Step = step
		l.Insert(m)
	}
	if l.Len() != 3 || l.At(0).Step != 0 || l.At(1).Step != 1 || l.At(2).Step != 2 {
		t.Errorf("%d matches", l.Len())
	}
}

// BenchmarkList_Insert is what a match costs that comes in order and one that leaves.
func BenchmarkList_Insert(b *testing.B) {
	var l List
	made := make([]*match.Match, 4096)
	for i := range made {
		made[i] = event(i, 0, "")
	}
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		m := made[i%len(made)]
		m.T = int64(i)
		if l.Insert(m); l.Len() > 1000 {
			l.Drop(0, 1)
		}
		i++
	}
}

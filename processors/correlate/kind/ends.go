package kind

import (
	"sort"

	"weir/processors/correlate/kind/pack"
	"weir/processors/correlate/kind/spec"
	"weir/processors/correlate/kind/tally"
	"weir/processors/correlate/kind/timeline"
	"weir/rules/correlation"
)

// ends finds the completions of a correlation that only more matches can make true: matches with which a window ends in
// which it holds. Each is said once, when it first is one; a late match can make those after it completions too.
type ends struct {
	spec *spec.Spec
	list timeline.List
	tail timeline.Trailing
	next int64 // the least cut at which matches may go
}

// newEnds makes an empty one. Its tail counts what is in its list, and asks the estimates of that.
func newEnds(s *spec.Spec) *ends {
	g := &ends{spec: s, next: Farthest}
	g.tail.Tally = tally.New(s, &g.list.Values)
	return g
}

// add looks at the window that m ends, if it came in order; if it came late, at all windows that it is in.
func (g *ends) add(m *Match, to Found) {
	s, l := g.spec, &g.list
	place, fresh := l.Insert(m)
	if !fresh {
		return
	}
	g.next = min(g.next, s.End(m.T))
	if n := l.Len(); place == n-1 && (n == 1 || Compare(l.At(n-2), m) != 0) {
		if g.tail.Follow(l, s); g.tail.Holds(l) {
			g.complete(place, g.tail.Lo, n, to)
		}
	} else {
		g.again(place, to)
		g.tail.Late(l, s, place)
	}
	if l.Crowded(s) {
		g.tail.Rebuild(l, s)
	}
}

// complete says that the match at place is a completion of those from lo to before hi.
func (g *ends) complete(place, lo, hi int, to Found) {
	x := &g.list.Live()[place]
	if x.Flags&timeline.SaidHit == 0 {
		x.Flags |= timeline.SaidHit
		to.Complete(g.list.Completion(x.M, x.M.T, lo, hi))
	}
}

// again looks at every window that holds the match at place.
func (g *ends) again(place int, to Found) {
	s, l := g.spec, &g.list
	m := l.At(place)
	first := sort.Search(place, func(i int) bool { return Compare(l.At(i), m) >= 0 })
	lo, end := 0, 0
	if s.Window == correlation.Sliding {
		lo, end = l.From(m.T-s.Within), l.After(m.T+s.Within)
	} else {
		lo, end = l.Stretch(s, place)
	}
	win := tally.New(s, &l.Values)
	in := lo
	for i := first; i < end; i++ {
		// All that are equal in order belong to the window of each.
		for ; in < l.Len() && (in <= i || Compare(l.At(in), l.At(i)) == 0); in++ {
			win.Add(l.Weigh(in, s))
		}
		for ; s.Window == correlation.Sliding && l.Time(lo) < l.Time(i)-s.Within; lo++ {
			win.Remove(l.Weigh(lo, s))
		}
		if win.Holds(l.Time(lo), l.Time(i)) {
			g.complete(i, lo, in, to)
		}
	}
}

// pass only lets go: everything was said on arrival.
func (g *ends) pass(cut int64, _ Found) {
	if cut <= g.next {
		return
	}
	var n int
	if n, g.next = g.list.Past(g.spec, cut, g.tail.Lo); n > 0 {
		g.tail.Take(&g.list, g.spec, 0, n)
		g.list.Drop(0, n)
	}
	g.list.Values.Drop(cut - g.spec.Within)
}

func (g *ends) due() int64 {
	if n := g.list.Len(); n > 0 {
		return g.spec.End(g.list.Last(n - 1))
	}
	return LongAgo
}

func (g *ends) since() int64 { return Farthest }

func (g *ends) empty() bool { return g.list.Len() == 0 }

// progress follows the window at the end of the list, which is the one that can still grow.
func (g *ends) progress() int {
	if n := g.list.Len(); n > 0 && g.list.Live()[n-1].Flags&timeline.SaidHit != 0 {
		return Levels - 1
	}
	return level(g.tail.Tally.Share())
}

func (g *ends) peek() int64 { return g.list.Peek() }

func (g *ends) rough() timeline.Rough { return g.list.Rough }

func (g *ends) bytes() int { return 160 + g.list.Bytes() + g.tail.Tally.Bytes() }

func (g *ends) append(e *pack.Writer) { g.list.Append(e) }

func (g *ends) read(d *pack.Reader) {
	g.list = timeline.Read(d, g.spec)
	g.next = LongAgo
	g.tail.Rebuild(&g.list, g.spec)
}

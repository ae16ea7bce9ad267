package kind

import (
	"sort"

	"weir/rules"
)

// ends finds the completions of a correlation that only more matches can make true: matches with which a window ends in
// which it holds. Each is said once, when it first is one; a late match can make those after it completions too.
type ends struct {
	spec *Spec
	list list
	tail trailing
	next int64 // the least cut at which matches may go
}

func newEnds(s *Spec) *ends {
	g := &ends{spec: s, next: Farthest}
	g.tail.tally = s.newTally(&g.list)
	return g
}

func (g *ends) add(m *Match, to Found) {
	s, l := g.spec, &g.list
	place, fresh := l.insert(m)
	if !fresh {
		return
	}
	g.next = min(g.next, s.end(m.T))
	if n := l.len(); place == n-1 && (n == 1 || Compare(l.at(n-2), m) != 0) {
		if g.tail.follow(l, s); g.tail.holds(l) {
			g.complete(place, g.tail.lo, n, to)
		}
	} else {
		g.again(place, to)
		g.tail.late(l, s, place)
	}
	if l.crowded(s) {
		g.tail.rebuild(l, s)
	}
}

// complete says that the match at place is a completion of those from lo to before hi.
func (g *ends) complete(place, lo, hi int, to Found) {
	x := &g.list.live()[place]
	if x.flags&saidHit == 0 {
		x.flags |= saidHit
		to.Complete(g.list.completion(x.m, x.m.T, lo, hi))
	}
}

// again looks at every window that holds the match at place.
func (g *ends) again(place int, to Found) {
	s, l := g.spec, &g.list
	m := l.at(place)
	first := sort.Search(place, func(i int) bool { return Compare(l.at(i), m) >= 0 })
	lo, end := 0, 0
	if s.window == rules.Sliding {
		lo, end = l.from(m.T-s.within), l.after(m.T+s.within)
	} else {
		lo, end = s.stretch(l, place)
	}
	tally := s.newTally(l)
	in := lo
	for i := first; i < end; i++ {
		// All that are equal in order belong to the window of each.
		for ; in < l.len() && (in <= i || Compare(l.at(in), l.at(i)) == 0); in++ {
			tally.add(l.weigh(in, s))
		}
		for ; s.window == rules.Sliding && l.at(lo).T < l.at(i).T-s.within; lo++ {
			tally.remove(l.weigh(lo, s))
		}
		if tally.holds(l.at(lo).T, l.at(i).T) {
			g.complete(i, lo, in, to)
		}
	}
}

func (g *ends) pass(cut int64, _ Found) {
	if cut <= g.next {
		return
	}
	var n int
	if n, g.next = g.list.past(g.spec, cut, g.tail.lo); n > 0 {
		g.tail.take(&g.list, g.spec, 0, n)
		g.list.drop(0, n)
	}
	if g.list.values != nil {
		g.list.values.drop(cut - g.spec.within)
	}
}

func (g *ends) due() int64 {
	if n := g.list.len(); n > 0 {
		return g.spec.end(g.list.last(n - 1))
	}
	return LongAgo
}

func (g *ends) since() int64 { return Farthest }

func (g *ends) empty() bool { return g.list.len() == 0 }

func (g *ends) progress() int {
	if n := g.list.len(); n > 0 && g.list.live()[n-1].flags&saidHit != 0 {
		return Levels - 1
	}
	return g.spec.level(g.tail.tally.share())
}

func (g *ends) rough() rough { return g.list.rough }

func (g *ends) bytes() int { return 160 + g.list.bytes() + g.tail.tally.bytes() }

func (g *ends) append(e *encoder) { e.list(&g.list) }

func (g *ends) read(d *decoder) {
	g.list = d.list()
	g.next = LongAgo
	g.tail.rebuild(&g.list, g.spec)
}

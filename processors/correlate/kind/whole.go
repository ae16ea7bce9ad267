package kind

import "weir/rules"

// whole decides tumbling windows and sessions when the cut has passed their end: then nothing can change any more what
// they come to. If the correlation holds, all matches of the window are hits.
type whole struct {
	spec *Spec
	list list
	next int64 // the cut must pass it for the first window to have ended; never too late
	open int   // so many of the first matches are known to be of one session
	cut  int64
}

func (g *whole) add(m *Match, _ Found) {
	if m.T < g.cut {
		return
	}
	place, fresh := g.list.insert(m)
	switch {
	case !fresh:
		return
	case g.list.crowded(g.spec), place == 0:
		g.open = 0
	case place < g.open:
		g.open++
	}
	g.next = min(g.next, g.spec.end(m.T))
}

func (g *whole) pass(cut int64, to Found) {
	g.cut = max(g.cut, cut)
	for g.cut > g.next {
		if g.list.len() == 0 {
			g.next = Farthest
			return
		}
		hi := g.spec.until(&g.list, max(g.open-1, 0))
		g.open = hi
		if g.next = g.spec.end(g.list.last(hi - 1)); g.cut <= g.next {
			return
		}
		g.decide(hi, to)
		from := g.list.last(hi - 1)
		g.list.drop(0, hi)
		g.open = 0
		if g.list.values != nil {
			g.list.values.drop(from)
		}
		g.next = LongAgo // what is next, the next turn finds
	}
}

// decide looks at the matches before place hi, which are one window.
func (g *whole) decide(hi int, to Found) {
	s, l := g.spec, &g.list
	t := s.newTally(l)
	for i := range hi {
		t.add(l.weigh(i, s))
	}
	if !t.holds(l.at(0).T, l.last(hi-1)) {
		return
	}
	for i := range hi {
		switch m := l.at(i); {
		case s.kind == rules.AnyOrder && !s.counted[m.Step]:
		case s.completes:
			to.Complete(l.completion(m, m.T, 0, hi))
		default:
			l.hit(i, to)
		}
	}
}

// due may be a little early: a session is looked at again when it would have ended without its latest matches.
func (g *whole) due() int64 {
	if g.list.len() == 0 {
		return LongAgo
	}
	return g.next
}

func (g *whole) since() int64 { return g.list.since(0) }

func (g *whole) empty() bool { return g.list.len() == 0 }

func (g *whole) progress() int { return Levels / 2 }

func (g *whole) rough() rough { return g.list.rough }

func (g *whole) bytes() int { return 120 + g.list.bytes() }

func (g *whole) append(e *encoder) {
	e.int(g.cut)
	e.list(&g.list)
}

func (g *whole) read(d *decoder) {
	g.cut = d.time()
	if g.list = d.list(); g.list.len() > 0 {
		g.next = g.spec.end(g.list.at(0).T)
	}
}

package kind

import "weir/rules"

// slide decides matches one after the other, once the cut has passed what they wait for: the window that ends with a
// match for avg, median and percentile, the window that begins with it for counts, different values and sums that must
// stay small. Both go by time alone, so all matches of one time are decided together.
type slide struct {
	spec *Spec
	list list
	back int64 // the window begins so long before a match,
	on   int64 // and ends so long after it
	todo int   // place of the first match that is not decided
	lo   int   // tally is over the matches from here
	hi   int   // to before this
	said int   // matches before this are known as evidence, if they were in the window of a hit
	win  tally
	cut  int64
}

func newSlide(s *Spec) *slide {
	g := &slide{spec: s, back: s.within, cut: LongAgo}
	switch s.kind {
	case rules.Count, rules.Distinct, rules.Sum:
		g.back, g.on = 0, s.within
	}
	g.win = s.newTally(&g.list)
	return g
}

func (g *slide) add(m *Match, _ Found) {
	if m.T < g.cut {
		return
	}
	if _, fresh := g.list.insert(m); fresh && g.list.crowded(g.spec) {
		g.restart()
	}
}

// restart begins anew with what is decided and what the tally holds, after places have changed.
func (g *slide) restart() {
	g.todo = g.list.from(g.cut - g.on)
	g.win.reset()
	g.lo = g.list.from(g.oldest() - g.back)
	g.hi, g.said = g.lo, g.lo
}

// oldest is the least time that a match may have that is to be decided, whether it came already or not.
func (g *slide) oldest() int64 {
	if g.todo < g.list.len() {
		return min(g.cut, g.list.at(g.todo).T)
	}
	return g.cut
}

func (g *slide) pass(cut int64, to Found) {
	g.cut = max(g.cut, cut)
	l := &g.list
	for g.todo < l.len() && l.at(g.todo).T+g.on < g.cut {
		t := l.at(g.todo).T
		end := l.after(t)
		for ; g.hi < l.len() && l.at(g.hi).T <= t+g.on; g.hi++ {
			g.win.add(l.weigh(g.hi, g.spec))
		}
		for ; g.lo < g.hi && l.at(g.lo).T < t-g.back; g.lo++ {
			g.win.remove(l.weigh(g.lo, g.spec))
		}
		if g.win.holds(t-g.back, t+g.on) {
			g.found(end, to)
		}
		for ; g.todo < end; g.todo++ {
			l.live()[g.todo].flags |= decided
		}
	}
	g.prune()
}

// found says that the matches from todo to before end are hits, and the others of the window evidence.
func (g *slide) found(end int, to Found) {
	l := &g.list
	if g.spec.completes {
		for i := g.todo; i < end; i++ {
			to.Complete(l.completion(l.at(i), l.at(i).T, g.lo, g.hi))
		}
		return
	}
	for i := g.todo; i < end; i++ {
		l.hit(i, to)
		l.live()[i].flags |= saidPart | saidHit
	}
	hit := l.at(g.todo)
	for i := max(g.lo, g.said); i < g.hi; i++ {
		if x := &l.live()[i]; x.flags&saidPart == 0 {
			x.flags |= saidPart
			to.Part(x.m, hit)
		}
	}
	g.said = g.hi
}

// prune lets go of what is in no window of what is still to come.
func (g *slide) prune() {
	l := &g.list
	t := g.oldest()
	n := min(l.from(t-g.back), g.todo)
	for ; g.lo < min(n, g.hi); g.lo++ {
		g.win.remove(l.weigh(g.lo, g.spec))
	}
	l.drop(0, n)
	if l.values != nil {
		l.values.drop(t - g.back)
	}
	g.todo -= n
	g.lo, g.hi, g.said = max(g.lo-n, 0), max(g.hi-n, 0), max(g.said-n, 0)
	g.lo = min(g.lo, g.hi)
}

func (g *slide) due() int64 {
	switch n := g.list.len(); {
	case g.todo < n:
		return g.list.at(g.todo).T + g.on
	case n > 0:
		return g.list.at(n-1).T + g.back
	}
	return LongAgo
}

func (g *slide) since() int64 { return g.list.since(g.todo) }

func (g *slide) empty() bool { return g.list.len() == 0 }

// progress of what must stay small is always the same: each match may be the one that nothing follows. It does not
// follow the tally, which is elsewhere after a restart.
func (g *slide) progress() int {
	if g.on > 0 {
		return g.spec.level(0.5)
	}
	return g.spec.level(min(float64(g.list.len())/float64(g.spec.minValues), 1) * 0.8)
}

func (g *slide) rough() rough { return g.list.rough }

func (g *slide) bytes() int { return 200 + g.list.bytes() + g.win.bytes() }

func (g *slide) append(e *encoder) {
	e.int(g.cut)
	e.list(&g.list)
}

func (g *slide) read(d *decoder) {
	g.cut = d.time()
	g.list = d.list()
	g.restart()
}

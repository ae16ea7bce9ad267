package kind

// without decides any_order with a not in its condition, for sliding windows. What must be there is looked for in the
// window that ends with a match, what must not be there on both sides of it; so a match waits until the window after it
// has passed.
type without struct {
	spec *Spec
	list list
	todo int // place of the first match that is not decided
	lo   int // both tallies are over the matches from here,
	up   int // there to before this: in order up to the match
	hi   int // near to before this: to the end of the window after it
	said int // matches before this are known as evidence
	upto *steps
	near *steps
	cut  int64
}

func newWithout(s *Spec) *without {
	return &without{spec: s, upto: newSteps(s), near: newSteps(s), cut: LongAgo}
}

func (g *without) add(m *Match, _ Found) {
	if m.T < g.cut {
		return
	}
	if _, fresh := g.list.insert(m); fresh && g.list.crowded(g.spec) {
		g.restart()
	}
}

// restart begins anew, after places have changed.
func (g *without) restart() {
	g.todo = g.list.from(g.cut - g.spec.within)
	g.upto.reset()
	g.near.reset()
	g.lo = g.list.from(g.oldest() - g.spec.within)
	g.up, g.hi, g.said = g.lo, g.lo, g.lo
}

// oldest is the least time that a match may have that is to be decided, whether it came already or not.
func (g *without) oldest() int64 {
	if g.todo < g.list.len() {
		return min(g.cut, g.list.at(g.todo).T)
	}
	return g.cut
}

func (g *without) pass(cut int64, to Found) {
	g.cut = max(g.cut, cut)
	s, l := g.spec, &g.list
	for ; g.todo < l.len() && l.at(g.todo).T+s.within < g.cut; g.todo++ {
		m := l.at(g.todo)
		for ; g.up < l.len() && (g.up <= g.todo || Compare(l.at(g.up), m) == 0); g.up++ {
			g.upto.add(l.weigh(g.up, s))
		}
		for ; g.hi < l.len() && l.at(g.hi).T <= m.T+s.within; g.hi++ {
			g.near.add(l.weigh(g.hi, s))
		}
		for ; l.at(g.lo).T < m.T-s.within; g.lo++ {
			g.upto.remove(l.weigh(g.lo, s))
			g.near.remove(l.weigh(g.lo, s))
		}
		if s.counted[m.Step] && s.logic.holds(g.there) {
			g.found(to)
		}
		l.live()[g.todo].flags |= decided
	}
	g.prune()
}

// there tells whether a step is there, for a match that is being decided.
func (g *without) there(step int, not bool) bool {
	if not {
		return g.near.has(step)
	}
	return g.upto.has(step)
}

// found says that the match at todo is a hit, and what must be there in its window is evidence.
func (g *without) found(to Found) {
	l := &g.list
	hit := l.at(g.todo)
	if g.spec.completes {
		var p parts
		for i := g.lo; i < g.up; i++ {
			if m := l.at(i); g.spec.counted[m.Step] {
				p.take(m)
			}
		}
		to.Complete(p.completion(hit, hit.T))
		return
	}
	l.hit(g.todo, to)
	l.live()[g.todo].flags |= saidPart | saidHit
	for i := max(g.lo, g.said); i < g.up; i++ {
		if x := &l.live()[i]; x.flags&saidPart == 0 && g.spec.counted[x.m.Step] {
			x.flags |= saidPart
			to.Part(x.m, hit)
		}
	}
	g.said = g.todo + 1
}

// prune lets go of what is in no window of what is still to come.
func (g *without) prune() {
	l, within := &g.list, g.spec.within
	n := min(l.from(g.oldest()-within), g.todo)
	for ; g.lo < n; g.lo++ {
		if g.lo < g.up {
			g.upto.remove(l.weigh(g.lo, g.spec))
		}
		if g.lo < g.hi {
			g.near.remove(l.weigh(g.lo, g.spec))
		}
	}
	l.drop(0, n)
	g.todo -= n
	g.lo -= n
	g.up, g.hi, g.said = max(g.up-n, g.lo), max(g.hi-n, g.lo), max(g.said-n, 0)
}

func (g *without) due() int64 {
	switch n := g.list.len(); {
	case g.todo < n:
		return g.list.at(g.todo).T + g.spec.within
	case n > 0:
		return g.list.at(n-1).T + g.spec.within
	}
	return LongAgo
}

func (g *without) since() int64 { return g.list.since(g.todo) }

func (g *without) empty() bool { return g.list.len() == 0 }

// progress is more than that of a group with one match, of which there may be a flood.
func (g *without) progress() int { return g.spec.level(0.7) }

func (g *without) rough() rough { return g.list.rough }

func (g *without) bytes() int { return 160 + g.list.bytes() + g.upto.bytes() + g.near.bytes() }

func (g *without) append(e *encoder) {
	e.int(g.cut)
	e.list(&g.list)
}

func (g *without) read(d *decoder) {
	g.cut = d.time()
	g.list = d.list()
	g.restart()
}

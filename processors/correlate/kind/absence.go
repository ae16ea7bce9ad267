package kind

// absence finds matches that nothing follows within the time. What follows may be of the same step as what begins.
type absence struct {
	spec *Spec
	list list // of what begins and is not answered
	// Of the answers, the times and matches that others do not stand for: of three within the time, the middle one
	// answers nothing that the last one does not.
	answers list
	cut     int64
}

// begins tells whether m begins an absence, ends whether it ends those before it.
func (g *absence) begins(m *Match) bool { return m.Step == g.spec.sources[0] }
func (g *absence) ends(m *Match) bool {
	return m.Step == g.spec.sources[len(g.spec.sources)-1]
}

func (g *absence) add(m *Match, _ Found) {
	if m.T < g.cut {
		return
	}
	s, l := g.spec, &g.list
	if g.ends(m) {
		place, fresh := g.answers.insert(m)
		if !fresh {
			return
		}
		// What it answers is decided: no hit.
		l.drop(l.from(m.T-s.within), l.ahead(m))
		g.slim(place)
		g.answers.crowded(s)
	}
	if g.begins(m) && !g.answered(m) {
		if _, fresh := l.insert(m); fresh {
			l.crowded(s)
		}
	}
}

// answered tells whether an answer to m is there.
func (g *absence) answered(m *Match) bool {
	i := g.answers.behind(m)
	return i < g.answers.len() && g.answers.at(i).T <= m.T+g.spec.within
}

// slim takes out the answer at a place and its neighbours, as far as others stand for them.
func (g *absence) slim(place int) {
	l := &g.answers
	for i := min(place+1, l.len()-2); i >= max(place-1, 1); i-- {
		if l.at(i+1).T-l.at(i-1).T <= g.spec.within {
			l.drop(i, i+1)
		}
	}
}

func (g *absence) pass(cut int64, to Found) {
	g.cut = max(g.cut, cut)
	l := &g.list
	n := l.from(g.cut - g.spec.within)
	for i := range n {
		if m := l.at(i); g.spec.completes {
			to.Complete(l.completion(m, min(m.T+g.spec.within, Farthest), i, i+1))
		} else {
			l.hit(i, to)
		}
	}
	l.drop(0, n)
	g.answers.drop(0, g.answers.from(g.cut))
}

func (g *absence) due() int64 {
	switch {
	case g.list.len() > 0:
		return g.list.at(0).T + g.spec.within
	case g.answers.len() > 0:
		return g.answers.at(g.answers.len() - 1).T
	}
	return LongAgo
}

func (g *absence) since() int64 { return g.list.since(0) }

func (g *absence) empty() bool { return g.list.len() == 0 && g.answers.len() == 0 }

func (g *absence) progress() int {
	if g.list.len() == 0 {
		return 0
	}
	return g.spec.level(0.5)
}

func (g *absence) rough() rough { return g.list.rough | g.answers.rough }

func (g *absence) bytes() int { return 180 + g.list.bytes() + g.answers.bytes() }

func (g *absence) append(e *encoder) {
	e.int(g.cut)
	e.list(&g.list)
	e.list(&g.answers)
}

func (g *absence) read(d *decoder) {
	g.cut = d.time()
	g.list, g.answers = d.list(), d.list()
	for _, x := range g.list.live() {
		if !g.begins(x.m) || g.answered(x.m) {
			d.fail()
		}
	}
	for _, x := range g.answers.live() {
		if !g.ends(x.m) {
			d.fail()
		}
	}
}

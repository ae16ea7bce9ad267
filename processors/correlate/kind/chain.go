package kind

import "slices"

// maxStepMatches bounds the matches that a group keeps for one step; steps that need more keep four times their need.
const maxStepMatches = 1024

// chain finds the hits of sequences: matches with which all steps of some way are done in their order. A condition that
// several steps name has one list: its matches can do one step of one chain and another step of the next.
//
// Without a not a hit is said on arrival, even that of a later match which a late one made a hit. With one it waits for
// the cut, as what must not be there may still come.
type chain struct {
	spec  *Spec
	lists []list // per source; those of other steps stay empty
	todo  []int  // with a not: per source, the first match that is not decided
	cut   int64
	laid  laid
	rash  rough // of all lists
}

// laid is how the steps of a way can be laid out to end with one match. It is scratch memory.
type laid struct {
	earliest []*Match // per step, the earliest match by which the step and all before it can be done
	latest   []*Match // per step, the latest match from which the step and all after it can still be done
}

func newChain(s *Spec) *chain {
	return &chain{spec: s, lists: make([]list, len(s.sources)), todo: make([]int, len(s.sources)), cut: LongAgo}
}

func (g *chain) add(m *Match, to Found) {
	s := g.spec
	if !s.monotone && m.T < g.cut {
		return
	}
	source := s.sources[m.Step]
	l := &g.lists[source]
	if _, fresh := l.insert(m); !fresh {
		return
	}
	g.thin(int(source))
	if !s.monotone {
		return
	}
	// m may be the end of a chain, or what the chain of a later match lacked.
	for _, end := range g.enders() {
		list := &g.lists[end]
		for i := list.from(m.T); i < list.len() && list.at(i).T <= m.T+s.within; i++ {
			if Compare(list.at(i), m) >= 0 {
				g.decide(end, i, to)
			}
		}
	}
}

// enders returns the sources whose matches may end a chain, in the order of the steps.
func (g *chain) enders() []int {
	var out []int
	for _, w := range g.spec.ways {
		if at := int(g.spec.sources[w.steps[len(w.steps)-1]]); !slices.Contains(out, at) {
			out = append(out, at)
		}
	}
	return out
}

// decide says what follows from the match at a place being the last of a chain: that it is a hit, and its evidence.
func (g *chain) decide(source, place int, to Found) {
	var found []*Match
	hit := false
	x := &g.lists[source].live()[place]
	for _, w := range g.spec.ways {
		if int(g.spec.sources[w.steps[len(w.steps)-1]]) != source || !g.complete(w, place) || g.spoilt(w, x.m) {
			continue
		}
		if !hit && !g.spec.completes && x.flags&saidHit == 0 {
			to.Hit(x.m, x.flags&saidPart != 0)
			x.flags |= saidHit | saidPart
		}
		hit = true
		g.parts(w, place, func(y *item) {
			switch {
			case g.spec.completes:
				found = append(found, y.m)
			case y.flags&saidPart == 0:
				y.flags |= saidPart
				to.Part(y.m, x.m)
			}
		})
	}
	if hit && g.spec.completes && x.flags&saidHit == 0 {
		x.flags |= saidHit
		slices.SortFunc(found, func(a, b *Match) int { return Compare(a, b) })
		var p parts
		for _, m := range slices.Compact(found) {
			p.take(m)
		}
		to.Complete(p.completion(x.m, x.m.T))
	}
}

// spoilt tells whether a step that a way does without is there, on either side of the match that ends it.
func (g *chain) spoilt(w way, m *Match) bool {
	return slices.ContainsFunc(w.without, func(step int) bool {
		l := &g.lists[g.spec.sources[step]]
		return l.after(m.T+g.spec.within)-l.from(m.T-g.spec.within) >= int(g.spec.needs[step])
	})
}

// step returns the matches of a step of a way, and how many it needs.
func (g *chain) step(w way, i int) (*list, int) {
	return &g.lists[g.spec.sources[w.steps[i]]], int(g.spec.needs[w.steps[i]])
}

// complete tells whether the match at place last of the last step completes the steps of a way, and lays them out.
// Greedy is right here: the earliest way to do the steps before leaves most room for the next one, and if that does not
// fit, none does. The latest way, laid out backwards, then bounds what may stand in any chain.
func (g *chain) complete(w way, last int) bool {
	n := len(w.steps)
	if cap(g.laid.earliest) < n {
		g.laid = laid{make([]*Match, n), make([]*Match, n)}
	}
	c := laid{g.laid.earliest[:n], g.laid.latest[:n]}
	list, need := g.step(w, n-1)
	y := list.at(last)
	for i := range n {
		l, need := g.step(w, i)
		first := 0
		if i == 0 {
			first = l.from(y.T - g.spec.within)
		} else {
			first = l.behind(c.earliest[i-1])
		}
		done := first + need - 1
		if done >= l.len() || i < n-1 && Compare(l.at(done), y) >= 0 || i == n-1 && done > last {
			return false
		}
		c.earliest[i] = l.at(done)
	}
	c.latest[n-1] = list.at(last - need + 1)
	for i := n - 2; i >= 0; i-- {
		l, need := g.step(w, i)
		c.latest[i] = l.at(l.ahead(c.latest[i+1]) - need)
	}
	return true
}

// parts calls fn for each match that stands in some chain of the way that was just laid out.
func (g *chain) parts(w way, last int, fn func(*item)) {
	n := len(w.steps)
	end, _ := g.step(w, n-1)
	y := end.at(last)
	for i := range n {
		l, _ := g.step(w, i)
		lo, hi := l.from(y.T-g.spec.within), last+1
		if i > 0 {
			lo = l.behind(g.laid.earliest[i-1])
		}
		if i < n-1 {
			hi = l.ahead(g.laid.latest[i+1])
		}
		live := l.live()
		for j := lo; j < hi; j++ {
			fn(&live[j])
		}
	}
}

// behind returns the place of the first match that comes after m in order.
func (l *list) behind(m *Match) int {
	i, _ := slices.BinarySearchFunc(l.live(), m, func(x item, m *Match) int {
		if Compare(x.m, m) <= 0 {
			return -1
		}
		return 1
	})
	return i
}

// ahead returns how many matches come before m in order.
func (l *list) ahead(m *Match) int {
	i, _ := slices.BinarySearchFunc(l.live(), m, func(x item, m *Match) int {
		if Compare(x.m, m) < 0 {
			return -1
		}
		return 1
	})
	return i
}

// thin keeps a list within bounds: every second match of the middle half goes. The ends stay: the first ones may have
// begun a chain, and the latest ones are what the next steps build on.
func (g *chain) thin(source int) {
	l := &g.lists[source]
	n := l.len()
	if n <= g.spec.mostOf(source) {
		return
	}
	g.rash |= roughLost
	live := l.live()
	quarter := n / 4
	kept := quarter
	for j := quarter; j < n; j++ {
		if j < n-quarter && j%2 == 1 && live[j].m.T >= g.cut-g.spec.within {
			l.size -= sizeOf(live[j].m)
			continue
		}
		live[kept] = live[j]
		kept++
	}
	clear(live[kept:])
	l.items = l.items[:l.head+kept]
	g.todo[source] = l.from(g.cut - g.spec.within)
}

// mostOf is how many matches of a source are kept.
func (s *Spec) mostOf(source int) int {
	return min(max(maxStepMatches, 4*int(s.most[source])), max(maxMatches, 2*int(s.most[source])))
}

func (g *chain) pass(cut int64, to Found) {
	g.cut = max(g.cut, cut)
	within := g.spec.within
	keep := g.cut - within
	if !g.spec.monotone {
		g.settle(to)
		keep -= within
	}
	for i := range g.lists {
		n := g.lists[i].from(keep)
		g.lists[i].drop(0, n)
		g.todo[i] = max(g.todo[i]-n, 0)
	}
}

// settle decides what the cut has passed, in order over all lists.
func (g *chain) settle(to Found) {
	enders := g.enders()
	for {
		first := -1
		for _, i := range enders {
			l := &g.lists[i]
			if g.todo[i] < l.len() && l.at(g.todo[i]).T+g.spec.within < g.cut &&
				(first < 0 || before(l.at(g.todo[i]), g.lists[first].at(g.todo[first]))) {
				first = i
			}
		}
		if first < 0 {
			return
		}
		g.decide(first, g.todo[first], to)
		g.todo[first]++
	}
}

// due of a sequence with a not is that of the first match that may end a chain, else when the whole group may go.
func (g *chain) due() int64 {
	at := LongAgo
	for i := range g.lists {
		if n := g.lists[i].len(); n > 0 {
			at = max(at, g.lists[i].at(n-1).T+g.spec.within)
		}
	}
	if g.spec.monotone || at == LongAgo {
		return at
	}
	at += g.spec.within
	return min(at, g.since()+g.spec.within)
}

func (g *chain) since() int64 {
	at := Farthest
	for _, w := range g.spec.ways {
		i := g.spec.sources[w.steps[len(w.steps)-1]]
		at = min(at, g.lists[i].since(g.todo[i]))
	}
	return at
}

func (g *chain) empty() bool {
	return !slices.ContainsFunc(g.lists, func(l list) bool { return l.len() > 0 })
}

func (g *chain) progress() int {
	have, need := 0, 0
	for i, most := range g.spec.most {
		have += min(g.lists[i].len(), int(most))
		need += int(most)
	}
	for _, w := range g.spec.ways {
		end, _ := g.step(w, len(w.steps)-1)
		if n := end.len(); n > 0 && end.live()[n-1].flags&saidHit != 0 {
			return Levels - 1
		}
	}
	return g.spec.level(float64(have) / float64(need))
}

func (g *chain) rough() rough { return g.rash }

func (g *chain) bytes() int {
	n := 160 + 16*cap(g.laid.earliest)
	for i := range g.lists {
		n += 72 + g.lists[i].bytes()
	}
	return n
}

func (g *chain) append(e *encoder) {
	e.int(g.cut)
	e.byte(uint8(g.rash))
	for i := range g.lists {
		if g.spec.sources[i] == int32(i) {
			e.list(&g.lists[i])
		}
	}
}

func (g *chain) read(d *decoder) {
	g.cut = d.time()
	g.rash = rough(d.byte(7))
	for i := range g.lists {
		if g.spec.sources[i] != int32(i) {
			continue
		}
		g.lists[i] = d.list()
		if slices.ContainsFunc(g.lists[i].live(), func(x item) bool { return x.m.Step != int32(i) }) {
			d.fail()
		}
		g.todo[i] = g.lists[i].from(g.cut - g.spec.within)
	}
}

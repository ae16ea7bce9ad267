package kind

import (
	"slices"

	"weir/processors/correlate/kind/match"
	"weir/processors/correlate/kind/pack"
	"weir/processors/correlate/kind/spec"
	"weir/processors/correlate/kind/timeline"
)

// maxStepMatches bounds the matches that a group keeps for one step; steps that need more keep four times their need.
const maxStepMatches = 1024

// chain finds the hits of sequences: matches with which all steps of some way are done in their order. A condition that
// several steps name has one list: its matches can do one step of one chain and another step of the next.
//
// Without a not a hit is said on arrival, even that of a later match which a late one made a hit. With one it waits for
// the cut, as what must not be there may still come.
type chain struct {
	spec  *spec.Spec
	lists []timeline.List // per source; those of other steps stay empty
	todo  []int           // with a not: per source, the first match that is not decided
	cut   int64
	laid  laid
	rash  timeline.Rough // of all lists
}

// laid is how the steps of a way can be laid out to end with one match. It is scratch memory.
type laid struct {
	earliest []*Match // per step, the earliest match by which the step and all before it can be done
	latest   []*Match // per step, the latest match from which the step and all after it can still be done
}

// newChain makes lists for all steps, also for those whose name an earlier one has: places are then those of steps.
func newChain(s *spec.Spec) *chain {
	return &chain{spec: s, lists: make([]timeline.List, len(s.Sources)), todo: make([]int, len(s.Sources)), cut: LongAgo}
}

// add keeps m for its step. Without a not it also says what m makes a hit, of matches that are there already too.
func (g *chain) add(m *Match, to Found) {
	s := g.spec
	if !s.Monotone() && m.T < g.cut {
		return
	}
	source := s.Sources[m.Step]
	l := &g.lists[source]
	if _, fresh := l.Insert(m); !fresh {
		return
	}
	g.thin(int(source))
	if !s.Monotone() {
		return
	}
	// m may be the end of a chain, or what the chain of a later match lacked.
	for _, end := range g.enders() {
		list := &g.lists[end]
		for i := list.From(m.T); i < list.Len() && list.Time(i) <= m.T+s.Within; i++ {
			if Compare(list.At(i), m) >= 0 {
				g.decide(end, i, to)
			}
		}
	}
}

// enders returns the sources whose matches may end a chain, in the order of the steps.
func (g *chain) enders() []int {
	var out []int
	for _, w := range g.spec.Ways {
		if at := int(g.spec.Sources[w.Steps[len(w.Steps)-1]]); !slices.Contains(out, at) {
			out = append(out, at)
		}
	}
	return out
}

// decide says what follows from the match at a place being the last of a chain: that it is a hit, and its evidence.
func (g *chain) decide(source, place int, to Found) {
	var found []*Match
	hit := false
	x := &g.lists[source].Live()[place]
	for _, w := range g.spec.Ways {
		if int(g.spec.Sources[w.Steps[len(w.Steps)-1]]) != source || !g.complete(w, place) || g.spoilt(w, x.M) {
			continue
		}
		if !hit && !g.spec.Completes && x.Flags&timeline.SaidHit == 0 {
			to.Hit(x.M, x.Flags&timeline.SaidPart != 0)
			x.Flags |= timeline.SaidHit | timeline.SaidPart
		}
		hit = true
		g.parts(w, place, func(y *timeline.Item) {
			switch {
			case g.spec.Completes:
				found = append(found, y.M)
			case y.Flags&timeline.SaidPart == 0:
				y.Flags |= timeline.SaidPart
				to.Part(y.M, x.M)
			}
		})
	}
	if hit && g.spec.Completes && x.Flags&timeline.SaidHit == 0 {
		x.Flags |= timeline.SaidHit
		slices.SortFunc(found, func(a, b *Match) int { return Compare(a, b) })
		var p match.Parts
		for _, m := range slices.Compact(found) {
			p.Take(m)
		}
		to.Complete(p.Completion(x.M, x.M.T))
	}
}

// spoilt tells whether a step that a way does without is there, on either side of the match that ends it.
func (g *chain) spoilt(w spec.Way, m *Match) bool {
	return slices.ContainsFunc(w.Without, func(step int) bool {
		l := &g.lists[g.spec.Sources[step]]
		return l.After(m.T+g.spec.Within)-l.From(m.T-g.spec.Within) >= int(g.spec.Needs[step])
	})
}

// step returns the matches of a step of a way, and how many it needs.
func (g *chain) step(w spec.Way, i int) (*timeline.List, int) {
	return &g.lists[g.spec.Sources[w.Steps[i]]], int(g.spec.Needs[w.Steps[i]])
}

// complete tells whether the match at place last of the last step completes the steps of a way, and lays them out.
// Greedy is right here: the earliest way to do the steps before leaves most room for the next one, and if that does not
// fit, none does. The latest way, laid out backwards, then bounds what may stand in any chain.
func (g *chain) complete(w spec.Way, last int) bool {
	n := len(w.Steps)
	if cap(g.laid.earliest) < n {
		g.laid = laid{make([]*Match, n), make([]*Match, n)}
	}
	c := laid{g.laid.earliest[:n], g.laid.latest[:n]}
	list, need := g.step(w, n-1)
	y := list.At(last)
	for i := range n {
		l, need := g.step(w, i)
		first := 0
		if i == 0 {
			first = l.From(y.T - g.spec.Within)
		} else {
			first = l.Behind(c.earliest[i-1])
		}
		done := first + need - 1
		if done >= l.Len() || i < n-1 && Compare(l.At(done), y) >= 0 || i == n-1 && done > last {
			return false
		}
		c.earliest[i] = l.At(done)
	}
	c.latest[n-1] = list.At(last - need + 1)
	for i := n - 2; i >= 0; i-- {
		l, need := g.step(w, i)
		c.latest[i] = l.At(l.Ahead(c.latest[i+1]) - need)
	}
	return true
}

// parts calls fn for each match that stands in some chain of the way that was just laid out.
func (g *chain) parts(w spec.Way, last int, fn func(*timeline.Item)) {
	n := len(w.Steps)
	end, _ := g.step(w, n-1)
	y := end.At(last)
	for i := range n {
		l, _ := g.step(w, i)
		lo, hi := l.From(y.T-g.spec.Within), last+1
		if i > 0 {
			lo = l.Behind(g.laid.earliest[i-1])
		}
		if i < n-1 {
			hi = l.Ahead(g.laid.latest[i+1])
		}
		live := l.Live()
		for j := lo; j < hi; j++ {
			fn(&live[j])
		}
	}
}

// thin keeps a list within bounds.
func (g *chain) thin(source int) {
	l := &g.lists[source]
	if l.Len() <= mostOf(g.spec, source) {
		return
	}
	g.rash |= timeline.RoughLost
	l.Thin(g.cut - g.spec.Within)
	g.todo[source] = l.From(g.cut - g.spec.Within)
}

// mostOf is how many matches of a source are kept.
func mostOf(s *spec.Spec, source int) int {
	return min(max(maxStepMatches, 4*int(s.Most[source])), max(spec.MaxMatches, 2*int(s.Most[source])))
}

func (g *chain) pass(cut int64, to Found) {
	g.cut = max(g.cut, cut)
	within := g.spec.Within
	keep := g.cut - within
	if !g.spec.Monotone() {
		g.settle(to)
		keep -= within
	}
	for i := range g.lists {
		n := g.lists[i].From(keep)
		drop(g.spec, &g.lists[i], 0, n, to)
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
			if g.todo[i] < l.Len() && l.Time(g.todo[i])+g.spec.Within < g.cut &&
				(first < 0 || match.Before(l.At(g.todo[i]), g.lists[first].At(g.todo[first]))) {
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
		if n := g.lists[i].Len(); n > 0 {
			at = max(at, g.lists[i].Time(n-1)+g.spec.Within)
		}
	}
	if g.spec.Monotone() || at == LongAgo {
		return at
	}
	at += g.spec.Within
	return min(at, g.since()+g.spec.Within)
}

// since is the earliest match that may end a chain and is not decided; without a not the hits are never late.
func (g *chain) since() int64 {
	at := Farthest
	for _, w := range g.spec.Ways {
		i := g.spec.Sources[w.Steps[len(w.Steps)-1]]
		at = min(at, g.lists[i].Since(g.todo[i]))
	}
	return at
}

func (g *chain) empty() bool {
	return !slices.ContainsFunc(g.lists, func(l timeline.List) bool { return l.Len() > 0 })
}

// progress is how many of the matches that steps need are there, whatever their order.
func (g *chain) progress() int {
	have, need := 0, 0
	for i, most := range g.spec.Most {
		have += min(g.lists[i].Len(), int(most))
		need += int(most)
	}
	for _, w := range g.spec.Ways {
		end, _ := g.step(w, len(w.Steps)-1)
		if n := end.Len(); n > 0 && end.Live()[n-1].Flags&timeline.SaidHit != 0 {
			return Levels - 1
		}
	}
	return level(float64(have) / float64(need))
}

func (g *chain) peek() int64 {
	sum := int64(0)
	for i := range g.lists {
		sum += g.lists[i].Peek()
	}
	return sum
}

func (g *chain) rough() timeline.Rough { return g.rash }

func (g *chain) bytes() int {
	n := 160 + 16*cap(g.laid.earliest)
	for i := range g.lists {
		n += 72 + g.lists[i].Bytes()
	}
	return n
}

func (g *chain) append(e *pack.Writer) {
	e.Int(g.cut)
	e.Byte(uint8(g.rash))
	for i := range g.lists {
		if g.spec.Sources[i] == int32(i) {
			g.lists[i].Append(e)
		}
	}
}

// read works out anew what is decided: it follows from the cut.
func (g *chain) read(d *pack.Reader) {
	g.cut = match.ReadTime(d)
	g.rash = timeline.Rough(d.Byte(7))
	for i := range g.lists {
		if g.spec.Sources[i] != int32(i) {
			continue
		}
		g.lists[i] = timeline.Read(d, g.spec)
		if slices.ContainsFunc(g.lists[i].Live(), func(x timeline.Item) bool { return x.M.Step != int32(i) }) {
			d.Fail()
		}
		g.todo[i] = g.lists[i].From(g.cut - g.spec.Within)
	}
}

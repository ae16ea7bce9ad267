package kind

import (
	"weir/processors/correlate/kind/match"
	"weir/processors/correlate/kind/pack"
	"weir/processors/correlate/kind/spec"
	"weir/processors/correlate/kind/tally"
	"weir/processors/correlate/kind/timeline"
)

// without decides any_order with a not in its condition, for sliding windows. What must be there is looked for in the
// window that ends with a match, what must not be there on both sides of it; so a match waits until the window after it
// has passed.
type without struct {
	spec *spec.Spec
	list timeline.List
	todo int // place of the first match that is not decided
	lo   int // both tallies are over the matches from here,
	up   int // there to before this: in order up to the match
	hi   int // near to before this: to the end of the window after it
	said int // matches before this are known as evidence
	upto *tally.Steps
	near *tally.Steps
	cut  int64
}

// newWithout counts twice: what is there up to a match, and what is near it on both sides.
func newWithout(s *spec.Spec) *without {
	return &without{spec: s, upto: tally.NewSteps(s), near: tally.NewSteps(s), cut: LongAgo}
}

func (g *without) add(m *Match, _ Found) {
	if m.T < g.cut {
		return
	}
	if _, fresh := g.list.Insert(m); fresh && g.list.Crowded(g.spec) {
		g.restart()
	}
}

// restart begins anew, after places have changed.
func (g *without) restart() {
	g.todo = g.list.From(g.cut - g.spec.Within)
	g.upto.Reset()
	g.near.Reset()
	g.lo = g.list.From(g.oldest() - g.spec.Within)
	g.up, g.hi, g.said = g.lo, g.lo, g.lo
}

// oldest is the least time that a match may have that is to be decided, whether it came already or not.
func (g *without) oldest() int64 {
	if g.todo < g.list.Len() {
		return min(g.cut, g.list.Time(g.todo))
	}
	return g.cut
}

// pass moves both spans over the matches that are due. In the span up to a match is what is equal to it in order.
func (g *without) pass(cut int64, to Found) {
	g.cut = max(g.cut, cut)
	s, l := g.spec, &g.list
	for ; g.todo < l.Len() && l.Time(g.todo)+s.Within < g.cut; g.todo++ {
		m := l.At(g.todo)
		for ; g.up < l.Len() && (g.up <= g.todo || Compare(l.At(g.up), m) == 0); g.up++ {
			g.upto.Add(l.Weigh(g.up, s))
		}
		for ; g.hi < l.Len() && l.Time(g.hi) <= m.T+s.Within; g.hi++ {
			g.near.Add(l.Weigh(g.hi, s))
		}
		for ; l.Time(g.lo) < m.T-s.Within; g.lo++ {
			g.upto.Remove(l.Weigh(g.lo, s))
			g.near.Remove(l.Weigh(g.lo, s))
		}
		if s.Counted[m.Step] && s.Logic.Holds(g.there) {
			g.found(to)
		}
		l.Live()[g.todo].Flags |= timeline.Decided
	}
	g.prune(to)
}

// there tells whether a step is there, for a match that is being decided.
func (g *without) there(step int, not bool) bool {
	if not {
		return g.near.Has(step)
	}
	return g.upto.Has(step)
}

// found says that the match at todo is a hit, and what must be there in its window is evidence.
func (g *without) found(to Found) {
	l := &g.list
	hit := l.At(g.todo)
	if g.spec.Completes {
		var p match.Parts
		for i := g.lo; i < g.up; i++ {
			if m := l.At(i); g.spec.Counted[m.Step] {
				p.Take(m)
			}
		}
		to.Complete(p.Completion(hit, hit.T))
		return
	}
	say(l, g.todo, to)
	l.Live()[g.todo].Flags |= timeline.SaidPart | timeline.SaidHit
	for i := max(g.lo, g.said); i < g.up; i++ {
		if x := &l.Live()[i]; x.Flags&timeline.SaidPart == 0 && g.spec.Counted[x.M.Step] {
			x.Flags |= timeline.SaidPart
			to.Part(x.M, hit)
		}
	}
	g.said = g.todo + 1
}

// prune lets go of what is in no window of what is still to come.
func (g *without) prune(to Found) {
	l, within := &g.list, g.spec.Within
	n := min(l.From(g.oldest()-within), g.todo)
	for ; g.lo < n; g.lo++ {
		if g.lo < g.up {
			g.upto.Remove(l.Weigh(g.lo, g.spec))
		}
		if g.lo < g.hi {
			g.near.Remove(l.Weigh(g.lo, g.spec))
		}
	}
	drop(g.spec, l, 0, n, to)
	g.todo -= n
	g.lo -= n
	g.up, g.hi, g.said = max(g.up-n, g.lo), max(g.hi-n, g.lo), max(g.said-n, 0)
}

// due is that of the first undecided match, else when the last one is near nothing any more.
func (g *without) due() int64 {
	switch n := g.list.Len(); {
	case g.todo < n:
		return g.list.Time(g.todo) + g.spec.Within
	case n > 0:
		return g.list.Time(n-1) + g.spec.Within
	}
	return LongAgo
}

func (g *without) since() int64 { return g.list.Since(g.todo) }

func (g *without) empty() bool { return g.list.Len() == 0 }

// progress is more than that of a group with one match, of which there may be a flood.
func (g *without) progress() int { return level(0.7) }

func (g *without) peek() int64 { return g.list.Peek() }

func (g *without) rough() timeline.Rough { return g.list.Rough }

func (g *without) bytes() int { return 160 + g.list.Bytes() + g.upto.Bytes() + g.near.Bytes() }

func (g *without) append(e *pack.Writer) {
	e.Int(g.cut)
	g.list.Append(e)
}

func (g *without) read(d *pack.Reader) {
	g.cut = match.ReadTime(d)
	g.list = timeline.Read(d, g.spec)
	g.restart()
}

package kind

import (
	"weir/processors/correlate/kind/match"
	"weir/processors/correlate/kind/pack"
	"weir/processors/correlate/kind/spec"
	"weir/processors/correlate/kind/tally"
	"weir/processors/correlate/kind/timeline"
	"weir/rules/correlation"
)

// slide decides matches one after the other, once the cut has passed what they wait for: the window that ends with a
// match for avg, median and percentile, the window that begins with it for counts, different values and sums that must
// stay small. Both go by time alone, so all matches of one time are decided together.
type slide struct {
	spec *spec.Spec
	list timeline.List
	back int64 // the window begins so long before a match,
	on   int64 // and ends so long after it
	todo int   // place of the first match that is not decided
	lo   int   // tally is over the matches from here
	hi   int   // to before this
	said int   // matches before this are known as evidence, if they were in the window of a hit
	win  tally.Tally
	cut  int64
}

// newSlide looks back for numbers that are compared with what was, and ahead for what must stay small.
func newSlide(s *spec.Spec) *slide {
	g := &slide{spec: s, back: s.Within, cut: LongAgo}
	switch s.Kind {
	case correlation.Count, correlation.Distinct, correlation.Sum:
		g.back, g.on = 0, s.Within
	}
	g.win = tally.New(s, &g.list.Values)
	return g
}

// add takes nothing from before the cut: what it could change is said.
func (g *slide) add(m *Match, _ Found) {
	if m.T < g.cut {
		return
	}
	if _, fresh := g.list.Insert(m); fresh && g.list.Crowded(g.spec) {
		g.restart()
	}
}

// restart begins anew with what is decided and what the tally holds, after places have changed.
func (g *slide) restart() {
	g.todo = g.list.From(g.cut - g.on)
	g.win.Reset()
	g.lo = g.list.From(g.oldest() - g.back)
	g.hi, g.said = g.lo, g.lo
}

// oldest is the least time that a match may have that is to be decided, whether it came already or not.
func (g *slide) oldest() int64 {
	if g.todo < g.list.Len() {
		return min(g.cut, g.list.Time(g.todo))
	}
	return g.cut
}

// pass moves the window over the matches that are due. Each goes in once and out once, so a match costs the same however
// many the window holds.
func (g *slide) pass(cut int64, to Found) {
	g.cut = max(g.cut, cut)
	l := &g.list
	for g.todo < l.Len() && l.Time(g.todo)+g.on < g.cut {
		t := l.Time(g.todo)
		end := l.After(t)
		for ; g.hi < l.Len() && l.Time(g.hi) <= t+g.on; g.hi++ {
			g.win.Add(l.Weigh(g.hi, g.spec))
		}
		for ; g.lo < g.hi && l.Time(g.lo) < t-g.back; g.lo++ {
			g.win.Remove(l.Weigh(g.lo, g.spec))
		}
		if g.win.Holds(t-g.back, t+g.on) {
			g.found(end, to)
		}
		for ; g.todo < end; g.todo++ {
			l.Live()[g.todo].Flags |= timeline.Decided
		}
	}
	g.prune(to)
}

// found says that the matches from todo to before end are hits, and the others of the window evidence.
func (g *slide) found(end int, to Found) {
	l := &g.list
	if g.spec.Completes {
		for i := g.todo; i < end; i++ {
			to.Complete(l.Completion(l.At(i), l.Time(i), g.lo, g.hi))
		}
		return
	}
	for i := g.todo; i < end; i++ {
		say(l, i, to)
		l.Live()[i].Flags |= timeline.SaidPart | timeline.SaidHit
	}
	hit := l.At(g.todo)
	for i := max(g.lo, g.said); i < g.hi; i++ {
		if x := &l.Live()[i]; x.Flags&timeline.SaidPart == 0 {
			x.Flags |= timeline.SaidPart
			to.Part(x.M, hit)
		}
	}
	g.said = g.hi
}

// prune lets go of what is in no window of what is still to come.
func (g *slide) prune(to Found) {
	l := &g.list
	t := g.oldest()
	n := min(l.From(t-g.back), g.todo)
	for ; g.lo < min(n, g.hi); g.lo++ {
		g.win.Remove(l.Weigh(g.lo, g.spec))
	}
	drop(g.spec, l, 0, n, to)
	l.Values.Drop(t - g.back)
	g.todo -= n
	g.lo, g.hi, g.said = max(g.lo-n, 0), max(g.hi-n, 0), max(g.said-n, 0)
	g.lo = min(g.lo, g.hi)
}

// due is that of the first undecided match, else when the last one is in no window any more.
func (g *slide) due() int64 {
	switch n := g.list.Len(); {
	case g.todo < n:
		return g.list.Time(g.todo) + g.on
	case n > 0:
		return g.list.Time(n-1) + g.back
	}
	return LongAgo
}

func (g *slide) since() int64 { return g.list.Since(g.todo) }

func (g *slide) empty() bool { return g.list.Len() == 0 }

// progress of what must stay small is always the same: each match may be the one that nothing follows. It does not
// follow the tally, which is elsewhere after a restart.
func (g *slide) progress() int {
	if g.on > 0 {
		return level(0.5)
	}
	return level(min(float64(g.list.Len())/float64(g.spec.MinValues), 1) * 0.8)
}

func (g *slide) peek() int64 { return g.list.Peek() }

func (g *slide) rough() timeline.Rough { return g.list.Rough }

func (g *slide) bytes() int { return 200 + g.list.Bytes() + g.win.Bytes() }

func (g *slide) append(e *pack.Writer) {
	e.Int(g.cut)
	g.list.Append(e)
}

func (g *slide) read(d *pack.Reader) {
	g.cut = match.ReadTime(d)
	g.list = timeline.Read(d, g.spec)
	g.restart()
}

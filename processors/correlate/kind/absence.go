package kind

import (
	"weir/processors/correlate/kind/match"
	"weir/processors/correlate/kind/pack"
	"weir/processors/correlate/kind/spec"
	"weir/processors/correlate/kind/timeline"
)

// absence finds matches that nothing follows within the time. What follows may be of the same step as what begins.
type absence struct {
	spec *spec.Spec
	list timeline.List // of what begins and is not answered
	// Of the answers, the times and matches that others do not stand for: of three within the time, the middle one
	// answers nothing that the last one does not.
	answers timeline.List
	cut     int64
}

// begins tells whether m begins an absence, ends whether it ends those before it.
func (g *absence) begins(m *Match) bool { return m.Step == g.spec.Sources[0] }
func (g *absence) ends(m *Match) bool {
	return m.Step == g.spec.Sources[len(g.spec.Sources)-1]
}

// add takes what begins unless its answer is there already, and an answer for all that it ends. A step may do both: then
// it ends those before it and begins anew.
func (g *absence) add(m *Match, _ Found) {
	if m.T < g.cut {
		return
	}
	s, l := g.spec, &g.list
	if g.ends(m) {
		place, fresh := g.answers.Insert(m)
		if !fresh {
			return
		}
		// What it answers is decided: no hit.
		l.Drop(l.From(m.T-s.Within), l.Ahead(m))
		g.slim(place)
		g.answers.Crowded(s)
	}
	if g.begins(m) && !g.answered(m) {
		if _, fresh := l.Insert(m); fresh {
			l.Crowded(s)
		}
	}
}

// answered tells whether an answer to m is there.
func (g *absence) answered(m *Match) bool {
	i := g.answers.Behind(m)
	return i < g.answers.Len() && g.answers.Time(i) <= m.T+g.spec.Within
}

// slim takes out the answer at a place and its neighbours, as far as others stand for them.
func (g *absence) slim(place int) {
	l := &g.answers
	for i := min(place+1, l.Len()-2); i >= max(place-1, 1); i-- {
		if l.Time(i+1)-l.Time(i-1) <= g.spec.Within {
			l.Drop(i, i+1)
		}
	}
}

// pass says each that has waited for within. What is left was not answered, so nothing more is to be looked at.
func (g *absence) pass(cut int64, to Found) {
	g.cut = max(g.cut, cut)
	l := &g.list
	n := l.From(g.cut - g.spec.Within)
	for i := range n {
		if m := l.At(i); g.spec.Completes {
			to.Complete(l.Completion(m, min(m.T+g.spec.Within, Farthest), i, i+1))
		} else {
			say(l, i, to)
		}
	}
	l.Drop(0, n)
	g.answers.Drop(0, g.answers.From(g.cut))
}

// due is that of the earliest that waits; answers alone are kept only until the cut has passed them.
func (g *absence) due() int64 {
	switch {
	case g.list.Len() > 0:
		return g.list.Time(0) + g.spec.Within
	case g.answers.Len() > 0:
		return g.answers.Time(g.answers.Len() - 1)
	}
	return LongAgo
}

func (g *absence) since() int64 { return g.list.Since(0) }

func (g *absence) empty() bool { return g.list.Len() == 0 && g.answers.Len() == 0 }

// progress is the same for each that waits: an answer may come at any time, or never.
func (g *absence) progress() int {
	if g.list.Len() == 0 {
		return 0
	}
	return level(0.5)
}

func (g *absence) peek() int64 { return g.list.Peek() + g.answers.Peek() }

func (g *absence) rough() timeline.Rough { return g.list.Rough | g.answers.Rough }

func (g *absence) bytes() int { return 180 + g.list.Bytes() + g.answers.Bytes() }

func (g *absence) append(e *pack.Writer) {
	e.Int(g.cut)
	g.list.Append(e)
	g.answers.Append(e)
}

// read takes nothing that could not have come to be: what is answered was never kept.
func (g *absence) read(d *pack.Reader) {
	g.cut = match.ReadTime(d)
	g.list, g.answers = timeline.Read(d, g.spec), timeline.Read(d, g.spec)
	for _, x := range g.list.Live() {
		if !g.begins(x.M) || g.answered(x.M) {
			d.Fail()
		}
	}
	for _, x := range g.answers.Live() {
		if !g.ends(x.M) {
			d.Fail()
		}
	}
}

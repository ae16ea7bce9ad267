package kind

import (
	"weir/processors/correlate/kind/match"
	"weir/processors/correlate/kind/pack"
	"weir/processors/correlate/kind/spec"
	"weir/processors/correlate/kind/tally"
	"weir/processors/correlate/kind/timeline"
	"weir/rules/correlation"
)

// whole decides tumbling windows and sessions when the cut has passed their end: then nothing can change any more what
// they come to. If the correlation holds, all matches of the window are hits.
type whole struct {
	spec *spec.Spec
	list timeline.List
	next int64 // the cut must pass it for the first window to have ended; never too late
	open int   // so many of the first matches are known to be of one session
	cut  int64
}

// add notes when the window of m ends at the earliest. A late match in a session that is known shifts the places in it.
func (g *whole) add(m *Match, _ Found) {
	if m.T < g.cut {
		return
	}
	place, fresh := g.list.Insert(m)
	switch {
	case !fresh:
		return
	case g.list.Crowded(g.spec), place == 0:
		g.open = 0
	case place < g.open:
		g.open++
	}
	g.next = min(g.next, g.spec.End(m.T))
}

// pass decides one window after the other, and remembers how far it has looked through a session that goes on.
func (g *whole) pass(cut int64, to Found) {
	g.cut = max(g.cut, cut)
	for g.cut > g.next {
		if g.list.Len() == 0 {
			g.next = Farthest
			return
		}
		hi := g.list.Until(g.spec, max(g.open-1, 0))
		g.open = hi
		if g.next = g.spec.End(g.list.Last(hi - 1)); g.cut <= g.next {
			return
		}
		g.decide(hi, to)
		from := g.list.Last(hi - 1)
		drop(g.spec, &g.list, 0, hi, to)
		g.open = 0
		g.list.Values.Drop(from)
		g.next = LongAgo // what is next, the next turn finds
	}
}

// decide looks at the matches before place hi, which are one window.
func (g *whole) decide(hi int, to Found) {
	s, l := g.spec, &g.list
	t := tally.New(s, &l.Values)
	for i := range hi {
		t.Add(l.Weigh(i, s))
	}
	if !t.Holds(l.Time(0), l.Last(hi-1)) {
		return
	}
	for i := range hi {
		switch m := l.At(i); {
		case s.Kind == correlation.AnyOrder && !s.Counted[m.Step]:
		case s.Completes:
			to.Complete(l.Completion(m, m.T, 0, hi))
		default:
			say(l, i, to)
		}
	}
}

// due may be a little early: a session is looked at again when it would have ended without its latest matches.
func (g *whole) due() int64 {
	if g.list.Len() == 0 {
		return LongAgo
	}
	return g.next
}

func (g *whole) since() int64 { return g.list.Since(0) }

func (g *whole) empty() bool { return g.list.Len() == 0 }

func (g *whole) progress() int { return Levels / 2 }

func (g *whole) peek() int64 { return g.list.Peek() }

func (g *whole) rough() timeline.Rough { return g.list.Rough }

func (g *whole) bytes() int { return 120 + g.list.Bytes() }

func (g *whole) append(e *pack.Writer) {
	e.Int(g.cut)
	g.list.Append(e)
}

// read asks again from the first match on; a turn too many does no harm.
func (g *whole) read(d *pack.Reader) {
	g.cut = match.ReadTime(d)
	if g.list = timeline.Read(d, g.spec); g.list.Len() > 0 {
		g.next = g.spec.End(g.list.Time(0))
	}
}

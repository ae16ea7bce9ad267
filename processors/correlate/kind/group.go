package kind

import (
	"errors"

	"weir/processors/correlate/kind/match"
	"weir/processors/correlate/kind/pack"
	"weir/processors/correlate/kind/spec"
	"weir/processors/correlate/kind/timeline"
	"weir/rules/correlation"
)

// body is what a group remembers once one match is not all of it: one form for each way to look at a group.
type body interface {
	add(m *Match, to Found)
	pass(cut int64, to Found)
	due() int64
	since() int64
	empty() bool
	// progress is from 0 to Levels-1.
	progress() int
	bytes() int
	// peek reads what add is about to touch.
	peek() int64
	rough() timeline.Rough
	append(e *pack.Writer)
	// read reads what append wrote. Whether it failed, the decoder says.
	read(d *pack.Reader)
}

// State is a Group that may be a part of what holds it; whoever copies it has no further use for the original. Most groups
// ever have one match, and nothing follows from it: they are this and the match.
type State struct {
	spec *Spec
	one  *Match
	many *many
}

// many is a body in one word. The most common body has it within itself, so that there is one place less to go to.
type many struct{ body }

// New returns an empty group.
func (s *Spec) New() Group { return &State{spec: s} }

// State returns an empty group as a value.
func (s *Spec) State() State { return State{spec: s} }

// body makes an empty one.
func (s *Spec) body() *many {
	if s.Monotone() && !s.Completes && s.Kind != correlation.Sequence {
		return newSpans(&s.Spec).word()
	}
	return &many{s.rare()}
}

// rare makes a body of those that few rules have.
func (s *Spec) rare() body {
	switch {
	case s.Kind == correlation.Sequence:
		return newChain(&s.Spec)
	case s.Kind == correlation.Absence:
		return &absence{spec: &s.Spec, cut: LongAgo}
	case s.Kind == correlation.NewValue:
		return &novel{spec: &s.Spec, cut: LongAgo, last: LongAgo}
	case s.Monotone():
		return newEnds(&s.Spec)
	case s.Window != correlation.Sliding:
		return &whole{spec: &s.Spec, cut: LongAgo, next: Farthest}
	case s.Kind == correlation.AnyOrder:
		return newWithout(&s.Spec)
	}
	return newSlide(&s.Spec)
}

// Add implements Group. A match of a step that is none, or without the value that is asked for, is no match.
func (g *State) Add(m *Match, to Found) {
	s := g.spec
	if m.Step < 0 || int(m.Step) >= len(s.Sources) || s.WantsValue() && m.Value == "" {
		return
	}
	switch {
	case g.many != nil:
		g.many.add(m, to)
		return
	case g.one == nil && !(s.Monotone() && s.alone(m)):
		g.one = m
		return
	case g.one != nil && match.Same(g.one, m):
		return
	}
	g.unfold(to)
	g.many.add(m, to)
}

// unfold makes the body. Nothing follows from the one match that there is.
func (g *State) unfold(to Found) {
	g.many = g.spec.body()
	if g.one != nil {
		g.many.add(g.one, to)
		g.one = nil
	}
}

// Pass implements Group.
func (g *State) Pass(cut int64, to Found) {
	if g.one != nil && cut > g.Due() {
		if g.spec.Monotone() {
			if !g.spec.Completes {
				to.Free(g.one)
			}
			g.one = nil
			return
		}
		g.unfold(to)
	}
	if g.many != nil {
		g.many.pass(cut, to)
		if g.many.empty() {
			g.many = nil
		}
	}
}

// Due implements Group.
func (g *State) Due() int64 {
	s := g.spec
	switch {
	case g.many != nil:
		return g.many.due()
	case g.one == nil:
		return LongAgo
	case s.Window == correlation.Tumbling:
		return s.Start(g.one.T) + s.Within - 1
	case s.Kind == correlation.NewValue, !s.Monotone() && s.Delay() == 0 && s.Kind != correlation.Absence, s.Kind == correlation.Absence && g.one.Step != 0:
		return g.one.T
	}
	return g.one.T + s.Within
}

// Since implements Group.
func (g *State) Since() int64 {
	switch {
	case g.spec.Monotone(), g.one == nil && g.many == nil:
		return Farthest
	case g.many != nil:
		return g.many.since()
	}
	return g.one.T
}

// Peek reads what Add is about to touch, so that it is near the processor by then. What it returns means nothing.
func (g *State) Peek() int64 {
	switch {
	case g.many != nil:
		return g.many.peek()
	case g.one != nil:
		return g.one.T
	}
	return 0
}

// long is how many matches a group has that is worth looking at more often than others.
const long = 64

// Long tells whether a group has many matches of which some may go with every few that come.
func (g *State) Long() bool {
	if g.many == nil {
		return false
	}
	s, ok := g.many.body.(*spans)
	return ok && s.cold.Len() > long
}

// Empty implements Group.
func (g *State) Empty() bool { return g.one == nil && g.many == nil }

// Progress implements Group. One match of a group that waits for time is as near as any.
func (g *State) Progress() int {
	switch {
	case g.many != nil:
		return g.many.progress()
	case g.one == nil, g.spec.Kind == correlation.NewValue:
		return 0
	}
	return level(g.spec.first(g.one))
}

// first is the share that one match alone has in what makes the group fire.
func (s *Spec) first(m *Match) float64 {
	switch s.Kind {
	case correlation.Sum:
		return s.Share(m.Number)
	case correlation.Count, correlation.Distinct:
		return s.Share(1)
	case correlation.AnyOrder, correlation.Sequence:
		need := 0
		for _, n := range s.Most {
			need += int(n)
		}
		return 1 / float64(need)
	}
	return 0.5
}

// level turns a share into the progress of a group that has not fired.
func level(share float64) int { return min(int(share*(Levels-1)), Levels-2) }

// Bytes implements Group.
func (g *State) Bytes() int {
	n := 24
	if g.one != nil {
		n += match.SizeOf(g.one)
	}
	if g.many != nil {
		n += g.many.bytes()
	}
	return n
}

// Approximate implements Group.
func (g *State) Approximate() string {
	if g.many == nil {
		return ""
	}
	return g.many.rough().String()
}

// errBroken tells that bytes are no state of a group.
var errBroken = errors.New("the state of a group is broken")

// Forms of a group in bytes; a change of what is written is a new one.
const (
	formEmpty uint8 = 16 + iota
	formOne
	formMany
)

// Append implements Group.
func (g *State) Append(dst []byte) []byte {
	switch {
	case g.many != nil:
		e := &pack.Writer{B: append(dst, formMany)}
		g.many.append(e)
		return e.B
	case g.one != nil:
		e := pack.Writer{B: append(dst, formOne)}
		g.one.Append(&e)
		return e.B
	}
	return append(dst, formEmpty)
}

// Read reads what Append of a group of this spec wrote. Nothing of b is kept. What it takes is a group that could have
// come to be, so nothing that is made up can make it do more than matches could.
func (s *Spec) Read(b []byte) (*State, error) {
	g := &State{spec: s}
	if len(b) == 0 {
		return nil, errBroken
	}
	switch b[0] {
	case formEmpty:
		if len(b) > 1 {
			return nil, errBroken
		}
	case formOne:
		d := pack.NewReader(b[1:]) // on the stack: most groups are of this form
		g.one = match.Read(d, len(s.Sources))
		if d.Failed || d.Left() > 0 || s.WantsValue() && g.one.Value == "" || s.Sources[g.one.Step] != g.one.Step || s.Monotone() && s.alone(g.one) {
			return nil, errBroken
		}
	case formMany:
		d := pack.NewReader(b[1:])
		g.many = s.body()
		if g.many.read(d); d.Failed || d.Left() > 0 {
			return nil, errBroken
		}
	default:
		return nil, errBroken
	}
	return g, nil
}

// drop takes matches from place i to before j out of a list, and gives those back of which nobody was told. What takes part
// in a completion is known to whom that was told, which the list does not say.
func drop(s *spec.Spec, l *timeline.List, i, j int, to Found) {
	if !s.Completes {
		for _, x := range l.Live()[i:max(i, j)] {
			if x.Flags&(timeline.SaidPart|timeline.SaidHit) == 0 {
				to.Free(x.M)
			}
		}
	}
	l.Drop(i, j)
}

// say says that the match at place i is a hit, with all for which it stands.
func say(l *timeline.List, i int, to Found) {
	x := &l.Live()[i]
	to.Hit(x.M, x.Flags&timeline.SaidPart != 0)
	x.Flags |= timeline.SaidHit
	if x.More > 0 {
		to.More(x.M, int(x.More), l.Last(i))
	}
}

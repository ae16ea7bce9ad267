package kind

import "weir/rules"

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
	rough() rough
	append(e *encoder)
	// read reads what append wrote. Whether it failed, the decoder says.
	read(d *decoder)
}

// group is a Group. Most groups ever have one match, and nothing follows from it: they are this and the match.
type group struct {
	spec *Spec
	one  *Match
	many *many
}

// many is a body in one word.
type many struct{ body }

// New returns an empty group.
func (s *Spec) New() Group { return &group{spec: s} }

// body makes an empty one.
func (s *Spec) body() body {
	switch {
	case s.kind == rules.Sequence:
		return newChain(s)
	case s.kind == rules.Absence:
		return &absence{spec: s, cut: LongAgo}
	case s.kind == rules.NewValue:
		return &novel{spec: s, cut: LongAgo, last: LongAgo}
	case s.monotone && s.completes:
		return newEnds(s)
	case s.monotone:
		return newSpans(s)
	case s.window != rules.Sliding:
		return &whole{spec: s, cut: LongAgo, next: Farthest}
	case s.kind == rules.AnyOrder:
		return newWithout(s)
	}
	return newSlide(s)
}

// Add implements Group. A match of a step that is none, or without the value that is asked for, is no match.
func (g *group) Add(m *Match, to Found) {
	s := g.spec
	if m.Step < 0 || int(m.Step) >= len(s.sources) || s.WantsValue() && m.Value == "" {
		return
	}
	switch {
	case g.many != nil:
		g.many.add(m, to)
		return
	case g.one == nil && !(s.monotone && s.alone(m)):
		g.one = m
		return
	case g.one != nil && same(g.one, m):
		return
	}
	g.unfold(to)
	g.many.add(m, to)
}

// same tells whether two are one match that came twice, or two completions by one event.
func same(a, b *Match) bool {
	return a.ID == b.ID && a.Step == b.Step && a.T == b.T && a.Src == b.Src
}

// unfold makes the body. Nothing follows from the one match that there is.
func (g *group) unfold(to Found) {
	g.many = &many{g.spec.body()}
	if g.one != nil {
		g.many.add(g.one, to)
		g.one = nil
	}
}

// Pass implements Group.
func (g *group) Pass(cut int64, to Found) {
	if g.one != nil && cut > g.Due() {
		if g.spec.monotone {
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
func (g *group) Due() int64 {
	s := g.spec
	switch {
	case g.many != nil:
		return g.many.due()
	case g.one == nil:
		return LongAgo
	case s.window == rules.Tumbling:
		return s.start(g.one.T) + s.within - 1
	case s.kind == rules.NewValue, !s.monotone && s.Delay() == 0 && s.kind != rules.Absence, s.kind == rules.Absence && g.one.Step != 0:
		return g.one.T
	}
	return g.one.T + s.within
}

// Since implements Group.
func (g *group) Since() int64 {
	switch {
	case g.spec.monotone, g.one == nil && g.many == nil:
		return Farthest
	case g.many != nil:
		return g.many.since()
	}
	return g.one.T
}

// Empty implements Group.
func (g *group) Empty() bool { return g.one == nil && g.many == nil }

// Progress implements Group. One match of a group that waits for time is as near as any.
func (g *group) Progress() int {
	switch {
	case g.many != nil:
		return g.many.progress()
	case g.one == nil, g.spec.kind == rules.NewValue:
		return 0
	}
	return g.spec.level(g.spec.first(g.one))
}

// first is the share that one match alone has in what makes the group fire.
func (s *Spec) first(m *Match) float64 {
	switch s.kind {
	case rules.Sum:
		return s.share(m.Number)
	case rules.Count, rules.Distinct:
		return s.share(1)
	case rules.AnyOrder, rules.Sequence:
		need := 0
		for _, n := range s.most {
			need += int(n)
		}
		return 1 / float64(need)
	}
	return 0.5
}

// level turns a share into the progress of a group that has not fired.
func (s *Spec) level(share float64) int { return min(int(share*(Levels-1)), Levels-2) }

// Bytes implements Group.
func (g *group) Bytes() int {
	n := 24
	if g.one != nil {
		n += sizeOf(g.one)
	}
	if g.many != nil {
		n += 16 + g.many.bytes()
	}
	return n
}

// Approximate implements Group.
func (g *group) Approximate() string {
	if g.many == nil {
		return ""
	}
	return g.many.rough().String()
}

// Forms of a group in bytes; a change of what is written is a new one.
const (
	formEmpty uint8 = 16 + iota
	formOne
	formMany
)

// Append implements Group.
func (g *group) Append(dst []byte) []byte {
	switch {
	case g.many != nil:
		e := &encoder{append(dst, formMany)}
		g.many.append(e)
		return e.b
	case g.one != nil:
		e := encoder{append(dst, formOne)}
		e.match(g.one)
		return e.b
	}
	return append(dst, formEmpty)
}

// Read reads what Append of a group of this spec wrote. Nothing of b is kept. What it takes is a group that could have
// come to be, so nothing that is made up can make it do more than matches could.
func (s *Spec) Read(b []byte) (Group, error) {
	g := &group{spec: s}
	if len(b) == 0 {
		return nil, errBroken
	}
	switch d := (decoder{b: b[1:], spec: s}); b[0] {
	case formEmpty:
		if len(b) > 1 {
			return nil, errBroken
		}
	case formOne:
		g.one = d.match()
		if d.failed || len(d.b) > 0 || s.WantsValue() && g.one.Value == "" || s.sources[g.one.Step] != g.one.Step || s.monotone && s.alone(g.one) {
			return nil, errBroken
		}
	case formMany:
		d := &decoder{b: b[1:], spec: s}
		g.many = &many{s.body()}
		if g.many.read(d); d.failed || len(d.b) > 0 {
			return nil, errBroken
		}
	default:
		return nil, errBroken
	}
	return g, nil
}

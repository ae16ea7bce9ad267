package correlate

import (
	"slices"
	"time"

	"weir/internal/signal"
	"weir/processors/correlate/fold"
	"weir/processors/correlate/kind"
	"weir/rules"
	"weir/rules/correlation"
)

// node is one correlation of a rule with its groups. It is what they tell of what they find: hits of the outermost go into
// alerts, completions of an inner one are matches of the one around it, at once.
type node struct {
	rs     *ruleState
	c      *rules.Correlate
	spec   *kind.Spec
	outer  *node // nil: the outermost
	inner  []*node
	step   int32     // of the outer one, that names this one
	by     []reading // where the outer one finds what it groups by, and computes with
	field  []reading
	groups groups
	cur    *group // whose state runs

	passed int64 // cut to which its groups were passed
	hold   int64 // of sessions that wait for their end: nothing before it waits
	looked int64 // what passed was when hold was found
}

// reading is where an outer correlation finds a value of a completion: among the values of the inner group, or of the match.
type reading struct {
	at   int // place in the inner By; -1: a value of the match
	name string
}

// specOf makes the spec of a correlation.
func specOf(c *rules.Correlate, gap time.Duration, completes bool) (*kind.Spec, error) {
	return kind.Compile(c, gap, completes)
}

// stepOf returns the first step that names a condition or an inner correlation, -1 if none does.
func (n *node) stepOf(name string) int32 {
	return int32(slices.IndexFunc(n.c.Steps, func(s rules.Step) bool { return s.When == name }))
}

// bind finds where the outer correlation reads its names from what completes here.
func (n *node) bind() {
	read := func(names []string) []reading {
		var out []reading
		for _, name := range names {
			name = n.outer.c.Reads(name, n.c.Name)
			out = append(out, reading{slices.Index(n.c.By, name), name})
		}
		return out
	}
	n.by, n.field = read(n.outer.c.By), read(n.outer.c.Field)
}

// cut is the time before which no match of the node is expected any more: no event, and nothing that inner nodes find.
func (n *node) cut() int64 {
	cut := n.rs.scope.Cut()
	for _, in := range n.inner {
		cut = min(cut, in.settled())
	}
	return max(cut, kind.LongAgo)
}

// settled is the time before which the node finds nothing any more.
func (n *node) settled() int64 {
	switch {
	case n.lasting():
		return min(n.passed, n.hold)
	case n.spec.Monotone() && !n.completes():
		return n.passed - fold.Span(n.c.Within) // a hit may be as old as that when it is found
	}
	return n.passed - fold.Span(n.spec.Delay())
}

// completes tells whether the node says completions and no hits.
func (n *node) completes() bool { return n.outer != nil }

// lasting tells whether what the node decides may be older than any bound: sessions go on as long as they like.
func (n *node) lasting() bool { return n.c.Window == correlation.Session && !n.spec.Monotone() }

// lookEvery is the least time of events between two looks at what sessions are open.
const lookEvery = int64(time.Minute)

// look finds what sessions wait for their end, now and then, since all groups are asked.
func (n *node) look(all bool) {
	if !n.lasting() || !all && n.passed-n.looked < lookEvery {
		return
	}
	n.looked, n.hold = n.passed, n.passed
	n.groups.byKey.each(func(g *group) { n.hold = min(n.hold, g.state.Since()) })
}

// take makes a match of a signal and holds it against its group. False: it is no match for the node.
func (n *node) take(s *signal.Signal, t int64, c *cond) bool {
	en := n.rs.en
	m := en.newMatch(s, t, c)
	if !n.measure(m, func(i int) string { return valueOf(s, n.c.Field[i]) }) {
		n.Free(m)
		return false
	}
	n.add(n.group(en.keyOf(s)), m)
	return true
}

// measure fills what the node computes with. A match without it is none, and counted.
func (n *node) measure(m *kind.Match, field func(i int) string) bool {
	switch {
	case n.spec.WantsValue():
		m.Value = distinguished(len(n.c.Field), field)
		if m.Value == "" {
			n.rs.counts.Lacks++
			return false
		}
	case n.spec.WantsNumber():
		var ok bool
		if m.Number, ok = number(field(0)); !ok {
			n.rs.counts.NotANumber++
			return false
		}
	}
	return true
}

// group returns the group of a key, making it known.
func (n *node) group(key []byte) *group {
	g := n.groups.byKey.find(key)
	if g == nil {
		g = newGroup(key, n.spec.State())
		g.epoch = n.rs.en.epoch
		n.groups.put(g)
		n.rs.groups++
	}
	return g
}

// add gives a match to a group. What is too old is let go before, where that decides nothing; not each time, since it costs
// as much as the match does.
func (n *node) add(g *group, m *kind.Match) {
	n.rs.en.before(n, g)
	n.cur = g
	if n.spec.Monotone() {
		parts := int64(4)
		if g.state.Long() { // then each time is for many, and what goes can be used for what comes
			parts = 64
		}
		if turn := uint16(n.passed / max(sweepEvery, fold.Span(n.c.Within)/parts)); g.turn != turn {
			g.turn = turn
			g.state.Pass(n.passed, n)
		}
	}
	g.state.Add(m, n)
	n.cur = nil
	if g.state.Empty() { // it was a match that means nothing any more
		n.remove(g)
		return
	}
	n.touch(g)
}

// touch notes that a group changed: how large it is, when it is due, and how close to firing.
func (n *node) touch(g *group) {
	en := n.rs.en
	en.touches++
	n.groups.touch(g, en.touches)
	n.settle(g)
}

// settle takes note of a group's size and time. The queue is only told of an earlier time: a later one is found when the
// old turn comes.
func (n *node) settle(g *group) {
	size := int32(min(g.state.Bytes()+groupOverhead+len(g.key), 1<<30))
	n.rs.grow(int64(size - g.bytes))
	g.bytes = size
	if due := g.state.Due(); due < n.groups.due.Due(g) {
		n.groups.due.Move(g, due)
	}
}

// remove lets a group go.
func (n *node) remove(g *group) {
	n.rs.en.before(n, g)
	n.rs.grow(-int64(g.bytes))
	n.rs.groups--
	n.groups.remove(g)
}

// pass lets time pass for a group.
func (n *node) pass(g *group, to, cut int64) {
	n.rs.en.before(n, g)
	n.cur = g
	g.state.Pass(to, n)
	n.cur = nil
	if g.state.Empty() {
		n.remove(g)
		return
	}
	// Whatever a state from a file says of itself, time goes on: it has its next turn when the cut has moved.
	due := g.state.Due()
	if due < to {
		due = cut
	}
	n.groups.due.Move(g, due)
	n.settle(g)
	if g.state.Progress() != int(g.level) {
		n.rs.en.touches++
		n.groups.touch(g, n.rs.en.touches)
	}
}

// Hit implements kind.Found: a hit of the outermost node goes into an alert.
func (n *node) Hit(m *kind.Match, seen bool) {
	en := n.rs.en
	h := fold.Hit{Match: m, Event: en.cause.event, At: en.cause.at, Group: n.cur.key, Seen: seen, Warm: en.cause.warm, In: n.cur.fold}
	if h.Event == "" {
		h.Event, h.At, h.Warm = m.ID, m.T, fold.IsWarm(m)
		if n.c.Kind == correlation.Absence {
			h.At += fold.Span(n.c.Within)
		}
	}
	for _, k := range n.rs.nodes {
		if k.cur != nil && h.Approximate == "" {
			h.Approximate = k.cur.state.Approximate()
		}
	}
	n.cur.fold = n.rs.book.Hit(&h)
}

// More implements kind.Found.
func (n *node) More(m *kind.Match, count int, last int64) { n.rs.book.More(n.cur.key, m, count, last) }

// Part implements kind.Found.
func (n *node) Part(m, hit *kind.Match) { n.rs.book.Part(n.cur.key, m, hit) }

// Complete implements kind.Found: what completes an inner node is a match of the outer one.
func (n *node) Complete(m *kind.Match) {
	en, outer := n.rs.en, n.outer
	if outer == nil {
		return
	}
	if !outer.spec.Monotone() && m.T < outer.passed && !fold.IsWarm(m) {
		n.rs.counts.Late++
		en.stats.Late++
		return
	}
	var list [8]string
	values := fold.Values(list[:0], n.cur.key)
	var key []byte
	for _, where := range n.by {
		v := where.find(values, m)
		if v == "" {
			n.rs.counts.Lacks++
			return
		}
		key = fold.AppendValue(key, v)
	}
	c := m.Copy()
	c.Step = n.step
	if !outer.measure(c, func(i int) string { return n.field[i].find(values, m) }) {
		return
	}
	before := en.cause
	if before.event == "" {
		en.cause = cause{m.ID, m.T, fold.IsWarm(m)}
	}
	outer.add(outer.group(key), c)
	en.cause = before
}

// Free implements kind.Found.
func (n *node) Free(m *kind.Match) { n.rs.en.pool.Free(m) }

// find reads a value of a completion, "" if it has none.
func (r reading) find(group []string, m *kind.Match) string {
	if r.at < 0 {
		v, _ := signal.Get(m.Shown, r.name)
		return v
	}
	if r.at < len(group) {
		return group[r.at]
	}
	return ""
}

package match

import (
	"slices"

	"weir/event"
	"weir/internal/match/fold"
	"weir/internal/match/tree"
	"weir/internal/match/typed"
)

// Miss is a part of a condition that an event does not satisfy.
type Miss struct {
	// The part: user.name == "root".
	Expr string
	// What the event has in the fields that the part reads.
	Values []Found
}

// Found is a field and its value in one event.
type Found struct {
	Field string
	// As text.
	Value string
	// False: the event does not have the field.
	Has bool
}

// Explain returns the fewest parts that would have to hold for the condition to hold, with what the event has in their
// fields; nil if the condition holds. of is the number of parts on that way, so that nearness is len(misses) of of.
func (c *Cond) Explain(e *event.Event) (misses []Miss, of int) {
	v := views.Get().(*fold.View)
	v.Reset(e)
	defer func() { v.Reset(nil); views.Put(v) }()
	return c.root.explain(v, true)
}

// explain wants the node to be what want says.
func (n *node) explain(v *fold.View, want bool) (misses []Miss, of int) {
	switch n.op {
	case tree.Leaf:
		if n.run(v) == want {
			return nil, 1
		}
		return []Miss{n.miss(v, want)}, 1
	case tree.Not:
		return n.kids[0].explain(v, !want)
	}
	if (n.op == tree.And) == want { // all of them, or by De Morgan none
		for _, k := range n.kids {
			m, o := k.explain(v, want)
			misses, of = append(misses, m...), of+o
		}
		return misses, of
	}
	// One of them would do, so the nearest is told: the one that misses the fewest parts.
	for i, k := range n.kids {
		if m, o := k.explain(v, want); i == 0 || len(m) < len(misses) {
			misses, of = m, o
		}
	}
	return misses, of
}

// miss copies what the event has, so that the explanation outlives the event.
func (n *node) miss(v *fold.View, want bool) Miss {
	m := Miss{Expr: n.ask.String()}
	if !want {
		m.Expr = "not (" + m.Expr + ")"
	}
	// A part may read a field twice, as in a comparison with itself.
	for _, ref := range n.fields {
		val := ref.Of(v.Event())
		f := Found{Field: ref.Path(), Has: typed.Present(val)}
		if f.Has {
			f.Value = string(val.AppendText(nil))
		}
		if !slices.Contains(m.Values, f) {
			m.Values = append(m.Values, f)
		}
	}
	return m
}

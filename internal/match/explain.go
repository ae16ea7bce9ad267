package match

import (
	"slices"

	"weir/event"
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
func (c *Cond) Explain(e *event.Event) (misses []Miss, of int) { return c.root.explain(e, true) }

// explain wants the node to be what want says.
func (n *node) explain(e *event.Event, want bool) (misses []Miss, of int) {
	switch n.op {
	case opLeaf:
		if n.test(e) == want {
			return nil, 1
		}
		return []Miss{n.miss(e, want)}, 1
	case opNot:
		return n.kids[0].explain(e, !want)
	}
	if (n.op == opAnd) == want { // all of them, or by De Morgan none
		for _, k := range n.kids {
			m, o := k.explain(e, want)
			misses, of = append(misses, m...), of+o
		}
		return misses, of
	}
	// One of them would do, so the nearest is told: the one that misses the fewest parts.
	for i, k := range n.kids {
		if m, o := k.explain(e, want); i == 0 || len(m) < len(misses) {
			misses, of = m, o
		}
	}
	return misses, of
}

// miss copies what the event has, so that the explanation outlives the event.
func (n *node) miss(e *event.Event, want bool) Miss {
	m := Miss{Expr: n.text}
	if !want {
		m.Expr = "not (" + n.text + ")"
	}
	// A part may read a field twice, as in a comparison with itself.
	for _, ref := range n.fields {
		v := ref.Of(e)
		f := Found{Field: ref.Path(), Has: present(v)}
		if f.Has {
			f.Value = string(v.AppendText(nil))
		}
		if !slices.Contains(m.Values, f) {
			m.Values = append(m.Values, f)
		}
	}
	return m
}

package tree

import (
	"slices"
	"time"

	"weir/internal/match/tree/form"
	"weir/internal/match/tree/kind"
)

// AllOf joins nodes by and: of one it is that one, and nested ones become one.
func AllOf(kids ...*Node) *Node { return join(And, kids) }

// AnyOf joins nodes by or, as AllOf does by and.
func AnyOf(kids ...*Node) *Node { return join(Or, kids) }

// NotOf is the opposite of a node.
func NotOf(n *Node) *Node { return &Node{Op: Not, Kids: []*Node{n}} }

// LeafOf is a node that asks something.
func LeafOf(t Test) *Node { return &Node{Op: Leaf, Test: &t} }

// Truth is a node that holds for every event, or for none.
func Truth(holds bool) *Node {
	if holds {
		return LeafOf(Test{Kind: kind.Constant, Values: []string{"true"}})
	}
	return LeafOf(Test{Kind: kind.Constant})
}

// join makes one node of many. It never writes to what it was given.
func join(op Op, kids []*Node) *Node {
	out := make([]*Node, 0, len(kids))
	for _, k := range kids {
		if k.Op == op {
			out = append(out, join(op, k.Kids).parts(op)...)
		} else {
			out = append(out, k)
		}
	}
	switch len(out) {
	case 0:
		return &Node{Op: op}
	case 1:
		return out[0]
	}
	return &Node{Op: op, Kids: out}
}

// parts returns what a join of op takes from a node.
func (n *Node) parts(op Op) []*Node {
	if n.Op == op {
		return n.Kids
	}
	return []*Node{n}
}

// Flat returns the tree in the one form that printing and reading it again keeps: chains are one node, chains of nothing
// are constants, operators that take one text have one each, and tests say nothing that their kind does not ask. It means
// the same, and parts that are so already are shared.
func (n *Node) Flat() *Node {
	switch n.Op {
	case Leaf:
		return n.Test.flat(n)
	case Not:
		if len(n.Kids) != 1 {
			return n
		}
		if k := n.Kids[0].Flat(); k != n.Kids[0] {
			return NotOf(k)
		}
		return n
	}
	kids, same := make([]*Node, 0, len(n.Kids)), true
	for _, k := range n.Kids {
		f := k.Flat()
		same = same && f == k && f.Op != n.Op
		kids = append(kids, f.parts(n.Op)...)
	}
	switch {
	case len(kids) == 0:
		return Truth(n.Op == And)
	case len(kids) == 1:
		return kids[0]
	case same:
		return n
	}
	return &Node{Op: n.Op, Kids: kids}
}

// flat is Flat of a leaf, which may become several: n is the leaf as it is.
func (t *Test) flat(n *Node) *Node {
	c := *t
	switch t.Kind {
	case kind.Constant:
		return n.unless(*t, *Truth(len(t.Values) > 0).Test)
	case kind.Exists, kind.Absent:
		return n.unless(*t, Test{Kind: t.Kind, Field: t.Field})
	case kind.Code:
		return n.unless(*t, Test{Kind: kind.Code, Values: []string{t.first()}})
	case kind.Less, kind.LessEqual, kind.Greater, kind.GreaterEqual:
		return n.unless(*t, Test{Kind: t.Kind, Field: t.Field, Form: t.Form, Values: canonical(t.Values[:min(1, len(t.Values))])})
	case kind.Regex, kind.CIDR, kind.InList:
		c.Fold = false
	}
	c.Operator = t.Kind == kind.Regex && t.Operator
	if t.Other != "" {
		c.Values, c.Fold = nil, true
	} else if t.Kind == kind.Equal && t.Form != form.Plain {
		c.Values, c.Fold = canonical(t.Values), false
	}
	switch {
	case t.Kind == kind.Equal && !c.Fold && c.Form == form.Plain && t.Field != Any && slices.ContainsFunc(t.Values, isTime):
		// As a moment it is equal to other texts and to no text at all, so it is nothing that an index could look up.
		return LeafOf(Test{Kind: kind.Code, Values: []string{t.String()}})
	case len(c.Values) == 0 && c.Other == "" && (t.Kind != kind.Equal || c.Fold):
		return Truth(false)
	case c.operator() && len(c.Values) > 1:
		kids := make([]*Node, len(c.Values))
		for i, v := range c.Values {
			each := c
			each.Values = []string{v}
			kids[i] = LeafOf(each)
		}
		return &Node{Op: Or, Kids: kids}
	}
	return n.unless(*t, c)
}

// unless returns the node itself where its test is that which it should be.
func (n *Node) unless(is, should Test) *Node {
	if is.Equal(&should) && (is.Values == nil) == (should.Values == nil) {
		return n
	}
	return LeafOf(should)
}

// isTime tells whether expr's == sees a moment in a text.
func isTime(s string) bool {
	_, err := time.Parse(time.RFC3339Nano, s)
	return err == nil
}

// canonical writes numbers in one way; what is none stays, for whoever refuses it.
func canonical(values []string) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = v
		if n, ok := Canonical(v); ok {
			out[i] = n
		}
	}
	return out
}

// Equal tells whether two trees are written the same. Of trees that mean the same but are built in another way, compare
// the [Node.Flat] ones.
func (n *Node) Equal(o *Node) bool {
	if n == o {
		return true
	}
	if n == nil || o == nil || n.Op != o.Op {
		return false
	}
	if n.Op == Leaf {
		return n.Test.Equal(o.Test)
	}
	return slices.EqualFunc(n.Kids, o.Kids, (*Node).Equal)
}

// Equal tells whether two tests are written the same.
func (t *Test) Equal(o *Test) bool {
	return t.Kind == o.Kind && t.Field == o.Field && t.Form == o.Form && t.Fold == o.Fold && t.Operator == o.Operator && t.Other == o.Other && slices.Equal(t.Values, o.Values)
}

// Walk calls fn for the node and then for those below it, from left to right; below a node for which fn returns false it
// does not go.
func (n *Node) Walk(fn func(*Node) bool) {
	if n == nil || !fn(n) {
		return
	}
	for _, k := range n.Kids {
		k.Walk(fn)
	}
}

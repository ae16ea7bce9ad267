package match

import (
	"slices"

	"weir/event"
)

// op is the kind of a node of a lowered condition.
type op uint8

const (
	opLeaf op = iota
	opAnd
	opOr
	opNot
)

// node is a lowered condition. A leaf holds its predicate; text, fields and values are kept to explain a miss and to
// find events that need not be looked at.
type node struct {
	op   op
	kids []*node

	test test
	// The part as expr prints it.
	text string
	// That the part reads.
	fields []event.Ref
	// About how long the part takes, in field look-ups.
	cost int

	// A leaf that can only hold if the field path is one of the texts in values. The index is built from these.
	path   string
	values []string
}

// Costs of leaves, measured once and rounded; only their order matters.
const (
	costEqual = 1
	costSet   = 2
	costText  = 4
	costFold  = 8
	costCIDR  = 10
	costRegex = 60
	costSlow  = 400
)

// compile turns the tree into one closure. The parts of and and or are tried cheapest first, which changes nothing
// about the answer: no part has a side effect, and one that fails is false.
func (n *node) compile() test {
	switch n.op {
	case opLeaf:
		return n.test
	case opNot:
		t := n.kids[0].compile()
		return func(e *event.Event) bool { return !t(e) }
	}
	// The tree keeps the order of the text, in which Explain goes through it.
	kids := slices.Clone(n.kids)
	slices.SortStableFunc(kids, func(a, b *node) int { return a.weight() - b.weight() })
	tests := make([]test, len(kids))
	for i, k := range kids {
		tests[i] = k.compile()
	}
	if n.op == opAnd {
		return allOf(tests)
	}
	return oneOf(tests)
}

// allOf joins predicates by and. Pairs are the commonest and spare the loop.
func allOf(tests []test) test {
	if len(tests) == 2 {
		a, b := tests[0], tests[1]
		return func(e *event.Event) bool { return a(e) && b(e) }
	}
	return func(e *event.Event) bool {
		for _, t := range tests {
			if !t(e) {
				return false
			}
		}
		return true
	}
}

// oneOf joins predicates by or.
func oneOf(tests []test) test {
	if len(tests) == 2 {
		a, b := tests[0], tests[1]
		return func(e *event.Event) bool { return a(e) || b(e) }
	}
	return func(e *event.Event) bool {
		for _, t := range tests {
			if t(e) {
				return true
			}
		}
		return false
	}
}

// weight is the cost of a whole subtree, as if all of it ran.
func (n *node) weight() int {
	if n.op == opLeaf {
		return n.cost
	}
	// All parts count: which of them end an evaluation depends on the event.
	sum := 0
	for _, k := range n.kids {
		sum += k.weight()
	}
	return sum
}

// maxNeeded bounds the values that Needs returns: beyond it an index entry would cost more than it saves.
const maxNeeded = 256

// Needs returns the texts of which the field must have one for the condition to hold. ok is false when the condition
// may hold whatever the field is. A router uses it to try a condition only on events that can match.
func (c *Cond) Needs(path string) (values []string, ok bool) { return c.root.needs(path) }

// needs looks for necessary values: one child of an and is enough, an or needs them from every child, and below a not
// nothing is necessary.
func (n *node) needs(path string) (values []string, ok bool) {
	switch n.op {
	case opLeaf:
		return n.values, n.path == path && n.values != nil && len(n.values) <= maxNeeded
	case opAnd:
		for _, k := range n.kids {
			// Any one of them is necessary; the smallest spares the most events.
			if v, has := k.needs(path); has && (!ok || len(v) < len(values)) {
				values, ok = v, true
			}
		}
		return values, ok
	case opOr:
		seen := map[string]bool{}
		for _, k := range n.kids {
			v, has := k.needs(path)
			// This branch may hold whatever the field is, and so may the whole.
			if !has {
				return nil, false
			}
			for _, s := range v {
				if !seen[s] {
					seen[s] = true
					values = append(values, s)
				}
			}
		}
		return values, len(values) <= maxNeeded
	}
	return nil, false
}

package match

import (
	"slices"

	"weir/event"
	"weir/internal/match/fold"
	"weir/internal/match/regexguard"
	"weir/internal/match/tree"
	"weir/internal/match/tree/form"
	"weir/internal/match/tree/kind"
)

// node is a condition that is ready to run. A leaf has its predicate, and what is told about it where it misses.
type node struct {
	op   tree.Op
	kids []*node

	run test
	// What it asks. Of a part that only expr can say, its source.
	ask *tree.Test
	// That the leaf reads; none of $env.
	fields []event.Ref
	// To show what was found: of a leaf with patterns one for each value, and of one with a list that list.
	regexes []*regexguard.Regex
	list    *List
	// About how long the leaf takes, in field look-ups.
	cost int
}

// Costs of leaves, measured once and rounded; only their order matters.
const (
	costEqual = 1
	costSet   = 2
	costText  = 4
	costFold  = 6
	costMany  = 9
	costCIDR  = 10
	costRegex = 60
	costSlow  = 400
	// Of a leaf that looks at every value of the event: as many times that of one field.
	costWhole = 30
)

// build makes the nodes of a flat tree.
func (l *lowering) build(n *tree.Node) (*node, error) {
	if n.Op == tree.Leaf {
		// Made while the source was walked; a tree has none yet.
		if made := l.made[n.Test]; made != nil {
			return made, nil
		}
		return l.prepare(n.Test)
	}
	out := &node{op: n.Op, kids: make([]*node, len(n.Kids))}
	for i, k := range n.Kids {
		kid, err := l.build(k)
		if err != nil {
			return nil, err
		}
		out.kids[i] = kid
	}
	return out, nil
}

// compile turns the nodes into one closure. The parts of and and or are tried cheapest first, which changes nothing
// about the answer: no part has a side effect, and one that fails is false.
func (l *lowering) compile(n *node) (test, error) {
	switch n.op {
	case tree.Leaf:
		return n.run, nil
	case tree.Not:
		t, err := l.compile(n.kids[0])
		return func(v *fold.View) bool { return !t(v) }, err
	}
	// The nodes keep the order of the text, in which Explain goes through them.
	kids := slices.Clone(n.kids)
	if n.op == tree.Or {
		var err error
		if kids, err = l.gather(kids); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(kids, func(a, b *node) int { return a.weight() - b.weight() })
	tests := make([]test, len(kids))
	for i, k := range kids {
		var err error
		if tests[i], err = l.compile(k); err != nil {
			return nil, err
		}
	}
	if n.op == tree.And {
		return allOf(tests), nil
	}
	return oneOf(tests), nil
}

// fewest is how many leaves of an or must ask the same of one field to become one that has all of their values.
const fewest = 4

// gather joins leaves of an or that ask the same of the same field: a thousand comparisons become one look-up.
func (l *lowering) gather(kids []*node) ([]*node, error) {
	// Equal and its kin alone: for them many values cost as much as few. Patterns and globs are tried one by one anyway.
	type group struct {
		kind           kind.Kind
		field          string
		fold, operator bool
	}
	groups := map[group][]*node{}
	of := func(k *node) (group, bool) {
		if k.op != tree.Leaf || k.ask.Other != "" || k.ask.Form != form.Plain {
			return group{}, false
		}
		switch k.ask.Kind {
		case kind.Equal, kind.Contains, kind.StartsWith, kind.EndsWith, kind.CIDR:
			return group{k.ask.Kind, k.ask.Field, k.ask.Fold, k.ask.Operator}, true
		}
		return group{}, false
	}
	for _, k := range kids {
		if g, ok := of(k); ok {
			groups[g] = append(groups[g], k)
		}
	}
	var out []*node
	for _, k := range kids {
		g, ok := of(k)
		if members := groups[g]; !ok || len(members) < fewest {
			out = append(out, k)
			continue
		} else if members[0] != k {
			continue // it went with the first
		}
		// A test of its own, which nobody sees: the tree and what is explained stay as they are written.
		all := *k.ask
		all.Values = nil
		for _, m := range groups[g] {
			all.Values = append(all.Values, m.ask.Values...)
		}
		one, err := l.prepare(&all)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

// allOf joins predicates by and. Pairs are the commonest and spare the loop.
func allOf(tests []test) test {
	switch len(tests) {
	case 1:
		return tests[0]
	case 2:
		a, b := tests[0], tests[1]
		return func(v *fold.View) bool { return a(v) && b(v) }
	}
	return func(v *fold.View) bool {
		for _, t := range tests {
			if !t(v) {
				return false
			}
		}
		return true
	}
}

// oneOf joins predicates by or.
func oneOf(tests []test) test {
	switch len(tests) {
	case 1:
		return tests[0]
	case 2:
		a, b := tests[0], tests[1]
		return func(v *fold.View) bool { return a(v) || b(v) }
	}
	return func(v *fold.View) bool {
		for _, t := range tests {
			if t(v) {
				return true
			}
		}
		return false
	}
}

// weight is the cost of a whole subtree, as if all of it ran.
func (n *node) weight() int {
	if n.op == tree.Leaf {
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
func (c *Cond) Needs(path string) (values []string, ok bool) { return needs(c.tree, path) }

// needs looks for necessary values: one child of an and is enough, an or needs them from every child, and below a not
// nothing is necessary.
func needs(n *tree.Node, path string) (values []string, ok bool) {
	switch n.Op {
	case tree.Leaf:
		// A folded text has many spellings in events, and the router knows only the one that is written.
		t := n.Test
		if t.Kind != kind.Equal || t.Field != path || t.Fold || t.Form != form.Plain || len(t.Values) > maxNeeded {
			return nil, false
		}
		return t.Values, true
	case tree.And:
		for _, k := range n.Kids {
			// Any one of them is necessary; the smallest spares the most events.
			if v, has := needs(k, path); has && (!ok || len(v) < len(values)) {
				values, ok = v, true
			}
		}
		return values, ok
	case tree.Or:
		seen := map[string]bool{}
		for _, k := range n.Kids {
			v, has := needs(k, path)
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

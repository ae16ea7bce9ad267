package sigma

import (
	"weir/internal/match/tree"
	"weir/internal/match/tree/kind"
)

// Map returns the tree with the fields of events in place of Sigma's names. A name that means several fields means any of
// them; that it is not there means that none of them is.
func Map(n *tree.Node, paths func(name string) []string) *tree.Node {
	if n.Op == tree.Leaf {
		return mapTest(n, paths)
	}
	// Most rules have names that mean one field, and keep their shape; only the leaves are new.
	kids, same := make([]*tree.Node, len(n.Kids)), true
	for i, k := range n.Kids {
		kids[i] = Map(k, paths)
		same = same && kids[i] == k
	}
	switch {
	case same:
		return n
	case n.Op == tree.And:
		return tree.AllOf(kids...)
	case n.Op == tree.Or:
		return tree.AnyOf(kids...)
	}
	return &tree.Node{Op: n.Op, Kids: kids}
}

// mapTest maps the fields of one test.
func mapTest(n *tree.Node, paths func(name string) []string) *tree.Node {
	t := n.Test
	if t.Field == tree.Any || t.Kind == kind.Constant {
		return n
	}
	fields, others := paths(t.Field), []string{""}
	if t.Other != "" {
		others = paths(t.Other)
	}
	kids := make([]*tree.Node, 0, len(fields)*len(others))
	for _, field := range fields {
		for _, other := range others {
			each := *t
			each.Field, each.Other = field, other
			kids = append(kids, tree.LeafOf(each))
		}
	}
	// What is in any of the fields is there.
	if t.Kind == kind.Absent {
		return tree.AllOf(kids...)
	}
	return tree.AnyOf(kids...)
}

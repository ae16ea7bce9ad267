package match

import (
	"strings"

	"weir/internal/match/source"
	"weir/internal/match/tree"
	"weir/internal/match/tree/form"
	"weir/internal/match/tree/kind"
)

// checkTree refuses trees that could not be printed and read again: they are built wrongly, or too large.
func checkTree(n *tree.Node) error {
	s := &sizing{}
	if err := s.node(n, 0); err != nil {
		return err
	}
	if s.nodes > source.MaxNodes {
		return source.TooMany()
	}
	// A letter may take several when it is printed, but hardly ever does.
	if s.bytes > source.MaxSource || s.bytes > source.MaxSource/10 && len(n.String()) > source.MaxSource {
		return source.TooLong()
	}
	return nil
}

// sizing is one walk over a tree. It counts what expr would make of the printed form, rather too much than too little.
type sizing struct{ nodes, bytes, nots int }

// node goes down one branch. It calls itself, so depth is looked at before anything else: who built the tree may not have
// had a bound.
func (s *sizing) node(n *tree.Node, depth int) error {
	// Calls and lists in the leaves have brackets of their own, and so has a part that is source.
	if depth > source.MaxDepth-10 || s.nots > source.MaxRun {
		return source.Fault("expr-too-deep", "the condition is nested deeper than %d", source.MaxDepth-10)
	}
	if s.nodes++; s.nodes > source.MaxNodes {
		return source.TooMany()
	}
	switch {
	case n == nil, n.Op > tree.Not, n.Op == tree.Not && len(n.Kids) != 1, n.Op == tree.Leaf && (n.Test == nil || len(n.Kids) > 0):
		return source.Fault("expr-syntax", "the condition's tree is not whole")
	case n.Op == tree.Leaf:
		return s.test(n.Test)
	case n.Op == tree.Not:
		s.nots++
	}
	for _, k := range n.Kids {
		if err := s.node(k, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// test checks that a test asks only what its kind can ask.
func (s *sizing) test(t *tree.Test) error {
	s.nodes += 7 + 2*strings.Count(t.Field, ".") + len(t.Values)
	s.bytes += len(t.Field)
	for _, v := range t.Values {
		s.bytes += len(v) + 4
	}
	if !t.Fold && (t.Kind == kind.Contains || t.Kind == kind.StartsWith || t.Kind == kind.EndsWith || t.Operator) { // one operator for each
		s.nodes += len(t.Values) * (4 + 2*strings.Count(t.Field, "."))
		s.bytes += len(t.Values) * len(t.Field)
	}
	// What a test asks beyond its kind is left out by Flat; here is only what would change its meaning if it were left out.
	bad := ""
	pairs := t.Kind == kind.Equal || t.Kind == kind.Contains || t.Kind == kind.StartsWith || t.Kind == kind.EndsWith
	numbers := t.Kind == kind.Equal || t.Kind >= kind.Less && t.Kind <= kind.GreaterEqual
	switch {
	case t.Kind > kind.Code || t.Form > form.Age:
		bad = "it is of no known kind"
	case t.Kind == kind.Constant || t.Kind == kind.Code:
	case t.Field == "":
		bad = "it names no field"
	case t.Field == tree.Any && (t.Kind == kind.Exists || t.Kind == kind.Absent):
		bad = "every event has values"
	case t.Other != "" && (!pairs || !t.Fold || t.Form != form.Plain || t.Other == tree.Any):
		bad = "it cannot be compared with another field"
	case t.Form != form.Plain && !numbers:
		bad = "only numbers are compared that way"
	}
	if bad == "" {
		return nil
	}
	return source.Fault("expr-argument", "the test `%.100s` cannot be made: %s", t.String(), bad)
}

// expand lowers the parts of a flat tree that are source.
func (l *lowering) expand(n *tree.Node) (*tree.Node, error) {
	if n.Op == tree.Leaf {
		if n.Test.Kind == kind.Code {
			return l.reread(n.Test.Values[0])
		}
		return n, nil
	}
	// A copy, since trees are shared: the same one may be compiled by several at once.
	kids := make([]*tree.Node, len(n.Kids))
	for i, k := range n.Kids {
		kid, err := l.expand(k)
		if err != nil {
			return nil, err
		}
		kids[i] = kid
	}
	return &tree.Node{Op: n.Op, Kids: kids}, nil
}

// reread lowers one part that is source. Places in its errors are those within the part.
func (l *lowering) reread(src string) (*tree.Node, error) {
	parsed, err := source.Parse(src, Functions())
	if err != nil {
		return nil, err
	}
	l.src = src
	defer func() { l.src = "" }()
	return l.boolean(parsed)
}

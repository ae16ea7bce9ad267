package tree_test

import (
	"testing"

	"weir/internal/match/tree"
	"weir/internal/match/tree/form"
	"weir/internal/match/tree/kind"
)

func TestConstructorsFlatten(t *testing.T) {
	t.Parallel()
	a, b, c := leaf(kind.Exists, "a", false), leaf(kind.Exists, "b", false), leaf(kind.Exists, "c", false)
	if tree.AllOf(a) != a || tree.AnyOf(a) != a || tree.AllOf(tree.AnyOf(a)) != a {
		t.Error("a chain of one is not that one")
	}
	n := tree.AllOf(a, tree.AllOf(b, &tree.Node{Op: tree.And, Kids: []*tree.Node{c}}), tree.AnyOf(a, b))
	if got, want := n.String(), "exists(a) and exists(b) and exists(c) and (exists(a) or exists(b))"; got != want || len(n.Kids) != 4 {
		t.Errorf("%s", got)
	}
	if tree.AllOf().String() != "true" || tree.AnyOf().String() != "false" || tree.AnyOf(tree.AnyOf(), tree.AnyOf()).String() != "false" {
		t.Error("chains of none")
	}
	if tree.NotOf(a).Kids[0] != a {
		t.Error("not of a is not of a")
	}
}

// TestFlat names what a flat tree is, beyond what the printed form shows.
func TestFlat(t *testing.T) {
	t.Parallel()
	a, b := leaf(kind.Exists, "a", false), leaf(kind.Exists, "b", false)
	flat := tree.AllOf(a, tree.AnyOf(a, b), tree.NotOf(b))
	if flat.Flat() != flat {
		t.Error("a flat tree is copied")
	}
	for _, tc := range []struct {
		name string
		n    *tree.Node
		want string
		leaf tree.Test // of the only leaf
	}{
		{"nested chains", &tree.Node{Op: tree.And, Kids: []*tree.Node{{Op: tree.And, Kids: []*tree.Node{a}}}}, "exists(a)", tree.Test{Kind: kind.Exists, Field: "a"}},
		{"no kids", &tree.Node{Op: tree.Or}, "false", tree.Test{Kind: kind.Constant}},
		{"all of none", &tree.Node{Op: tree.And}, "true", tree.Test{Kind: kind.Constant, Values: []string{"true"}}},
		{"one of many words for true", leaf(kind.Constant, "x", true, "yes", "no"), "true", tree.Test{Kind: kind.Constant, Values: []string{"true"}}},
		{"nothing to compare with", leaf(kind.Contains, "a", true), "false", tree.Test{Kind: kind.Constant}},
		{"what exists does not ask", leaf(kind.Exists, "a", true, "x"), "exists(a)", tree.Test{Kind: kind.Exists, Field: "a"}},
		{"what a pattern does not ask", leaf(kind.Regex, "a", true, "x"), `re(a, "x")`, tree.Test{Kind: kind.Regex, Field: "a", Values: []string{"x"}}},
		{"numbers", tree.LeafOf(tree.Test{Kind: kind.Less, Field: "a", Fold: true, Values: []string{"5.0", "6"}}), "a < 5", tree.Test{Kind: kind.Less, Field: "a", Values: []string{"5"}}},
		{"a number of a form", tree.LeafOf(tree.Test{Kind: kind.Equal, Field: "a", Form: form.Hour, Values: []string{"05"}}), "hour(a) == 5", tree.Test{Kind: kind.Equal, Field: "a", Form: form.Hour, Values: []string{"5"}}},
		{"another field", tree.LeafOf(tree.Test{Kind: kind.Equal, Field: "a", Other: "b", Values: []string{"x"}}), "ieq(a, b)", tree.Test{Kind: kind.Equal, Field: "a", Other: "b", Fold: true}},
		{"a moment", leaf(kind.Equal, "a", false, "x", "2026-11-21T07:50:08Z"), `a in ["x", "2026-11-21T07:50:08Z"]`, tree.Test{Kind: kind.Code, Values: []string{`a in ["x", "2026-11-21T07:50:08Z"]`}}},
		{"a moment among any values", leaf(kind.Equal, tree.Any, false, "2026-11-21T07:50:08Z"), `$env == "2026-11-21T07:50:08Z"`, tree.Test{Kind: kind.Equal, Field: tree.Any, Values: []string{"2026-11-21T07:50:08Z"}}},
	} {
		got := tc.n.Flat()
		if got.Op != tree.Leaf || got.String() != tc.want || !got.Test.Equal(&tc.leaf) {
			t.Errorf("%s: %s", tc.name, got)
		}
		if again := got.Flat(); !again.Equal(got) {
			t.Errorf("%s: then %s", tc.name, again)
		}
	}
	split := tree.AnyOf(a, leaf(kind.Contains, "a", false, "x", "y")).Flat()
	if len(split.Kids) != 3 || split.Kids[2].Test.Values[0] != "y" {
		t.Errorf("an operator with two texts stays one: %s", split)
	}
	if n := tree.NotOf(leaf(kind.EndsWith, "a", false, "x", "y")).Flat(); n.String() != `not (a endsWith "x" or a endsWith "y")` || n.Kids[0].Op != tree.Or {
		t.Errorf("%s", n)
	}
}

func TestEqual(t *testing.T) {
	t.Parallel()
	base := tree.Test{Kind: kind.Equal, Field: "a", Values: []string{"x"}}
	n := tree.AllOf(tree.LeafOf(base), tree.NotOf(tree.Truth(true)))
	itself := n
	if !n.Equal(tree.AllOf(tree.LeafOf(base), tree.NotOf(tree.Truth(true)))) || !n.Equal(itself) {
		t.Error("the same tree is not equal")
	}
	var none *tree.Node
	if n.Equal(nil) || none.Equal(n) || !none.Equal(nil) || n.Equal(tree.AnyOf(n.Kids...)) || n.Equal(tree.AllOf(n.Kids[1], n.Kids[0])) {
		t.Error("another tree is equal")
	}
	for name, change := range map[string]func(*tree.Test){
		"kind": func(t *tree.Test) { t.Kind = kind.Contains }, "field": func(t *tree.Test) { t.Field = "b" }, "fold": func(t *tree.Test) { t.Fold = true },
		"form": func(t *tree.Test) { t.Form = form.Hour }, "other": func(t *tree.Test) { t.Other = "b" }, "operator": func(t *tree.Test) { t.Operator = true },
		"values": func(t *tree.Test) { t.Values = []string{"x", "x"} }, "value": func(t *tree.Test) { t.Values = []string{"y"} },
	} {
		other := base
		change(&other)
		if base.Equal(&other) {
			t.Errorf("another %s is equal", name)
		}
	}
}

func TestWalk(t *testing.T) {
	t.Parallel()
	n := tree.AllOf(leaf(kind.Exists, "a", false), tree.NotOf(leaf(kind.Exists, "b", false)), leaf(kind.Exists, "c", false))
	seen := ""
	n.Walk(func(k *tree.Node) bool {
		if k.Op == tree.Leaf {
			seen += k.Test.Field
		}
		return k.Op != tree.Not
	})
	if seen != "ac" {
		t.Errorf("went to %s", seen)
	}
	var none *tree.Node
	none.Walk(func(*tree.Node) bool { t.Error("called for nothing"); return true })
}

package sigma

import (
	"testing"

	"weir/internal/match/tree"
	"weir/internal/match/tree/kind"
)

func TestMap(t *testing.T) {
	t.Parallel()
	names := map[string][]string{"A": {"a.x"}, "B": {"b.x", "b.y"}, "C": {"C"}}
	paths := func(name string) []string { return names[name] }
	leaf := func(field string, asked kind.Kind) *tree.Node {
		return tree.LeafOf(tree.Test{Kind: asked, Field: field, Fold: asked == kind.Equal, Values: []string{"v"}})
	}
	for _, tc := range []struct {
		n    *tree.Node
		want string
	}{
		{leaf("A", kind.Equal), `ieq(a.x, "v")`},
		{leaf("B", kind.Equal), `ieq(b.x, "v") or ieq(b.y, "v")`},
		{leaf("B", kind.Absent), `absent(b.x) and absent(b.y)`},
		{leaf("B", kind.Exists), `exists(b.x) or exists(b.y)`},
		{tree.NotOf(leaf("B", kind.Equal)), `not (ieq(b.x, "v") or ieq(b.y, "v"))`},
		{tree.AnyOf(leaf("A", kind.Equal), leaf("B", kind.Equal)), `ieq(a.x, "v") or ieq(b.x, "v") or ieq(b.y, "v")`},
		{tree.AllOf(leaf("A", kind.Equal), leaf("B", kind.Equal)), `ieq(a.x, "v") and (ieq(b.x, "v") or ieq(b.y, "v"))`},
		{tree.LeafOf(tree.Test{Kind: kind.Equal, Fold: true, Field: "A", Other: "B"}), `ieq(a.x, b.x) or ieq(a.x, b.y)`},
		{leaf(tree.Any, kind.Equal), `ieq($env, "v")`},
		{tree.Truth(true), `true`},
	} {
		before := tc.n.String()
		got := Map(tc.n, paths)
		if got.String() != tc.want {
			t.Errorf("got %s, want %s", got, tc.want)
		}
		if tc.n.String() != before {
			t.Errorf("%s was changed", before)
		}
	}
	same := tree.AllOf(leaf("C", kind.Equal), leaf("C", kind.Exists))
	if got := Map(same, paths); len(got.Kids) != 2 || !got.Equal(same) {
		t.Error(got)
	}
}

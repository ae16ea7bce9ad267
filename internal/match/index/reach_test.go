package index

import (
	"fmt"
	"testing"

	"weir/event"
	"weir/event/ecs"
	"weir/internal/match/fold"
	"weir/internal/match/tree"
	"weir/internal/match/tree/kind"
)

// TestReach: conditions on fields whose texts an event has in other places are found, whoever made which name known when.
func TestReach(t *testing.T) {
	t.Parallel()
	if _, err := event.Register(ecs.Keyword, "indexreach.list.name", "indexreach.whole", "indexreach.whole.deep", "indexreach.whole.deep.x", "indexreach.later"); err != nil {
		t.Fatal(err)
	}
	var trees []*tree.Node
	paths := []string{"indexreach.list.name", "indexreach.whole", "indexreach.whole.deep", "indexreach.later", "indexreach", "labels", "labels.a", "dns.answers"}
	for _, p := range paths {
		trees = append(trees, tree.LeafOf(tree.Test{Kind: kind.Contains, Field: p, Values: []string{"needle"}, Fold: true}))
	}
	ix := New(trees)
	if _, err := event.Register(ecs.Keyword, "indexreach.later.still"); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, doc, want string }{
		{"a list of objects", `{"indexreach":{"list":[{"name":"a"},{"name":"A Needle"}]}}`, "[0 4]"},
		{"another name in it", `{"indexreach":{"list":[{"names":"needle"}]}}`, "[4]"},
		{"a field below two whole objects", `{"indexreach":{"whole":{"deep":{"x":"needle"}}}}`, "[1 2 4]"},
		{"an unknown name below them", `{"indexreach":{"whole":{"deep":{"y":"needle"}}}}`, "[1 2 4]"},
		{"a list in place of an object", `{"indexreach":{"whole":[{"deep":"needle"}]}}`, "[1 2 4]"},
		{"a name that is known since", `{"indexreach":{"later":{"still":"needle"}}}`, "[3 4]"},
		{"an open field", `{"labels":{"a":{"b":"needle"}}}`, "[5 6]"},
		{"a key with full stops", `{"labels":{"a.b":"needle"}}`, "[5 6]"},
		{"objects and fields", `{"dns":{"answers":{"data":"needle","odd":1}}}`, "[7]"},
		{"none", `{"message":"needle","indexreachs":"needle"}`, "[]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var e event.Event
			if err := e.Decode([]byte(tt.doc)); err != nil {
				t.Fatal(err)
			}
			var v fold.View
			v.Reset(&e)
			got := []int{}
			ix.Each(&v, func(i int) {
				if len(v.Texts(event.MakeRef(paths[i]))) > 0 { // the index may find too much
					for _, s := range v.Folded(event.MakeRef(paths[i])) {
						if s == "needle" || s == "a needle" {
							got = append(got, i)
							break
						}
					}
				}
			})
			if fmt.Sprint(got) != tt.want {
				t.Errorf("found %v, want %s", got, tt.want)
			}
		})
	}
}

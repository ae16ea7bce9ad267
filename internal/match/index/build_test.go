package index

import (
	"fmt"
	"testing"

	"weir/event"
	"weir/internal/match/fold"
	"weir/internal/match/tree"
	"weir/internal/match/tree/kind"
)

// TestShare: texts that are looked for in all values are in the tables of fields too if they are few, so that each value
// is searched once; and what is found is the same either way.
func TestShare(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name          string
		own, anywhere int
		shared        bool
	}{
		{"few", 40, 5, true},
		{"many", 5, 400, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var trees []*tree.Node
			for i := range tt.own {
				trees = append(trees, leaf(kind.Contains, "process.command_line", fmt.Sprintf("line%d.", i)))
			}
			for i := range tt.anywhere {
				trees = append(trees, leaf(kind.Contains, tree.Any, fmt.Sprintf("word%d.", i)))
			}
			trees = append(trees, leaf(kind.Equal, tree.Any, "word1. line1."), leaf(kind.Contains, "event.dataset", "word2."))
			ix := New(trees)
			f, _ := event.Lookup("process.command_line")
			if fd := ix.of(f); (fd.also == nil || fd.also.grams == nil) != tt.shared {
				t.Errorf("shared: %v", !tt.shared)
			}
			for doc, want := range map[string]string{
				`{"process":{"command_line":"word1. line1."}}`: fmt.Sprint([]int{1, tt.own + 1, tt.own + tt.anywhere}),
				`{"message":"word1. line1."}`:                  fmt.Sprint([]int{tt.own + 1, tt.own + tt.anywhere}),
				`{"event":{"dataset":"word2."}}`:               fmt.Sprint([]int{tt.own + tt.anywhere + 1}),
			} {
				var v fold.View
				v.Reset(decode(t, doc))
				if got := fmt.Sprint(ids(ix, &v)); got != want {
					t.Errorf("%s: %s, want %s", doc, got, want)
				}
			}
		})
	}
}

// TestShortest: a value that is shorter than all that is asked for is not looked at, unless its fold may be longer.
func TestShortest(t *testing.T) {
	t.Parallel()
	ix := New([]*tree.Node{leaf(kind.Equal, "message", "\ufffd\ufffd"), leaf(kind.EndsWith, "message", `\abc`)})
	fd := ix.of(event.Message)
	if fd.least != 4 {
		t.Errorf("the shortest is %d", fd.least)
	}
	var v fold.View
	for s, want := range map[string]string{"": "[]", "abc": "[]", `\ABC`: "[1]", "\xff\xfe": "[0]"} {
		e := new(event.Event)
		e.Set(event.Message, event.Str(s))
		v.Reset(e)
		if got := fmt.Sprint(ids(ix, &v)); got != want {
			t.Errorf("%q: %s, want %s", s, got, want)
		}
	}
}

// TestBuild_Bounded: an index is in proportion to what it indexes.
func TestBuild_Bounded(t *testing.T) {
	t.Parallel()
	var trees []*tree.Node
	for i := range 2000 {
		trees = append(trees, tree.AllOf(leaf(kind.Contains, "message", fmt.Sprintf("a text of some length, number %d", i), fmt.Sprintf("%d other", i)), leaf(kind.EndsWith, "process.executable", `\cmd.exe`)))
	}
	ix := New(trees)
	g := ix.of(event.Message).grams
	// Four places for each text, and room for as many conditions as there are, twice.
	if n := len(g.long.entries) + len(g.mid.entriesOrNone()); n > 4*4000 || len(ix.lists) > 6*2000 || len(ix.single) != 32 {
		t.Errorf("%d entries, %d places", n, len(ix.lists))
	}
}

func (t *gramTable) entriesOrNone() []gramEntry {
	if t == nil {
		return nil
	}
	return t.entries
}

func BenchmarkNew(b *testing.B) {
	var trees []*tree.Node
	for i := range 3000 {
		trees = append(trees, tree.AllOf(leaf(kind.Contains, "message", fmt.Sprintf("a text of some length, number %d", i), fmt.Sprintf("%d other", i)), leaf(kind.EndsWith, "process.executable", fmt.Sprintf(`\tool%d.exe`, i/10))))
	}
	b.ReportAllocs()
	for b.Loop() {
		New(trees)
	}
}

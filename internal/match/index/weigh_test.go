package index

import (
	"fmt"
	"testing"

	"weir/internal/match/tree"
	"weir/internal/match/tree/kind"
)

// TestWeight holds what is thought rarer against what is thought more frequent.
func TestWeight(t *testing.T) {
	t.Parallel()
	var trees []*tree.Node
	for i := range 300 {
		trees = append(trees, tree.AllOf(leaf(kind.EndsWith, "image", `\powershell.exe`), leaf(kind.Contains, "line", fmt.Sprintf("payload-%d", i), "-encoded")))
	}
	for i := range 50 {
		trees = append(trees, leaf(kind.EndsWith, "image", fmt.Sprintf(`\tool%d.exe`, i)), leaf(kind.Equal, "code", fmt.Sprint(i)))
	}
	trees = append(trees, leaf(kind.Exists, "zeek"), tree.AllOf(leaf(kind.Exists, "version"), leaf(kind.Exists, "image")))
	w := newWeigher(trees)
	in := func(field, text string) atom { return atom{kind: within, field: field, text: text} }
	for _, tt := range []struct {
		name            string
		rarer, commoner atom
	}{
		{"a name that few ask for", atom{kind: tail, field: "image", text: "tool7.exe"}, atom{kind: tail, field: "image", text: "powershell.exe"}},
		{"a program that is everywhere", atom{kind: tail, field: "image", text: "tool7.exe"}, atom{kind: tail, field: "image", text: "svchost.exe"}},
		{"a longer text", in("line", "qwxzjvkq"), in("line", "qwxz")},
		{"a text that few ask for", in("line", "qwxzjvkq"), in("line", "-encoded")},
		{"a text that is not in every event", in("line", "qwxzjvkqwx"), in("line", `\system32\`)},
		{"another script", in("line", "\u202e"), in("line", "qwxz")},
		{"odd pairs", in("line", "^|"), in("line", "ab")},
		{"an odd letter", in("line", "`"), in("line", "ab")},
		{"one of many values", atom{kind: equal, field: "code", text: "7"}, atom{kind: present, field: "code"}},
		{"a field that nobody else asks for", atom{kind: present, field: "zeek"}, atom{kind: present, field: "image"}},
		{"a field that comes with a frequent one", atom{kind: present, field: "zeek"}, atom{kind: present, field: "version"}},
		{"a field instead of all values", in("line", "qwxzjvkq"), in(tree.Any, "qwxzjvkq")},
		{"a long row", atom{kind: inRow, field: "line", row: rowOf([]rune{'0', '9'}, 64)}, atom{kind: inRow, field: "line", row: rowOf([]rune{'0', '9'}, 8)}},
		{"a row of a small class", atom{kind: inRow, field: "line", row: rowOf([]rune{'0', '9'}, 8)}, atom{kind: inRow, field: "line", row: rowOf([]rune{0, 0x10ffff}, 8)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, b := w.weight(tt.rarer), w.weight(tt.commoner)
			if a >= b || a <= 0 || b > 1 && tt.commoner.field != tree.Any {
				t.Errorf("%g and %g", a, b)
			}
		})
	}
}

// TestWeigher_SameEverywhere: the choice follows from the conditions alone.
func TestWeigher_SameEverywhere(t *testing.T) {
	t.Parallel()
	n := tree.AllOf(leaf(kind.EndsWith, "image", `\a.exe`), leaf(kind.Contains, "line", "one", "other text"), leaf(kind.Equal, "code", "7"))
	want := shown(newWeigher([]*tree.Node{n}).needs(n, false))
	for range 20 {
		if got := shown(newWeigher([]*tree.Node{n}).needs(n, false)); got != want {
			t.Fatalf("%s and %s", got, want)
		}
	}
}

func TestCount_Full(t *testing.T) {
	t.Parallel()
	w := newWeigher(nil)
	for range 5000 {
		w.count("zzzz", 40)
	}
	if n := w.rarity(gram("zzzz", 0, 4), 4); n < 60_000 {
		t.Errorf("%d: a counter has gone round", n)
	}
}

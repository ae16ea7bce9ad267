package index

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"weir/internal/match/tree"
	"weir/internal/match/tree/form"
	"weir/internal/match/tree/kind"
)

func leaf(kind kind.Kind, field string, values ...string) *tree.Node {
	return tree.LeafOf(tree.Test{Kind: kind, Field: field, Fold: true, Values: values})
}

// shown writes a need as field=text, field\text, field~text, field[row] or field.
func shown(n need) string {
	if n.any {
		return "anything"
	}
	var out []string
	for _, a := range unique(n.atoms) {
		switch a.kind {
		case present:
			out = append(out, a.field)
		case equal:
			out = append(out, a.field+"="+a.text)
		case tail:
			out = append(out, a.field+`\`+a.text)
		case within:
			out = append(out, a.field+"~"+a.text)
		case inRow:
			out = append(out, fmt.Sprintf("%s[%d]", a.field, a.row.n))
		}
	}
	slices.Sort(out)
	return strings.Join(out, " | ")
}

func TestNeeds(t *testing.T) {
	t.Parallel()
	common := leaf(kind.Equal, "k", "v")
	rare := leaf(kind.Contains, "c", "something very rare")
	form := tree.LeafOf(tree.Test{Kind: kind.Equal, Field: "n", Form: form.Hour, Values: []string{"3"}})
	other := tree.LeafOf(tree.Test{Kind: kind.Contains, Field: "a", Other: "b", Fold: true})
	moment := tree.LeafOf(tree.Test{Kind: kind.Equal, Field: "t", Values: []string{"2026-11-21T07:50:08Z"}})
	for _, tt := range []struct {
		name string
		n    *tree.Node
		want string
	}{
		{"equal", leaf(kind.Equal, "f", "Abc", "D"), "f=abc | f=d"},
		{"equal to nothing", leaf(kind.Equal, "f", ""), "f="},
		{"contains", leaf(kind.Contains, "f", "AbcK"), "f~abck"},
		{"contains nothing", leaf(kind.Contains, "f", ""), "f"},
		{"one common letter", leaf(kind.Contains, "f", "e"), "f"},
		{"one odd letter", leaf(kind.Contains, "f", "`"), "f~`"},
		{"starts", leaf(kind.StartsWith, "f", "abcdef"), "f~abcdef"},
		{"ends with a last part", leaf(kind.EndsWith, "f", `\Cmd.EXE`, `/bin/sh`), `f\cmd.exe | f\sh`},
		{"ends with a slash", leaf(kind.EndsWith, "f", `abcdef\`), `f~abcdef\`},
		{"ends without a slash", leaf(kind.EndsWith, "f", `ver.exe`), `f~ver.exe`},
		{"half of a letter, by bytes", tree.LeafOf(tree.Test{Kind: kind.EndsWith, Field: "f", Values: []string{"\x80 something"}}), "f"},
		{"half of a letter, folded", leaf(kind.EndsWith, "f", "\x80 something"), "f~\ufffd something"},
		{"glob without wildcards", leaf(kind.Glob, "f", `a\*b`), "f=a*b"},
		{"glob with a last part", leaf(kind.Glob, "f", `*\\cmd.exe`), `f\cmd.exe`},
		{"glob with several pieces", leaf(kind.Glob, "f", `ab*something longer?x`), "f~something longer"},
		{"glob of anything", leaf(kind.Glob, "f", `*?*`), "f"},
		{"glob that ends openly", leaf(kind.Glob, "f", `\\cmd.exe*`), `f~\cmd.exe`},
		{"exists", leaf(kind.Exists, "f"), "f"},
		{"absent", leaf(kind.Absent, "f"), "anything"},
		{"not absent", tree.NotOf(leaf(kind.Absent, "f")), "f"},
		{"not equal", tree.NotOf(leaf(kind.Equal, "f", "a")), "anything"},
		{"not not equal", tree.NotOf(tree.NotOf(leaf(kind.Equal, "f", "a"))), "f=a"},
		{"not (absent or absent)", tree.NotOf(tree.AnyOf(leaf(kind.Absent, "f"), leaf(kind.Absent, "g"))), "f"},
		{"not (absent and absent)", tree.NotOf(tree.AllOf(leaf(kind.Absent, "f"), leaf(kind.Absent, "g"))), "f | g"},
		{"a network", leaf(kind.CIDR, "ip", "10.0.0.0/8"), "ip"},
		{"a list", leaf(kind.InList, "f", "l"), "f"},
		{"a number", leaf(kind.Less, "n", "5"), "n"},
		{"a form", form, "n"},
		{"another field", other, "a"},
		{"a moment", moment, "t"},
		{"source", leaf(kind.Code, "f", "x"), "anything"},
		{"always", tree.Truth(true), "anything"},
		{"never", tree.Truth(false), ""},
		{"not always", tree.NotOf(tree.Truth(true)), ""},
		{"and", tree.AllOf(common, rare), "c~something very rare"},
		{"and with what is never", tree.AllOf(rare, tree.Truth(false)), ""},
		{"and of nothing", &tree.Node{Op: tree.And}, "anything"},
		{"or", tree.AnyOf(common, rare), "c~something very rare | k=v"},
		{"or with anything", tree.AnyOf(rare, tree.NotOf(common)), "anything"},
		{"or of nothing", &tree.Node{Op: tree.Or}, ""},
		{"any value", leaf(kind.Contains, tree.Any, "keyword"), "$env~keyword"},
		{"any value at all", leaf(kind.Contains, tree.Any, "e"), "anything"},
		{"the same twice", tree.AnyOf(rare, leaf(kind.EndsWith, "c", "something VERY rare")), "c~something very rare"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := shown(newWeigher([]*tree.Node{tt.n}).needs(tt.n, false)); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// TestNeeds_TooMany: a condition of more values than the index takes is tried where its field is.
func TestNeeds_TooMany(t *testing.T) {
	t.Parallel()
	values := make([]string, maxAtoms+1)
	for i := range values {
		values[i] = fmt.Sprintf("value number %d", i)
	}
	for _, n := range []*tree.Node{leaf(kind.Contains, "f", values...), tree.AllOf(leaf(kind.Exists, "f"), tree.AnyOf(leaf(kind.Equal, "f", values[:maxAtoms/2+1]...), leaf(kind.Contains, "f", values[maxAtoms/2:]...)))} {
		if got := shown(newWeigher([]*tree.Node{n}).needs(n, false)); got != "f" {
			t.Errorf("%.100s", got)
		}
	}
}

func TestBoth(t *testing.T) {
	t.Parallel()
	shell := leaf(kind.EndsWith, "image", `\cmd.exe`, `\powershell.exe`)
	parent := leaf(kind.EndsWith, "parent", `\explorer.exe`)
	rare := leaf(kind.Contains, "line", "something that is very rare")
	many := make([]string, maxSecond+1)
	for i := range many {
		many[i] = fmt.Sprintf("%d is one of many", i)
	}
	for _, tt := range []struct {
		name          string
		n             *tree.Node
		first, second string
	}{
		{"one part", shell, `image\cmd.exe | image\powershell.exe`, "anything"},
		{"two frequent parts", tree.AllOf(shell, parent), `parent\explorer.exe`, `image\cmd.exe | image\powershell.exe`},
		{"a rare one is enough", tree.AllOf(shell, rare), "line~something that is very rare", "anything"},
		{"presence says little", tree.AllOf(shell, leaf(kind.Exists, "x")), `image\cmd.exe | image\powershell.exe`, "anything"},
		{"many cost too much", tree.AllOf(parent, leaf(kind.Equal, "line", many...)), `parent\explorer.exe`, "anything"},
		{"what must not be says nothing", tree.AllOf(parent, tree.NotOf(shell)), `parent\explorer.exe`, "anything"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWeigher([]*tree.Node{tt.n, leaf(kind.EndsWith, "image", `\a.exe`), leaf(kind.EndsWith, "parent", `\b.exe`, `\c.exe`, `\d.exe`)})
			first, second := w.both(tt.n)
			if shown(first) != tt.first || shown(second) != tt.second {
				t.Errorf("%s, %s; want %s, %s", shown(first), shown(second), tt.first, tt.second)
			}
		})
	}
}

func TestGlobPieces(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ pattern, want string }{
		{"", `[""] {false false}`}, {"*", `[] {true true}`}, {"?", `[] {true true}`}, {"AB", `["ab"] {false false}`},
		{"*AB", `["ab"] {true false}`}, {"a*b*", `["a" "b"] {false true}`}, {"a?b", `["a" "b"] {false false}`},
		{`a\*b\?`, `["a*b?"] {false false}`}, {`a\\*`, `["a\\"] {false true}`}, {`a\`, `["a\\"] {false false}`}, {"\u212a\\\u00e9*", `["kÉ"] {false true}`},
	} {
		pieces, open := globPieces(tt.pattern)
		if got := fmt.Sprintf("%q %v", pieces, open); got != tt.want {
			t.Errorf("%q: %s, want %s", tt.pattern, got, tt.want)
		}
	}
}

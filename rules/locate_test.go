package rules

import (
	"strings"
	"testing"
	"unicode"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// scalarIn parses one value and aligns it with its file.
func scalarIn(t testing.TB, file string) (scalar, *source) {
	t.Helper()
	f := &source{name: "f.yaml", lines: strings.Split(file, "\n")}
	doc, err := parser.ParseBytes([]byte(file), 0)
	if err != nil {
		t.Fatal(err)
	}
	list, ok := mapping(doc.Docs[0].Body)
	if !ok {
		t.Fatal("no mapping")
	}
	text, ok := textOf(list[0].Value)
	if !ok {
		t.Fatalf("%T is no text", list[0].Value)
	}
	return f.scalarOf(text, list[0].Value), f
}

// TestPlaces checks that every letter of a value is at the place where the file has it, in every style of YAML.
func TestPlaces(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, file string }{
		{"plain", "k: a == 김 and b"},
		{"plain over lines", "k: a == b\n   and c\n\n   or d # a comment"},
		{"single quotes", "k: '김 == ''b'' and c'"},
		{"single quotes over lines", "k: 'a\n  b\n\n  ''c'''"},
		{"double quotes", `k: "김 == \"b\" and 'c'"`},
		{"double quotes with escapes", `k: "a\n\tb \\c \u0041 \x42 d\/e"`},
		{"double quotes over lines", "k: \"a\n   b \\\n   c\""},
		{"literal", "k: |\n  a == b\n    and c\n\n  or 김\n"},
		{"literal with hints", "k: |2-\n   a\n  b"},
		{"folded", "k: >-\n  a == b\n  and c\n\n  or d\n"},
		{"folded with deeper lines", "k: >\n  a\n    b\n  c\n"},
		{"below the key", "k:\n  a == b"},
		{"in braces", "{k: a == b, l: c}"},
		{"literal after empty lines", "k: |\n\n\n  a\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, f := scalarIn(t, tt.file)
			if s.places == nil {
				t.Fatalf("%q could not be aligned", s.text)
			}
			for i, r := range []rune(s.text) {
				if unicode.IsSpace(r) {
					continue
				}
				p := s.rune(i)
				if p.line < 1 || p.line > len(f.lines) || p.col > len([]rune(f.lines[p.line-1])) {
					t.Fatalf("rune %d %q is said to be at %v", i, r, p)
				}
				if got := []rune(f.lines[p.line-1])[p.col-1]; got != r && got != '\\' && (got != '\'' || r != '\'') {
					t.Errorf("rune %d %q of %q: the file has %q at %v", i, r, s.text, got, p)
				}
			}
		})
	}
}

// TestPlacesFail checks that a value that cannot be aligned is at least on its own line.
func TestPlacesFail(t *testing.T) {
	t.Parallel()
	_, f := scalarIn(t, "x: y\nk: a")
	doc, err := parser.ParseBytes([]byte("x: y\nk: a"), 0)
	if err != nil {
		t.Fatal(err)
	}
	n := doc.Docs[0].Body.(*ast.MappingNode).Values[1].Value
	if s := f.scalarOf("something else", n); s.places != nil || s.rune(3) != (place{2, 4}) || s.lineCol(7, 9) != (place{2, 4}) {
		t.Errorf("%+v", s)
	}
	if s := f.scalarOf("a", n); s.lineCol(1, 1) != (place{2, 4}) || s.rune(99) != (place{2, 5}) || s.rune(-1) != (place{2, 4}) {
		t.Errorf("%+v", s)
	}
}

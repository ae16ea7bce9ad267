package yamlfile

import (
	"strings"
	"testing"
	"unicode"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// scalarIn parses one value and aligns it with its file.
func scalarIn(t testing.TB, file string) (Scalar, *File) {
	t.Helper()
	f := &File{Name: "f.yaml", lines: strings.Split(file, "\n")}
	doc, err := parser.ParseBytes([]byte(file), 0)
	if err != nil {
		t.Fatal(err)
	}
	list, ok := Mapping(doc.Docs[0].Body)
	if !ok {
		t.Fatal("no mapping")
	}
	text, ok := Text(list[0].Value)
	if !ok {
		t.Fatalf("%T is no text", list[0].Value)
	}
	return f.Scalar(text, list[0].Value), f
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
				p := s.Rune(i)
				if p.Line < 1 || p.Line > len(f.lines) || p.Col > len([]rune(f.lines[p.Line-1])) {
					t.Fatalf("rune %d %q is said to be at %v", i, r, p)
				}
				if got := []rune(f.lines[p.Line-1])[p.Col-1]; got != r && got != '\\' && (got != '\'' || r != '\'') {
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
	if s := f.Scalar("something else", n); s.places != nil || s.Rune(3) != (Place{2, 4}) || s.LineCol(7, 9) != (Place{2, 4}) {
		t.Errorf("%+v", s)
	}
	if s := f.Scalar("a", n); s.LineCol(1, 1) != (Place{2, 4}) || s.Rune(99) != (Place{2, 5}) || s.Rune(-1) != (Place{2, 4}) {
		t.Errorf("%+v", s)
	}
}

package query

import (
	"fmt"
	"strings"
	"testing"
)

func TestLexer(t *testing.T) {
	cases := []struct{ name, in, want string }{
		{"all kinds", `( ) { } : < <= > >= and OR Not`, "2 3 4 5 6 7< 7<= 7> 7>= 8 9 10"},
		{"word", "abc", "1abc"},
		{"keyword before a parenthesis", "and(", "8 2"},
		{"keyword inside a word", "andy band", "1andy 1band"},
		{"escaped keyword", `\and \OR`, "1and 1OR"},
		{"escapes", `a\:b\\c\"\*\{`, `1a:b\c"*{`},
		{"escaped character", `\u0041\n`, "1A\n"},
		{"stars", "a*b**c *", "1[a b c] 1[ ]"},
		{"quoted", `"a \"b\" \\ \x * :"`, `2"a "b" \ \x * :`},
		{"blank between", "a\u00a0b\u3000c", "1a 1b 1c"},
		{"word ends at a quote", `a"b"`, `1a 2"b`},
	}
	for _, c := range cases {
		x := lexer{src: c.in}
		var got []string
		for {
			tok, err := x.next()
			if err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			if tok.kind == tokEnd {
				break
			}
			got = append(got, show(tok))
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: %s\nwant %s", c.name, s, c.want)
		}
	}
}

// show prints a token: the place of its kind, then its text.
func show(t token) string {
	switch t.kind {
	case tokWord:
		if t.parts != nil {
			return fmt.Sprintf("1%v", t.parts)
		}
		return "1" + t.text
	case tokQuoted:
		return `2"` + t.text
	case tokOp:
		return "7" + t.text
	}
	return fmt.Sprint(map[kind]int{tokOpen: 2, tokClose: 3, tokBraceOpen: 4, tokBraceClose: 5, tokColon: 6, tokAnd: 8, tokOr: 9, tokNot: 10}[t.kind])
}

// The caret stands under the mistake also behind wide characters and line breaks.
func TestMistake(t *testing.T) {
	e := mistake("김:\n\"", 5, 6, "what", "do")
	if e.Mark != 4 || e.Width != 1 || e.Text != `김: "` {
		t.Errorf("%+v", e)
	}
	if e := mistake("ab", 2, 2, "what", "do"); e.Mark != 3 || e.Width != 1 {
		t.Errorf("at the end: %+v", e)
	}
}

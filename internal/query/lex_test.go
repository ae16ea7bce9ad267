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

// Tokens follow one another in the query, cover all of it but blanks, and end with the same end for ever: a caret is
// placed by them.
func TestLexer_positions(t *testing.T) {
	for _, src := range []string{
		`user.name: 김민수 and (source.ip: 203.0.113.5 or not x)`,
		"\t a >= 5 \n or b:{ c*d : \"e \\\" f\" } ",
		`\and\ttab\:`,
		"",
	} {
		x, at := lexer{src: src}, 0
		for {
			tok, err := x.next()
			if err != nil {
				t.Fatalf("%q: %v", src, err)
			}
			if tok.start < at || strings.TrimSpace(src[at:tok.start]) != "" {
				t.Fatalf("%q: %q lies between two tokens", src, src[at:tok.start])
			}
			if tok.kind == tokEnd {
				if tok.start != len(src) || tok.end != len(src) {
					t.Errorf("%q ends at %d to %d", src, tok.start, tok.end)
				}
				break
			}
			if tok.end <= tok.start {
				t.Fatalf("%q: an empty token at %d", src, tok.start)
			}
			at = tok.end
		}
		if again, err := x.next(); err != nil || again.kind != tokEnd {
			t.Errorf("%q: after the end comes %v, %v", src, again, err)
		}
	}
}

func TestEscape(t *testing.T) {
	for _, c := range []struct {
		in string
		r  rune
		n  int
	}{
		{"t", '\t', 1}, {"r", '\r', 1}, {"n", '\n', 1}, {"u0041", 'A', 5}, {"uAC00rest", '가', 5},
		{"u004", 0, 0}, {"u00zz", 0, 0}, {"x", 0, 0}, {"u-041", 0, 0},
	} {
		if r, n := escape(c.in); r != c.r || n != c.n {
			t.Errorf("%q: %q, %d bytes", c.in, r, n)
		}
	}
}

// In quotes a backslash before anything else stands for itself, as a path of Windows needs it.
func TestLexer_quotedBackslash(t *testing.T) {
	for in, want := range map[string]string{
		`"C:\Windows\cmd.exe"`: `C:\Windows\cmd.exe`,
		`"C:\\Windows"`:        `C:\Windows`,
		`"a\*b"`:               `a\*b`,
		`"\u12"`:               `\u12`,
		`"line\nline"`:         "line\nline",
		`""`:                   "",
		`"\\"`:                 `\`,
	} {
		x := lexer{src: in}
		tok, err := x.next()
		if err != nil || tok.kind != tokQuoted || tok.text != want {
			t.Errorf("%s is %q, %v", in, tok.text, err)
		}
	}
}

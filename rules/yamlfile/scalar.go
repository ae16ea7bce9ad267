package yamlfile

import (
	"strings"
	"unicode"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// Scalar is a text of a rule file that knows where each of its runes stands in the file.
type Scalar struct {
	text string
	at   Place
	// Of each rune of text, and of the end.
	places []Place
}

// Scalar aligns the value of a YAML scalar with the lines it was written in. YAML folds lines, drops indents and reads
// escapes; what an expression needs is only where its letters are, so blanks are matched loosely and letters one by one.
// Where that fails every rune gets the place of the scalar itself.
func (f *File) Scalar(text string, n ast.Node) Scalar {
	tok := n.GetToken()
	s := Scalar{text: text, at: placeOf(tok)}
	// The token of a block is its | or >; the text begins in the next line. A quote is no part of its text.
	start := s.at
	switch tok.Type {
	case token.LiteralType, token.FoldedType:
		start = Place{s.at.Line + 1, 1}
	case token.SingleQuoteType, token.DoubleQuoteType:
		start.Col++
	}
	w := walker{lines: f.lines, at: start, double: tok.Type == token.DoubleQuoteType, single: tok.Type == token.SingleQuoteType}
	runes := []rune(text)
	s.places = make([]Place, 0, len(runes)+1)
	for _, r := range runes {
		p, ok := w.next(r)
		if !ok {
			// A place that is a little off misleads more than one that is plainly the start of the text.
			s.places = nil
			return s
		}
		s.places = append(s.places, p)
	}
	s.places = append(s.places, w.at)
	return s
}

// Rune returns the place of rune i of the text.
func (s Scalar) Rune(i int) Place {
	if s.places == nil {
		return s.at
	}
	return s.places[max(min(i, len(s.places)-1), 0)]
}

// LineCol returns the place of a line and column of the text, both from 1.
func (s Scalar) LineCol(line, col int) Place {
	i := 0
	for _, r := range s.text {
		if line <= 1 {
			break
		}
		i++
		if r == '\n' {
			line--
		}
	}
	return s.Rune(i + col - 1)
}

// walker goes through the lines of a file beside the value of a scalar.
type walker struct {
	lines []string
	at    Place
	// Of at.Line.
	row            []rune
	rowAt          int
	double, single bool
}

// peek returns the rune at the present place, \n at the end of a line, 0 at the end of the file.
func (w *walker) peek() rune {
	// Lines are turned into runes once each: columns are counted in letters.
	if w.rowAt != w.at.Line {
		if w.at.Line > len(w.lines) {
			return 0
		}
		w.row, w.rowAt = []rune(w.lines[w.at.Line-1]), w.at.Line
	}
	if w.at.Col > len(w.row) {
		return '\n'
	}
	return w.row[w.at.Col-1]
}

// step goes one rune on, at the end of a line to the start of the next.
func (w *walker) step() {
	if w.peek() == '\n' {
		w.at = Place{w.at.Line + 1, 1}
		return
	}
	w.at.Col++
}

// next returns the place of the rune r of the value and goes past it.
func (w *walker) next(r rune) (Place, bool) {
	// YAML may have made one blank of a line end and an indent, or none at all.
	if unicode.IsSpace(r) {
		p := w.at
		w.blanks()
		return p, true
	}
	w.blanks()
	p := w.at
	c := w.peek()
	switch {
	case w.double && c == '\\':
		w.escape()
		return p, true
	case w.single && c == '\'':
		w.step()
	}
	if c == 0 || c == '\n' || c != r {
		return p, false
	}
	w.step()
	return p, true
}

// blanks skips blanks, line ends, and in double quotes the escapes that stand for them.
func (w *walker) blanks() {
	for {
		c := w.peek()
		switch {
		case c == 0:
			return
		case unicode.IsSpace(c):
			w.step()
		case w.double && c == '\\' && w.blankEscape():
			w.step()
			w.step()
		default:
			return
		}
	}
}

// blankEscape tells whether the escape at the present place stands for a blank: \n, \t, \r, an escaped blank, or the end
// of a line that goes on.
func (w *walker) blankEscape() bool {
	return w.at.Col >= len(w.row) || strings.ContainsRune("ntr \t", w.row[w.at.Col])
}

// escape goes past one escape of a double-quoted text that stands for one letter.
func (w *walker) escape() {
	w.step()
	// The escapes of YAML that are written with digits; all others are one letter.
	digits := map[rune]int{'x': 2, 'u': 4, 'U': 8}[w.peek()]
	for range digits + 1 {
		w.step()
	}
}

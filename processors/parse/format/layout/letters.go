package layout

import (
	"fmt"
	"strings"
)

// maxVariants bounds what [optional] parts make of one layout: each doubles it.
const maxVariants = 16

// expand writes a layout with [optional] parts out as several, the longest first.
func expand(layout string) ([]string, error) {
	// Only the outermost part is taken out here; those within it are left to the two layouts that come of it.
	open := -1
	depth := 0
	quoted := false
	for i := range len(layout) {
		switch c := layout[i]; {
		case c == '\'':
			quoted = !quoted
		case quoted:
		case c == '[':
			if depth == 0 {
				open = i
			}
			depth++
		case c == ']' && depth == 0:
			return nil, fmt.Errorf("column %d: ] without its [", i+1)
		case c == ']':
			if depth--; depth > 0 {
				continue
			}
			with, err := expand(layout[:open] + layout[open+1:i] + layout[i+1:])
			if err != nil {
				return nil, err
			}
			without, err := expand(layout[:open] + layout[i+1:])
			if err != nil {
				return nil, err
			}
			if with = append(with, without...); len(with) > maxVariants {
				return nil, fmt.Errorf("column %d: more than %d ways to leave out [parts]", open+1, maxVariants)
			}
			return with, nil
		}
	}
	if depth > 0 {
		return nil, fmt.Errorf("column %d: [ without its ]", open+1)
	}
	return []string{layout}, nil
}

// op reads one part of a text: a letter of the layout, or texts between them (letter 0).
type op struct {
	letter byte
	count  int
	text   string
	// Digits of a number: as many as the letters where a number follows directly, else up to the most that there can be.
	min, max int
}

// ops is a compiled layout.
type ops []op

// numbers are the letters of numbers and the most digits that they can have.
var numbers = map[byte]int{
	'y': 4, 'u': 4, 'M': 2, 'L': 2, 'd': 2, 'D': 3, 'H': 2, 'k': 2, 'h': 2, 'K': 2, 'm': 2, 's': 2, 'S': 9, 'n': 9,
}

// compile compiles a layout without optional parts.
func compile(layout string) (ops, error) {
	var out ops
	// Neighbouring texts become one op.
	text := func(s string) {
		if n := len(out); n > 0 && out[n-1].letter == 0 {
			out[n-1].text += s
			return
		}
		out = append(out, op{text: s})
	}
	for i := 0; i < len(layout); {
		// A letter counts with those of its kind behind it.
		c := layout[i]
		n := 1
		for i+n < len(layout) && layout[i+n] == c {
			n++
		}
		switch {
		case c == '\'':
			s, length := quotedText(layout[i:])
			if length < 0 {
				return nil, fmt.Errorf("column %d: a quote without its end", i+1)
			}
			text(s)
			i += length
			continue
		// Letters without a meaning are refused, so that a name that is misspelled (ISO8061) is no layout.
		case c|0x20 >= 'a' && c|0x20 <= 'z':
			if strings.IndexByte("yuMLdDHkhKmsSnaEeZXxzVOG", c) < 0 {
				return nil, fmt.Errorf("column %d: the letter %c means nothing here; text stands in 'quotes'", i+1, c)
			}
			out = append(out, op{letter: c, count: n})
		default:
			text(layout[i : i+n])
		}
		i += n
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("column 1: the layout is empty")
	}
	out.widths()
	return out, nil
}

// quotedText reads 'text' at the start of s; ” is a quote itself. length is -1 without an end.
func quotedText(s string) (text string, length int) {
	if strings.HasPrefix(s, "''") {
		return "'", 2
	}
	for i := 1; i < len(s); i++ {
		if s[i] != '\'' {
			continue
		}
		if i+1 < len(s) && s[i+1] == '\'' {
			i++
			continue
		}
		return strings.ReplaceAll(s[1:i], "''", "'"), i + 1
	}
	return "", -1
}

// number tells whether an op reads digits.
func (o *op) number() bool {
	return numbers[o.letter] > 0 && !((o.letter == 'M' || o.letter == 'L') && o.count > 2)
}

// widths sets how many digits each number has. As in Java, numbers side by side (yyyyMMdd) have exactly as many digits as
// letters; elsewhere a d reads 1 and 01 alike, which is more than Java does, but what devices write.
func (p ops) widths() {
	for i := range p {
		o := &p[i]
		if !o.number() {
			continue
		}
		// Alone, a number may have any number of digits that makes sense.
		o.min, o.max = 1, numbers[o.letter]
		next := i+1 < len(p) && p[i+1].number()
		last := i > 0 && p[i-1].number()
		if next || last && o.letter != 'S' {
			o.min, o.max = o.count, o.count
		}
		if (o.letter == 'y' || o.letter == 'u') && o.count == 2 {
			o.min, o.max = 2, 2
		}
	}
}

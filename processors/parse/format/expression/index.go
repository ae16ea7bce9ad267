package expression

import (
	"strings"
	"unicode"

	"weir/internal/match/source"
)

// shifts are the runes of the rewritten text that the writer's text does not have.
type shifts []int

// indexes rewrites what expr's lexer would misread, one rune longer each time: _x.0 as _x[0], since .0 is a number to it; and
// within quotes a backslash before a letter that is no escape as two, so that patterns can be written "^\d+\b" as in any other
// place. Comments and texts in backticks stay as they are.
func indexes(src string) (string, shifts) {
	if !strings.ContainsAny(src, `.\`) {
		return src, nil
	}
	var out strings.Builder
	var added shifts
	runes := []rune(src)
	n := 0 // runes written
	// after tells whether what was just written can have members: a name, or a closing bracket.
	after, word := false, false
	for i := 0; i < len(runes); {
		if end := skipped(runes, i); end > i {
			quote := runes[i]
			for ; i < end; i++ {
				out.WriteRune(runes[i])
				n++
				if runes[i] != '\\' || quote == '`' || quote == '/' || i+1 == end {
					continue
				}
				if !isEscape(runes[i+1 : end]) {
					out.WriteRune('\\')
					added = append(added, n)
					n++
				}
				i++
				out.WriteRune(runes[i])
				n++
			}
			after, word = false, false
			continue
		}
		r := runes[i]
		if r == '.' && after {
			if end := digits(runes, i+1); end > i+1 && (end == len(runes) || !nameRune(runes[end])) {
				out.WriteByte('[')
				out.WriteString(string(runes[i+1 : end]))
				out.WriteByte(']')
				n += end - i + 1
				added = append(added, n-1)
				i, after, word = end, true, false
				continue
			}
		}
		switch {
		case nameRune(r) && !word:
			// A word that begins with a digit is a number: 1.5 is no member of 1.
			after, word = !unicode.IsDigit(r), true
		case nameRune(r):
		default:
			after, word = r == ']' || r == ')', false
		}
		out.WriteRune(r)
		n, i = n+1, i+1
	}
	if added == nil {
		return src, nil
	}
	return out.String(), added
}

// isEscape tells whether expr knows what a backslash before these runes means. \a and \b, a bell and a backspace to it, are not
// taken for escapes: nobody looks for those, and \b ends a word in a pattern.
func isEscape(after []rune) bool {
	hex := func(n int) bool {
		if len(after) <= n {
			return false
		}
		for _, r := range after[1 : n+1] {
			if (r < '0' || r > '9') && (r|0x20 < 'a' || r|0x20 > 'f') {
				return false
			}
		}
		return true
	}
	switch after[0] {
	case 'n', 'r', 't', 'f', 'v', '\\', '\'', '"', '`', '?':
		return true
	case 'x':
		return hex(2)
	case 'u':
		return hex(4)
	case 'U':
		return hex(8)
	}
	return false
}

// skipped returns the end of the text or comment that begins at i, i if none does.
func skipped(runes []rune, i int) int {
	switch r := runes[i]; {
	case r == '"' || r == '\'' || r == '`':
		for j := i + 1; j < len(runes); j++ {
			if runes[j] == '\\' && r != '`' {
				j++
			} else if runes[j] == r {
				return j + 1
			}
		}
		return len(runes)
	case r == '/' && i+1 < len(runes) && runes[i+1] == '/':
		for j := i; j < len(runes); j++ {
			if runes[j] == '\n' {
				return j
			}
		}
		return len(runes)
	case r == '/' && i+1 < len(runes) && runes[i+1] == '*':
		for j := i + 2; j+1 < len(runes); j++ {
			if runes[j] == '*' && runes[j+1] == '/' {
				return j + 2
			}
		}
		return len(runes)
	}
	return i
}

// digits returns the end of the run of digits at i.
func digits(runes []rune, i int) int {
	for i < len(runes) && runes[i] >= '0' && runes[i] <= '9' {
		i++
	}
	return i
}

// nameRune tells whether a rune can be part of a name, as expr's lexer sees it.
func nameRune(r rune) bool { return r == '_' || r == '$' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// restore moves an error from the rewritten text to the writer's.
func (s shifts) restore(src, text string, err error) error {
	e, ok := err.(*source.Error) //nolint:errorlint // both sides make it themselves
	if !ok || len(s) == 0 {
		return err
	}
	// Line and column to runes of the rewritten text, less the brackets before them, and back.
	from, line := 0, 1
	for _, r := range text {
		if line == e.Line {
			break
		}
		from++
		if r == '\n' {
			line++
		}
	}
	from += e.Col - 1
	before := 0
	for _, at := range s {
		if at < from {
			before++
		}
	}
	return e.Place(src, from-before, from-before+e.Width)
}

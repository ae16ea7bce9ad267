package pdf

import (
	"strings"
	"unicode"
)

// How good a place is to break a line at.
const (
	never    = iota // before a comma, behind an open bracket
	anywhere        // inside a word: only where it has no better place
	inside          // inside a word, at a sign, or between two syllables of Hangul
	between         // between words, and between characters of Hanja
)

// place tells how good the place between two characters is.
//
// Korean breaks between words where it can, as books do, and between any two syllables where the column is too narrow for
// that; Chinese characters and kana have no words. Signs that close or open something stay with what they belong to.
func place(a, b rune) int {
	switch {
	case a == ' ' || b == ' ':
		return between
	case strings.ContainsRune(")]}>.,:;!?%'\"’”…、。，．」』）〕》·", b), strings.ContainsRune("([{<'\"‘“「『（〔《", a):
		return never
	case ideograph(a) || ideograph(b):
		return between
	case strings.ContainsRune(".,:-+", a) && b >= '0' && b <= '9': // a number, an address, a time of day
		return anywhere
	case strings.ContainsRune(`/\-_.,:;=&?@|+`, a), unicode.Is(unicode.Hangul, a) || unicode.Is(unicode.Hangul, b):
		return inside
	}
	return anywhere
}

// ideograph tells scripts without words.
func ideograph(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
}

// fill is how full a line must be, as a share, for a break between words; a word that leaves more room is broken itself.
const fill = 0.55

// lines breaks a text into lines of at most a width. No line is wider, whatever the text; a text of nothing is one empty
// line. At least one character goes on each, so it ends at any width.
func (f *face) lines(text string, size, width float64) []string {
	rest := []rune(text)
	var out []string
	for {
		n := f.fits(rest, size, width)
		if n == len(rest) {
			return append(out, strings.TrimRight(string(rest), " "))
		}
		n = f.cut(rest, n, size, width)
		out = append(out, strings.TrimRight(string(rest[:n]), " "))
		rest = rest[n:]
		for len(rest) > 0 && rest[0] == ' ' {
			rest = rest[1:]
		}
		if len(rest) == 0 {
			return out
		}
	}
}

// fits returns how many characters fit, at least one.
func (f *face) fits(text []rune, size, width float64) int {
	used := 0.0
	for i, r := range text {
		if r <= 0xffff {
			used += float64(f.width[r]) * size / 1000
		}
		if used > width && i > 0 {
			return i
		}
	}
	return len(text)
}

// cut chooses where to break a line that has room for n characters.
func (f *face) cut(text []rune, n int, size, width float64) int {
	best := [between + 1]int{}
	for i := n; i > 0; i-- {
		if p := place(text[i-1], text[i]); best[p] == 0 {
			best[p] = i
		}
	}
	if i := best[between]; i > 0 && f.wide(string(text[:i]), size) >= fill*width {
		return i
	}
	if i := max(best[between], best[inside]); i > 0 && (i > best[between] || f.wide(string(text[:i]), size) >= fill*width) {
		return i
	}
	if best[between] > 0 {
		return best[between]
	}
	if best[anywhere] > 0 {
		return best[anywhere]
	}
	return n
}

// longest is the width of the widest word of a text: what a column should not go below. A word wider than most is taken
// apart where that is least bad, and no part of it counts for more than most.
func (f *face) longest(text string, size, most float64) float64 {
	if w := f.widest(text, size, between); w <= most {
		return w
	}
	return min(most, f.widest(text, size, inside))
}

// widest is the width of the widest part of a text between places that are at least so good to break at.
func (f *face) widest(text string, size float64, at int) float64 {
	wide, from, runes := 0.0, 0, []rune(text)
	for i := 1; i <= len(runes); i++ {
		if i == len(runes) || place(runes[i-1], runes[i]) >= at {
			wide = max(wide, f.wide(strings.TrimSpace(string(runes[from:i])), size))
			from = i
		}
	}
	return wide
}

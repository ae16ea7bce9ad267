package term

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"
)

// Whoever can write a log line can write to the terminal of whoever reads it: sequences that move the cursor, change the
// title, hide text or turn it around. So everything that came from outside passes here, before it is measured (an escaped
// character is four cells wide and not none) and before our own colours are added.

// Escape makes text from outside harmless: control characters (C0, DEL, C1), direction and invisible characters, and
// bytes that are no UTF-8 become visible: \x1b, \u202e. Anything else, Korean and emoji too, stays as it is.
// What comes out is stable: escaped twice it is the same, so a text may pass here more than once.
func Escape(s string) string {
	i := firstHostile(s)
	if i < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	b.WriteString(s[:i])
	for i < len(s) {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case r < 0x100 && hostile(r):
			fmt.Fprintf(&b, `\x%02x`, r)
		case r > 0xffff && hostile(r):
			fmt.Fprintf(&b, `\U%08x`, r)
		case hostile(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}

// firstHostile returns where escaping must begin, -1 if nowhere.
func firstHostile(s string) int {
	for i, r := range s {
		if hostile(r) || r == utf8.RuneError && !strings.HasPrefix(s[i:], "\ufffd") {
			return i
		}
	}
	return -1
}

// hostile tells characters that move, hide or reorder what a terminal shows.
// The zero-width joiners are not here: names in many scripts and emoji need them, and they hide nothing.
func hostile(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r <= 0x9f:
		return true
	case r < 0x061c:
		return r == 0xad // soft hyphen
	case r == 0x061c, r >= 0x200e && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x206f: // directions
		return true
	case r == 0x200b, r == 0x2028, r == 0x2029, r >= 0x2060 && r <= 0x2065, r == 0xfeff: // invisible, line ends
		return true
	case r >= 0xfff9 && r <= 0xfffb, r >= 0xe0000 && r <= 0xe0fff: // annotations, tags
		return true
	}
	return false
}

// Cells counts the cells that an escaped text takes on a terminal. A Hangul syllable takes two, in every locale. The
// library is asked for graphemes and not runes: a letter with its marks is one cell, a family of emoji two. The locale
// of the process plays no part, since text that is right in one terminal must not break the table of another.
func Cells(s string) int { return displaywidth.String(s) }

// Cut shortens an escaped text to a number of cells; what is cut ends in an ellipsis.
// A grapheme is never cut in half: what is left of half a Korean syllable, or of an emoji, is another character.
func (f *Face) Cut(s string, cells int) string {
	if Cells(s) <= cells {
		return s
	}
	end := f.ellipsis()
	room := cells - Cells(end)
	if room < 0 {
		return strings.Repeat(".", max(0, cells))
	}
	used, g := 0, displaywidth.StringGraphemes(s)
	var b strings.Builder
	for g.Next() {
		if used += g.Width(); used > room {
			break
		}
		b.WriteString(g.Value())
	}
	return b.String() + end
}

// pad fills an escaped text up to a number of cells.
func pad(s string, cells int, right bool) string {
	n := cells - Cells(s)
	if n <= 0 {
		return s
	}
	if right {
		return strings.Repeat(" ", n) + s
	}
	return s + strings.Repeat(" ", n)
}

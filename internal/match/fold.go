package match

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// The functions here compare by Unicode's simple folding, as strings.EqualFold does, and allocate nothing.

// prefixFold tells whether s begins with sub.
func prefixFold(s, sub string) bool {
	_, ok := cutFold(s, sub)
	return ok
}

// cutFold returns how many bytes of s are a fold of sub. They may be more or fewer than sub has: the Kelvin sign folds
// to k.
func cutFold(s, sub string) (n int, ok bool) {
	i := 0
	for j := 0; j < len(sub); {
		if i >= len(s) {
			return 0, false
		}
		a, b := s[i], sub[j]
		if a|b < utf8.RuneSelf {
			if a != b && lowerByte(a) != lowerByte(b) {
				return 0, false
			}
			i, j = i+1, j+1
			continue
		}
		ra, na := utf8.DecodeRuneInString(s[i:])
		rb, nb := utf8.DecodeRuneInString(sub[j:])
		if ra != rb && !sameFold(ra, rb) {
			return 0, false
		}
		i, j = i+na, j+nb
	}
	return i, true
}

// lowerByte folds one letter of ASCII.
func lowerByte(b byte) byte {
	if 'A' <= b && b <= 'Z' {
		return b + 'a' - 'A'
	}
	return b
}

// sameFold walks the small circle of runes that fold to one another: k, K and the Kelvin sign.
func sameFold(a, b rune) bool {
	for r := unicode.SimpleFold(a); r != a; r = unicode.SimpleFold(r) {
		if r == b {
			return true
		}
	}
	return false
}

// containsFold tells whether sub is somewhere in s.
func containsFold(s, sub string) bool {
	if sub == "" {
		return true
	}
	first := sub[0]
	if first >= utf8.RuneSelf {
		return containsFoldSlow(s, sub)
	}
	lo, up := lowerByte(first), upperByte(first)
	for i := 0; i < len(s); i++ {
		// Beyond ASCII only the start of a rune that folds into ASCII can begin a match.
		if b := s[i]; b == lo || b == up || b >= utf8.RuneSelf && utf8.RuneStart(b) {
			if prefixFold(s[i:], sub) {
				return true
			}
		}
	}
	return false
}

// upperByte is the other case of lowerByte.
func upperByte(b byte) byte {
	if 'a' <= b && b <= 'z' {
		return b - ('a' - 'A')
	}
	return b
}

// containsFoldSlow tries every rune: what a letter beyond ASCII folds to cannot be looked for by its first byte.
func containsFoldSlow(s, sub string) bool {
	for i := range s {
		if prefixFold(s[i:], sub) {
			return true
		}
	}
	return false
}

// suffixFold tells whether s ends with sub. As many runes as sub has are compared from the end, because folds of one
// letter differ in length.
func suffixFold(s, sub string) bool {
	n := utf8.RuneCountInString(sub)
	if n == 0 {
		return true
	}
	i := len(s)
	for ; n > 0 && i > 0; n-- {
		_, size := utf8.DecodeLastRuneInString(s[:i])
		i -= size
	}
	return n == 0 && strings.EqualFold(s[i:], sub)
}

package texts

import (
	"strings"
	"unicode/utf8"
)

// The functions here say where a text lies in another one, in bytes of that one. With fold they compare by Unicode's simple
// folding, as strings.EqualFold does. They are for showing people what was found; what only has to be known is quicker to
// see on folded texts.

// Prefix returns how many bytes of s are sub at its beginning. With fold they may be more or fewer than sub has: the Kelvin
// sign folds to k.
func Prefix(s, sub string, fold bool) (end int, ok bool) {
	if !fold {
		return len(sub), strings.HasPrefix(s, sub)
	}
	for range utf8.RuneCountInString(sub) {
		if end == len(s) {
			return 0, false
		}
		_, n := utf8.DecodeRuneInString(s[end:])
		end += n
	}
	return end, strings.EqualFold(s[:end], sub)
}

// Suffix returns where in s the text sub begins that s ends with.
func Suffix(s, sub string, fold bool) (start int, ok bool) {
	if !fold {
		return len(s) - len(sub), strings.HasSuffix(s, sub)
	}
	start = len(s)
	for range utf8.RuneCountInString(sub) {
		if start == 0 {
			return 0, false
		}
		_, n := utf8.DecodeLastRuneInString(s[:start])
		start -= n
	}
	return start, strings.EqualFold(s[start:], sub)
}

// Index returns the first place of sub in s.
func Index(s, sub string, fold bool) (start, end int, ok bool) {
	if !fold {
		start = strings.Index(s, sub)
		return start, start + len(sub), start >= 0
	}
	for start < len(s) {
		if n, ok := Prefix(s[start:], sub, true); ok {
			return start, start + n, true
		}
		_, n := utf8.DecodeRuneInString(s[start:])
		start += n
	}
	return start, start, sub == ""
}

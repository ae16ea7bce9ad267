package query

import (
	"strings"
	"unicode"
	"unicode/utf8"
	"unsafe"

	"weir/event"
)

// newTextTester returns the test of a value for a text field.
// No list of the text's tokens is ever made: the scanner walks over it, and a walk that has failed costs nothing. A copy
// of the scanner is how a phrase is tried from one token on.
func newTextTester(l Lit) tester {
	if l.Quoted {
		return phraseTester(foldedTokens(l.Text))
	}
	if !l.Wild() {
		return wordsTester{words: foldedTokens(l.Text)}
	}
	// With stars, the value is cut into words at blanks; a word with stars stays one glob, a plain one gives its tokens.
	var t wordsTester
	var at []string // the word at hand, as texts around stars
	flush := func() {
		if len(at) == 1 {
			t.words = append(t.words, foldedTokens(at[0])...)
		} else if len(at) > 1 {
			t.globs = append(t.globs, at)
		}
		at = nil
	}
	for i, part := range l.Parts {
		words := strings.Fields(part)
		blankBefore := part != "" && strings.TrimLeftFunc(part, unicode.IsSpace) != part
		if i > 0 {
			if len(at) == 0 {
				at = []string{""}
			}
			at = append(at, "")
		}
		for j, w := range words {
			if j > 0 || blankBefore {
				flush()
			}
			if len(at) == 0 {
				at = []string{""}
			}
			at[len(at)-1] += string(Fold(nil, w))
		}
		if len(words) == 0 && part != "" || part != "" && strings.TrimRightFunc(part, unicode.IsSpace) != part {
			flush()
		}
	}
	flush()
	return t
}

// wordsTester is true if any token is one of the words or fits one of the globs.
type wordsTester struct {
	words []string
	globs [][]string
}

// test ends at the first token that is one of the words.
func (t wordsTester) test(v event.Value) bool {
	sc := scanner{s: textOf(v)}
	for tok, ok := sc.next(); ok; tok, ok = sc.next() {
		for _, w := range t.words {
			if sameToken(tok, w) {
				return true
			}
		}
		for _, g := range t.globs {
			if globToken(g, tok) {
				return true
			}
		}
	}
	return false
}

// globToken tells whether the token, once folded, fits a glob. Only a token with capitals is folded, on the stack.
func globToken(glob []string, tok string) bool {
	for i := 0; i < len(tok); i++ {
		if c := tok[i]; c >= utf8.RuneSelf || 'A' <= c && c <= 'Z' {
			var buf [256]byte
			folded := Fold(buf[:0], tok)
			return globMatch(glob, unsafe.String(unsafe.SliceData(folded), len(folded)))
		}
	}
	return globMatch(glob, tok)
}

// phraseTester is true if its tokens follow one another. Without tokens it is never true.
type phraseTester []string

// test tries the phrase at each token that begins it.
func (t phraseTester) test(v event.Value) bool {
	if len(t) == 0 {
		return false
	}
	sc := scanner{s: textOf(v)}
	for tok, ok := sc.next(); ok; tok, ok = sc.next() {
		if sameToken(tok, t[0]) && follows(sc, t[1:]) {
			return true
		}
	}
	return false
}

// follows tells whether the words are the next tokens.
func follows(sc scanner, words []string) bool {
	for _, w := range words {
		tok, ok := sc.next()
		if !ok || !sameToken(tok, w) {
			return false
		}
	}
	return true
}

// textOf returns the text of a value; only a string needs no copy.
func textOf(v event.Value) string { return v.Text() }

package query

import (
	"iter"
	"unicode"
	"unicode/utf8"
)

// maxToken is the length in characters at which a token is cut.
const maxToken = 255

// class is what a character does to a token. The rules are those of UAX 29 in a shortened form, because index and query
// must agree to the byte: a token that is found by one and not by the other is an event that is never found again.
// Changing anything here needs an archive that is indexed anew.
type class uint8

// The classes that begin a token are letter, digit, joins, katakana and standAlone; skip relies on it.
const (
	separates class = iota
	letter
	digit
	joins      // underscore: joins anything
	extends    // marks and formats: belong to the token they follow
	dotLike    // . ' between letters or between digits
	commaLike  // , ; between digits
	katakana   // joins katakana
	standAlone // Han, Hiragana: one token each
)

// asciiClass holds the classes of the characters that nearly all logs are made of.
var asciiClass = func() (t [utf8.RuneSelf]class) {
	for c := '0'; c <= '9'; c++ {
		t[c] = digit
	}
	for c := 'a'; c <= 'z'; c++ {
		t[c], t[c-'a'+'A'] = letter, letter
	}
	t['_'], t['.'], t['\''], t[','], t[';'] = joins, dotLike, dotLike, commaLike, commaLike
	return t
}()

// classOf follows the Word_Break property of Unicode, folded to what tokens need. The order matters: marks and Han
// characters are letters to package unicode.
func classOf(r rune) class {
	switch {
	case r < utf8.RuneSelf:
		return asciiClass[r]
	case 0xAC00 <= r && r <= 0xD7A3: // Hangul syllables, the most common of what follows here
		return letter
	case r == utf8.RuneError:
		return separates
	case r == 0x2018 || r == 0x2019 || r == 0x2024 || r == 0xFE52 || r == 0xFF07 || r == 0xFF0E:
		return dotLike
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Mc, unicode.Cf):
		return extends
	case unicode.In(r, unicode.Han, unicode.Hiragana):
		return standAlone
	case unicode.Is(unicode.Katakana, r) || r == 0x30FC:
		return katakana
	case unicode.Is(unicode.Pc, r):
		return joins
	case unicode.Is(unicode.Nd, r):
		return digit
	case unicode.IsLetter(r) || unicode.Is(unicode.Nl, r):
		return letter
	}
	return separates
}

// scanner walks over the tokens of a text. It is a value: a copy walks on by itself.
// It allocates nothing and keeps nothing but a place, so that a phrase can be tried and given up.
type scanner struct {
	s   string
	pos int
}

// next returns the next token as it is written; ok is false at the end.
func (sc *scanner) next() (tok string, ok bool) {
	for sc.skip(); sc.pos < len(sc.s); sc.skip() {
		start := sc.pos
		end, word := tokenEnd(sc.s, start)
		sc.pos = end
		if word { // underscores alone are no token
			return sc.s[start:end], true
		}
	}
	return "", false
}

// skip goes to the next character that can begin a token.
func (sc *scanner) skip() {
	s, i := sc.s, sc.pos
	for i < len(s) {
		if c := s[i]; c < utf8.RuneSelf {
			if k := asciiClass[c]; k == letter || k == digit || k == joins {
				break
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if k := classOf(r); k == letter || k == digit || k == joins || k == katakana || k == standAlone {
			break
		}
		i += n
	}
	sc.pos = i
}

// tokenEnd finds the end of the token that begins at start; word is false if nothing but underscores was found.
func tokenEnd(s string, start int) (end int, word bool) {
	prev, runes := separates, 0 // prev: class of the last character that was no mark
	for i := start; i < len(s); runes++ {
		if runes == maxToken {
			return i, word
		}
		r, n := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(s[i:])
		}
		k := classOf(r)
		switch k {
		case separates:
			return i, word
		case extends:
			i += n
			continue
		case standAlone:
			if i == start {
				return skipExtends(s, i+n), true
			}
			return i, word
		case dotLike, commaLike:
			if runes+1 == maxToken || !bridges(k, prev, s[i+n:]) {
				return i, word
			}
			i += n
			continue
		case katakana:
			if prev == letter || prev == digit {
				return i, word
			}
		case letter, digit:
			if prev == katakana {
				return i, word
			}
		}
		word = word || k != joins
		prev = k
		i += n
	}
	return len(s), word
}

// bridges tells whether a point or comma of class k joins what is before it with what follows.
func bridges(k, prev class, rest string) bool {
	if prev != letter && prev != digit || k == commaLike && prev != digit {
		return false
	}
	r, _ := utf8.DecodeRuneInString(rest)
	return rest != "" && classOf(r) == prev
}

// skipExtends goes past the marks that belong to the character before them.
func skipExtends(s string, i int) int {
	for i < len(s) {
		r, n := utf8.DecodeRuneInString(s[i:])
		if classOf(r) != extends {
			break
		}
		i += n
	}
	return i
}

// Tokens returns the tokens of a text one after another, as they are written: they are parts of s. Compare and index
// them in the form that Fold gives them.
func Tokens(s string) iter.Seq[string] {
	return func(yield func(string) bool) {
		sc := scanner{s: s}
		for tok, ok := sc.next(); ok; tok, ok = sc.next() {
			if !yield(tok) {
				return
			}
		}
	}
}

// Fold appends a token in the form in which tokens are compared: lower case, character by character.
func Fold(dst []byte, tok string) []byte {
	for i := 0; i < len(tok); {
		c := tok[i]
		if c < utf8.RuneSelf {
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			dst = append(dst, c)
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(tok[i:])
		dst = utf8.AppendRune(dst, unicode.ToLower(r))
		i += n
	}
	return dst
}

// foldedTokens returns the tokens of s as they are compared.
func foldedTokens(s string) []string {
	var out []string
	for tok := range Tokens(s) {
		out = append(out, string(Fold(nil, tok)))
	}
	return out
}

// sameToken tells whether tok, once folded, is word.
func sameToken(tok, word string) bool {
	i := 0
	for ; i < len(tok) && i < len(word); i++ {
		c := tok[i]
		if c >= utf8.RuneSelf {
			return sameRunes(tok[i:], word[i:])
		}
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != word[i] {
			return false
		}
	}
	return i == len(tok) && i == len(word)
}

// sameRunes is sameToken from the first character beyond ASCII on.
func sameRunes(tok, word string) bool {
	for tok != "" && word != "" {
		r, n := utf8.DecodeRuneInString(tok)
		w, m := utf8.DecodeRuneInString(word)
		if unicode.ToLower(r) != w {
			return false
		}
		tok, word = tok[n:], word[m:]
	}
	return tok == "" && word == ""
}

package query

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"weir/internal/fault"
)

// kind is what a token is.
type kind uint8

const (
	tokEnd kind = iota
	tokWord
	tokQuoted
	tokOpen
	tokClose
	tokBraceOpen
	tokBraceClose
	tokColon
	tokOp // > >= < <=
	tokAnd
	tokOr
	tokNot
)

// token is one piece of a query. Positions are bytes of the source.
type token struct {
	kind       kind
	start, end int
	text       string   // of a word or a quoted text, escapes resolved; the operator; wild words: see parts
	parts      []string // of a word with stars: the texts around them
}

// lexer cuts a query into tokens. It is used by one Parse call.
// The lexer never guesses: what a character means depends on the characters before it alone, not on the grammar. Words
// keep their blanks apart, since only the parser knows whether two of them are one value.
type lexer struct {
	src string
	pos int
}

// next returns the next token, of kind tokEnd at the end of the query and after it.
func (x *lexer) next() (token, *fault.Error) {
	// Blanks are those of Unicode: text that was copied from a page has no-break spaces in it, which nobody sees.
	for x.pos < len(x.src) {
		r, n := utf8.DecodeRuneInString(x.src[x.pos:])
		if !unicode.IsSpace(r) {
			break
		}
		x.pos += n
	}
	t := token{start: x.pos, end: x.pos}
	if x.pos == len(x.src) {
		return t, nil
	}
	c := x.src[x.pos]
	if k, ok := map[byte]kind{'(': tokOpen, ')': tokClose, '{': tokBraceOpen, '}': tokBraceClose, ':': tokColon}[c]; ok {
		x.pos++
		t.kind, t.end = k, x.pos
		return t, nil
	}
	switch c {
	case '<', '>':
		x.pos++
		if x.pos < len(x.src) && x.src[x.pos] == '=' {
			x.pos++
		}
		t.kind, t.end, t.text = tokOp, x.pos, x.src[t.start:x.pos]
		return t, nil
	case '"':
		return x.quoted(t)
	}
	return x.word(t)
}

// quoted reads up to the closing quote. A backslash before anything but its escapes stands for itself, as in Kibana:
// "C:\Windows" needs no doubling.
func (x *lexer) quoted(t token) (token, *fault.Error) {
	var b strings.Builder
	x.pos++
	for x.pos < len(x.src) {
		c := x.src[x.pos]
		x.pos++
		if c == '"' {
			t.kind, t.end, t.text = tokQuoted, x.pos, b.String()
			return t, nil
		}
		if c == '\\' && x.pos < len(x.src) {
			switch e := x.src[x.pos]; e {
			case '\\', '"':
				c = e
				x.pos++
			case 't', 'r', 'n', 'u':
				if r, n := escape(x.src[x.pos:]); n > 0 {
					b.WriteRune(r)
					x.pos += n
					continue
				}
			}
		}
		b.WriteByte(c)
	}
	return t, mistake(x.src, t.start, t.start+1, "the quote opened here is never closed", "add `\"` where the text ends")
}

// escape reads t, r, n or uXXXX after a backslash; n is 0 if it is none of them.
func escape(s string) (r rune, n int) {
	switch s[0] {
	case 't':
		return '\t', 1
	case 'r':
		return '\r', 1
	case 'n':
		return '\n', 1
	}
	if s[0] == 'u' && len(s) >= 5 {
		if v, err := strconv.ParseUint(s[1:5], 16, 16); err == nil {
			return rune(v), 5
		}
	}
	return 0, 0
}

// word reads up to the next blank or special character.
func (x *lexer) word(t token) (token, *fault.Error) {
	// A keyword is only one at the start of a word: android and notes are words.
	if k := keywordAt(x.src[x.pos:]); k != "" {
		x.pos += len(k)
		t.kind, t.end = map[string]kind{"and": tokAnd, "or": tokOr, "not": tokNot}[k], x.pos
		return t, nil
	}
	var b strings.Builder
	for x.pos < len(x.src) {
		r, n := utf8.DecodeRuneInString(x.src[x.pos:])
		c := x.src[x.pos]
		switch {
		case c == '*':
			if t.parts == nil || b.Len() > 0 { // several stars in a row are one
				t.parts = append(t.parts, b.String())
				b.Reset()
			}
			x.pos++
			continue
		case c == '\\':
			if err := x.escaped(&b); err != nil {
				return t, err
			}
			continue
		case unicode.IsSpace(r) || n == 1 && isSpecial(c):
		default:
			b.WriteString(x.src[x.pos : x.pos+n])
			x.pos += n
			continue
		}
		break
	}
	if t.parts != nil {
		t.parts = append(t.parts, b.String())
	}
	t.kind, t.end, t.text = tokWord, x.pos, b.String()
	return t, nil
}

// escaped reads a backslash outside quotes and what it stands before.
func (x *lexer) escaped(b *strings.Builder) *fault.Error {
	rest := x.src[x.pos+1:]
	if k := keywordAt(rest); k != "" {
		b.WriteString(rest[:len(k)])
		x.pos += 1 + len(k)
		return nil
	}
	// As in Kibana the word may go on: \order. A backslash before n is a line end unless the word is `not`.
	for _, k := range [...]string{"and", "or"} {
		if len(rest) >= len(k) && strings.EqualFold(rest[:len(k)], k) {
			b.WriteString(rest[:len(k)])
			x.pos += 1 + len(k)
			return nil
		}
	}
	if rest != "" {
		if isSpecial(rest[0]) {
			b.WriteByte(rest[0])
			x.pos += 2
			return nil
		}
		if r, n := escape(rest); n > 0 {
			b.WriteRune(r)
			x.pos += 1 + n
			return nil
		}
	}
	return mistake(x.src, x.pos, x.pos+1, "a backslash must be written twice outside quotes", "write `\\\\`, or put the value in quotes")
}

// mistake makes the error of a query: from and to are bytes of src.
// It is the one place that makes errors of a query, so that all of them have a caret and the same last words.
func mistake(src string, from, to int, what, do string) *fault.Error {
	return &fault.Error{
		Code:  "kql-syntax",
		What:  what,
		Text:  strings.Map(oneLine, src),
		Mark:  column(src, from),
		Width: max(1, utf8.RuneCountInString(src[from:max(from, to)])),
		Do:    do + "; KQL in one page: weir help kql",
		Exit:  fault.ExitUsage,
	}
}

// column is where byte at of src stands, in runes from 1.
// Runes and not bytes or cells: what a terminal makes of it is the business of term.
func column(src string, at int) int { return 1 + utf8.RuneCountInString(src[:at]) }

// oneLine keeps the query on the one line that a caret can point into.
func oneLine(r rune) rune {
	if r == '\n' || r == '\r' || r == '\t' {
		return ' '
	}
	return r
}

// Package kv reads messages made of key=value pairs, of any vendor, into ECS.
package kv

import (
	"errors"
	"strings"

	"weir/event"
)

// errNoPairs is the one error: there is no key with an = behind it anywhere.
var errNoPairs = errors.New("no key=value pairs")

// Limits.
const (
	// maxPairs bounds the pairs of one message; what is above is kept as one text under the key "rest".
	maxPairs = 512
	maxKey   = 64
	// Looks wants its pairs near the start of a message: prose with a pair or two further on is no such message.
	looksWindow = 256
	looksFirst  = 64
	looksPairs  = 3
)

// Looks tells cheaply whether msg is made of key=value pairs: at least three near its start, and no more words among
// them than pairs. It runs for every message that nothing else has recognised, so it reads 256 bytes and copies none. A
// wrong yes costs more than a wrong no: prose would be torn into pairs.
func Looks(msg string) bool {
	window := msg[:min(len(msg), looksWindow)]
	pairs, words := 0, 0
	for i := 0; i < len(window); {
		for i < len(window) && isSeparator(window[i]) {
			i++
		}
		if n := keyLen(window, i); n > 0 {
			if pairs == 0 && i > looksFirst {
				return false
			}
			if pairs++; pairs >= looksPairs && pairs >= words {
				return true
			}
			i += n + 1
			// Words in quotes are no words of prose.
			if i < len(window) && (window[i] == '"' || window[i] == '\'') {
				i = closing(window, i)
			}
		} else if i < len(window) {
			words++
		}
		for i < len(window) && !isSeparator(window[i]) {
			i++
		}
	}
	return false
}

// Parse reads the pairs of msg into e. The strings it sets alias msg where they have no escapes. Every pair is kept in
// weir.data; those whose key is a common one set its ECS field too. A key that comes again gives a list.
func Parse(e *event.Event, msg string) error {
	e.SetStr(event.Message, msg)
	start := firstKey(msg)
	if start < 0 {
		return errNoPairs
	}
	p := parser{e: e}
	rest := msg[start:]
	for count := 0; rest != ""; count++ {
		if count == maxPairs {
			e.AddMember(event.WeirData, "rest", event.Str(rest))
			break
		}
		n := keyLen(rest, 0)
		if n == 0 {
			break
		}
		value, next := readValue(rest, n+1)
		if number, flags, ok := splitFlags(value); ok {
			value = number
			e.AddMember(event.WeirData, "rest", event.Str(flags))
		}
		p.pair(rest[:n], value)
		rest = rest[next:]
	}
	p.finish()
	return nil
}

// firstKey returns where the first pair begins, -1 if there is none. What stands before it is in message, and is no
// value of anything.
func firstKey(msg string) int {
	for i := 0; i < len(msg); i++ {
		if (i == 0 || isSeparator(msg[i-1])) && keyLen(msg, i) > 0 {
			return i
		}
	}
	return -1
}

// isSeparator tells whether a pair may begin behind the byte. Opening brackets count: some devices put pairs into them.
func isSeparator(c byte) bool {
	switch c {
	case ' ', '\t', ',', ';', '|', '\n', '\r', '(', '[', '{':
		return true
	}
	return false
}

// keyLen returns the length of the key at s[i:] that an = follows, 0 if there is none.
func keyLen(s string, i int) int {
	if i >= len(s) || !isLetter(s[i]) {
		return 0
	}
	for j := i + 1; j < len(s) && j-i <= maxKey; j++ {
		switch c := s[j]; {
		case c == '=':
			return j - i
		case isLetter(c), c >= '0' && c <= '9', c == '.', c == '-', c == ':', c == '/':
		default:
			return 0
		}
	}
	return 0
}

// isLetter tells whether a key may begin with the byte. Digits may not: 1=2 is a formula.
func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' }

// readValue returns the value at s[from:] and where the next pair begins. A value in quotes ends at the closing one;
// another one ends before the next key, so it may have blanks.
func readValue(s string, from int) (value string, next int) {
	if from < len(s) && (s[from] == '"' || s[from] == '\'') {
		end := closing(s, from)
		if end <= len(s) && end > from+1 && s[end-1] == s[from] {
			return unescape(s[from+1 : end-1]), nextKey(s, end)
		}
	}
	for i := from; i < len(s); i++ {
		if !isSeparator(s[i]) {
			continue
		}
		end := i
		for i < len(s) && isSeparator(s[i]) {
			i++
		}
		// What follows is a key, so the value ends here; else the blank is part of it.
		if i == len(s) || keyLen(s, i) > 0 {
			return trimEnd(s[from:end]), i
		}
		i--
	}
	return trimEnd(s[from:]), len(s)
}

// trimEnd takes blanks off, and a bracket that was opened before the value began.
func trimEnd(value string) string {
	value = strings.TrimRight(value, " \t\r\n")
	for _, pair := range [...]string{"()", "[]", "{}"} {
		if n := len(value) - 1; n >= 0 && value[n] == pair[1] && strings.IndexByte(value, pair[0]) < 0 {
			return value[:n]
		}
	}
	return value
}

// splitFlags parts a number from words in capitals behind it, which belong to no key: the kernel's packet filter writes
// DPT=80 WINDOW=29200 SYN URGP=0.
// Without this WINDOW would be the text "29200 SYN", and no longer a number.
func splitFlags(value string) (number, flags string, ok bool) {
	number, flags, ok = strings.Cut(value, " ")
	if !ok || number == "" || flags == "" {
		return "", "", false
	}
	for i := 0; i < len(number); i++ {
		if c := number[i]; (c < '0' || c > '9') && c != 'x' {
			return "", "", false
		}
	}
	for i := 0; i < len(flags); i++ {
		if c := flags[i]; (c < 'A' || c > 'Z') && c != ' ' {
			return "", "", false
		}
	}
	return number, flags, true
}

// nextKey returns where the next pair begins, the end if there is none. What stands between is in message.
// Text between a closing quote and the next key belongs to nobody.
func nextKey(s string, from int) int {
	for i := from; i < len(s); i++ {
		if isSeparator(s[i]) && keyLen(s, i+1) > 0 {
			return i + 1
		}
	}
	return len(s)
}

// closing returns the place behind the quote that closes the one at s[i], the end of s if there is none.
func closing(s string, i int) int {
	quote := s[i]
	for i++; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case quote:
			return i + 1
		}
	}
	return len(s)
}

// unescape takes the meaning from \" \' and \\. Other backslashes are kept: paths of Windows have them unescaped.
func unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\'' || s[i+1] == '\\') {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

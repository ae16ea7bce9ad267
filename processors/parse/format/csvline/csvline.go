// Package csvline cuts one line of comma-separated values as RFC 4180 has them, and goes on where a line breaks its rules.
package csvline

import (
	"fmt"
	"strings"
)

// maxFields bounds what one line can make of memory: each field costs 16 bytes in the list, however short it is.
const maxFields = 65536

// Split appends the fields of s to dst and returns it. Fields are parts of s; only a field with doubled quotes in it is
// a copy, put together in scratch, which is the caller's and is used again by the next call (nil is allowed).
//
// It is lenient, because a log is read as far as it can be: a quote inside a field that did not begin with one is a
// letter, blanks before an opening quote are skipped, what stands between a closing quote and the separator belongs to
// the field, and a field whose quote is never closed (a line cut by its transport) goes to the end. quote 0 means that
// no byte quotes. The only error is a line of more than 65536 fields.
func Split(dst []string, s string, sep, quote byte, scratch *[]byte) ([]string, error) {
	if s == "" {
		return dst, nil
	}
	first := len(dst)
	for {
		if len(dst)-first >= maxFields {
			return dst, fmt.Errorf("splitting separated values: more than %d fields", maxFields)
		}
		start, quoted := opening(s, sep, quote)
		var field string
		var end int // of the field: len(s) or where its separator is
		if quoted {
			field, end = quotedField(s, start, sep, quote, scratch)
		} else {
			if end = strings.IndexByte(s, sep); end < 0 {
				end = len(s)
			}
			field = s[:end]
		}
		dst = append(dst, field)
		if end >= len(s) {
			return dst, nil
		}
		s = s[end+1:]
	}
}

// opening tells whether the first field of s is quoted, and where the text behind its quote begins.
func opening(s string, sep, quote byte) (start int, quoted bool) {
	if quote == 0 {
		return 0, false
	}
	i := 0
	for i < len(s) && s[i] == ' ' && sep != ' ' {
		i++
	}
	if i < len(s) && s[i] == quote {
		return i + 1, true
	}
	return 0, false
}

// quotedField reads a field whose quote was opened before start. end is where its separator is, or len(s).
func quotedField(s string, start int, sep, quote byte, scratch *[]byte) (field string, end int) {
	i := strings.IndexByte(s[start:], quote)
	if i < 0 {
		return s[start:], len(s)
	}
	i += start
	// Nearly every quoted field ends here, and is a part of the line.
	if i+1 == len(s) || s[i+1] == sep {
		return s[start:i], i + 1
	}
	var own []byte
	if scratch == nil {
		scratch = &own
	}
	b := append((*scratch)[:0], s[start:i]...)
	open := true // s[i] is a quote, inside the quotes if open
	for i < len(s) && (open || s[i] != sep) {
		switch {
		case s[i] != quote:
			b = append(b, s[i])
		case open && i+1 < len(s) && s[i+1] == quote:
			b = append(b, quote)
			i++
		case open:
			open = false
		default:
			b = append(b, quote)
		}
		i++
	}
	*scratch = b
	return string(b), i
}

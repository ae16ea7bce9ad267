package template

import (
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"
)

// Plain leaves a value as it is: for bodies that are plain text, and for values that are escaped
// afterwards.
func Plain(s string) string { return s }

// JSON escapes a value for the inside of a JSON string. Bytes that are no UTF-8 become U+FFFD.
func JSON(s string) string {
	quoted, err := json.Marshal(s)
	if err != nil {
		return "" // a string can always be written
	}
	return string(quoted[1 : len(quoted)-1])
}

// URL escapes a value for any part of an address, path or query: all but letters, digits and -._~ is
// percent-encoded.
func URL(s string) string { return Percent([]byte(s)) }

// Percent percent-encodes bytes, which may be text in any encoding.
func Percent(data []byte) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for _, c := range data {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("-._~", c) >= 0:
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte(digits[c>>4])
			b.WriteByte(digits[c&15])
		}
	}
	return b.String()
}

// Header escapes a value for a header of HTTP: one line without control characters.
func Header(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f || r == utf8.RuneError {
			return ' '
		}
		return r
	}, s)
}

// errNoJSON is the reason of a template that does not make JSON.
var errNoJSON = errors.New("it makes no JSON; texts stand in quotes: \"{{alert.what}}\"")

// CheckJSON tells whether the template makes JSON whatever the values are: texts must stand inside of
// quotes, only numbers may stand without. Filled with JSON, it then makes JSON.
func (t *Template) CheckJSON() error {
	filled := t.Fill(func(s string) string {
		if n := find(s); n != nil && n.number {
			return "1"
		}
		return "x"
	}, Plain)
	if !json.Valid([]byte(filled)) {
		return errNoJSON
	}
	return nil
}

// Package jsonspan finds where the values of a JSON text stand in it, so that a part of a record stays the bytes that came.
package jsonspan

import (
	"errors"
	"strings"
)

// maxDepth bounds nesting, so that no text makes the search slow or the stack deep.
const maxDepth = 10_000

// errJSON says that a text is no JSON where it was looked at.
var errJSON = errors.New("the message is no whole JSON")

// Items calls fn with each item of the array that stands below a path of names in the object s; without names s is the array
// itself. A message that has no such array is one part. Items before a broken one are handed on before the error.
func Items(s string, path []string, fn func(item string) error) error {
	s = strings.TrimSpace(s)
	at := s
	for _, name := range path {
		var ok bool
		if at, ok = member(at, name); !ok {
			return fn(s)
		}
	}
	if at == "" || at[0] != '[' {
		return fn(s)
	}
	rest := blank(at[1:])
	if strings.HasPrefix(rest, "]") {
		return nil
	}
	for {
		n := value(rest)
		if n < 0 {
			return errJSON
		}
		if err := fn(rest[:n]); err != nil {
			return err
		}
		rest = blank(rest[n:])
		switch {
		case strings.HasPrefix(rest, ","):
			rest = blank(rest[1:])
		case strings.HasPrefix(rest, "]"):
			return nil
		default:
			return errJSON
		}
	}
}

// member returns the text from the value of a member of the object at the start of s on.
func member(s, name string) (from string, ok bool) {
	if s == "" || s[0] != '{' {
		return "", false
	}
	rest := blank(s[1:])
	for strings.HasPrefix(rest, `"`) {
		n := text(rest)
		if n < 0 {
			return "", false
		}
		key := rest[1 : n-1]
		rest = blank(rest[n:])
		if !strings.HasPrefix(rest, ":") {
			return "", false
		}
		rest = blank(rest[1:])
		if key == name {
			return rest, true
		}
		if n = value(rest); n < 0 {
			return "", false
		}
		rest = blank(rest[n:])
		if !strings.HasPrefix(rest, ",") {
			return "", false
		}
		rest = blank(rest[1:])
	}
	return "", false
}

// blank cuts off what may stand between two values.
func blank(s string) string { return strings.TrimLeft(s, " \t\r\n") }

// text returns the length of the JSON string at the start of s, -1 if it does not end.
func text(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return -1
}

// value returns the length of the JSON value at the start of s, -1 if there is none. It counts brackets and passes over
// strings: whether what is between is right is for who reads it.
func value(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '"':
			n := text(s[i:])
			if n < 0 {
				return -1
			}
			i += n - 1
			if depth == 0 {
				return i + 1
			}
		case '{', '[':
			if depth++; depth > maxDepth {
				return -1
			}
		case '}', ']':
			switch depth--; {
			case depth == 0:
				return i + 1
			case depth < 0:
				return end(i)
			}
		case ',', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return end(i)
			}
		}
	}
	if depth > 0 {
		return -1
	}
	return end(len(s))
}

// end is where a number or a word ends; there must be one.
func end(i int) int {
	if i == 0 {
		return -1
	}
	return i
}

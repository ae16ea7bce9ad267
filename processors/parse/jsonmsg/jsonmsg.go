// Package jsonmsg reads messages that are JSON: it splits them into objects and fills events from those.
package jsonmsg

import (
	"errors"
	"fmt"
	"strings"

	"weir/event"
)

// Limits of one message. What is beyond them is no event that anybody could use.
const (
	maxDepth   = 64
	maxObjects = 10000
	maxBytes   = 16 << 20
)

// errNotJSON says that a message has nothing that could be an event.
var errNotJSON = errors.New("reading JSON: no object")

// Each calls fn for each top-level object of msg: the members of one array, or objects one after the other with
// blanks, commas or nothing between them. It stops at fn's first error and returns it. obj aliases msg. Each looks for
// the ends of objects only: whether what is between is JSON, Fill finds out. Members of the array that are no objects
// make an error, after the objects before them were handed out.
func Each(msg string, fn func(obj string) error) error {
	if len(msg) > maxBytes {
		return fmt.Errorf("reading JSON: %d bytes are more than %d", len(msg), maxBytes)
	}
	i := skip(msg, 0, "")
	// One array, or objects in a row: what stands first decides.
	inArray := i < len(msg) && msg[i] == '['
	if inArray {
		i++
	}
	count := 0
	for {
		i = skip(msg, i, ",\x1e\x00")
		if i == len(msg) || inArray && msg[i] == ']' {
			break
		}
		if msg[i] != '{' {
			return fmt.Errorf("reading JSON: byte %d begins no object", i+1)
		}
		end, err := objectEnd(msg, i)
		if err != nil {
			return err
		}
		if count++; count > maxObjects {
			return fmt.Errorf("reading JSON: more than %d objects", maxObjects)
		}
		if err := fn(msg[i:end]); err != nil {
			return err
		}
		i = end
	}
	if inArray {
		if i == len(msg) {
			return errors.New("reading JSON: the array is not closed")
		}
		if rest := skip(msg, i+1, "\x00"); rest < len(msg) {
			return fmt.Errorf("reading JSON: byte %d is behind the end of the array", rest+1)
		}
		return nil // an empty array is no event, and no error
	}
	if count == 0 {
		return errNotJSON
	}
	return nil
}

// skip goes over white space and the bytes in also.
// The record separator is that of RFC 7464, NUL that of GELF over TCP.
func skip(s string, i int, also string) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\t' || s[i] == '\n' || s[i] == '\r' || strings.IndexByte(also, s[i]) >= 0) {
		i++
	}
	return i
}

// objectEnd returns the place behind the object that begins at s[i].
// It counts brackets without telling their kinds apart: a wrong one is found by Fill, which reads the grammar.
func objectEnd(s string, i int) (int, error) {
	depth, start := 0, i
	for ; i < len(s); i++ {
		switch s[i] {
		case '"': // brackets in a text count for nothing
			for i++; i < len(s) && s[i] != '"'; i++ {
				if s[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			if depth++; depth > maxDepth {
				return 0, fmt.Errorf("reading JSON: byte %d is nested deeper than %d", i+1, maxDepth)
			}
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1, nil
			}
		}
	}
	return 0, fmt.Errorf("reading JSON: the object at byte %d is not closed", start+1)
}

// Fill puts the members of obj, one JSON object, into e. The strings it sets alias obj where they have no escapes.
//
// Keys that are ECS names, nested or with dots, set those fields if the type fits; a few others that many programs
// use have a field too (time, msg, level, host, ...). Everything else goes below weir.data, under its own path. What
// weir decides itself is never taken from a message: see owned.
func Fill(e *event.Event, obj string) error {
	v, err := event.ParseValue([]byte(obj))
	if err != nil {
		return fmt.Errorf("reading JSON: %w", err)
	}
	if v.Kind() != event.Object {
		return errNotJSON
	}
	if !e.Has(event.Message) {
		e.SetStr(event.Message, obj)
	}
	f := filler{e: e}
	f.object(v, 0)
	f.aliases()
	f.finish()
	return nil
}

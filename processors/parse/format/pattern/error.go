// Package pattern takes texts apart by patterns: dissect, which cuts at fixed delimiters, and grok, which names regular
// expressions and what they capture.
package pattern

import "strconv"

// Error says what is wrong with a pattern, and where.
type Error struct {
	// The pattern as it was written.
	Pattern string
	// The byte at which the mistake begins, from 1.
	Column int
	// What is wrong there.
	Why string
}

// Error returns the mistake with its column.
func (e *Error) Error() string { return "column " + strconv.Itoa(e.Column) + ": " + e.Why }

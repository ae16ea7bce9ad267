// Package fault is the one form in which weir tells a user what went wrong: what, where, why, and what to do.
package fault

import (
	"errors"
	"strconv"
)

// Exit codes of the command line.
const (
	ExitOK      = 0 // done
	ExitFound   = 1 // a check found something: a failed rule test, a broken seal
	ExitUsage   = 2 // wrong usage or configuration
	ExitMissing = 3 // a needed server or permission is missing
)

// Error is a fault that a user can act on. Only What is always there. Texts are plain sentences in lower case, without
// Go error chains; the chain is kept in Cause.
//
// It is made where most is known, once, and handed up with %w. Only the edge, command line or console, turns it into
// text; the chain in Cause is for whoever asks with -v.
type Error struct {
	Code  string // stable slug, the anchor in docs/reference/errors.md: port-in-use
	What  string // one sentence: port 5514 is taken
	Where string // file:line:column, address, topic or folder
	Text  string // the source line that Where points at, "" if there is none
	Mark  int    // column of the first wrong character of Text, from 1, in runes; 0: no caret
	Width int    // runes that the caret line underlines, at least 1
	Why   string // what weir knows of the reason; "" where What says it all
	Do    string // one command or edit that works as pasted
	Exit  int    // exit code, if this ends the program
	Warn  bool   // a warning: work goes on
	Cause error  // the chain, for -v
}

// Error returns what and where in one line, for logs.
// It has no advice in it: a log is read by somebody else, later.
func (e *Error) Error() string {
	s := e.What
	if e.Where != "" {
		s = e.Where + ": " + s
	}
	if e.Why != "" {
		s += ": " + e.Why
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// List is several faults of one run, such as all mistakes of one file. It is for mistakes that are found together, and
// never holds the same one twice; whoever makes it puts real errors first.
type List []*Error

// Error returns the first fault and how many follow.
func (l List) Error() string {
	if len(l) == 0 {
		return "no fault"
	}
	s := l[0].Error()
	if n := len(l) - 1; n > 0 {
		s += " (and " + strconv.Itoa(n) + " more)"
	}
	return s
}

// Unwrap returns the faults.
// errors.Is and errors.AsType look into all of them, the first one first.
func (l List) Unwrap() []error {
	out := make([]error, len(l))
	for i, e := range l {
		out[i] = e
	}
	return out
}

// Code returns the code of the first fault in the chain of err, "" if there is none.
// It is for tests and for decisions: nobody should compare sentences.
func Code(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return ""
}

// Exit returns the exit code for err: that of the first fault in its chain, else ExitUsage; ExitOK for nil.
// A plain error ends with ExitUsage too: what weir has no words for was most likely asked wrongly.
func Exit(err error) int {
	if err == nil {
		return ExitOK
	}
	if e, ok := errors.AsType[*Error](err); ok && e.Exit != 0 {
		return e.Exit
	}
	return ExitUsage
}

// Innermost returns the innermost reason of an error: what the system said, without our chain.
func Innermost(err error) string {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err.Error()
		}
		err = next
	}
}

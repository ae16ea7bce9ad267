package source

import (
	"errors"
	"regexp/syntax"
	"strings"
)

// RegexFault says why a pattern is refused. Patterns come from people who know Perl's; what RE2 leaves out it leaves out
// because it would make the time for one event unbounded.
func RegexFault(err error) *Error {
	e := Fault("expr-regex", "the pattern cannot be used")
	se, ok := errors.AsType[*syntax.Error](err)
	if !ok {
		return e
	}
	// The library's reason names the part of the pattern, which is what one looks for in a long one.
	e.Why = se.Code.String() + ": `" + se.Expr + "`"
	switch {
	case strings.HasPrefix(se.Expr, "(?=") || strings.HasPrefix(se.Expr, "(?!") || strings.HasPrefix(se.Expr, "(?<=") || strings.HasPrefix(se.Expr, "(?<!"):
		e.Why = "it looks ahead or behind with `" + se.Expr + "`, which the regular expressions used here (RE2) cannot"
		e.Do = "write two conditions: one with matches, one with not matches"
	case se.Code == syntax.ErrInvalidEscape && len(se.Expr) == 2 && se.Expr[1] >= '1' && se.Expr[1] <= '9':
		e.Why = "it refers back to a group with `" + se.Expr + "`, which the regular expressions used here (RE2) cannot"
	case se.Code == syntax.ErrInvalidRepeatOp:
		e.Why = "`" + se.Expr + "` repeats a repetition; possessive forms such as `a++` do not exist in RE2"
	}
	return e
}

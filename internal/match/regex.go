package match

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"
)

// guarded is a pattern and a text that every match of it contains. Looking for the text first is many times faster than
// running the pattern on events that have nothing to do with it.
type guarded struct {
	re   *regexp.Regexp
	must string
}

// guard finds the text, if there is one. It is a promise of the pattern's syntax, checked by a fuzz test.
func guard(re *regexp.Regexp) *guarded {
	g := &guarded{re: re}
	// The flags are those of regexp.Compile; with others the same letters would mean another pattern.
	if tree, err := syntax.Parse(re.String(), syntax.Perl); err == nil {
		g.must = required(tree.Simplify())
	}
	return g
}

// match looks for the text before it runs the pattern; an empty text is in everything.
func (g *guarded) match(s string) bool {
	return strings.Contains(s, g.must) && g.re.MatchString(s)
}

// required returns the longest text that must be in every match; "" if none is known.
func required(t *syntax.Regexp) string {
	switch t.Op {
	case syntax.OpLiteral:
		// U+FFFD in a pattern also matches a byte that is no UTF-8, which a search for it would not find.
		if t.Flags&syntax.FoldCase == 0 && !slices.Contains(t.Rune, utf8.RuneError) {
			return string(t.Rune)
		}
	case syntax.OpCapture, syntax.OpPlus:
		return required(t.Sub[0])
	case syntax.OpRepeat:
		// What may be there zero times promises nothing.
		if t.Min > 0 {
			return required(t.Sub[0])
		}
	case syntax.OpConcat:
		// All parts must match, so the longest text of any of them will do.
		best := ""
		for _, sub := range t.Sub {
			if s := required(sub); len(s) > len(best) {
				best = s
			}
		}
		return best
	}
	return ""
}

// regexError says why a pattern is refused. Patterns come from people who know Perl's; what RE2 leaves out it leaves out
// because it would make the time for one event unbounded.
func regexError(e *Error, err error) *Error {
	se, ok := errors.AsType[*syntax.Error](err)
	if !ok {
		return e
	}
	// The library's reason names the part of the pattern, which is what one looks for in a long one.
	e.Code, e.Msg, e.Why = "expr-regex", "the pattern cannot be used", se.Code.String()+": `"+se.Expr+"`"
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

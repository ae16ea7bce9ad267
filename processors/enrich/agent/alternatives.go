package agent

import (
	"strings"

	"weir/internal/match/fold"
	"weir/internal/match/many"
	"weir/internal/match/regexguard"
)

// Some patterns are a list of hundreds of names: (bingbot|Bolt|AdobeAIR|...)/(\d+). What every match of such a list must have
// is one of as many texts, which is more than a guard of regexguard looks at; and of all patterns these cost most when they
// run on a text that has none of the names.

// manyAlternatives is from how many names on a list is looked for in a text before the pattern runs.
const manyAlternatives = 20

// anyName makes the predicate that tells whether a folded text has something of every match of the longest list in a
// pattern; nil if there is no such list, or a match need not have one.
func anyName(expr string) func(folded string) bool {
	list, flags := longestList(expr)
	if len(list) < manyAlternatives {
		return nil
	}
	texts := make([]string, 0, len(list))
	for _, alt := range list {
		best := ""
		var clause []regexguard.Literal
		for _, c := range regexguard.Necessary(flags + alt) {
			if s := shortest(c); len(s) > len(best) {
				best, clause = s, c
			}
		}
		if len(best) < 3 { // it is in every text
			return nil
		}
		for _, lit := range clause {
			texts = append(texts, fold.String(lit.Text))
		}
	}
	return many.Contains(texts)
}

// shortest returns the shortest of literals.
func shortest(c []regexguard.Literal) string {
	s := c[0].Text
	for _, lit := range c[1:] {
		if len(lit.Text) < len(s) {
			s = lit.Text
		}
	}
	return s
}

// longestList returns the alternatives of the group with the most of them that every match has, and the flags of the pattern.
// It reads the letters of the pattern and not its tree, for the tree of a list is sorted by the beginnings of its names.
func longestList(expr string) (list []string, flags string) {
	if strings.HasPrefix(expr, "(?i)") {
		flags, expr = "(?i)", expr[len("(?i)"):]
	}
	depth, begin, from := 0, 0, 0
	var now []string
	for i := 0; i < len(expr); i++ {
		switch expr[i] {
		case '\\':
			i++
		case '[':
			i = classEnd(expr, i)
		case '(':
			if depth++; depth == 1 {
				begin, now = i, nil
				from = i + 1
				if strings.HasPrefix(expr[from:], "?:") {
					from += 2
				}
			}
		case '|':
			switch depth {
			case 0: // no group is in every match
				return nil, ""
			case 1:
				now = append(now, expr[from:i])
				from = i + 1
			}
		case ')':
			if depth--; depth == 0 && begin < i {
				now = append(now, expr[from:i])
				optional := i+1 < len(expr) && strings.IndexByte("?*{", expr[i+1]) >= 0
				if !optional && len(now) > len(list) {
					list = now
				}
			}
		}
	}
	return list, flags
}

// classEnd returns where the class of letters that begins at i ends.
func classEnd(expr string, i int) int {
	for j := i + 1; j < len(expr); j++ {
		switch {
		case expr[j] == '\\':
			j++
		case expr[j] == ']' && j > i+1:
			return j
		}
	}
	return len(expr)
}

// Package texts has what conditions ask of single texts beyond what Go's library can: glob patterns, and where a text lies
// in another one when case does not count.
package texts

import (
	"strings"
	"unicode/utf8"
)

// Glob tells whether the whole of s is what the pattern says: * is any text, ? any one rune, \ takes the next character as
// it is. Case matters. Time is at most proportional to the product of the lengths; no recursion.
func Glob(s, pattern string) bool {
	i, j := 0, 0
	// Two places to go back to and no stack: the classic walk, whose worst case is a product and no power.
	star, from := -1, 0 // last * and where in s what follows it was last tried
	for i < len(s) {
		if j < len(pattern) && pattern[j] == '*' {
			star, from = j, i
			j++
			continue
		}
		if ni, nj, ok := globStep(s, i, pattern, j); ok {
			i, j = ni, nj
			continue
		}
		// Only the last * is tried again: what an earlier one could take more, the last one can take as well.
		if star < 0 {
			return false
		}
		_, n := utf8.DecodeRuneInString(s[from:])
		from += n
		i, j = from, star+1
	}
	for j < len(pattern) && pattern[j] == '*' {
		j++
	}
	return j == len(pattern)
}

// globStep matches one rune of s against one character of the pattern that is no *.
func globStep(s string, i int, pattern string, j int) (ni, nj int, ok bool) {
	if j >= len(pattern) {
		return 0, 0, false
	}
	_, n := utf8.DecodeRuneInString(s[i:])
	if pattern[j] == '?' {
		return i + n, j + 1, true
	}
	if pattern[j] == '\\' && j+1 < len(pattern) {
		j++
	}
	_, m := utf8.DecodeRuneInString(pattern[j:])
	if n != m || s[i:i+n] != pattern[j:j+m] {
		return 0, 0, false
	}
	return i + n, j + m, true
}

// Globs makes the predicate that a text matches one of the patterns. Before a pattern is tried, its longest piece without
// wildcards is looked for.
func Globs(patterns []string) func(s string) bool {
	type guarded struct{ pattern, piece string }
	all := make([]guarded, len(patterns))
	for i, p := range patterns {
		all[i] = guarded{p, Piece(p)}
	}
	return func(s string) bool {
		for i := range all {
			if strings.Contains(s, all[i].piece) && Glob(s, all[i].pattern) {
				return true
			}
		}
		return false
	}
}

// Piece returns the longest text that is in every text which the pattern matches.
func Piece(pattern string) string {
	best := ""
	var now strings.Builder
	end := func() {
		if now.Len() > len(best) {
			best = now.String()
		}
		now.Reset()
	}
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '*' || c == '?':
			end()
			continue
		case c == '\\' && i+1 < len(pattern):
			i++
		}
		now.WriteByte(pattern[i])
	}
	end()
	return best
}

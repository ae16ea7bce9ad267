// Package nearest finds the name that somebody most likely meant.
package nearest

import (
	"slices"
	"strings"
)

// Name returns the candidate that is nearest to word, "" if none is near: at most two letters wrong, missing, too many
// or swapped, one where a word has fewer than three letters. Dotted names are compared part by part (each part may be
// that wrong), those with another number of parts as a whole (user_name is near user.name). Upper and lower case are
// alike. Of equally near ones that wins which begins as the word does for longer, then the first: people miss letters rather in
// the middle of a name.
//
// It is for a mistake that is about to be shown: each call makes tables and walks over all candidates. Nothing is ever
// done with the name unasked; a person is shown it.
func Name(word string, candidates []string) string {
	if slices.Contains(candidates, word) {
		return word // before another that differs in case only
	}
	best, at, same := "", 1<<30, 0
	word = strings.ToLower(word)
	parts := strings.Split(word, ".")
	for _, shown := range candidates {
		c := strings.ToLower(shown)
		if c == word {
			return shown
		}
		d := byParts(parts, c)
		if d < 0 && len(parts) != strings.Count(c, ".")+1 {
			d = whole(word, c)
		}
		if n := alike(word, c); d >= 0 && (d < at || d == at && n > same) {
			best, at, same = shown, d, n
		}
	}
	return best
}

// alike counts the bytes with which two words begin alike.
func alike(a, b string) (n int) {
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// whole returns the distance of two words, -1 if it is too far. Words without a letter in common are never near, however
// short they are: a suggestion must be recognised as what one meant.
func whole(a, b string) int {
	if a == b {
		return 0
	}
	ra, rb := []rune(a), []rune(b)
	limit := 2
	if min(len(ra), len(rb)) < 3 {
		limit = 1
	}
	if d := len(ra) - len(rb); d > limit || -d > limit {
		return -1
	}
	if d := distance(ra, rb); d <= limit && d < max(len(ra), len(rb)) {
		return d
	}
	return -1
}

// byParts adds up the distances of the parts, -1 if one is too far or their number differs.
func byParts(parts []string, candidate string) int {
	if len(parts) != strings.Count(candidate, ".")+1 {
		return -1
	}
	sum, i := 0, 0
	for part := range strings.SplitSeq(candidate, ".") {
		d := whole(parts[i], part)
		if d < 0 {
			return -1
		}
		sum += d
		i++
	}
	return sum
}

// distance counts the edits from a to b: insert, delete, replace, swap two neighbours.
// It keeps three rows of the table of distances: words are short, tables are not kept.
func distance(a, b []rune) int {
	older, old, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range old {
		old[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(old[j]+1, row[j-1]+1, old[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], older[j-2]+1)
			}
		}
		older, old, row = old, row, older
	}
	return old[len(b)]
}

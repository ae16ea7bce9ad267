package match

import (
	"strings"

	"weir/event"
)

// Nearest returns the name among candidates that somebody who wrote name most likely meant: edit distance with swaps,
// at most 2, at most 1 for names under three letters; "" if none is that near. The first of equals wins.
func Nearest(name string, candidates []string) string {
	best, bound := "", 3
	if len([]rune(name)) < 3 {
		bound = 2
	}
	for _, c := range candidates {
		if strings.EqualFold(c, name) {
			return c
		}
		if d := distance(name, c, bound); d < bound {
			best, bound = c, d
		}
	}
	return best
}

// distance is the optimal string alignment distance, or limit if it is not under it.
func distance(a, b string, limit int) int {
	x, y := []rune(strings.ToLower(a)), []rune(strings.ToLower(b))
	if len(x)-len(y) >= limit || len(y)-len(x) >= limit {
		return limit
	}
	before, prev, cur := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(x); i++ {
		cur[0] = i
		least := i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				cur[j] = min(cur[j], before[j-2]+1)
			}
			least = min(least, cur[j])
		}
		if least >= limit {
			return limit
		}
		before, prev, cur = prev, cur, before
	}
	return min(prev[len(y)], limit)
}

// NearestField returns the known field path nearest to path: as a whole, or with one wrong part, or the same last parts
// below another parent; "" if none is near.
func NearestField(path string) string {
	all := event.Fields()
	paths := make([]string, len(all))
	for i, f := range all {
		paths[i] = f.Path()
	}
	if s := Nearest(path, paths); s != "" {
		return s
	}
	parts := strings.Split(path, ".")
	for _, p := range paths {
		if near := strings.Split(p, "."); len(near) == len(parts) && eachNear(parts, near) {
			return p
		}
	}
	return ""
}

// eachNear tells whether every part is within its own distance of its counterpart and at least one is the same.
func eachNear(a, b []string) bool {
	same := false
	for i := range a {
		if a[i] == b[i] {
			same = true
			continue
		}
		if limit := 3; len(a[i]) < 3 || distance(a[i], b[i], limit) == limit {
			return false
		}
	}
	return same
}

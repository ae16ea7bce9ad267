package index

import (
	"regexp/syntax"
	"unicode/utf8"
)

// row is so many bytes in a row that are all of one class, as a pattern asks for with [a-f0-9]{64}. It is comparable,
// so that it can be an atom.
type row struct {
	n     int
	class [4]uint64 // a bit for each byte
}

// rowText is a row that is looked for.
type rowText struct {
	row   row
	conds posting
}

// leastRow is the shortest row that is looked for. Shorter ones are in most values.
const leastRow = 8

// rowOf makes a row of a class of runes. It is looked for in values that are ASCII as they are and in others that are
// folded, so letters are in it in both cases, and with a rune beyond ASCII all bytes that such runes and their folds
// can have: a row is found too often rather than too seldom.
func rowOf(ranges []rune, n int) row {
	r := row{n: n}
	for i := 0; i+1 < len(ranges); i += 2 {
		for c := ranges[i]; c <= min(ranges[i+1], utf8.RuneSelf-1); c++ {
			r.add(byte(c))
		}
		if ranges[i+1] >= utf8.RuneSelf {
			r.class[2], r.class[3] = ^uint64(0), ^uint64(0)
			r.add('k') // the Kelvin sign
			r.add('s') // the long s
		}
	}
	return r
}

// add takes a byte into the class, a letter in both cases.
func (r *row) add(c byte) {
	r.class[c/64] |= 1 << (c % 64)
	if l := c | 0x20; 'a' <= l && l <= 'z' {
		r.class[1] |= 1<<(l%64) | 1<<(l&^0x20%64)
	}
}

func (r *row) has(c byte) bool { return r.class[c/64]&(1<<(c%64)) != 0 }

// in tells whether there is such a row in s. Of values without any it looks at one byte in n.
func (r *row) in(s string) bool {
	for end := r.n - 1; end < len(s); {
		i := end
		for i > end-r.n && r.has(s[i]) {
			i--
		}
		if i == end-r.n {
			return true
		}
		end = i + r.n
	}
	return false
}

// size returns how many bytes are in the class.
func (r *row) size() (n int) {
	for c := range 256 {
		if r.has(byte(c)) {
			n++
		}
	}
	return n
}

// longestRow returns the longest row that every text which a pattern matches has in it; n is 0 if there is none.
func longestRow(t *syntax.Regexp, depth int) (best row) {
	if depth > maxPatternDepth {
		return row{}
	}
	switch t.Op {
	case syntax.OpCapture, syntax.OpPlus:
		return longestRow(t.Sub[0], depth+1)
	case syntax.OpRepeat:
		if t.Min < 1 {
			return row{}
		}
		if sub := t.Sub[0]; sub.Op == syntax.OpCharClass && t.Min >= leastRow {
			return rowOf(sub.Rune, t.Min)
		}
		return longestRow(t.Sub[0], depth+1)
	case syntax.OpConcat:
		for _, sub := range t.Sub {
			if r := longestRow(sub, depth+1); r.n > best.n {
				best = r
			}
		}
	}
	return best
}

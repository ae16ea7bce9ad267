package pattern

import (
	"strings"
	"unicode/utf8"
)

// machine runs one pattern by trying and going back, in the order in which RE2 prefers its matches: what it finds is what
// the regexp package finds, several times faster and without memory of its own, because the pieces of patterns of logs
// mostly say by their first byte whether they can be at a place. Where that is not so, trying could take forever; a
// budget ends it, and the regexp package, which needs no more than linear time, has the last word.
type machine struct {
	start *node
	// The pattern begins with ^.
	anchored bool
	// Numbers of places: two for each group, from group 1.
	places int
}

// kind says what a node does.
type kind uint8

const (
	match   kind = iota // the end of the pattern
	literal             // text
	one                 // a letter of set
	loop                // letters of set, least to most of them
	choice              // one of the ways, the first that leads to the end
	mark                // keeps the place
	begin               // only at the start of the text
	end                 // only at the end of the text
	lineBegin
	lineEnd
	boundary // between a letter of a word and none
	inside   // not so
)

// node is one step of a pattern, and what follows it.
type node struct {
	kind kind
	lazy bool
	// Of a literal its text; of a loop the text that must come right behind it, "" if that is not known.
	text string
	set  *letters
	// For loops. most is -1 where there is no end.
	least, most int
	// Place that a mark keeps.
	place int
	ways  []*node
	next  *node
	// The bytes with which a text can go on from here, nil where nothing needs to follow.
	first *[256]bool
}

// run is what a match needs, for one text.
type run struct {
	s     string
	at    []int // the places, -1 where a group is not part of the match
	trail []undo
	steps int
}

// undo is a place as it was before it was kept.
type undo struct{ place, was int }

const (
	// perByte and spare are the budget: steps for each byte of the text, and some more. Looking at stride bytes is a step.
	perByte = 16
	spare   = 2000
	stride  = 16
	// maxOpen bounds the ways that are open at the same time, each of which takes a frame of the stack.
	maxOpen = 4000
)

// verdict is how a match ended.
type verdict uint8

const (
	no verdict = iota
	yes
	undecided // the budget is spent
)

// find looks for the first match in s and keeps its places in r.at.
func (m *machine) find(r *run, s string) verdict {
	// The memory of the last text is used again; a run is one goroutine's.
	r.s, r.steps = s, perByte*len(s)+spare
	if cap(r.at) < m.places {
		r.at = make([]int, m.places)
	}
	r.at = r.at[:m.places]
	for i := range r.at {
		r.at[i] = -1
	}
	if m.anchored {
		return r.from(m.start, 0, 0)
	}
	// The first place from which the pattern fits counts, so all are tried in order, except those whose byte says no.
	n := m.start
	for i := 0; i <= len(s); i++ {
		switch {
		case n.kind == literal:
			skip := strings.Index(s[i:], n.text)
			if skip < 0 {
				return no
			}
			i += skip
		case n.first != nil:
			for i < len(s) && !n.first[s[i]] {
				i++
			}
			if i == len(s) {
				return no
			}
		}
		if i > 0 && i < len(s) && !utf8.RuneStart(s[i]) && inRune(s, i) {
			continue
		}
		if v := r.from(n, i, 0); v != no {
			return v
		}
		r.undo(0)
	}
	return no
}

// inRune tells whether s[i] is inside of a letter of several bytes.
func inRune(s string, i int) bool {
	for b := i - 1; b >= 0 && b > i-utf8.UTFMax; b-- {
		if utf8.RuneStart(s[b]) {
			_, n := utf8.DecodeRuneInString(s[b:])
			return b+n > i
		}
	}
	return false
}

// undo takes back what was kept since the trail had so many entries.
func (r *run) undo(mark int) {
	for i := len(r.trail) - 1; i >= mark; i-- {
		r.at[r.trail[i].place] = r.trail[i].was
	}
	r.trail = r.trail[:mark]
}

// from tries to match from node n at byte i.
func (r *run) from(n *node, i, depth int) verdict {
	// Each choice comes through here, so counting here bounds all.
	if r.steps--; r.steps < 0 || depth > maxOpen {
		return undecided
	}
	for {
		switch n.kind {
		case match:
			return yes
		case literal:
			if !strings.HasPrefix(r.s[i:], n.text) {
				return no
			}
			i += len(n.text)
		case one:
			size := n.set.at(r.s, i)
			if size == 0 {
				return no
			}
			i += size
		case mark:
			r.trail = append(r.trail, undo{n.place, r.at[n.place]})
			r.at[n.place] = i
		// What has several ways ends this run of single ones: each of its ways goes on for itself.
		case loop:
			if n.lazy {
				return r.shortest(n, i, depth)
			}
			return r.longest(n, i, depth)
		case choice:
			return r.choose(n, i, depth)
		default:
			if !r.between(n.kind, i) {
				return no
			}
		}
		n = n.next
	}
}

// choose tries the ways of a choice.
func (r *run) choose(n *node, i, depth int) verdict {
	// What a way that failed has kept is taken back before the next is tried.
	trail := len(r.trail)
	for _, way := range n.ways {
		if way.first != nil && (i >= len(r.s) || !way.first[r.s[i]]) {
			continue
		}
		if v := r.from(way, i, depth+1); v != no {
			return v
		}
		r.undo(trail)
	}
	return no
}

// longest takes as many letters as there are, and gives back one after the other.
func (r *run) longest(n *node, i, depth int) verdict {
	low, high, ok := r.reach(n, i)
	if !ok {
		return no
	}
	r.steps -= (high - i) / stride
	next, trail := n.next, len(r.trail)
	for {
		if n.text != "" { // nowhere else can it go on
			from := high
			high = low + strings.LastIndex(r.s[low:min(high+len(n.text), len(r.s))], n.text)
			if r.steps -= (from - high) / stride; high < low {
				return no
			}
		}
		if next.first == nil || high < len(r.s) && next.first[r.s[high]] {
			if v := r.from(next, high, depth+1); v != no {
				return v
			}
			r.undo(trail)
		}
		if high <= low {
			return no
		}
		if high--; r.s[high] >= utf8.RuneSelf { // the whole letter
			_, size := utf8.DecodeLastRuneInString(r.s[i : high+1])
			high -= size - 1
		}
	}
}

// reach returns the first place after the least and the last after the most letters that a loop may take.
func (r *run) reach(n *node, i int) (low, high int, ok bool) {
	high = i
	count := 0
	if n.set.dot && n.most < 0 && n.least <= 1 { // the most frequent of all loops
		if high = strings.IndexByte(r.s[i:], '\n'); high < 0 {
			high = len(r.s)
		} else {
			high += i
		}
		low = i
		if n.least == 1 {
			if high == i {
				return 0, 0, false
			}
			_, size := utf8.DecodeRuneInString(r.s[i:])
			low += size
		}
		return low, high, true
	}
	// All others are counted letter by letter.
	low = i
	for n.most < 0 || count < n.most {
		if high < len(r.s) && r.s[high] < utf8.RuneSelf {
			if !n.set.ascii[r.s[high]] {
				break
			}
			high++
		} else {
			size := n.set.at(r.s, high)
			if size == 0 {
				break
			}
			high += size
		}
		if count++; count == n.least {
			low = high
		}
	}
	return low, high, count >= n.least
}

// shortest takes as few letters as it may, and one more after the other.
func (r *run) shortest(n *node, i, depth int) verdict {
	next, trail := n.next, len(r.trail)
	for count := 0; ; count++ {
		if count >= n.least {
			if n.text != "" && n.most < 0 { // it goes on where the text is, and nowhere before
				skip := strings.Index(r.s[i:], n.text)
				if skip < 0 || !n.set.all(r.s[i:i+skip]) {
					return no
				}
				i += skip
				r.steps -= skip / stride
			}
			if next.first == nil || i < len(r.s) && next.first[r.s[i]] {
				if v := r.from(next, i, depth+1); v != no {
					return v
				}
				r.undo(trail)
			}
		}
		if n.most >= 0 && count >= n.most {
			return no
		}
		// One letter more, if it is one that the loop takes.
		size := n.set.at(r.s, i)
		if size == 0 {
			return no
		}
		i += size
	}
}

// between looks at the place between two letters.
func (r *run) between(k kind, i int) bool {
	switch k {
	case begin:
		return i == 0
	case end:
		return i == len(r.s)
	case lineBegin:
		return i == 0 || r.s[i-1] == '\n'
	case lineEnd:
		return i == len(r.s) || r.s[i] == '\n'
	}
	// Words are of ASCII letters, as \w is.
	before := i > 0 && wordByte(r.s[i-1])
	behind := i < len(r.s) && wordByte(r.s[i])
	return (before != behind) == (k == boundary)
}

func wordByte(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_'
}

// Package timeline keeps the matches of a group in order, in bounded memory, and follows the window at their end.
//
// A List that becomes too long is condensed: matches that are alike and close together become one that stands for all.
// Rough says what is no longer exact then. A list belongs to one group, and so to one goroutine.
package timeline

import (
	"cmp"
	"slices"
	"unsafe"

	"weir/processors/correlate/kind/match"
	"weir/processors/correlate/kind/spec"
	"weir/processors/correlate/kind/tally"
	"weir/rules/correlation"
)

// Item is a match in a list. What each look at the list asks for stands beside the pointer: the matches of a large state are
// far from the processor, and to go and see one costs more than all that is done with it.
type Item struct {
	M     *match.Match
	t     int64  // its time
	More  uint32 // how many further ones it stands for
	Flags uint8  // of SaidPart, SaidHit and Decided
	size  [3]uint8
}

// bytes is how large the match is, as the list counts it.
func (x *Item) bytes() int { return int(x.size[0]) | int(x.size[1])<<8 | int(x.size[2])<<16 }

// itemOf returns a match as it comes into a list.
func itemOf(m *match.Match) Item {
	n := min(match.SizeOf(m), 1<<24-1)
	return Item{M: m, t: m.T, size: [3]uint8{uint8(n), uint8(n >> 8), uint8(n >> 16)}}
}

// SaidPart, SaidHit and Decided are the flags of an item. They are written to disk.
const (
	SaidPart uint8 = 1 << iota // evidence of a hit
	SaidHit                    // a hit, or a completion
	Decided                    // nothing more follows from it by itself
)

// List keeps the matches of a group in order. Most come at the end and leave at the front, so both cost next to nothing.
// A list that is too long is condensed: neighbours that say the same become one that stands for all.
type List struct {
	items []Item
	head  int // items before it are gone
	size  int // bytes of the matches
	lumps map[*match.Match]lump
	// Estimates of different values, once there are too many to be told apart.
	Values tally.Estimates
	// What is not exact since the list was begun.
	Rough Rough
}

// Live returns what is in the list. It is valid until the list is changed.
func (l *List) Live() []Item { return l.items[l.head:] }

// Len is how many places there are; some may stand for several matches.
func (l *List) Len() int { return len(l.items) - l.head }

// At returns the match at a place.
func (l *List) At(i int) *match.Match { return l.items[l.head+i].M }

// Time returns the time of the match at a place.
func (l *List) Time(i int) int64 { return l.items[l.head+i].t }

// Last returns the time of the last match for which the one at place i stands.
func (l *List) Last(i int) int64 {
	x := &l.items[l.head+i]
	if x.More == 0 {
		return x.t
	}
	return l.lumps[x.M].last
}

// Peek reads the ends of the list and the match that leaves it first, so that they are near the processor when the next match comes. What it returns means
// nothing.
func (l *List) Peek() int64 {
	if n := len(l.items); l.head < n {
		return l.items[l.head].M.T + l.items[n-1].t
	}
	return 0
}

// Weigh returns what the match at a place puts into a tally.
func (l *List) Weigh(i int, s *spec.Spec) tally.Weight {
	x := &l.items[l.head+i]
	if s.Kind == correlation.Count { // all are worth the same: there is no need to look
		return tally.Weight{N: 1 + int32(min(x.More, spec.MaxNeed))}
	}
	w := tally.Weigh(s, x.M)
	if x.More > 0 {
		w.N += int32(min(x.More, spec.MaxNeed))
		w.Number += l.lumps[x.M].sum
	}
	if s.Kind == correlation.Median || s.Kind == correlation.Percentile {
		w.Number = x.M.Number // each that it stands for counts as one like it
	}
	return w
}

// Insert puts m where it belongs and returns its place. It is not fresh if the list has it already. Equal matches stand
// in the order of their steps.
func (l *List) Insert(m *match.Match) (place int, fresh bool) {
	n := l.Len()
	if n == 0 {
		l.Rough = 0
	}
	x := itemOf(m)
	if n == 0 || l.items[len(l.items)-1].t < m.T || match.Before(l.items[len(l.items)-1].M, m) {
		l.push(x)
		return n, true
	}
	i, found := slices.BinarySearchFunc(l.Live(), m, func(x Item, m *match.Match) int {
		return cmp.Or(match.Compare(x.M, m), cmp.Compare(x.M.Step, m.Step))
	})
	if found {
		return i, false
	}
	l.push(x)
	live := l.Live()
	copy(live[i+1:], live[i:])
	live[i] = x
	return i, true
}

// push appends. Room at the front is used before more is asked for.
func (l *List) push(x Item) {
	if len(l.items) == cap(l.items) && l.head > cap(l.items)/4 {
		l.pack()
	}
	l.items = append(l.items, x)
	l.size += x.bytes()
	l.estimate(x.M)
}

// estimate counts a value where values are estimated.
func (l *List) estimate(m *match.Match) {
	l.Values.Add(m.T, m.Value)
}

// pack moves what is in the list to its front.
func (l *List) pack() {
	n := copy(l.items, l.Live())
	clear(l.items[n:])
	l.items, l.head = l.items[:n], 0
}

// Drop takes the matches from place i to before j away. A list that shrank a lot gives its memory back: a group that had
// a storm must not keep its memory for an hour of silence.
func (l *List) Drop(i, j int) {
	if i >= j {
		return
	}
	live := l.Live()
	for k := range live[i:j] {
		x := &live[i+k]
		l.size -= x.bytes()
		if x.More > 0 {
			delete(l.lumps, x.M)
		}
	}
	if i == 0 {
		clear(live[:j])
		l.head += j
	} else {
		n := i + copy(live[i:], live[j:])
		clear(live[n:])
		l.items = l.items[:l.head+n]
	}
	// What is small is kept: the next match would ask for it again.
	switch n := l.Len(); {
	case n == 0:
		*l = List{items: l.items[:0], Rough: l.Rough}
		if cap(l.items) > 32 {
			l.items = nil
		}
	case cap(l.items) > 32 && n < cap(l.items)/4:
		l.items, l.head = append(make([]Item, 0, 2*n), l.Live()...), 0
	}
}

// From returns the place of the first match that is not before t.
func (l *List) From(t int64) int {
	live := l.Live()
	// Mostly it is asked for one of the ends.
	if n := len(live); n == 0 || live[n-1].t < t {
		return n
	} else if live[0].t >= t {
		return 0
	}
	i, _ := slices.BinarySearchFunc(live, t, func(x Item, t int64) int { return cmp.Compare(x.t, t) })
	return i
}

// After returns the place of the first match that is later than t.
func (l *List) After(t int64) int { return l.From(t + 1) }

// Since returns the time of the match at a place, Farthest if there is none.
func (l *List) Since(i int) int64 {
	if i < l.Len() {
		return l.Time(i)
	}
	return match.Farthest
}

// Bytes is about how much memory the list holds.
func (l *List) Bytes() int {
	return l.size + cap(l.items)*int(unsafe.Sizeof(Item{})) + 48*len(l.lumps) + l.Values.Bytes()
}

// Completion makes it of the matches from place i to before j, and skips the middle of what is long.
func (l *List) Completion(m *match.Match, t int64, i, j int) *match.Match {
	var p match.Parts
	for k := i; k < j; k++ {
		if k == i+match.MaxParts && j-k > match.MaxParts {
			k = j - match.MaxParts
		}
		p.Take(l.At(k))
	}
	return p.Completion(m, t)
}

// Behind returns the place of the first match that comes after m in order.
func (l *List) Behind(m *match.Match) int {
	i, _ := slices.BinarySearchFunc(l.Live(), m, func(x Item, m *match.Match) int {
		if match.Compare(x.M, m) <= 0 {
			return -1
		}
		return 1
	})
	return i
}

// Ahead returns how many matches come before m in order.
func (l *List) Ahead(m *match.Match) int {
	i, _ := slices.BinarySearchFunc(l.Live(), m, func(x Item, m *match.Match) int {
		if match.Compare(x.M, m) < 0 {
			return -1
		}
		return 1
	})
	return i
}

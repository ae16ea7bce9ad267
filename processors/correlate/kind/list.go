package kind

import (
	"cmp"
	"slices"
	"strings"
	"unsafe"

	"weir/rules"
)

// Bounds of a list. What a group may hold follows from them, whatever is sent.
const (
	maxMatches  = 1 << 15 // matches of a list, unless the rule asks for more different values
	maxDistinct = 1 << 17 // matches of a list that tells values apart, however many a rule asks for
	finest      = 64      // matches that are put together at first lie within so many parts of a window
)

// item is a match in a list.
type item struct {
	m     *Match
	more  uint32 // how many further ones it stands for
	flags uint8
}

// rough is in what ways a group is not exact.
type rough uint8

const (
	roughTimes  rough = 1 << iota // matches stand for neighbours
	roughValues                   // different values are estimated
	roughLost                     // matches were let go
)

// String says it to who reads an alert.
func (r rough) String() string {
	var out []string
	for i, text := range [...]string{
		"times are rounded, there were too many matches to keep each",
		"the number of different values is an estimate, within about 5 percent",
		"matches were left out, there were too many to keep",
	} {
		if r&(1<<i) != 0 {
			out = append(out, text)
		}
	}
	return strings.Join(out, "; ")
}

// Flags of an item.
const (
	saidPart uint8 = 1 << iota // evidence of a hit
	saidHit                    // a hit, or a completion
	decided                    // nothing more follows from it by itself
)

// lump is what was put together with a match that stands for more.
type lump struct {
	last int64
	sum  float64 // of the numbers of the others
}

// list keeps the matches of a group in order. Most come at the end and leave at the front, so both cost next to nothing.
// A list that is too long is condensed: neighbours that say the same become one that stands for all.
type list struct {
	items []item
	head  int // items before it are gone
	size  int // bytes of the matches
	lumps map[*Match]lump
	// Estimates of different values, once there are too many to be told apart.
	values *slots
	// What is not exact since the list was begun.
	rough rough
}

// live returns what is in the list. It is valid until the list is changed.
func (l *list) live() []item { return l.items[l.head:] }

func (l *list) len() int { return len(l.items) - l.head }

// at returns the match at a place.
func (l *list) at(i int) *Match { return l.items[l.head+i].m }

// last returns the time of the last match for which the one at place i stands.
func (l *list) last(i int) int64 {
	x := l.items[l.head+i]
	if x.more == 0 {
		return x.m.T
	}
	return l.lumps[x.m].last
}

// weigh returns what the match at a place puts into a tally.
func (l *list) weigh(i int, s *Spec) weight {
	x := l.items[l.head+i]
	w := s.weigh(x.m)
	if x.more > 0 {
		w.n += int32(min(x.more, maxNeed))
		w.number += l.lumps[x.m].sum
	}
	if s.kind == rules.Median || s.kind == rules.Percentile {
		w.number = x.m.Number // each that it stands for counts as one like it
	}
	return w
}

// weigh returns what one match puts into a tally.
func (s *Spec) weigh(m *Match) weight {
	w := weight{source: s.sources[m.Step], n: 1, number: m.Number, value: m.Value}
	if s.kind == rules.Sum {
		w.number = max(w.number, 0)
	}
	return w
}

// insert puts m where it belongs and returns its place. It is not fresh if the list has it already. Equal matches stand
// in the order of their steps.
func (l *list) insert(m *Match) (place int, fresh bool) {
	n := l.len()
	if n == 0 {
		l.rough = 0
	}
	if n == 0 || before(l.items[len(l.items)-1].m, m) {
		l.push(item{m: m})
		return n, true
	}
	i, found := slices.BinarySearchFunc(l.live(), m, func(x item, m *Match) int {
		return cmp.Or(Compare(x.m, m), cmp.Compare(x.m.Step, m.Step))
	})
	if found {
		return i, false
	}
	l.push(item{})
	live := l.live()
	copy(live[i+1:], live[i:])
	live[i] = item{m: m}
	l.size += sizeOf(m)
	l.estimate(m)
	return i, true
}

// before is the order in which a list keeps matches.
func before(a, b *Match) bool {
	return cmp.Or(Compare(a, b), cmp.Compare(a.Step, b.Step)) < 0
}

// push appends. Room at the front is used before more is asked for.
func (l *list) push(x item) {
	if len(l.items) == cap(l.items) && l.head > cap(l.items)/4 {
		l.pack()
	}
	l.items = append(l.items, x)
	if x.m != nil {
		l.size += sizeOf(x.m)
		l.estimate(x.m)
	}
}

// estimate counts a value where values are estimated.
func (l *list) estimate(m *Match) {
	if l.values != nil {
		l.values.add(m.T, m.Value)
	}
}

// pack moves what is in the list to its front.
func (l *list) pack() {
	n := copy(l.items, l.live())
	clear(l.items[n:])
	l.items, l.head = l.items[:n], 0
}

// drop takes the matches from place i to before j away. A list that shrank a lot gives its memory back: a group that had
// a storm must not keep its memory for an hour of silence.
func (l *list) drop(i, j int) {
	if i >= j {
		return
	}
	live := l.live()
	for _, x := range live[i:j] {
		l.size -= sizeOf(x.m)
		if x.more > 0 {
			delete(l.lumps, x.m)
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
	switch n := l.len(); {
	case n == 0:
		*l = list{items: l.items[:0], rough: l.rough}
		if cap(l.items) > 32 {
			l.items = nil
		}
	case cap(l.items) > 32 && n < cap(l.items)/4:
		l.items, l.head = append(make([]item, 0, 2*n), l.live()...), 0
	}
}

// from returns the place of the first match that is not before t.
func (l *list) from(t int64) int {
	live := l.live()
	if n := len(live); n == 0 || live[n-1].m.T < t {
		return n
	} else if live[0].m.T >= t {
		return 0
	}
	i, _ := slices.BinarySearchFunc(live, t, func(x item, t int64) int { return cmp.Compare(x.m.T, t) })
	return i
}

// after returns the place of the first match that is later than t.
func (l *list) after(t int64) int { return l.from(t + 1) }

// since returns the time of the match at a place, Farthest if there is none.
func (l *list) since(i int) int64 {
	if i < l.len() {
		return l.at(i).T
	}
	return Farthest
}

// matchSize is what a match costs without its texts.
const matchSize = int(unsafe.Sizeof(Match{}))

// sizeOf is about how much memory a match holds.
func sizeOf(m *Match) int {
	n := matchSize + len(m.ID) + len(m.Src) + len(m.Value) + len(m.Shown)
	for _, p := range m.Parts {
		n += 8 + matchSize + len(p.ID) + len(p.Src) + len(p.Value) + len(p.Shown)
	}
	return n
}

// bytes is about how much memory the list holds.
func (l *list) bytes() int {
	n := l.size + cap(l.items)*int(unsafe.Sizeof(item{})) + 48*len(l.lumps)
	if l.values != nil {
		n += l.values.bytes()
	}
	return n
}

// crowded condenses a list that has become too long. It returns whether it did: places are others then.
//
// What stands at one step, has one value and lies close together becomes one match that stands for all of them, at
// first within a 64th of a window, then ever coarser. If that is not enough, values are estimated. If that is not
// enough either, the longest ago go.
func (l *list) crowded(s *Spec) bool {
	if l.len() <= s.limit {
		return false
	}
	l.rough |= roughTimes
	enough := s.limit / 4 * 3
	for part := int64(finest); part >= 4; part /= 4 {
		if l.condense(s, s.within/part); l.len() <= enough {
			return true
		}
	}
	if s.window == rules.Session { // all of a session counts, however long it lasts
		if l.condense(s, Farthest); l.len() <= enough {
			return true
		}
	}
	if s.kind == rules.Distinct && l.values == nil {
		l.rough |= roughValues
		l.values = newSlots(s.within)
		for _, x := range l.live() {
			l.values.add(x.m.T, x.m.Value)
		}
		if l.condense(s, s.within/finest); l.len() <= enough {
			return true
		}
	}
	l.rough |= roughLost
	l.drop(0, l.len()-enough)
	return true
}

// kin tells matches apart that must not be put together.
type kin struct {
	step   int32
	flags  uint8
	window int64
	value  string
}

// condense puts matches together that are alike and within a span.
func (l *list) condense(s *Spec, within int64) {
	if l.lumps == nil {
		l.lumps = map[*Match]lump{}
	}
	open := map[kin]int{}
	live := l.live()
	n := 0
	for i, x := range live {
		k := kin{step: x.m.Step, flags: x.flags}
		if l.values == nil {
			k.value = x.m.Value
		}
		if s.window == rules.Tumbling {
			k.window = s.start(x.m.T)
		}
		to, ok := open[k]
		if !ok || x.m.T-live[to].m.T > within || s.window == rules.Session && l.holdsTogether(live, n, i, to, s.within) {
			open[k] = n
			live[n] = x
			n++
			continue
		}
		l.absorb(&live[to], x, l.last(i), s)
	}
	clear(live[n:])
	l.items = l.items[:l.head+n]
}

// holdsTogether tells whether a session would fall apart without the match at place i, of which the first n places are
// condensed: then its time must stay, as must that of its last match.
func (l *list) holdsTogether(live []item, n, i, to int, within int64) bool {
	if i+1 == len(live) {
		return true
	}
	end := l.last(n - 1)
	if to == n-1 {
		end = max(end, l.last(i))
	}
	return live[i+1].m.T-end > within
}

// absorb puts x, whose last match is at last, together with y.
func (l *list) absorb(y *item, x item, last int64, s *Spec) {
	b, ok := l.lumps[y.m]
	if !ok {
		b.last = y.m.T
	}
	b.last = max(b.last, last)
	b.sum += s.weigh(x.m).number
	if x.more > 0 {
		b.sum += l.lumps[x.m].sum
		delete(l.lumps, x.m)
	}
	y.more = min(y.more+1+x.more, maxNeed)
	l.lumps[y.m] = b
	l.size -= sizeOf(x.m)
}

// hit says that the match at place i is a hit, with all for which it stands.
func (l *list) hit(i int, to Found) {
	x := l.items[l.head+i]
	to.Hit(x.m, x.flags&saidPart != 0)
	if x.more > 0 {
		to.More(x.m, int(x.more), l.last(i))
	}
}

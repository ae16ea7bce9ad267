package match

import "unsafe"

// Pool makes matches, each in one piece with its texts, and uses the memory of those again that are given back. There are
// more matches than anything else: each piece that they are made of costs the collector of garbage as much as a match, and
// as long as as many go as come, it has nothing to do. The zero Pool is empty; it is for one goroutine at a time.
type Pool struct {
	free [len(rooms)][]*Match
	kept int // of all sizes
}

// rooms are the lengths of text that matches have room for: the sizes that memory is handed out in, less the match.
var rooms = [...]int{144, 208, 240, 272, 304}

// maxFree is how many matches are kept for those to come. It is more than go at once where a mark passes a thousand groups:
// with fewer, most of those that come then would be made anew. What a flood leaves behind is given back.
const maxFree = 1 << 14

// New makes a match with a copy of its texts, which it returns as one. Long texts have memory of their own.
func (p *Pool) New(texts []byte) (*Match, string) {
	n := len(texts)
	size := 0
	for size < len(rooms) && n > rooms[size] {
		size++
	}
	if n == 0 || size == len(rooms) {
		return &Match{}, string(texts)
	}
	m := p.take(size)
	m.room = uint16(size + 1)
	room := m.text(size)
	return m, unsafe.String(&room[0], copy(room, texts))
}

// text returns the room that a match has for its texts.
func (m *Match) text(size int) []byte {
	return unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(m), matchSize)), rooms[size])
}

// take returns an empty match of a size.
func (p *Pool) take(size int) *Match {
	if len(p.free[size]) > 0 {
		m := p.pop(size)
		*m = Match{}
		return m
	}
	switch size {
	case 0:
		return &new(texted[[144]byte]).Match
	case 1:
		return &new(texted[[208]byte]).Match
	case 2:
		return &new(texted[[240]byte]).Match
	case 3:
		return &new(texted[[272]byte]).Match
	}
	return &new(texted[[304]byte]).Match
}

// pop takes a match of a size out of the pool, which has one.
func (p *Pool) pop(size int) *Match {
	n := len(p.free[size]) - 1
	m := p.free[size][n]
	p.free[size][n] = nil // the pool is not to hold what is let go elsewhere
	p.free[size] = p.free[size][:n]
	p.kept--
	return m
}

// texted is a match with room for its texts. They are not changed until the match is given back.
type texted[T any] struct {
	Match
	_ T
}

// Free takes a match back that nobody knows any more, nor any of its texts. One that was not made here is left alone, as is
// a copy of one.
func (p *Pool) Free(m *Match) {
	if m.room == 0 {
		return
	}
	size := int(m.room) - 1
	if p.kept == maxFree {
		// One goes of the size of which there are most: what comes may be of other sizes than what came.
		most := size
		for i := range p.free {
			if len(p.free[i]) > len(p.free[most]) {
				most = i
			}
		}
		if most == size {
			return
		}
		p.pop(most)
	}
	if m.Value != "" { // it is not behind the match, which would hold it for as long as it waits; parts are of copies alone
		m.Value = ""
	}
	p.free[size] = append(p.free[size], m)
	p.kept++
}

// Copy returns a copy, which has the texts of m.
func (m *Match) Copy() *Match {
	c := *m
	c.room = 0 // they are not behind it
	return &c
}

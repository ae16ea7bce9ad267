package index

import "math/bits"

// posting is a list of conditions: a part of the index's one list of places.
type posting struct{ from, to uint32 }

func (p posting) empty() bool { return p.from == p.to }

// marks is a set of conditions of one index, emptied by reading it. It belongs to one goroutine.
//
// Half of words is for the first need of each condition, the other half for the second.
type marks struct {
	lists []uint32 // of the index
	words []uint64
	tops  []uint64 // a bit for each word that is not 0
	whole []*field // those asked for whose texts the event has in other places
	path  []byte   // scratch of reach
}

// begin makes room for so many words.
func (m *marks) begin(lists []uint32, words int) {
	m.lists = lists
	if words > len(m.words) {
		m.words = append(m.words, make([]uint64, words-len(m.words))...)
		m.tops = append(m.tops, make([]uint64, (len(m.words)+63)/64-len(m.tops))...)
	}
}

// add marks the conditions of a list.
func (m *marks) add(p posting) {
	for _, i := range m.lists[p.from:p.to] {
		w := i / 64
		m.words[w] |= 1 << (i % 64)
		m.tops[w/64] |= 1 << (w % 64)
	}
}

// drain calls fn in ascending order with each condition whose needs are marked, of those in single the first alone, and
// takes all marks away.
func (m *marks) drain(single []uint64, fn func(i int)) {
	for t, top := range m.tops {
		if top == 0 {
			continue
		}
		m.tops[t] = 0
		for ; top != 0; top &= top - 1 {
			w := t*64 + bits.TrailingZeros64(top)
			word := m.words[w]
			m.words[w] = 0
			if w >= len(single) {
				continue // second needs, which have been looked at with the first ones
			}
			word &= single[w] | m.words[w+len(single)]
			for ; word != 0; word &= word - 1 {
				fn(w*64 + bits.TrailingZeros64(word))
			}
		}
	}
}

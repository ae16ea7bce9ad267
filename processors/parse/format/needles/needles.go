// Package needles searches a text for many others in one pass.
//
// It is the method of Wu and Manber: it looks at a few bytes at a time and skips as many as no needle can have there, so that a
// message of a few hundred bytes costs a fraction of a look at each.
package needles

import "strings"

// Finder looks for a set of texts. It is immutable and safe for many goroutines.
type Finder struct{ parts []part }

// part searches for needles of about the same length: one short needle would shorten every skip.
type part struct {
	list []string
	ids  []int
	// window is how many bytes of each needle are compared, block how many of them are looked at together.
	window, block int
	// shift is, by a block, how far the window may move on. 0: a needle's window may end here.
	shift *[size]uint8
	// bucket is, by a block, where ends has the needles whose window ends with it.
	bucket *[size]uint16
	ends   [][]end
}

// size of the tables, in blocks: small enough for the nearest cache. Blocks that share a place make a skip shorter, never wrong.
const (
	bitsOf = 14
	size   = 1 << bitsOf
)

// end is a needle and where its window ends within it.
type end struct{ needle, at int }

// Lengths of needles that are searched for apart, and of the blocks for each. Beyond the last a longer skip gains nothing.
var kinds = []struct{ from, block int }{{10, 3}, {6, 3}, {2, 2}}

// New prepares the search. Texts are at least two bytes long; shorter ones are never found.
func New(list []string) *Finder {
	f := &Finder{}
	for i, k := range kinds {
		p := part{block: k.block, window: k.from}
		shortest := 1 << 20
		for id, s := range list {
			if len(s) >= k.from && (i == 0 || len(s) < kinds[i-1].from) {
				p.list, p.ids = append(p.list, s), append(p.ids, id)
				shortest = min(shortest, len(s))
			}
		}
		if len(p.list) > 0 {
			p.window = shortest
			p.prepare()
			f.parts = append(f.parts, p)
		}
	}
	return f
}

// prepare makes the tables.
func (p *part) prepare() {
	most := p.window - p.block + 1
	p.shift, p.bucket, p.ends = new([size]uint8), new([size]uint16), make([][]end, 1)
	for i := range p.shift {
		p.shift[i] = uint8(most)
	}
	for id, s := range p.list {
		from := rarest(s, p.window)
		for i := p.block - 1; i < p.window; i++ {
			at := p.hash(s, from+i)
			p.shift[at] = min(p.shift[at], uint8(p.window-1-i))
		}
		at := p.hash(s, from+p.window-1)
		if p.bucket[at] == 0 {
			p.bucket[at] = uint16(len(p.ends))
			p.ends = append(p.ends, nil)
		}
		p.ends[p.bucket[at]] = append(p.ends[p.bucket[at]], end{id, from + p.window - 1})
	}
}

// two and three are the places of a block of so many bytes, the last of which is c.
func two(b, c byte) uint32 { return (uint32(b)<<8 | uint32(c)) * 0x9e3779b1 >> (32 - bitsOf) }

func three(a, b, c byte) uint32 {
	return (uint32(a)<<16 | uint32(b)<<8 | uint32(c)) * 0x9e3779b1 >> (32 - bitsOf)
}

// hash returns the place of the block that ends at i.
func (p *part) hash(s string, i int) uint32 {
	if p.block == 3 {
		return three(s[i-2], s[i-1], s[i])
	}
	return two(s[i-1], s[i])
}

// rarest returns where in a needle the part begins whose last bytes stop the search least often.
func rarest(s string, window int) int {
	best, from := -1, 0
	for i := 0; i+window <= len(s); i++ {
		if r := rare(s[i+window-2]) + rare(s[i+window-1]); r > best {
			best, from = r, i
		}
	}
	return from
}

// rare guesses how seldom a byte is in logs.
func rare(c byte) int {
	switch {
	case strings.IndexByte(" etaoinrs.,:=\"0123456789", c) >= 0:
		return 0
	case c >= 'a' && c <= 'z', c == '-', c == '/', c == '_', c == '[', c == ']':
		return 1
	case c >= 'A' && c <= 'Z':
		return 2
	}
	return 3
}

// Each calls fn with the number of each needle that is in s, for some more than once.
func (f *Finder) Each(s string, fn func(id int)) {
	for i := range f.parts {
		p := &f.parts[i]
		at := p.window - 1
		for {
			if p.block == 3 {
				at = p.skip3(s, at)
			} else {
				at = p.skip2(s, at)
			}
			if at >= len(s) {
				break
			}
			for _, e := range p.ends[p.bucket[p.hash(s, at)]] {
				if begin := at - e.at; begin >= 0 && strings.HasPrefix(s[begin:], p.list[e.needle]) {
					fn(p.ids[e.needle])
				}
			}
			at++
		}
	}
}

// skip2 and skip3 return the next place, from at on, where a needle's window may end; len(s) or more if there is none. They are
// two functions, as nearly all of the time is spent in these lines. Where a skip would be short it is quicker to look at every
// place, for then no look waits for the one before.
func (p *part) skip2(s string, at int) int {
	shift := p.shift
	for i := max(at, 1); i < len(s); i++ {
		if shift[two(s[i-1], s[i])&(size-1)] == 0 {
			return i
		}
	}
	return len(s)
}

func (p *part) skip3(s string, at int) int {
	shift := p.shift
	for at >= 2 && at < len(s) {
		n := shift[three(s[at-2], s[at-1], s[at])&(size-1)]
		if n == 0 {
			return at
		}
		at += int(n)
	}
	return at
}

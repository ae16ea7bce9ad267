package index

import (
	"cmp"
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
	"strings"
	"unsafe"
)

// grams finds which of many texts are in a value, in a time that depends on the value and hardly on the number of
// texts.
//
// Each text is filed under grams of it: a few bytes at a certain place in it, with the bit set that tells capitals from
// small letters. So values that are ASCII are searched as they are, without folding them first; that some other bytes
// look alike too makes a hit or two more. A bitmap small enough for the processor's first caches says of nearly every
// place in a value that no text has such a gram; for the others, the texts filed under it are compared. A text that is
// long enough is filed under the grams at four places in a row, so only every fourth place of a value has to be looked
// at: one of the four falls on it wherever the text stands. For shorter ones it is every second, or each.
type grams struct {
	long *gramTable // from 7 bytes on, by 4 bytes at every fourth place
	// From 3 bytes on, by 3 bytes: at every second place, or at each where texts of 3 bytes are among them.
	mid    *gramTable
	dense  bool
	short  *gramTable // 2 bytes
	single []gramText // of one byte; few
	// least is the length of the shortest text.
	least int
}

// gramTable is a hash table of grams of one length. Those of one bucket are neighbours.
type gramTable struct {
	bitmap  []uint64
	mask    uint32 // of the bits that a hash may have
	buckets []uint32
	entries []gramEntry
}

// gramEntry is one gram of a text.
type gramEntry struct {
	gram  uint32
	at    uint32 // where in the text the gram is
	text  string
	conds posting
}

// gramText is a text that is looked for.
type gramText struct {
	text  string
	conds posting
}

const (
	longFrom = 4 + 4 - 1
	// Sizes of a bitmap, in bits: 4 KiB to 64 KiB, with room so that few grams of a value meet a bit by chance.
	leastBits   = 15
	mostBits    = 19
	bitsPerGram = 5 // as a power of two
	bucketBits  = 3 // as many bits share a bucket, as a power of two
)

// Letters in lower case, for grams.
const (
	small8 = 0x2020202020202020
	small4 = 0x20202020
)

// hashGram spreads a gram over 19 bits.
func hashGram(g uint32) uint32 { return g * 0x9e3779b1 >> (32 - mostBits) }

// newGrams files texts, none of which is empty.
func newGrams(w *weigher, texts []gramText) *grams {
	g := &grams{least: math.MaxInt, dense: slices.ContainsFunc(texts, func(x gramText) bool { return len(x.text) == 3 })}
	row := 2
	if g.dense {
		row = 1
	}
	var long, mid, short []gramEntry
	for _, x := range texts {
		g.least = min(g.least, len(x.text))
		switch n := len(x.text); {
		case n == 1:
			g.single = append(g.single, x)
		case n >= longFrom:
			long = w.entries(long, x, 4, 4)
		case n > 2:
			mid = w.entries(mid, x, 3, row)
		default:
			short = w.entries(short, x, 2, 1)
		}
	}
	g.long, g.mid, g.short = newGramTable(long), newGramTable(mid), newGramTable(short)
	return g
}

// entries appends the grams of a text, each of so many bytes, at as many places in a row: those at which they are the
// rarest together.
func (w *weigher) entries(list []gramEntry, x gramText, width, row int) []gramEntry {
	best, least := 0, -1
	for i := 0; i+width+row-1 <= len(x.text); i++ {
		sum := 0
		for j := range row {
			sum += w.rarity(gram(x.text, i+j, width), width)
		}
		if least < 0 || sum < least {
			best, least = i, sum
		}
	}
	for at := best; at < best+row; at++ {
		list = append(list, gramEntry{smallLetters(gram(x.text, at, width), width), uint32(at), x.text, x.conds})
	}
	return list
}

// newGramTable files grams, all of one length.
func newGramTable(entries []gramEntry) *gramTable {
	if len(entries) == 0 {
		return nil
	}
	size := min(max(bits.Len(uint(len(entries)))+bitsPerGram, leastBits), mostBits)
	t := &gramTable{bitmap: make([]uint64, 1<<(size-6)), mask: 1<<size - 1, entries: entries}
	t.buckets = make([]uint32, 1<<(size-bucketBits)+1)
	slices.SortStableFunc(entries, func(a, b gramEntry) int {
		return cmp.Compare(hashGram(a.gram)&t.mask, hashGram(b.gram)&t.mask)
	})
	for i := range entries {
		h := hashGram(entries[i].gram) & t.mask
		t.bitmap[h/64] |= 1 << (h % 64)
		t.buckets[h>>bucketBits+1]++
	}
	for i := 1; i < len(t.buckets); i++ {
		t.buckets[i] += t.buckets[i-1]
	}
	return t
}

// gram returns so many bytes of s from i on, at most four.
func gram(s string, i, width int) uint32 {
	g := uint32(0)
	for j := width - 1; j >= 0; j-- {
		g = g<<8 | uint32(s[i+j])
	}
	return g
}

// smallLetters sets the bit that tells capitals from small letters in each byte of a gram.
func smallLetters(g uint32, width int) uint32 { return g | small4>>(8*(4-width)) }

// scan marks the conditions whose texts are in s, which is folded or ASCII.
func (g *grams) scan(s string, m *marks) {
	if len(s) < g.least {
		return
	}
	if g.long != nil {
		g.long.leap(s, m)
	}
	switch {
	case g.mid == nil:
	case g.dense:
		g.mid.walk(s, 3, m)
	default:
		g.mid.stride(s, m)
	}
	if g.short != nil {
		g.short.walk(s, 2, m)
	}
	for i := range g.single {
		if x := &g.single[i]; strings.IndexByte(s, x.text[0]) >= 0 {
			m.add(x.conds)
		}
	}
}

// has tells whether some text has the gram, or one with the same bit.
func has(bitmap unsafe.Pointer, mask, g uint32) bool {
	h := hashGram(g) & mask
	// Inside the bitmap, since its length in bits is mask+1. This is the innermost step of all; a check would be a
	// third of it.
	return *(*uint64)(unsafe.Add(bitmap, h/64*8))&(1<<(h%64)) != 0
}

// leap looks for grams of four bytes at every fourth place of s. The loops here and in stride and walk read s by words,
// never beyond its end.
func (t *gramTable) leap(s string, m *marks) {
	p, bitmap, mask := unsafe.Pointer(unsafe.StringData(s)), unsafe.Pointer(unsafe.SliceData(t.bitmap)), t.mask
	i := 0
	for ; i+8 <= len(s); i += 8 {
		x := load8(p, i) | small8
		if has(bitmap, mask, uint32(x)) {
			t.verify(s, i, uint32(x), m)
		}
		if has(bitmap, mask, uint32(x>>32)) {
			t.verify(s, i+4, uint32(x>>32), m)
		}
	}
	if i+4 <= len(s) {
		if g := smallLetters(gram(s, i, 4), 4); has(bitmap, mask, g) {
			t.verify(s, i, g, m)
		}
	}
}

// stride looks for grams of three bytes at every second place.
func (t *gramTable) stride(s string, m *marks) {
	const three = 1<<24 - 1
	p, bitmap, mask := unsafe.Pointer(unsafe.StringData(s)), unsafe.Pointer(unsafe.SliceData(t.bitmap)), t.mask
	i := 0
	for ; i+8 <= len(s); i += 6 {
		x := load8(p, i) | small8
		if has(bitmap, mask, uint32(x)&three) {
			t.verify(s, i, uint32(x)&three, m)
		}
		if has(bitmap, mask, uint32(x>>16)&three) {
			t.verify(s, i+2, uint32(x>>16)&three, m)
		}
		if has(bitmap, mask, uint32(x>>32)&three) {
			t.verify(s, i+4, uint32(x>>32)&three, m)
		}
	}
	for ; i+3 <= len(s); i += 2 {
		if g := smallLetters(gram(s, i, 3), 3); has(bitmap, mask, g) {
			t.verify(s, i, g, m)
		}
	}
}

// walk looks for grams of two or three bytes at every place.
func (t *gramTable) walk(s string, width int, m *marks) {
	p, bitmap, mask := unsafe.Pointer(unsafe.StringData(s)), unsafe.Pointer(unsafe.SliceData(t.bitmap)), t.mask
	keep, i := uint32(1)<<(8*width)-1, 0
	for ; i+8 <= len(s); i += 4 {
		x := load8(p, i) | small8
		if has(bitmap, mask, uint32(x)&keep) {
			t.verify(s, i, uint32(x)&keep, m)
		}
		if has(bitmap, mask, uint32(x>>8)&keep) {
			t.verify(s, i+1, uint32(x>>8)&keep, m)
		}
		if has(bitmap, mask, uint32(x>>16)&keep) {
			t.verify(s, i+2, uint32(x>>16)&keep, m)
		}
		if has(bitmap, mask, uint32(x>>24)&keep) {
			t.verify(s, i+3, uint32(x>>24)&keep, m)
		}
	}
	for ; i+width <= len(s); i++ {
		if g := smallLetters(gram(s, i, width), width); has(bitmap, mask, g) {
			t.verify(s, i, g, m)
		}
	}
}

// load8 returns the eight bytes from p+i on, all of which the caller owns.
func load8(p unsafe.Pointer, i int) uint64 {
	return binary.LittleEndian.Uint64((*[8]byte)(unsafe.Add(p, i))[:])
}

// verify compares the texts that are filed under a gram at a place of s.
func (t *gramTable) verify(s string, i int, g uint32, m *marks) {
	h := (hashGram(g) & t.mask) >> bucketBits
	entries := t.entries[t.buckets[h]:t.buckets[h+1]]
	for k := range entries {
		x := &entries[k]
		if x.gram != g {
			continue
		}
		start := i - int(x.at)
		if start >= 0 && len(s)-start >= len(x.text) && sameLetters(s[start:start+len(x.text)], x.text) {
			m.add(x.conds)
		}
	}
}

// sameLetters compares a text with a folded one of the same length. Beyond ASCII both are folded.
func sameLetters(s, folded string) bool {
	for i := range len(s) {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		if c != folded[i] {
			return false
		}
	}
	return true
}

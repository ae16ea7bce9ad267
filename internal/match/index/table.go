package index

import (
	"encoding/binary"
	"math"
	"math/bits"
	"unicode/utf8"
	"unsafe"
)

// hashed finds the conditions that ask for a whole text, by its hash alone: a text that happens to have the hash of
// another makes a candidate that does not hold, and no more.
type hashed struct {
	lengths uint64 // a bit for each length of text modulo 64 that there is
	mask    uint32
	keys    []uint64 // 0 is free
	conds   []posting
	least   int // length of the shortest text
}

// newHashed files conditions under the hashes of folded texts.
func newHashed(texts map[string]posting) *hashed {
	size := uint32(1) << bits.Len(uint(2*len(texts)))
	t := &hashed{mask: size - 1, keys: make([]uint64, size), conds: make([]posting, size), least: math.MaxInt}
	for s, p := range texts {
		t.least = min(t.least, len(s))
		t.lengths |= 1 << (len(s) % 64)
		key := hashText(s)
		i := uint32(key) & t.mask
		for t.keys[i] != 0 {
			i = (i + 1) & t.mask
		}
		t.keys[i], t.conds[i] = key, p
	}
	return t
}

// find marks what is filed under a text, which is folded or ASCII.
func (t *hashed) find(s string, m *marks) {
	if t.lengths&(1<<(len(s)%64)) == 0 {
		return
	}
	key := hashText(s)
	for i := uint32(key) & t.mask; t.keys[i] != 0; i = (i + 1) & t.mask {
		// Two texts may have one hash, and then both are filed.
		if t.keys[i] == key {
			m.add(t.conds[i])
		}
	}
}

// Odd numbers without a pattern, for hashing.
const (
	mixA = 0xa0761d6478bd642f
	mixB = 0xe7037ed1a0b428db
)

// hashText returns the hash of a text without regard to the case of ASCII letters. It is never 0. Anybody may find
// texts with one hash; they gain some candidates.
func hashText(s string) uint64 {
	p, n := unsafe.Pointer(unsafe.StringData(s)), len(s)
	h := uint64(n) ^ mixB
	if n < 8 {
		var x uint64
		for i := range n {
			x = x<<8 | uint64(s[i])
		}
		return mix(h, x) | 1<<63
	}
	for i := 0; i+8 < n; i += 8 {
		h = mix(h, load8(p, i))
	}
	return mix(h, load8(p, n-8)) | 1<<63 // the last eight, some of which may have been read before
}

// mix adds eight bytes to a hash.
func mix(h, x uint64) uint64 {
	hi, lo := bits.Mul64(h^(x|small8)^mixA, mixB)
	return hi ^ lo
}

// isASCII tells whether s is ASCII.
func isASCII(s string) bool {
	p, i := unsafe.Pointer(unsafe.StringData(s)), 0
	var all uint64
	for ; i+32 <= len(s); i += 32 {
		b := (*[32]byte)(unsafe.Add(p, i))
		all |= binary.LittleEndian.Uint64(b[:]) | binary.LittleEndian.Uint64(b[8:]) | binary.LittleEndian.Uint64(b[16:]) | binary.LittleEndian.Uint64(b[24:])
	}
	for ; i+8 <= len(s); i += 8 {
		all |= load8(p, i)
	}
	for ; i < len(s); i++ {
		all |= uint64(s[i])
	}
	const highs = utf8.RuneSelf * 0x0101010101010101
	return all&highs == 0
}

package many

import (
	"math/bits"
	"strings"
)

// gram is the number of bytes by which the places are found where a value may lie.
const gram = 4

// fewToSearch is Few of Contains: a search jumps from one first letter to the next, and most values of rules begin with a
// blank or a backslash, which command lines are full of.
const fewToSearch = 4

// The bitmap of grams has 64 places for each value, so that of few values it is a line of the cache or two, and of thousands
// 8 KiB, which stay in the first cache.
const (
	leastBits = 10
	mostBits  = 16
)

// grams finds one of many values within a text: each value is filed under its rarest four bytes, and at each place of the
// text a bitmap tells whether there is any value at all.
type grams struct {
	bits []uint64
	// Of the product by which a gram finds its place.
	shift   uint
	entries map[uint32][]entry
	// Values that are shorter than a gram.
	short []string
}

// entry is a value whose gram begins at a place in it.
type entry struct {
	value string
	at    int
}

// Contains makes the predicate that one of the values is somewhere in a text.
func Contains(values []string) func(s string) bool {
	if len(values) <= fewToSearch {
		return each(values, strings.Contains)
	}
	return newGrams(values).in
}

// newGrams files the values. Values that contain another one are left out, since that one is found wherever they are:
// this is told only for the same gram, where it is cheap.
func newGrams(values []string) *grams {
	size := min(max(bits.Len(uint(len(values)))+6, leastBits), mostBits)
	g := &grams{bits: make([]uint64, 1<<size/64), shift: uint(32 - size), entries: make(map[uint32][]entry, len(values))}
	seen := map[uint32]int{}
	for _, v := range values {
		for i := 0; i+gram <= len(v); i++ {
			seen[load(v, i)]++
		}
	}
	known := map[string]bool{}
	for _, v := range values {
		if known[v] {
			continue
		}
		known[v] = true
		if len(v) < gram {
			g.short = append(g.short, v)
			continue
		}
		best := 0
		for i := 1; i+gram <= len(v); i++ {
			// The rarest among the values is most likely the rarest in events; of equals the last, since values begin alike.
			if seen[load(v, i)] <= seen[load(v, best)] {
				best = i
			}
		}
		k := load(v, best)
		g.entries[k] = append(g.entries[k], entry{v, best})
		h := g.slot(k)
		g.bits[h/64] |= 1 << (h % 64)
	}
	return g
}

// in tells whether one of the values is in s.
func (g *grams) in(s string) bool {
	for _, v := range g.short {
		if strings.Contains(s, v) {
			return true
		}
	}
	if len(g.entries) == 0 {
		return false
	}
	for i := 0; i+gram <= len(s); i++ {
		k := load(s, i)
		h := g.slot(k)
		if g.bits[h/64]&(1<<(h%64)) == 0 {
			continue
		}
		for _, e := range g.entries[k] {
			if from := i - e.at; from >= 0 && strings.HasPrefix(s[from:], e.value) {
				return true
			}
		}
	}
	return false
}

// load reads the four bytes at i.
func load(s string, i int) uint32 {
	_ = s[i+3]
	return uint32(s[i]) | uint32(s[i+1])<<8 | uint32(s[i+2])<<16 | uint32(s[i+3])<<24
}

// slot is the place of a gram in the bitmap. The multiplier spreads letters, which differ in few bits.
func (g *grams) slot(k uint32) uint32 { return k * 0x9e3779b1 >> (g.shift & 31) }

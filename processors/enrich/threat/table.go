// Package threat looks for known bad addresses, domains, URLs and files in events.
package threat

import (
	"encoding/binary"
	"errors"
	"hash/maphash"
	"math"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Kind is what an indicator is compared with.
type Kind uint8

// The kinds of indicators. A domain stands for all names below it too.
const (
	IP Kind = iota + 1
	CIDR
	Domain
	URL
	Hash
)

// String is the kind as ECS names it in threat.indicator.type.
func (k Kind) String() string {
	return [...]string{"", "ip-addr", "ip-addr", "domain-name", "url", "file"}[k]
}

// Indicator is one known bad thing, as a feed says it.
type Indicator struct {
	Kind        Kind
	Value       string
	Feed        string    // name of the feed or file
	Description string    // what it belongs to: a campaign, a malware family
	Confidence  int       // 0 to 100, -1 if nobody said
	Expires     time.Time // zero: never
}

// about is what many indicators share.
type about struct {
	feed, description string
	confidence        int8
}

// entry is one indicator within a table: 16 bytes.
type entry struct {
	at      uint32 // of its key in the arena
	size    uint16
	kind    Kind
	about   uint32
	expires uint32 // seconds since 1970; 0: never
}

// Table is a set of indicators made for looking up: an open hash table of 64-bit words, half of each the place of an entry
// and half of it more of its hash, so that a value that is not there costs one look into memory as a rule. A million
// indicators take some 60 MB. Immutable, safe for many goroutines.
type Table struct {
	seed    maphash.Seed
	slots   []uint64 // a power of two; 0: empty
	entries []entry
	arena   []byte
	abouts  []about
	bits4   []int // lengths of the prefixes that there are, longest first
	bits6   []int
	kinds   [Hash + 1]int
}

// Len returns how many indicators there are.
func (t *Table) Len() int { return len(t.entries) }

// Kinds returns how many there are of a kind.
func (t *Table) Kinds(k Kind) int { return t.kinds[k] }

// builder gathers indicators for a table.
type builder struct {
	t     *Table
	about map[about]uint32
	key   []byte
}

// errFull says that a table cannot hold more.
var errFull = errors.New("more indicators than a table can hold (4 GiB of text)")

func newBuilder() *builder {
	return &builder{t: &Table{seed: maphash.MakeSeed()}, about: map[about]uint32{}}
}

// add takes one indicator in. A value that is none of its kind is an error, and is left out.
func (b *builder) add(i Indicator) error {
	key, err := appendKey(b.key[:0], i.Kind, i.Value)
	if err != nil {
		return err
	}
	b.key = key
	if len(b.t.arena)+len(key) > math.MaxUint32 || len(b.t.entries) == math.MaxInt32 {
		return errFull
	}
	e := entry{at: uint32(len(b.t.arena)), size: uint16(len(key)), kind: i.Kind}
	if !i.Expires.IsZero() {
		e.expires = uint32(min(max(i.Expires.Unix(), 1), math.MaxUint32))
	}
	a := about{feed: i.Feed, description: i.Description, confidence: int8(min(max(i.Confidence, -1), 100))}
	n, ok := b.about[a]
	if !ok {
		n = uint32(len(b.t.abouts))
		a.feed, a.description = strings.Clone(a.feed), strings.Clone(a.description)
		b.about[a], b.t.abouts = n, append(b.t.abouts, a)
	}
	e.about = n
	b.t.arena = append(b.t.arena, key...)
	b.t.entries = append(b.t.entries, e)
	return nil
}

// build makes the table. The builder is of no use afterwards.
func (b *builder) build() *Table {
	t := b.t
	size := 16
	for size < 2*len(t.entries) {
		size *= 2
	}
	t.slots = make([]uint64, size)
	kept := t.entries[:0]
	for _, e := range t.entries {
		if t.insert(e, len(kept)) {
			kept = append(kept, e)
			t.kinds[e.kind]++
		}
	}
	t.entries, t.arena = slices.Clip(kept), slices.Clip(t.arena)
	t.bits4, t.bits6 = longestFirst(t.bits4), longestFirst(t.bits6)
	return t
}

func longestFirst(bits []int) []int {
	slices.Sort(bits)
	bits = slices.Compact(bits)
	slices.Reverse(bits)
	return bits
}

// insert puts the entry that will be the nth into its slot, unless the same is there. Of one value that two feeds name both
// stay.
func (t *Table) insert(e entry, n int) bool {
	key := t.arena[e.at:][:e.size]
	h := t.hash(e.kind, key)
	mask := uint64(len(t.slots) - 1)
	at := h & mask
	for ; t.slots[at] != 0; at = (at + 1) & mask {
		o := t.entries[uint32(t.slots[at])-1] // entries below n are in place
		if o.kind == e.kind && o.about == e.about && string(t.arena[o.at:][:o.size]) == string(key) {
			return false
		}
	}
	t.slots[at] = h>>32<<32 | uint64(n+1)
	t.entries[n] = e
	if e.kind == CIDR {
		if bits := int(key[len(key)-1]); len(key) == 5 {
			t.bits4 = append(t.bits4, bits)
		} else {
			t.bits6 = append(t.bits6, bits)
		}
	}
	return true
}

func (t *Table) hash(k Kind, key []byte) uint64 {
	return maphash.Bytes(t.seed, key) ^ uint64(k)*0x9e3779b97f4a7c15
}

// find appends the places of all entries of a key that have not expired.
func (t *Table) find(dst []uint32, k Kind, key []byte, now uint32) []uint32 {
	h := t.hash(k, key)
	mask := uint64(len(t.slots) - 1)
	for at := h & mask; t.slots[at] != 0; at = (at + 1) & mask {
		if t.slots[at]>>32 != h>>32 {
			continue
		}
		n := uint32(t.slots[at]) - 1
		e := &t.entries[n]
		if e.kind == k && (e.expires == 0 || e.expires > now) && string(t.arena[e.at:][:e.size]) == string(key) {
			dst = append(dst, n)
		}
	}
	return dst
}

// ip appends what is known of an address: itself, and the networks around it.
func (t *Table) ip(dst []uint32, a netip.Addr, now uint32) []uint32 {
	var buf [17]byte
	a = a.Unmap().WithZone("")
	key := append(buf[:0], a.AsSlice()...)
	if t.kinds[IP] > 0 {
		dst = t.find(dst, IP, key, now)
	}
	bits := t.bits6
	if a.Is4() {
		bits = t.bits4
	}
	for _, n := range bits {
		clearBehind(key, n)
		dst = t.find(dst, CIDR, append(key, byte(n)), now)
	}
	return dst
}

// clearBehind clears all bits of an address behind the first n. Lengths come longest first, so the address can be used up.
func clearBehind(key []byte, n int) {
	for i := range key {
		switch left := n - 8*i; {
		case left <= 0:
			key[i] = 0
		case left < 8:
			key[i] &= ^byte(0) << (8 - left)
		}
	}
}

// domain appends what is known of a name and of all names above it.
func (t *Table) domain(dst []uint32, name string, now uint32) []uint32 {
	var buf [256]byte
	if t.kinds[Domain] == 0 || len(name) > len(buf) {
		return dst
	}
	key, err := appendDomain(buf[:0], name)
	if err != nil {
		return dst
	}
	for len(key) > 0 {
		dst = t.find(dst, Domain, key, now)
		dot := slices.Index(key, '.')
		if dot < 0 {
			break
		}
		key = key[dot+1:]
	}
	return dst
}

// other appends what is known of a value that is one key: a URL or a hash.
func (t *Table) other(dst []uint32, k Kind, value string, now uint32) []uint32 {
	if t.kinds[k] == 0 {
		return dst
	}
	var buf [512]byte
	key, err := appendKey(buf[:0], k, value)
	if err != nil {
		return dst
	}
	return t.find(dst, k, key, now)
}

// Describe returns the indicator at a place, its value as it is compared.
func (t *Table) describe(n uint32) Indicator {
	e := t.entries[n]
	a := t.abouts[e.about]
	i := Indicator{Kind: e.kind, Feed: a.feed, Description: a.description, Confidence: int(a.confidence), Value: keyText(e.kind, t.arena[e.at:][:e.size])}
	if e.expires != 0 {
		i.Expires = time.Unix(int64(e.expires), 0).UTC()
	}
	return i
}

// size returns how many bytes the table takes.
func (t *Table) size() int {
	n := 8*len(t.slots) + binary.Size(entry{})*len(t.entries) + len(t.arena)
	for _, a := range t.abouts {
		n += len(a.feed) + len(a.description) + 40
	}
	return n
}

// lookUp appends the places of all indicators that a value of a kind fits.
func (t *Table) lookUp(dst []uint32, k Kind, value string, now uint32) []uint32 {
	switch k {
	case IP:
		a, err := netip.ParseAddr(value)
		if err != nil {
			return dst
		}
		return t.ip(dst, a, now)
	case Domain:
		return t.domain(dst, value, now)
	}
	return t.other(dst, k, value, now)
}

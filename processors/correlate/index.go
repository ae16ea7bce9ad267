package correlate

import "hash/maphash"

// index finds groups by their keys. It is open and probes slot after slot, so that to find a group is to look at one place
// beside the group itself, and Ahead can look at many of them before it waits for the first. Nothing rests on the order in
// which it stands, which is another one in each process: who sends keys must not know which of them meet.
type index struct {
	seed  maphash.Seed
	slots []slot // a power of two of them, at least a quarter of which are empty
	n     int
}

// slot has the hash beside the group: to look at one that is not meant must not go and see the group.
type slot struct {
	hash uint64
	g    *group
}

// leastSlots is how many an index has at least.
const leastSlots = 16

func newIndex() index { return index{seed: maphash.MakeSeed(), slots: make([]slot, leastSlots)} }

// hash is that of a key.
func (x *index) hash(key []byte) uint64 { return maphash.Bytes(x.seed, key) }

// home is the place at which a group of a hash stands, unless others stand there.
func (x *index) home(hash uint64) int { return int(hash & uint64(len(x.slots)-1)) }

// after is the place behind another.
func (x *index) after(i int) int { return (i + 1) & (len(x.slots) - 1) }

// find returns the group of a key, nil if there is none.
func (x *index) find(key []byte) *group {
	hash := x.hash(key)
	for i := x.home(hash); x.slots[i].g != nil; i = x.after(i) {
		if s := &x.slots[i]; s.hash == hash && s.g.key == string(key) {
			return s.g
		}
	}
	return nil
}

// guess returns a group that most likely has a key of this hash, nil if there is none. It looks at no group.
func (x *index) guess(hash uint64) *group {
	for i := x.home(hash); x.slots[i].g != nil; i = x.after(i) {
		if x.slots[i].hash == hash {
			return x.slots[i].g
		}
	}
	return nil
}

// put makes a group known that is not.
func (x *index) put(g *group) {
	if x.n++; x.n > len(x.slots)/4*3 {
		x.resize(2 * len(x.slots))
	}
	x.set(slot{maphash.String(x.seed, g.key), g})
}

// set puts a slot into the first empty place for it.
func (x *index) set(s slot) {
	i := x.home(s.hash)
	for x.slots[i].g != nil {
		i = x.after(i)
	}
	x.slots[i] = s
}

// remove takes a group out. What stands behind it moves up, as far as it may, so that no probe ends too early.
func (x *index) remove(g *group) {
	i := x.home(maphash.String(x.seed, g.key))
	for x.slots[i].g != g {
		i = x.after(i)
	}
	for k := x.after(i); x.slots[k].g != nil; k = x.after(k) {
		// What has its home behind i stays where it is.
		if away := (k - x.home(x.slots[k].hash)) & (len(x.slots) - 1); away >= (k-i)&(len(x.slots)-1) {
			x.slots[i] = x.slots[k]
			i = k
		}
	}
	x.slots[i] = slot{}
	// A flood that is over gives its memory back.
	if x.n--; len(x.slots) > 1024 && x.n < len(x.slots)/8 {
		x.resize(len(x.slots) / 4)
	}
}

// resize makes room for as many slots. It looks at no group, so a million of them take some milliseconds.
func (x *index) resize(n int) {
	old := x.slots
	x.slots = make([]slot, n)
	for _, s := range old {
		if s.g != nil {
			x.set(s)
		}
	}
}

// each calls fn for all groups, in no order.
func (x *index) each(fn func(g *group)) {
	for i := range x.slots {
		if g := x.slots[i].g; g != nil {
			fn(g)
		}
	}
}

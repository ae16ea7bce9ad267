package match

import "slices"

// maxTold is how many of the latest hits a group knows by their ids.
const maxTold = 4096

// Told knows which hits were said, so that one that comes again is not said again: a run keeps none of its matches.
type Told struct {
	by  []stamp // ordered by time
	top *Match  // the last in order: what comes after it was not told, and needs no looking up
}

// stamp is one hit: its time, and a sum over its id and step.
type stamp struct {
	t   int64
	key uint64
}

// keyOf sums over what tells matches of one time apart. It is written to disk, so it is the same everywhere.
func keyOf(m *Match) uint64 {
	const prime = 0x100000001b3
	h := uint64(0xcbf29ce484222325) ^ uint64(uint32(m.Step))
	for i := range len(m.ID) {
		h = (h ^ uint64(m.ID[i])) * prime
	}
	return h ^ h>>29
}

// Note remembers a hit. It returns false if it was there already.
func (t *Told) Note(m *Match) bool {
	// In a storm in order nothing is looked up.
	n := len(t.by)
	if n == 0 || t.by[n-1].t < m.T || t.top != nil && Compare(t.top, m) < 0 {
		t.top = m
		t.insert(n, m)
		return true
	}
	i, key := t.from(m.T), keyOf(m)
	for ; i < n && t.by[i].t == m.T; i++ {
		if t.by[i].key == key {
			return false
		}
	}
	t.insert(i, m)
	return true
}

// insert makes room by letting the earliest quarter go.
func (t *Told) insert(i int, m *Match) {
	if len(t.by) == maxTold {
		t.by = slices.Delete(t.by, 0, maxTold/4)
		i = max(i-maxTold/4, 0)
	}
	t.by = slices.Insert(t.by, i, stamp{m.T, keyOf(m)})
}

// from returns the place of the first hit that is not before a time.
func (t *Told) from(at int64) int {
	i, _ := slices.BinarySearchFunc(t.by, at, func(x stamp, at int64) int {
		if x.t < at {
			return -1
		}
		return 1
	})
	return i
}

// Drop lets go of what is before a time, when that is half of it.
func (t *Told) Drop(at int64) {
	if n := len(t.by); n == 0 || t.by[n/2].t >= at {
		return
	}
	t.by = slices.Delete(t.by, 0, t.from(at))
	if cap(t.by) > 64 && len(t.by) < cap(t.by)/4 {
		t.by = slices.Clone(t.by)
	}
	if len(t.by) == 0 {
		t.top = nil
	}
}

// Bytes is about how much memory it holds.
func (t *Told) Bytes() int {
	n := 16 * cap(t.by)
	if t.top != nil {
		n += SizeOf(t.top)
	}
	return n
}

package tally

import "hash/maphash"

// counts is how many matches each of some values has. Where there are many values none of them is near the processor, so
// what is short stands in the table itself: to count a value is to look at one place. Nothing rests on the order in which
// they stand. The zero counts is empty.
type counts struct {
	slots []counted // a power of two of them, at least a quarter of which are empty
	n     int       // values in them
	long  map[string]int32
}

// counted is a value that is short, and how many matches have it; none: the slot is empty.
type counted struct {
	hash uint32
	n    int32
	text text
}

// text is a short value, its length at the end.
type text [24]byte

// leastSlots is how many there are at least, and keptSlots up to how many are kept when all values have left.
const (
	leastSlots = 8
	keptSlots  = 64
)

var seed = maphash.MakeSeed()

// textOf returns a value as it stands in the table; ok is false if it is too long for that.
func textOf(value string) (t text, ok bool) {
	if len(value) >= len(t) {
		return t, false
	}
	t[len(t)-1] = uint8(copy(t[:], value))
	return t, true
}

// len is how many different values there are.
func (c *counts) len() int { return c.n + len(c.long) }

// has tells whether there is a value.
func (c *counts) has(value string) bool {
	if t, ok := textOf(value); ok {
		_, found := c.find(hashOf(value), &t)
		return found
	}
	return c.long[value] > 0
}

// add puts a value in n times.
func (c *counts) add(value string, n int32) {
	t, ok := textOf(value)
	if !ok {
		if c.long == nil {
			c.long = map[string]int32{}
		}
		c.long[value] += n
		return
	}
	hash := hashOf(value)
	at, found := c.find(hash, &t)
	if found {
		c.slots[at].n += n
		return
	}
	if c.n++; c.n > len(c.slots)/4*3 {
		c.resize(max(2*len(c.slots), leastSlots))
		at, _ = c.find(hash, &t)
	}
	c.slots[at] = counted{hash, n, t}
}

// remove takes a value out n times. One that is not there is let be.
func (c *counts) remove(value string, n int32) {
	t, ok := textOf(value)
	if !ok {
		if left, ok := c.long[value]; ok && left > n {
			c.long[value] = left - n
		} else {
			delete(c.long, value)
		}
		return
	}
	at, found := c.find(hashOf(value), &t)
	if !found {
		return
	}
	if c.slots[at].n > n {
		c.slots[at].n -= n
		return
	}
	c.close(at)
	if c.n--; len(c.slots) > keptSlots && c.n < len(c.slots)/8 {
		c.resize(len(c.slots) / 4)
	}
}

// close empties a slot. What stands behind it moves up, as far as it may, so that no search ends too early.
func (c *counts) close(i int) {
	mask := len(c.slots) - 1
	for k := (i + 1) & mask; c.slots[k].n != 0; k = (k + 1) & mask {
		// What has its home behind i stays where it is.
		if away := (k - int(c.slots[k].hash)) & mask; away >= (k-i)&mask {
			c.slots[i] = c.slots[k]
			i = k
		}
	}
	c.slots[i] = counted{}
}

// reset takes all values out, and gives memory back that is large.
func (c *counts) reset() {
	if len(c.slots) > keptSlots {
		c.slots = nil
	}
	clear(c.slots)
	c.n, c.long = 0, nil
}

func hashOf(value string) uint32 { return uint32(maphash.String(seed, value)) }

// find returns the place of a value, or the one where it would stand.
func (c *counts) find(hash uint32, t *text) (at int, found bool) {
	if len(c.slots) == 0 {
		return 0, false
	}
	mask := len(c.slots) - 1
	for at = int(hash) & mask; c.slots[at].n != 0; at = (at + 1) & mask {
		if x := &c.slots[at]; x.hash == hash && x.text == *t {
			return at, true
		}
	}
	return at, false
}

// resize makes room for so many slots.
func (c *counts) resize(n int) {
	old := c.slots
	c.slots = make([]counted, n)
	for i := range old {
		if x := &old[i]; x.n != 0 {
			at := int(x.hash) & (n - 1)
			for c.slots[at].n != 0 {
				at = (at + 1) & (n - 1)
			}
			c.slots[at] = *x
		}
	}
}

// Package cache remembers what look-ups found, in a fixed number of places and without locks.
//
// Every key has two places. A look-up is a hash and at most two loads; a new value takes a free place or drives one of
// the two others out. So the memory is bounded whatever comes, and no writer ever makes a reader wait: what a cache
// forgets too early costs one look-up more, never a wrong answer.
package cache

import (
	"hash/maphash"
	"sync/atomic"
)

// Cache holds values by key. It is safe for many goroutines. Values are shared: nobody may change one that was put.
type Cache[K comparable, V any] struct {
	seed  maphash.Seed
	mask  uint64
	slots []atomic.Pointer[entry[K, V]]
}

// entry never changes once it is in a slot.
type entry[K comparable, V any] struct {
	key   K
	value V
}

// New makes a cache of at least size places.
func New[K comparable, V any](size int) *Cache[K, V] {
	n := 2
	for n < size {
		n *= 2
	}
	return &Cache[K, V]{seed: maphash.MakeSeed(), mask: uint64(n - 1), slots: make([]atomic.Pointer[entry[K, V]], n)}
}

// Get returns the value of a key.
func (c *Cache[K, V]) Get(key K) (v V, ok bool) {
	at := maphash.Comparable(c.seed, key)
	for _, i := range [2]uint64{at & c.mask, at&c.mask ^ 1} {
		if e := c.slots[i].Load(); e != nil && e.key == key {
			return e.value, true
		}
	}
	return v, false
}

// Put remembers a value. The key must stay as it is for as long as the cache lives: a text that aliases a record is
// cloned before.
func (c *Cache[K, V]) Put(key K, value V) {
	at := maphash.Comparable(c.seed, key)
	i := at & c.mask
	other := i ^ 1
	if old := c.slots[i].Load(); old != nil && old.key != key && (c.slots[other].Load() == nil || at>>63 == 1) {
		i = other
	}
	c.slots[i].Store(&entry[K, V]{key, value})
}

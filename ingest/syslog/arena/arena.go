// Package arena is the memory of received records: chunks that are read into, records that point into them, and
// batches that give both back when the front door is done with them. Between the socket and Kafka no record is copied.
package arena

import (
	"sync"
	"sync/atomic"
)

// sizes are the classes of chunks. The first is what a quiet connection holds; the third fits a record of the default
// limit with its framing.
var sizes = [...]int{4 << 10, 16 << 10, 72 << 10, 256 << 10}

// free are the classes that are not counted against the budget: every connection may have one.
const freeClass = 1

// DefaultBudget bounds what chunks beyond 16 KiB may hold together, unless a record needs them.
const DefaultBudget = 64 << 20

// Pool gives chunks and batches and takes them back. Safe for many goroutines.
type Pool struct {
	budget  int64
	chunks  [len(sizes)]sync.Pool
	batches sync.Pool
	large   atomic.Int64 // bytes of chunks above freeClass that are out
	flying  atomic.Int64 // batches that were taken over and are not done
}

// NewPool makes a pool whose large chunks hold at most budget bytes together.
func NewPool(budget int64) *Pool { return &Pool{budget: budget} }

// InFlight returns how many batches were taken over and are not done.
func (p *Pool) InFlight() int { return int(p.flying.Load()) }

// Large returns how many bytes the large chunks hold that are in use.
func (p *Pool) Large() int64 { return p.large.Load() }

// Chunk is one block of memory with a count of its users: whoever fills it, and each batch with records in it.
type Chunk struct {
	Buf   []byte
	pool  *Pool
	class int // index of sizes, or len(sizes) for a chunk made to measure
	refs  atomic.Int32
	lost  atomic.Bool // somebody may still read it: it must not be used again
}

// Get returns a chunk of the size of class want, or smaller if the budget is spent, but of at least least bytes. The
// caller holds one reference.
func (p *Pool) Get(want, least int) *Chunk {
	want = min(max(want, 0), len(sizes)-1)
	for want > freeClass && sizes[want] > least && p.large.Load()+int64(sizes[want]) > p.budget {
		want--
	}
	for want < len(sizes) && sizes[want] < least {
		want++
	}
	var c *Chunk
	if want < len(sizes) {
		if c, _ = p.chunks[want].Get().(*Chunk); c == nil {
			c = &Chunk{Buf: make([]byte, sizes[want]), pool: p, class: want}
		}
	} else {
		c = &Chunk{Buf: make([]byte, least), pool: p, class: want}
	}
	if want > freeClass {
		p.large.Add(int64(len(c.Buf)))
	}
	c.refs.Store(1)
	return c
}

// alone tells whether the caller's reference is the only one.
func (c *Chunk) alone() bool { return c.refs.Load() == 1 }

// Release gives one reference back; the last one returns the chunk to its pool.
func (c *Chunk) Release() {
	if c.refs.Add(-1) > 0 {
		return
	}
	if c.class > freeClass {
		c.pool.large.Add(-int64(len(c.Buf)))
	}
	if c.class < len(sizes) && !c.lost.Load() {
		c.pool.chunks[c.class].Put(c)
	}
}

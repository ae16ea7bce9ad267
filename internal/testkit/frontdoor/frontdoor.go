// Package frontdoor is a front door for tests of sources, without Kafka: it keeps what it is given and is done with it
// when the test says so.
package frontdoor

import (
	"context"
	"slices"
	"sync"

	"weir/ingest"
	"weir/internal/record"
)

// Door takes batches over as the real one does: done comes from another goroutine, in the order of the batches, and
// nothing looks at a batch after it. It copies values, so that memory used again too early shows. Safe for many goroutines.
type Door struct {
	mu   sync.Mutex
	recs []record.Raw
	held []func(error)
	hold bool
	fail func(batch int) error
	n    int
	last chan struct{} // closed when the door is done with the newest batch
}

// Emit is the ingest.Emit of the door.
func (d *Door) Emit(ctx context.Context, batch []record.Raw, done func(error)) error {
	if ctx.Err() != nil {
		return ingest.ErrRefused
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	n := d.n
	d.n++
	take := func(err error) {
		if err == nil {
			d.mu.Lock()
			for _, r := range batch {
				r.Value = slices.Clone(r.Value)
				d.recs = append(d.recs, r)
			}
			d.mu.Unlock()
		}
		if done != nil {
			done(err)
		}
	}
	if d.hold {
		d.held = append(d.held, take)
		return nil
	}
	var err error
	if d.fail != nil {
		err = d.fail(n)
	}
	// In order, as the batches of one partition are.
	before, mine := d.last, make(chan struct{})
	d.last = mine
	go func() {
		defer close(mine)
		if before != nil {
			<-before
		}
		take(err)
	}()
	return nil
}

// Hold keeps batches until Release.
func (d *Door) Hold() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.hold = true
}

// Held returns how many batches are kept.
func (d *Door) Held() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.held)
}

// Release is done with what was kept, with err, and keeps no more.
func (d *Door) Release(err error) {
	d.mu.Lock()
	held := d.held
	d.held, d.hold = nil, false
	d.mu.Unlock()
	for _, take := range held {
		take(err)
	}
}

// Fail makes the door ask fn what becomes of each batch, numbered from 0.
func (d *Door) Fail(fn func(batch int) error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fail = fn
}

// Records returns what was taken, in the order in which the door was done with it.
func (d *Door) Records() []record.Raw {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.recs)
}

// Counter is an ingest.Counter that remembers. Safe for many goroutines.
type Counter struct {
	mu       sync.Mutex
	received map[string]int
	refused  map[string]int
	bytes    int
	drops    int
}

// Received implements ingest.Counter.
func (c *Counter) Received(source string, records, bytes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.received == nil {
		c.received = map[string]int{}
	}
	c.received[source] += records
	c.bytes += bytes
}

// Refused implements ingest.Counter.
func (c *Counter) Refused(source, reason string, records int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.refused == nil {
		c.refused = map[string]int{}
	}
	c.refused[source+" "+reason] += records
}

// KernelDrops implements ingest.Counter.
func (c *Counter) KernelDrops(_ string, records int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drops += records
}

// Got returns how many records of a source were received.
func (c *Counter) Got(source string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.received[source]
}

// Turned returns how many records of a source were refused for a reason.
func (c *Counter) Turned(source, reason string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.refused[source+" "+reason]
}

// Bytes returns how many bytes were received.
func (c *Counter) Bytes() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.bytes
}

// Drops returns how many datagrams the kernel dropped.
func (c *Counter) Drops() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.drops
}

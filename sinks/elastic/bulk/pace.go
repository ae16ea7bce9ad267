package bulk

import (
	"context"
	"sync"
)

// minSize is the smallest size of a request that a busy server brings about.
const minSize = 64 << 10

// pace decides how many requests are under way and how large they are. A busy server halves both; each request that
// went well gives a little back. It is what TCP does about its window, for the same reason: nobody knows what the server
// can bear, and it changes.
type pace struct {
	mu       sync.Mutex
	slots    float64 // requests allowed at once
	most     int     // configured
	busy     int     // under way
	bytes    int
	maxBytes int
	freed    chan struct{} // closed and replaced when a slot may be free
}

func newPace(workers, maxBytes int) *pace {
	workers, maxBytes = max(workers, 1), max(maxBytes, minSize)
	return &pace{slots: float64(workers), most: workers, bytes: maxBytes, maxBytes: maxBytes, freed: make(chan struct{})}
}

// acquire waits for a slot, or for the end of ctx or of the sender.
func (p *pace) acquire(ctx, sender context.Context) error {
	for {
		p.mu.Lock()
		if p.busy < max(int(p.slots), 1) && sender.Err() == nil {
			p.busy++
			p.mu.Unlock()
			return nil
		}
		wait := p.freed
		p.mu.Unlock()
		select {
		case <-wait:
		case <-ctx.Done():
			return ctx.Err()
		case <-sender.Done():
			return ErrClosed
		}
	}
}

// release gives a slot back.
func (p *pace) release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.busy--
	p.wake()
}

// wake tells those who wait to look again. mu is held.
func (p *pace) wake() {
	close(p.freed)
	p.freed = make(chan struct{})
}

// size returns the size that a request should have.
func (p *pace) size() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.bytes
}

// slower is called when the server said that it has too much to do, or did not answer in time.
func (p *pace) slower() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.slots = max(p.slots/2, 1)
	p.bytes = max(p.bytes/2, minSize)
}

// smaller is called when the server said that a request of n bytes is too large.
func (p *pace) smaller(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bytes = max(min(p.bytes, n/2), minSize)
	// What the server will never take must not be tried again and again.
	p.maxBytes = max(min(p.maxBytes, n-1), minSize)
}

// faster is called after each request that went well.
func (p *pace) faster() {
	p.mu.Lock()
	defer p.mu.Unlock()
	before := int(p.slots)
	p.slots = min(p.slots+1/p.slots, float64(p.most))
	p.bytes = min(p.bytes+p.bytes/16, p.maxBytes)
	if int(p.slots) > before {
		p.wake()
	}
}

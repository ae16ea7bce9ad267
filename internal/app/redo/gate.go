package redo

import (
	"context"
	"sync"
)

// Gate lets one run in at a time, and none while weir stops. The zero value is open. Any goroutine may call its methods.
type Gate struct {
	mu     sync.Mutex
	closed bool
	stop   context.CancelFunc // of the run; nil: there is none
	// emitting are runs that may still send orders.
	emitting sync.WaitGroup
}

// Enter begins a run; leave ends it. The context that it gets ends when weir stops. Whoever
// got in calls Emitted once, and leave at the end.
func (g *Gate) Enter(ctx context.Context) (_ context.Context, leave func(), ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed || g.stop != nil {
		return ctx, nil, false
	}
	ctx, g.stop = context.WithCancel(ctx)
	g.emitting.Add(1)
	return ctx, func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.stop()
		g.stop = nil
	}, true
}

// Emitted says that the run sends nothing any more: Place.Emitted of a run.
func (g *Gate) Emitted() { g.emitting.Done() }

// Close ends the run, lets no other begin, and waits until nothing is sent any more.
func (g *Gate) Close() {
	g.mu.Lock()
	g.closed = true
	if g.stop != nil {
		g.stop()
	}
	g.mu.Unlock()
	g.emitting.Wait()
}

package detect

import (
	"sync"
	"sync/atomic"

	"weir/event"
	"weir/internal/fault"
	"weir/internal/match"
	"weir/internal/record"
	"weir/internal/signal"
	"weir/rules"
)

// Holder is the engine of the moment. Workers ask it for every event; a reload swaps the engine between two events and
// nobody waits. It is safe for many goroutines.
type Holder struct {
	engine atomic.Pointer[Engine]

	// mu keeps reloads apart: each begins with the rules that the one before it left.
	mu  sync.Mutex
	set *rules.Set
}

// Load returns the engine of the moment, nil before the first Reload.
func (h *Holder) Load() *Engine { return h.engine.Load() }

// Rules returns the set of the moment, nil before the first Reload.
func (h *Holder) Rules() *rules.Set {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.set
}

// Signals asks the engine of the moment; without one there are no signals.
func (h *Holder) Signals(e *event.Event, src record.Pos) []signal.Signal {
	if en := h.engine.Load(); en != nil {
		return en.Signals(e, src)
	}
	return nil
}

// Reload loads rules and lists and swaps the engine. It may be called at any time and from any goroutine. If load cannot read them at all, the old engine goes on and the
// error is returned. A file with a mistake keeps the rules that it had before; the faults say what is wrong.
func (h *Holder) Reload(load func() (*rules.Set, match.Lists, error)) (fault.List, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	set, lists, err := load()
	if err != nil {
		return nil, err
	}
	set = set.Keep(h.set)
	engine, faults := New(set, lists)
	h.set = set
	h.engine.Store(engine)
	return append(append(fault.List{}, set.Faults...), faults...), nil
}

package archive

import (
	"context"
	"sync"
	"time"

	"weir/event"
	"weir/internal/archive/column"
)

// scratch is what one call of Append decodes with.
type scratch struct {
	e   event.Event
	buf []byte
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// Append takes rows into the open epoch, where they are found at once. done, which may be nil and must not block, is
// called once from another goroutine, in the order of the calls: with nil when the rows are durable, with the error if they never will
// be. Rows of one consumed partition must come in the order of their offsets; one whose offset was taken before is
// dropped without a count, because it was counted then.
//
// Append blocks while the open epoch is full and the one before is still being sealed, until there is room, ctx ends
// or the archive is closed; it then returns an error, takes none of the rows and never calls done.
func (a *Archive) Append(ctx context.Context, rows []Row, done func(error)) error {
	ep, now, err := a.enter(ctx)
	if err != nil {
		return err
	}
	sc := scratches.Get().(*scratch)
	for i := range rows {
		a.add(ep, now, &rows[i], sc)
	}
	sc.e.Reset()
	scratches.Put(sc)

	a.mu.Lock()
	defer a.mu.Unlock()
	ep.waiting = append(ep.waiting, done)
	ep.records = max(ep.records, 1) // an empty call is published too: somebody waits for it
	ep.adding--
	if ep == a.open && a.full(ep) && a.sealing == nil {
		a.rotate()
	}
	if ep.adding == 0 && ep == a.sealing {
		a.poke()
	}
	return nil
}

// enter waits until there is room, and announces that rows are being added. The time is that of their arrival.
func (a *Archive) enter(ctx context.Context) (*epoch, time.Time, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for {
		if a.closed || a.open == nil {
			return nil, time.Time{}, ErrClosed
		}
		if a.full(a.open) && a.sealing == nil {
			a.rotate()
		}
		if !a.full(a.open) {
			break
		}
		if err := a.wait(ctx, a.changed); err != nil {
			return nil, time.Time{}, err
		}
	}
	now := a.opts.Now()
	if a.open.adding == 0 && a.open.empty() {
		a.open.began = now
		a.poke() // the epoch's age counts from now
	}
	a.open.last = now
	a.open.adding++
	return a.open, now, nil
}

// wait waits for a channel without the lock, which is held before and after.
func (a *Archive) wait(ctx context.Context, c <-chan struct{}) error {
	a.mu.Unlock()
	defer a.mu.Lock()
	select {
	case <-c:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// maxTables bounds the files of one epoch: history may bring in events of any number of days.
const maxTables = 512

// full tells whether the epoch takes no more rows. Duplicates count too, though less: each needs memory only for its
// position and done function. The lock is held.
func (a *Archive) full(e *epoch) bool {
	return e.rows >= a.opts.EpochRows || e.bytes >= a.opts.EpochBytes || e.records >= 16*a.opts.EpochRows || len(e.keys) >= maxTables
}

// add decodes one row and puts it into the epoch. The lock is only held for putting.
func (a *Archive) add(ep *epoch, now time.Time, r *Row, sc *scratch) {
	var key tableKey
	canonical := false
	if r.Doc != nil {
		err := sc.e.Decode(r.Doc)
		if err == nil {
			canonical, sc.buf = column.Canonical(&sc.e, r.Doc, sc.buf)
		}
		key = keyOf(&sc.e, now)
	}
	a.mu.Lock()
	if n, ok := a.next(partitionOf(r.Consumed)); ok && r.Consumed.Topic != "" && r.Consumed.Offset < n {
		a.mu.Unlock()
		return
	}
	ep.account(r)
	if r.Doc != nil {
		ep.store(key, &sc.e, r.Doc, canonical)
	}
	a.mu.Unlock()
	if r.Doc != nil {
		a.followers.offer(&sc.e, r.Doc)
	}
}

// rotate closes the open epoch. The lock is held and no epoch is being sealed.
func (a *Archive) rotate() {
	a.sealing, a.open = a.open, newEpoch()
	a.poke()
}

// poke wakes the sealing goroutine.
func (a *Archive) poke() {
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

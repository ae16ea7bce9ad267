package archive

import (
	"bytes"
	"slices"
	"sync"
	"sync/atomic"

	"weir/event"
	"weir/internal/query"
)

// Follower gets each document that matches its query as it is appended.
type Follower struct {
	C       <-chan []byte // documents; closed by Close and when the archive is closed
	c       chan []byte
	q       *query.Query
	matched atomic.Uint64
	dropped atomic.Uint64
	owner   *followers
	// Whether it gets events that were read again.
	revisions bool
}

// Matched returns how many documents matched so far, and how many of them were dropped because nobody took them in time.
func (f *Follower) Matched() (matched, dropped uint64) { return f.matched.Load(), f.dropped.Load() }

// Close ends the follower. It may be called more than once.
func (f *Follower) Close() { f.owner.remove(f) }

// Follow starts a follower with a buffer for so many documents. Appending never waits for it. Events that are read again
// are not new, so it only gets them if revisions is set.
func (a *Archive) Follow(q *query.Query, buffer int, revisions bool) *Follower {
	c := make(chan []byte, max(buffer, 1))
	f := &Follower{C: c, c: c, q: q, revisions: revisions, owner: &a.followers}
	a.followers.add(f)
	return f
}

// followers are those of one archive.
type followers struct {
	any    atomic.Bool // whether there are any: appending looks at nothing else otherwise
	mu     sync.RWMutex
	list   []*Follower
	closed bool
}

// add starts a follower; one of a closed archive ends at once.
func (fs *followers) add(f *Follower) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if fs.closed {
		close(f.c)
		return
	}
	fs.list = append(fs.list, f)
	fs.any.Store(true)
}

// remove ends a follower. Nobody sends to its channel any more once the lock is held.
func (fs *followers) remove(f *Follower) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if i := slices.Index(fs.list, f); i >= 0 {
		fs.list = slices.Delete(fs.list, i, i+1)
		close(f.c)
	}
	fs.any.Store(len(fs.list) > 0)
}

// close ends all followers, and any that come later.
func (fs *followers) close() {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.closed = true
	for _, f := range fs.list {
		close(f.c)
	}
	fs.list = nil
	fs.any.Store(false)
}

// offer gives a document to those whose query it matches. The read lock keeps their channels open meanwhile.
func (fs *followers) offer(e *event.Event, doc []byte) {
	if !fs.any.Load() {
		return
	}
	fs.mu.RLock()
	defer fs.mu.RUnlock()
	for _, f := range fs.list {
		if !f.revisions && e.Has(event.WeirRevisedBy) || !f.q.Match(e) {
			continue
		}
		f.matched.Add(1)
		select {
		case f.c <- bytes.Clone(doc):
		default:
			f.dropped.Add(1)
		}
	}
}

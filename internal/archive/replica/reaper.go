package replica

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"weir/internal/archive/store"
)

// Reaper deletes segments that expired, and remembers those that a lock still keeps. It is safe for many goroutines, but
// for Reap, which one calls at a time.
type Reaper struct {
	rep *Replica
	log *slog.Logger

	mu     sync.Mutex
	doomed map[string]time.Time // and when it is tried next
	locked map[string]time.Time // those of them that are kept until a time
}

// NewReaper returns one that has nothing to delete.
func NewReaper(r *Replica, log *slog.Logger) *Reaper {
	return &Reaper{rep: r, log: log, doomed: map[string]time.Time{}, locked: map[string]time.Time{}}
}

// Doom has a segment deleted by the next Reap.
func (r *Reaper) Doom(path string) {
	r.mu.Lock()
	r.doomed[path] = time.Time{}
	r.mu.Unlock()
}

// Doomed returns how many segments are to be deleted.
func (r *Reaper) Doomed() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.doomed)
}

// Locked returns the expired segments that are kept because their lock is not over, and until when.
func (r *Reaper) Locked() map[string]time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.locked)
}

// Reap deletes what is doomed. What a lock keeps is said once, and tried again when the lock is over.
func (r *Reaper) Reap(ctx context.Context, now time.Time) error {
	r.mu.Lock()
	var due []string
	for path, at := range r.doomed {
		if !at.After(now) {
			due = append(due, path)
		}
	}
	r.mu.Unlock()
	slices.Sort(due)
	var failed error
	for _, path := range due {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := r.delete(ctx, path); err != nil {
			failed = err
		}
	}
	return failed
}

// delete deletes one segment. A lock that keeps it is no error.
func (r *Reaper) delete(ctx context.Context, path string) error {
	err := r.rep.DeleteSegment(ctx, path)
	var locked *store.LockedError
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case err == nil:
		delete(r.doomed, path)
		delete(r.locked, path)
	case errors.As(err, &locked):
		if !r.locked[path].Equal(locked.Until) {
			r.log.Warn("an expired segment is kept for its lock; it is deleted when that is over", "place", r.rep.st.String(), "path", path, "until", locked.Until)
		}
		r.doomed[path], r.locked[path] = locked.Until, locked.Until
	default:
		return err
	}
	return nil
}

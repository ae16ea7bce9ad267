package ledger

import (
	"maps"
	"time"
)

// Heard is how much of one source was received, and when last.
type Heard struct {
	Received int64
	Last     time.Time
}

// Heard returns what all starts have received, by source, and the time up to which that is known. Weir's own records are
// among them, and Other.
func (s *Store) Heard() (at time.Time, by map[string]Heard) {
	s.mu.Lock()
	defer s.mu.Unlock()
	by = map[string]Heard{}
	for _, rec := range s.fold.Ingest {
		if rec.At.After(at) {
			at = rec.At
		}
		for source, c := range rec.Sources {
			h := by[source]
			h.Received += c.Received
			if c.Last.After(h.Last) {
				h.Last = c.Last
			}
			by[source] = h
		}
	}
	return at, by
}

// Kernel returns what was lost before it could be read, by input.
func (b *Book) Kernel() map[string]int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return maps.Clone(b.kerns)
}

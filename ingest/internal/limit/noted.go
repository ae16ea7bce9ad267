package limit

import (
	"sync"
	"time"
)

const (
	maxNoted   = 1024      // bounds what is remembered of what was logged
	notedAgain = time.Hour // after which the same thing is logged again
)

// Noted remembers what was logged, so that one bad sender fills no log. Its zero value is ready; safe for many
// goroutines.
type Noted struct {
	mu   sync.Mutex
	seen map[string]time.Time
}

// First tells whether key comes for the first time, or again after an hour or many others.
func (n *Noted) First(key string) bool {
	now := time.Now()
	n.mu.Lock()
	defer n.mu.Unlock()
	if at, again := n.seen[key]; again && now.Sub(at) < notedAgain {
		return false
	}
	if n.seen == nil || len(n.seen) >= maxNoted {
		n.seen = map[string]time.Time{}
	}
	n.seen[key] = now
	return true
}

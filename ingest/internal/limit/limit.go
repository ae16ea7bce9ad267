// Package limit holds what keeps one sender from harming the others: a rate for each address, and a memory of what was
// logged already.
package limit

import (
	"net/netip"
	"sync"
	"time"
)

const (
	shards = 16
	// shardAddresses bounds what forged sender addresses can make the limiter remember.
	shardAddresses = 4096
)

// Limiter gives every source address the same number of records a second. An address that was silent may send as many
// at once as it may send in a second. Safe for many goroutines; a nil Limiter lets everything pass.
type Limiter struct {
	rate, burst float64
	shards      [shards]shard
}

// shard is the addresses with one hash, so that several sockets rarely wait for each other.
type shard struct {
	mu      sync.Mutex
	buckets map[netip.Addr]bucket
}

// bucket holds what an address may still send, as of a time.
type bucket struct {
	tokens float64
	at     time.Time
}

// New returns nil for a rate of 0.
func New(perSecond float64) *Limiter {
	if perSecond <= 0 {
		return nil
	}
	l := &Limiter{rate: perSecond, burst: max(perSecond, 1)}
	for i := range l.shards {
		l.shards[i].buckets = map[netip.Addr]bucket{}
	}
	return l
}

// Take returns how many of n records the address may send now.
func (l *Limiter) Take(a netip.Addr, n int, now time.Time) int {
	if l == nil {
		return n
	}
	b16 := a.As16()
	s := &l.shards[(b16[15]^b16[14]^b16[7])%shards]
	s.mu.Lock()
	defer s.mu.Unlock()
	b, known := s.buckets[a]
	if !known {
		if len(s.buckets) >= shardAddresses {
			l.sweep(s, now)
		}
		b = bucket{l.burst, now}
	}
	if d := now.Sub(b.at); d > 0 {
		b.tokens = min(b.tokens+d.Seconds()*l.rate, l.burst)
		b.at = now
	}
	allowed := min(n, int(b.tokens))
	b.tokens -= float64(allowed)
	s.buckets[a] = b
	return allowed
}

// sweep makes room in a shard: full buckets are as good as none. If that is not enough, an eighth of the others go,
// whichever come first; their addresses start again with a full bucket. The lock is held.
func (l *Limiter) sweep(s *shard, now time.Time) {
	for a, b := range s.buckets {
		if b.tokens+now.Sub(b.at).Seconds()*l.rate >= l.burst {
			delete(s.buckets, a)
		}
	}
	for a := range s.buckets {
		if len(s.buckets) < shardAddresses*7/8 {
			return
		}
		delete(s.buckets, a)
	}
}

// Package life ends what a channel has under way: each send after its time, and all of them when the
// channel is closed.
package life

import (
	"context"
	"errors"
	"sync"
	"time"
)

// ErrClosed is the reason of a send that a closed channel did not take or did not finish. Whoever has
// closed the channel to make another from a new configuration sends again through that one.
var ErrClosed = errors.New("the channel was closed")

// Sends are the sends of one channel. The zero value is ready; it must not be copied after its first
// use.
type Sends struct {
	mu     sync.Mutex
	closed bool
	ends   map[*int]context.CancelCauseFunc
	wg     sync.WaitGroup
}

// Begin starts a send: its context ends with ctx, after timeout (0: never by itself) and when the
// channel is closed. The caller calls done exactly once, when nothing of the send runs any more: Close
// waits for it.
func (s *Sends) Begin(ctx context.Context, timeout time.Duration) (sending context.Context, done func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, nil, ErrClosed
	}
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.CancelFunc(func() {})
	if timeout > 0 {
		ctx, stop = context.WithTimeout(ctx, timeout)
	}
	if s.ends == nil {
		s.ends = map[*int]context.CancelCauseFunc{}
	}
	key := new(int)
	s.ends[key] = cancel
	s.wg.Add(1)
	return ctx, func() {
		stop()
		cancel(nil)
		s.mu.Lock()
		delete(s.ends, key)
		s.mu.Unlock()
		s.wg.Done()
	}, nil
}

// Close ends all sends and waits until nothing of them runs. Further ones are refused. It may be called
// again.
func (s *Sends) Close() error {
	s.mu.Lock()
	s.closed = true
	for _, cancel := range s.ends {
		cancel(ErrClosed)
	}
	s.mu.Unlock()
	s.wg.Wait()
	return nil
}

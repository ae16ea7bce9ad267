package life_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"weir/sinks/notify/channel/life"
)

// TestBegin_ends: a send ends by its own time, by the caller's, and by Close, and says which it was.
func TestBegin_ends(t *testing.T) {
	for _, tc := range []struct {
		name    string
		timeout time.Duration
		end     func(cancel context.CancelFunc, s *life.Sends)
		want    error
	}{
		{"by its time", time.Minute, func(context.CancelFunc, *life.Sends) {}, context.DeadlineExceeded},
		{"by the caller", time.Hour, func(cancel context.CancelFunc, _ *life.Sends) { cancel() }, context.Canceled},
		{"by Close", 0, func(_ context.CancelFunc, s *life.Sends) { _ = s.Close() }, life.ErrClosed},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var s life.Sends
				parent, cancel := context.WithCancel(t.Context())
				defer cancel()
				ctx, done, err := s.Begin(parent, tc.timeout)
				if err != nil {
					t.Fatal(err)
				}
				go tc.end(cancel, &s)
				<-ctx.Done()
				if got := context.Cause(ctx); !errors.Is(got, tc.want) {
					t.Errorf("got %v, want %v", got, tc.want)
				}
				done()
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
			})
		})
	}
}

// TestClose_waits: Close returns after the last send is done, and takes none after.
func TestClose_waits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s life.Sends
		var mu sync.Mutex
		running := 0
		for range 3 {
			ctx, done, err := s.Begin(t.Context(), 0)
			if err != nil {
				t.Fatal(err)
			}
			running++
			go func() {
				<-ctx.Done()
				time.Sleep(time.Minute) // of the bubble: the send takes a while to end
				mu.Lock()
				running--
				mu.Unlock()
				done()
			}()
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		mu.Lock()
		defer mu.Unlock()
		if running != 0 {
			t.Errorf("%d sends run after Close", running)
		}
		if _, _, err := s.Begin(t.Context(), 0); !errors.Is(err, life.ErrClosed) {
			t.Errorf("a closed channel takes a send: %v", err)
		}
		if err := s.Close(); err != nil {
			t.Errorf("closing again: %v", err)
		}
	})
}

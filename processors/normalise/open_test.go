package normalise

import (
	"context"
	"errors"
	"testing"
)

// TestWorker_wait: batches wait for their number, and for the records that were made of them.
func TestWorker_wait(t *testing.T) {
	for name, tc := range map[string]struct {
		left  []int64 // of each open batch
		waits bool
	}{
		"nothing open":          {nil, false},
		"few, small":            {[]int64{1000, 1000}, false},
		"too many":              {[]int64{1, 1, 1, 1, 1, 1, 1, 1}, true},
		"few, and many records": {[]int64{openRecords / 2, openRecords/2 + 1}, true},
		"one that is larger":    {[]int64{openRecords + 1}, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := &worker{}
			done := &batch{acked: make(chan struct{})}
			done.left.Store(5_000_000) // of one that is acknowledged nothing counts
			close(done.acked)
			w.pending = append(w.pending, done)
			for _, n := range tc.left {
				b := &batch{acked: make(chan struct{})}
				b.left.Store(n)
				w.pending = append(w.pending, b)
			}
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if err := w.wait(ctx); errors.Is(err, context.Canceled) != tc.waits {
				t.Errorf("%v", err)
			}
			for _, b := range w.pending[1:] { // all that is written is acknowledged in the end
				b.left.Store(0)
				close(b.acked)
			}
			if err := w.wait(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

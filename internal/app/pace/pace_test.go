package pace

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

func TestRates(t *testing.T) {
	start := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		name  string
		every time.Duration
		total []int64
		want  int64 // thousandths of a record a second
	}{
		{"nothing yet", time.Second, []int64{500}, 0},
		{"a steady flow", time.Second, []int64{0, 100, 200, 300}, 100_000},
		{"less than one a second", time.Second, []int64{0, 0, 0, 1}, 333},
		{"what came before the window does not count", time.Second, []int64{0, 9000, 9000, 9000, 9000, 9000, 9000, 9000, 9000, 9000, 9000, 9000, 9000}, 0},
		{"a full window", time.Second, []int64{0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100}, 10_000},
		{"a machine that slept", time.Minute, []int64{0, 60}, 1000},
		{"a clock that stands still", 0, []int64{0, 100}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var r Rates
			for i, n := range tt.total {
				r.Add(start.Add(time.Duration(i)*tt.every), n)
			}
			if got := r.PerSecond(); got != float64(tt.want)/1000 {
				t.Errorf("got %v, want %d/1000", got, tt.want)
			}
		})
	}
}

// fakeWorker notes what it is given.
type fakeWorker struct {
	batch  []*kgo.Record
	err    error
	closed bool
}

func (w *fakeWorker) Process(_ context.Context, batch []*kgo.Record, done func(error)) error {
	w.batch = append(w.batch, batch...)
	if w.err == nil {
		done(nil)
	}
	return w.err
}

func (w *fakeWorker) Close() { w.closed = true }

// TestTimedWorker passes everything on, errors too, and notes how new the newest record is.
func TestTimedWorker(t *testing.T) {
	var r Rates
	inner := &fakeWorker{}
	w := r.Watch(inner)
	at := time.Date(2026, 1, 5, 1, 2, 3, 4, time.UTC)
	done := 0
	batch := []*kgo.Record{{Timestamp: at.Add(-time.Hour)}, {Timestamp: at}}
	if err := w.Process(t.Context(), batch, func(error) { done++ }); err != nil || done != 1 || len(inner.batch) != 2 {
		t.Errorf("%d done, %d records, %v", done, len(inner.batch), err)
	}
	if got := time.Unix(0, r.Newest()).UTC(); !got.Equal(at) {
		t.Errorf("newest %s", got)
	}
	inner.err = errors.New("full")
	if err := w.Process(t.Context(), batch, func(error) { done++ }); !errors.Is(err, inner.err) || done != 1 {
		t.Errorf("%d done, %v", done, err)
	}
	if w.Close(); !inner.closed {
		t.Error("the worker was not closed")
	}
}

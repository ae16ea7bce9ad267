// Package pace follows how fast records come and how new what is stored is.
package pace

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/pipeline"
)

// Rates follows speed and delay. Add comes from one goroutine, the workers of Watch from theirs, the getters from any. The
// zero value is one that has seen nothing.
type Rates struct {
	// In thousandths, because a rate of one record in ten seconds is a rate.
	perSecond atomic.Int64
	// Receipt time of the newest record stored, in nanoseconds; 0 before the first.
	newest atomic.Int64

	// A ring of the totals of the last seconds. Only Add's goroutine touches it.
	at    [rateWindow]time.Time
	count [rateWindow]int64
	n     int
}

// rateWindow is over how many seconds the rate is measured: long enough to be readable, short enough to be now.
const rateWindow = 10

// Add takes the total of this moment and measures against the oldest that is kept: seconds that were missed, on a machine
// that slept, only make the window longer.
func (r *Rates) Add(now time.Time, received int64) {
	i := r.n % rateWindow
	if r.n > 0 {
		oldest := 0
		if r.n >= rateWindow {
			oldest = i
		}
		if d := now.Sub(r.at[oldest]).Seconds(); d > 0 {
			r.perSecond.Store(int64(float64(received-r.count[oldest]) / d * 1000))
		}
	}
	r.at[i], r.count[i] = now, received
	r.n++
}

// Watch notes the receipt time of what a worker of the archive takes.
func (r *Rates) Watch(w pipeline.Worker) pipeline.Worker { return &timedWorker{w, r} }

// timedWorker is a worker of the archive that says how new its newest record is.
type timedWorker struct {
	pipeline.Worker
	rates *Rates
}

// Process passes the batch on. The runner calls it with one record or more; the timestamp of a derived record is that of
// the receipt of the raw one.
func (t *timedWorker) Process(ctx context.Context, batch []*kgo.Record, done func(error)) error {
	err := t.Worker.Process(ctx, batch, done)
	t.rates.newest.Store(batch[len(batch)-1].Timestamp.UnixNano())
	return err
}

// PerSecond is how many records a second came over the last ten seconds.
func (r *Rates) PerSecond() float64 { return float64(r.perSecond.Load()) / 1000 }

// Newest is when the newest record that is stored was received, in nanoseconds since 1970; 0 before the first.
func (r *Rates) Newest() int64 { return r.newest.Load() }

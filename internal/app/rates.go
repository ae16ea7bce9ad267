package app

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/pipeline"
)

// rates follows speed and delay. add comes from one goroutine, watch's workers from theirs, the getters from any.
type rates struct {
	// perSecond is in thousandths, because a rate of one record in ten seconds is a rate.
	perSecond atomic.Int64
	// newest is the receipt time of the newest record stored, in nanoseconds; 0 before the first.
	newest atomic.Int64

	// A ring of the totals of the last seconds. Only countLoop's goroutine touches it.
	at    [rateWindow]time.Time
	count [rateWindow]int64
	n     int
}

// rateWindow is over how many seconds the rate is measured: long enough to be readable, short enough to be now.
const rateWindow = 10

// add takes the total of this moment and measures against the oldest that is kept: seconds that were missed, on a machine
// that slept, only make the window longer.
func (r *rates) add(now time.Time, received int64) {
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

// watch notes the receipt time of what a worker of the archive takes.
func (r *rates) watch(w pipeline.Worker) pipeline.Worker { return &timedWorker{w, r} }

// timedWorker is a worker of the archive that says how new its newest record is.
type timedWorker struct {
	pipeline.Worker
	rates *rates
}

// Process passes the batch on. The runner calls it with one record or more; the timestamp of a derived record is that of
// the receipt of the raw one.
func (t *timedWorker) Process(ctx context.Context, batch []*kgo.Record, done func(error)) error {
	err := t.Worker.Process(ctx, batch, done)
	t.rates.newest.Store(batch[len(batch)-1].Timestamp.UnixNano())
	return err
}

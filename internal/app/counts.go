package app

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/archive"
	"weir/internal/bus"
	"weir/internal/ledger"
	"weir/internal/pipeline"
)

// countLoop publishes what ingest counted, every interval, until ctx ends. A count that could not be published is no loss:
// counts are cumulative, so the next one says it too.
func (a *App) countLoop(ctx context.Context) {
	interval := time.NewTicker(time.Duration(a.cfg.Ledger.Interval))
	defer interval.Stop()
	second := time.NewTicker(time.Second)
	defer second.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-second.C:
			received, _, _ := a.book.Totals()
			a.rates.add(time.Now(), received)
		case <-interval.C:
			if err := a.publishCounts(ctx, false); err != nil && !isGone(err) {
				a.log.Warn("publishing counts", "component", "ledger", "err", err)
			}
		}
	}
}

// publishCounts writes ingest's counts of this moment and waits until Kafka has them. clean marks the last ones: a start
// whose last counts are not clean ended in a crash, and what the log holds beyond them is believed instead.
func (a *App) publishCounts(ctx context.Context, clean bool) error {
	now := time.Now()
	value, err := json.Marshal(a.book.Record(now, clean))
	if err != nil {
		return fmt.Errorf("encoding counts: %w", err)
	}
	// The producer gives up no record that Kafka may have taken, whatever becomes of ctx: so it is not asked to wait. A
	// later record of the same start says more than one that comes late.
	acked := make(chan error, 1)
	a.producer.Produce(context.WithoutCancel(ctx), &kgo.Record{Topic: a.bus.Topic(bus.LedgerTopic), Value: value, Timestamp: now}, func(_ *kgo.Record, err error) { acked <- err })
	select {
	case err := <-acked:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// stored returns the archive's rows by source. It is a copy: the archive goes on counting.
func (a *App) stored() map[string]int64 { return storedBySource(a.archive) }

// storedBySource returns the rows that came through the front door. What weir itself makes, alerts and dead letters,
// is in the archive too, under the name of its topic: it was never received.
func storedBySource(ar *archive.Archive) map[string]int64 {
	out := map[string]int64{}
	for source, c := range ar.Counts() {
		if strings.Contains(source, "/") || source == ledger.Other {
			out[source] = int64(c.Stored)
		}
	}
	return out
}

// balance asks every hop for its counts of this moment, the last hop first, so that a later hop never seems to know
// more than an earlier one. What was read after a hop answered is in flight, and known from the topics' positions.
func (a *App) balance(ctx context.Context) (ledger.Balance, error) {
	// The archive first. A row that it takes while the others are asked would count as stored and not yet received.
	positions := a.archive.Positions()
	st := ledger.State{Stored: a.stored(), Self: ledger.StartKey(a.self.Ingester, a.self.Start), Max: a.cfg.Ledger.MaxSources}
	if a.norm != nil {
		a.norm.Flush()
	}
	if err := a.producer.Flush(ctx); err != nil {
		return ledger.Balance{}, fmt.Errorf("asking normalise for its counts: %w", err)
	}
	ends, err := a.bus.Ends(ctx, bus.Events)
	if err != nil {
		return ledger.Balance{}, err
	}
	for topic, ps := range ends {
		for p, end := range ps {
			st.WaitingEvents += max(0, end-positions.Tail.Next[archive.Partition{Topic: topic, ID: p}])
		}
	}
	if err := a.publishCounts(ctx, false); err != nil {
		return ledger.Balance{}, fmt.Errorf("asking ingest for its counts: %w", err)
	}
	if err := a.ledgerRead(ctx); err != nil {
		return ledger.Balance{}, err
	}
	// The raw topics last, and what the door holds with them: what is in neither was never received.
	if ends, err = a.bus.Ends(ctx, bus.RawTopics()...); err != nil {
		return ledger.Balance{}, err
	}
	st.WaitingRaw = a.door.Waiting()
	taken := a.counts.Taken()
	for topic, ps := range ends {
		for p, end := range ps {
			st.WaitingRaw += max(0, end-taken[fmt.Sprintf("%s/%d", topic, p)])
		}
	}
	st.Now = time.Now()
	return a.counts.Balance(st), nil
}

// ledgerRead waits until the ledger stage has read all that is in its topic. While weir stops, the stage may be gone: the
// store then holds what it last read.
func (a *App) ledgerRead(ctx context.Context) error {
	r := a.runner("ledger")
	if r == nil {
		return nil
	}
	ends, err := a.bus.Ends(ctx, bus.LedgerTopic)
	if err != nil {
		return err
	}
	return r.CatchUp(ctx, ends)
}

// settledBalance asks again while a difference may still be a matter of timing: a batch that was half acknowledged
// when the hops were asked. A real difference stays.
func (a *App) settledBalance(ctx context.Context) (ledger.Balance, error) {
	for try := 0; ; try++ {
		b, err := a.balance(ctx)
		if err != nil || b.OK || try == 10 {
			return b, err
		}
		select {
		case <-ctx.Done():
			return b, nil
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// totals sums up this run: the ledger now, less what it was at the start. Called after finish, when nothing is in flight
// but what finish gave up waiting for.
func (a *App) totals() Totals {
	st := ledger.State{Now: time.Now(), Stored: a.stored(), Max: a.cfg.Ledger.MaxSources}
	b := a.counts.Balance(st)
	t := Totals{Balanced: b.OK, Lost: b.Kernel - a.base.Kernel}
	t.add(b.Rows, 1)
	t.add(a.base.Rows, -1)
	return t
}

// add adds the rows of a balance, or takes them off with sign -1. Sources that came between the two are in one of them only.
func (t *Totals) add(rows []ledger.Row, sign int64) {
	for i := range rows {
		r := &rows[i]
		t.Received += sign * r.Received
		t.Split += sign * r.Split
		t.Stored += sign * r.Stored
		t.Duplicate += sign * r.Duplicate
		t.Dead += sign * r.Dead
		t.Refused += sign * r.Refused
		t.Filtered += sign * r.Filtered
		t.InFlight += sign * r.InFlight
	}
}

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

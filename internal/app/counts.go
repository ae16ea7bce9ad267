package app

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/app/answer"
	"weir/internal/app/roll"
	"weir/internal/bus"
	"weir/internal/ledger"
)

// countLoop publishes what ingest counted, every interval, until ctx ends. A count that could not be published is no loss:
// counts are cumulative, so the next one says it too.
func (a *App) countLoop(ctx context.Context) {
	interval := time.NewTicker(time.Duration(a.cfg.Ledger.Interval))
	defer interval.Stop()
	second := time.NewTicker(time.Second)
	defer second.Stop()
	var reading sync.WaitGroup
	defer reading.Wait()
	if a.counts != nil { // beside the loop: others may take their time to answer
		reading.Go(func() { a.settleLoop(ctx) })
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-second.C:
			received, _, _ := a.book.Totals()
			a.rates.Add(time.Now(), received)
		case <-interval.C:
			if err := a.publishAll(ctx); err != nil && !isGone(err) {
				a.log.Warn("publishing counts", "component", "ledger", "err", err)
			}
		}
	}
}

// publishCounts writes ingest's counts of this moment and waits until Kafka has them. clean marks the last ones: a start
// whose last counts are not clean ended in a crash, and what the log holds beyond them is believed instead.
//
// Nothing follows the clean ones: the ledger believes the last word of a start, and who asks meanwhile must not bring it
// to say another.
func (a *App) publishCounts(ctx context.Context, clean bool) error {
	a.counted.mu.Lock()
	if a.counted.clean && !clean {
		a.counted.mu.Unlock()
		return nil
	}
	a.counted.clean = clean
	rec := a.book.Record(time.Now(), clean)
	rec.Waiting = a.atDoor()
	acked, err := a.send(ctx, &rec)
	a.counted.mu.Unlock()
	if err != nil {
		return err
	}
	return await(ctx, acked)
}

// lastCount tells whether the last counts of this start were written. mu is held while counts are taken and handed to the
// producer, so that they are in the topic in the order in which they were taken.
type lastCount struct {
	mu    sync.Mutex
	clean bool
}

// publish writes one record of the ledger and waits until Kafka has it.
func (a *App) publish(ctx context.Context, rec *ledger.Record) error {
	acked, err := a.send(ctx, rec)
	if err != nil {
		return err
	}
	return await(ctx, acked)
}

// send hands one record of the ledger to the producer. What it returns says when Kafka has it.
func (a *App) send(ctx context.Context, rec *ledger.Record) (<-chan error, error) {
	value, err := json.Marshal(rec)
	if err != nil {
		return nil, fmt.Errorf("encoding counts: %w", err)
	}
	// The producer gives up no record that Kafka may have taken, whatever becomes of ctx: so it is not asked to wait. A
	// later record of the same start says more than one that comes late.
	acked := make(chan error, 1)
	a.producer.Produce(context.WithoutCancel(ctx), &kgo.Record{Topic: a.bus.Topic(bus.LedgerTopic), Value: value, Timestamp: rec.At}, func(_ *kgo.Record, err error) { acked <- err })
	return acked, nil
}

// await waits for Kafka's answer, or for the end of ctx.
func await(ctx context.Context, acked <-chan error) error {
	select {
	case err := <-acked:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// stored returns the rows of all archives by source: what other processes last said, and what this one has now.
func (a *App) stored() map[string]int64 {
	out := map[string]int64{}
	if a.counts != nil {
		out, _ = a.counts.Remote(a.archiveName)
	}
	if a.archive != nil {
		for s, n := range answer.StoredBySource(a.archive) {
			out[s] += n
		}
	}
	return out
}

// balance asks every hop for its counts of this moment, the last hop first, so that a later hop never seems to know
// more than an earlier one. What was read after a hop answered is in flight, and known from the topics' positions.
func (a *App) balance(ctx context.Context) (ledger.Balance, error) {
	if err := a.roll.Ask(ctx, "elastic"); err != nil {
		return ledger.Balance{}, err
	}
	// The archive next. A row that it takes while the others are asked would count as stored and not yet received.
	if err := a.roll.Ask(ctx, "archive"); err != nil {
		return ledger.Balance{}, err
	}
	st := ledger.State{Now: time.Now(), Stored: a.stored(), Self: ledger.StartKey(a.self.Ingester, a.self.Start), Max: a.cfg.Ledger.MaxSources, Live: a.roll.Lively(), Alerts: a.bus.Topic(bus.Alerts)}
	read := a.archived()
	indexed, gaps := a.counts.TakenElastic()
	st.WaitingElastic = gaps
	if err := a.flushNormalise(ctx); err != nil {
		return ledger.Balance{}, fmt.Errorf("asking normalise for its counts: %w", err)
	}
	if err := a.roll.Ask(ctx, "normalise"); err != nil {
		return ledger.Balance{}, err
	}
	ends, err := a.bus.Ends(ctx, bus.Events)
	if err != nil {
		return ledger.Balance{}, err
	}
	for topic, ps := range ends {
		for p, end := range ps {
			st.WaitingEvents += max(0, end-read[place(topic, p)])
			st.WaitingElastic += max(0, end-indexed[place(topic, p)])
		}
	}
	if err := a.publishCounts(ctx, false); err != nil {
		return ledger.Balance{}, fmt.Errorf("asking ingest for its counts: %w", err)
	}
	if err := a.roll.Ask(ctx, roll.Door); err != nil {
		return ledger.Balance{}, err
	}
	if err := a.ledgerRead(ctx); err != nil {
		return ledger.Balance{}, err
	}
	// The raw topics last, and what the doors hold with them: what is in neither was never received.
	if ends, err = a.bus.Ends(ctx, bus.RawTopics()...); err != nil {
		return ledger.Balance{}, err
	}
	st.Now = time.Now()
	st.WaitingRaw = a.atDoor() + a.counts.Door(st)
	taken := a.counts.Taken()
	for topic, ps := range ends {
		for p, end := range ps {
			st.WaitingRaw += max(0, end-taken[place(topic, p)])
		}
	}
	return a.counts.Balance(st), nil
}

// place names a partition as the ledger does.
func place(topic string, partition int32) string { return fmt.Sprintf("%s/%d", topic, partition) }

// archived returns up to where the archives have read weir.events, by place.
func (a *App) archived() map[string]int64 {
	_, read := a.counts.Remote(a.archiveName)
	if a.archive != nil {
		for p, next := range a.archive.Positions().Tail.Next {
			read[place(p.Topic, p.ID)] = next
		}
	}
	return read
}

// flushNormalise publishes what the workers of this process have counted.
func (a *App) flushNormalise(ctx context.Context) error {
	if a.norm == nil {
		return nil
	}
	a.norm.Flush()
	return a.producer.Flush(ctx)
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
	st := ledger.State{Now: time.Now(), Stored: a.stored(), Max: a.cfg.Ledger.MaxSources, WaitingElastic: math.MaxInt64, Alerts: a.bus.Topic(bus.Alerts)}
	if !a.whole() {
		received, refused, lost := a.book.Totals()
		return Totals{Received: received, Refused: refused, Lost: lost, Balanced: true, Part: true}
	}
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

package elastic

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/event"
	"weir/internal/ledger"
)

// errGivenUp means that documents of a batch were not sent.
var errGivenUp = errors.New("documents were not sent")

// follow takes settled batches in order and publishes counts at the interval, until the worker has closed and everything
// is settled, or the worker is cancelled.
func (w *worker) follow() {
	tick := time.NewTicker(w.sink.opts.Interval)
	defer tick.Stop()
	for {
		due := false
		select {
		case <-w.ctx.Done():
			return
		case <-tick.C:
			due = true
		case <-w.kick:
		}
		err := w.advance(w.ctx)
		w.mu.Lock()
		due = due || w.flush
		w.flush = false
		over := w.closed && len(w.pending) == 0
		failed := w.closed && err != nil
		w.mu.Unlock()
		if err == nil && (due || over || w.held() >= checkpointAt) {
			err = w.checkpoint(w.ctx)
		}
		if err != nil {
			w.fail(err)
		}
		if over || failed {
			return
		}
	}
}

// held returns how many records wait for their counts to be published.
func (w *worker) held() int {
	n := 0
	for _, b := range w.ready {
		n += int(b.to - b.from)
	}
	return n
}

// fail answers all that is not answered yet; the partition is then read again.
func (w *worker) fail(err error) {
	w.mu.Lock()
	w.broken = err
	open := append(w.ready, w.pending...)
	w.pending = nil
	w.mu.Unlock()
	w.ready = nil
	for _, b := range open {
		b.answer(err)
	}
}

// advance takes the batches that are settled, in order, and writes their dead letters.
func (w *worker) advance(ctx context.Context) error {
	for {
		w.mu.Lock()
		if w.broken != nil || len(w.pending) == 0 {
			err := w.broken
			w.mu.Unlock()
			return err
		}
		b := w.pending[0]
		w.mu.Unlock()
		all, givenUp := b.isSettled()
		if givenUp {
			return errGivenUp
		}
		if !all {
			return nil
		}
		if err := w.sink.bury(ctx, b.letters(), &w.prev); err != nil {
			return err
		}
		b.dead = nil
		w.mu.Lock()
		w.pending = w.pending[1:]
		w.mu.Unlock()
		w.ready = append(w.ready, b)
	}
}

// bury writes dead letters and waits for Kafka to have them. prev is the source position of the one before.
func (s *Sink) bury(ctx context.Context, letters []dead, prev *string) error {
	if len(letters) == 0 {
		return nil
	}
	recs := make([]*kgo.Record, len(letters))
	now := time.Now()
	var e event.Event
	for i := range letters {
		recs[i], *prev = letters[i].letter(&e, s.opts.DeadLetters, *prev, now)
	}
	if err := s.opts.Producer.ProduceSync(ctx, recs...).FirstErr(); err != nil {
		return fmt.Errorf("writing dead letters: %w", err)
	}
	return nil
}

// checkpoint publishes the counts of the batches that are ready, then their position, and answers them. In this order a
// crash brings back a stretch that was published, and never leaves one out.
func (w *worker) checkpoint(ctx context.Context) error {
	if len(w.ready) == 0 {
		return nil
	}
	first, last := w.ready[0], w.ready[len(w.ready)-1]
	rec := w.ledgerRecord(first.from, last.to)
	for _, b := range w.ready {
		ledger.MergeElastic(rec.Sources, b.rows)
	}
	w.mu.Lock()
	for source, n := range w.differ {
		ledger.MergeElastic(rec.Sources, map[string]*ledger.ElasticCounts{source: {Differing: n}})
	}
	clear(w.differ)
	pos := position{to: last.to, high: last.high, gaps: w.gaps}
	w.mu.Unlock()
	if err := w.publish(ctx, rec); err != nil {
		return err
	}
	if err := w.sink.positions.save(ctx, w.at.topic, w.at.partition, &pos); err != nil {
		return err
	}
	ready := w.ready
	w.ready = nil
	for _, b := range ready {
		b.answer(nil)
	}
	return nil
}

// ledgerRecord begins a record of the ledger.
func (w *worker) ledgerRecord(from, to int64) *ledger.ElasticRecord {
	o := &w.sink.opts
	r := &ledger.ElasticRecord{Hop: ledger.HopElastic, Instance: o.Self.Ingester, Start: o.Self.Start, At: time.Now(), Topic: w.at.topic,
		Partition: w.at.partition, From: from, To: to, Sources: map[string]*ledger.ElasticCounts{}}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, g := range w.gaps {
		r.Open = append(r.Open, [2]int64{g.from, g.to})
	}
	return r
}

// publish writes a record of the ledger and waits for Kafka to have it.
func (w *worker) publish(ctx context.Context, r *ledger.ElasticRecord) error {
	value, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encoding counts: %w", err)
	}
	rec := &kgo.Record{Topic: w.sink.opts.Ledger, Value: value, Timestamp: r.At}
	if err := w.sink.opts.Producer.ProduceSync(ctx, rec).FirstErr(); err != nil {
		return fmt.Errorf("publishing counts: %w", err)
	}
	return nil
}

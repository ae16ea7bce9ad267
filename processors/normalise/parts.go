package normalise

import (
	"context"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/event"
)

// Process implements pipeline.Worker. Records of which so much is made that it would fill the memory are done in parts,
// each a batch; the last one answers for all.
func (w *worker) Process(ctx context.Context, recs []*kgo.Record, done func(error)) error {
	w.begin()
	defer w.end()
	var once sync.Once // parts fail by themselves
	answer := func(err error) { once.Do(func() { done(err) }) }
	for len(recs) > 0 {
		b := w.make(recs, answer)
		recs = recs[b.taken:]
		b.more = len(recs) > 0
		w.mu.Lock()
		w.pending = append(w.pending, b)
		held := 0
		for _, p := range w.pending {
			held += int(p.to - p.from)
		}
		w.mu.Unlock()
		b.send(w.opts.Producer, w.writer)
		if held > checkpointAt {
			w.checkpoint()
		}
		if err := w.wait(ctx); err != nil {
			return err
		}
	}
	return nil
}

// begin and end are around what is made and handed on. An idle mark in between would overtake the signals that the producer
// has no room for yet, and its reader take them for lost.
func (w *worker) begin() {
	w.work.Lock()
	defer w.work.Unlock()
	w.busy = true
}

func (w *worker) end() {
	w.work.Lock()
	defer w.work.Unlock()
	w.busy, w.quiet = false, time.Now()
}

// make turns raw records into a batch of derived ones: all of them, or those of the beginning that are enough for a batch.
func (w *worker) make(recs []*kgo.Record, done func(error)) *batch {
	w.work.Lock()
	defer w.work.Unlock()
	b := newBatch(recs, &w.stage.memories, done)
	w.b, w.quiet, w.next = b, time.Now(), idleAfter
	w.sheet.begin()
	w.now = event.At(w.quiet.Truncate(time.Millisecond))
	w.takeRules(recs[0])
	b.set, b.at = w.said, w.quiet.UTC().Truncate(time.Millisecond)
	b.classes, _ = w.detector.(Classifier)
	for i, rec := range recs {
		w.record(rec)
		if b.taken = i + 1; len(b.out) >= maxDerived || len(b.arena)+len(w.sheet.docs) >= maxMade {
			break
		}
	}
	last := recs[b.taken-1]
	b.to = last.Offset + 1
	b.events = w.sheet.events
	b.marks = w.takeMarks()
	w.watermarks(last)
	return b
}

const (
	// Records after which counts are published whatever the clock says.
	checkpointAt = 20_000
	// Batches written and not acknowledged, before the worker waits.
	openBatches = 8
	// Records of such batches, before it waits: a hundred rules that match everything make a hundred of each raw record.
	openRecords = 16_000
	// Records beside the events, and bytes of all, that are enough for a batch whatever raw records are left.
	maxDerived = 4000
	maxMade    = 16 << 20
)

// wait holds the worker while too many batches, or batches of too many records, are unacknowledged.
func (w *worker) wait(ctx context.Context) error {
	for {
		oldest, open, records := w.open()
		if open < openBatches && (open == 0 || records <= openRecords) {
			return nil
		}
		select {
		case <-oldest.acked:
			if open <= openBatches && records <= openRecords {
				return nil
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// open returns the oldest batch that is not acknowledged, how many there are, and how many of their records are waited for.
func (w *worker) open() (oldest *batch, batches int, records int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.pending {
		if p.isAcked() {
			continue
		}
		if oldest == nil {
			oldest = p
		}
		batches++
		records += p.left.Load()
	}
	return oldest, batches, records
}

package normalise

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/bus"
	"weir/internal/ledger"
	"weir/internal/record"
	"weir/processors/normalise/cursor"
)

// lookBackMost bounds how many records before its start a worker reads for its cursors: more than a checkpoint holds.
const lookBackMost = 5 * checkpointAt

// openCursors loads the cursors of a partition whose records can come again, and returns how many records before the start
// they have to see.
func (w *worker) openCursors(ctx context.Context, from int64) (back int, err error) {
	if w.opts.CursorStore == nil {
		return 0, nil
	}
	store, err := w.opts.CursorStore(w.topic, w.partition)
	if err != nil || store == nil {
		return 0, err
	}
	if w.cursors, err = cursor.Open(ctx, store, from, &w.stage.cursors, w.opts.Log); err != nil {
		return 0, fmt.Errorf("opening the cursors of %s/%d: %w", w.topic, w.partition, err)
	}
	if back = w.cursors.Behind(); back > lookBackMost {
		w.opts.Log.Warn("cursors are further behind than is read again; objects that come again may make second events", "topic", w.topic, "partition", w.partition, "records", back)
		back = lookBackMost
	}
	return back, nil
}

// lookBack shows the cursors a record before the start.
func (w *worker) lookBack(rec *kgo.Record) {
	if w.cursors == nil {
		return
	}
	var raw record.Raw
	if err := bus.ReadRaw(rec, &raw); err == nil && raw.Key != "" {
		w.cursors.Fresh(raw.Key, raw.Line, raw.Received)
	}
}

// takeMarks returns where the objects stand that the batch under way touched.
func (w *worker) takeMarks() []cursor.Mark {
	if w.cursors == nil {
		return nil
	}
	return w.cursors.Take()
}

func (w *worker) closeCursors() {
	if w.cursors != nil {
		w.cursors.Close()
	}
}

// CursorStats counts the objects and files that are remembered; safe to read at any time.
func (s *Stage) CursorStats() *cursor.Stats { return &s.cursors }

// publish writes the counts, cursors and coverage of batches, and answers them when all are durable. The lock of pending is
// held, so checkpoints come one after the other.
func (w *worker) publish(ready []*batch, rec *ledger.Record) {
	parts := 1
	if w.cursors != nil {
		parts++
	}
	var due []*closing
	if w.covering != nil {
		due = w.covering.cover(ready, w.topic, w.partition, time.Now())
		parts += 1 + stretchParts*len(due)
	}
	a := w.answers.expect(ready, parts)
	if w.covering != nil {
		w.saveCoverage(due, func(err error) { w.answers.got(a, err) })
	}
	w.opts.Producer.Produce(context.Background(), ledgerRecord(w.opts.Ledger, rec), func(_ *kgo.Record, err error) { w.answers.got(a, err) })
	if w.cursors == nil {
		return
	}
	var marks []cursor.Mark
	for _, b := range ready {
		marks = append(marks, b.marks...)
		b.marks = nil
	}
	w.cursors.Save(context.Background(), rec.To, marks, func(err error) { w.answers.got(a, err) })
}

// answers are checkpoints under way, in their order. What makes one durable is answered by several, each in an order of its
// own; batches must be answered in theirs.
type answers struct {
	mu   sync.Mutex
	open []*answer
}

// answer is one checkpoint that is not durable yet.
type answer struct {
	batches []*batch
	left    int
	err     error // the first one
}

// expect begins a checkpoint that is durable when parts parts of it are.
func (a *answers) expect(batches []*batch, parts int) *answer {
	a.mu.Lock()
	defer a.mu.Unlock()
	one := &answer{batches: batches, left: parts}
	a.open = append(a.open, one)
	return one
}

// got takes the answer for one part. It comes from any goroutine; batches are answered under the lock, so in order.
func (a *answers) got(one *answer, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	one.left--
	if one.err == nil {
		one.err = err
	}
	for len(a.open) > 0 && a.open[0].left == 0 {
		// The last batch answers for those before it, so that no offset within a checkpoint is ever committed: whoever began
		// there would count a part of it once more.
		one := a.open[0]
		one.batches[len(one.batches)-1].done(one.err)
		a.open = a.open[1:]
	}
}

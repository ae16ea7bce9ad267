package correlate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/alert"
	"weir/internal/record"
	"weir/internal/signal"
)

// Out is one revision of an alert on its way to weir.alerts.
type Out struct {
	Alert *alert.Alert
	Src   record.Pos // the record of weir.signals that it follows from
}

// WorkerOptions is what the workers of the stage need.
type WorkerOptions struct {
	Snapshots Snapshots
	Engine    Options
	Rules     func() *History // the rule sets of this moment
	Interval  time.Duration   // how often state is written; 0: 30 s
	// Produce writes alerts in order. done is called once, from any goroutine, when they are durable or never will be.
	// It may block under pressure, and returns when ctx ends.
	Produce func(ctx context.Context, alerts []Out, done func(error))
	Log     *slog.Logger
}

// WorkerStats counts what a worker did.
type WorkerStats struct {
	Stats
	Duplicates uint64 // signals that had come before
	Broken     uint64 // records that are no signals
}

// Plus returns the counts of two workers together.
func (s WorkerStats) Plus(o WorkerStats) WorkerStats {
	s.Matches += o.Matches
	s.Late += o.Late
	s.Unknown += o.Unknown
	s.Alerts += o.Alerts
	s.Revisions += o.Revisions
	s.Held += o.Held
	s.Unsaid += o.Unsaid
	s.EvictedGroups += o.EvictedGroups
	s.EvictedFolds += o.EvictedFolds
	s.Duplicates += o.Duplicates
	s.Broken += o.Broken
	return s
}

// closeWait bounds how long Close waits for alerts to become durable before it leaves them to the next worker.
const closeWait = 10 * time.Second

var errClosed = errors.New("the worker was closed before its state was written")

// Worker correlates one partition of weir.signals. It is a pipeline.Worker: Process and Close come from one goroutine;
// a goroutine of its own writes the snapshots, and ends with Close.
//
// A batch is done when a snapshot that covers it is durable, and a snapshot is written when the alerts that follow
// from what it covers are durable. So after a crash the signals after the snapshot are read again and give the same
// alerts again, with the same ids and revisions.
type Worker struct {
	opts      WorkerOptions
	topic     string
	partition int32

	mu      sync.Mutex // guards what follows
	en      *Engine
	number  int // of the rule set
	seen    positions
	next    int64
	last    time.Time
	resumed *saved // until the first record came
	pending []func(error)
	acks    []*ack // of alerts that no snapshot waited for yet
	err     error  // the worker is to be given up
	stats   WorkerStats
	signals [Lookahead]signal.Signal // memory that is used again
	decoder [Lookahead]signal.Decoder
	broken  [Lookahead]error // of those that are no signals
	unsaved int              // bytes of signals that no snapshot covers
	size    int64            // of the last snapshot
	full    chan struct{}    // asks for a snapshot before its time

	saving sync.Mutex // one snapshot at a time
	cancel context.CancelFunc
	wg     sync.WaitGroup
}

// ack is the answer to one call of Produce.
type ack struct {
	done chan struct{}
	err  error
}

// NewWorker makes the worker of a partition that is read from offset from, with the state of its newest usable
// snapshot. Without a usable one it begins with no state, says so, and the runner reads from where the group is. It fails
// only where it is not known what snapshots there are.
func NewWorker(ctx context.Context, o WorkerOptions, topic string, partition int32, from int64) (*Worker, error) {
	if o.Interval <= 0 {
		o.Interval = 30 * time.Second
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Engine.Log = o.Log
	w := &Worker{opts: o, topic: topic, partition: partition, next: from, full: make(chan struct{}, 1)}
	w.reset()
	if err := w.resume(ctx); err != nil {
		return nil, err
	}
	// Not the caller's context, which ends with the making: Close ends this one.
	life, cancel := context.WithCancel(context.Background())
	w.cancel = cancel
	w.wg.Go(func() { w.tick(life) })
	return w, nil
}

// reset begins with no state.
// It is for a start without a snapshot, and for a topic that turned out to be another one than that of the snapshot.
func (w *Worker) reset() {
	w.en, w.seen = New(w.opts.Engine), positions{}
	w.number = 0
	w.refresh()
}

// Process implements pipeline.Worker.
func (w *Worker) Process(ctx context.Context, batch []*kgo.Record, done func(error)) error {
	w.mu.Lock()
	if w.err != nil {
		err := w.err
		w.mu.Unlock()
		return err
	}
	w.refresh()
	var out []Out
	for part := range slices.Chunk(batch, Lookahead) {
		if err := w.records(part, &out); err != nil {
			w.err = err
			w.mu.Unlock()
			return err
		}
	}
	for _, rec := range batch {
		w.unsaved += len(rec.Value)
	}
	if w.unsaved > w.saveBytes() {
		select {
		case w.full <- struct{}{}:
		default: // asked for already
		}
	}
	w.pending = append(w.pending, done)
	var a *ack
	if len(out) > 0 {
		a = &ack{done: make(chan struct{})}
		w.acks = append(w.acks, a)
	}
	w.mu.Unlock()
	if a != nil {
		w.opts.Produce(ctx, out, func(err error) { w.answer(a, err) })
	}
	return nil
}

// answer takes the answer to one Produce. Alerts that can never be written end the worker.
// It may come from any goroutine, at any time, also after Close has given up waiting.
func (w *Worker) answer(a *ack, err error) {
	a.err = err
	close(a.done)
	if err != nil {
		w.fail(fmt.Errorf("writing alerts: %w", err))
	}
}

// fail gives the worker up: all open batches are answered with err, in their order.
// done is called without the lock: it may call back.
func (w *Worker) fail(err error) {
	w.mu.Lock()
	if w.err == nil {
		w.err = err
	}
	open := w.pending
	w.pending = nil
	w.mu.Unlock()
	for _, done := range open {
		done(err)
	}
}

// refresh takes over the rule sets that are new, one after the other: signals of each may come.
// It is asked before each batch and compares one number: rules may change at any moment, but not within a batch.
func (w *Worker) refresh() {
	h := w.opts.Rules()
	if h.Number == w.number {
		return
	}
	for i, set := range h.Sets {
		if h.Number-len(h.Sets)+i >= w.number {
			w.en.SetVersion(set)
		}
	}
	w.number = h.Number
}

// rulesetMark is how a mark of the rule set begins. It says what the worker that wrote it runs from there on, so it counts
// also from a worker that reads again what one before it had read.
var rulesetMark = []byte(`{"kind":"ruleset",`)

// records takes some records of weir.signals. All are read before the first is taken, so that it is known what comes.
func (w *Worker) records(part []*kgo.Record, out *[]Out) error {
	for i, rec := range part {
		w.broken[i] = w.decoder[i].Decode(rec.Value, &w.signals[i])
	}
	w.en.Ahead(w.signals[:len(part)])
	for i, rec := range part {
		if err := w.record(rec, &w.signals[i], w.broken[i], out); err != nil {
			return err
		}
	}
	return nil
}

// record takes one record of weir.signals, and the signal in it, if err does not say that there is none.
// A record that is no signal is counted and passed over: it will never become one, and must not stop the others.
func (w *Worker) record(rec *kgo.Record, s *signal.Signal, broken error, out *[]Out) error {
	if w.resumed != nil {
		if rec.Offset < w.resumed.next && rec.Timestamp.After(w.resumed.last) {
			w.opts.Log.Warn("the topic was made anew; correlation begins without state", "component", "correlate", "topic", w.topic, "partition", w.partition)
			w.reset()
		}
		w.resumed = nil
	}
	w.next, w.last = rec.Offset+1, rec.Timestamp
	fresh, err := w.seen.take(header(rec, record.HeaderSource), header(rec, record.HeaderPrev))
	if err != nil {
		return err
	}
	if !fresh && !bytes.HasPrefix(rec.Value, rulesetMark) {
		w.stats.Duplicates++
		return nil
	}
	n := int32(0)
	if broken == nil {
		w.en.Written(rec.Timestamp)
		broken = w.en.Apply(s, func(a *alert.Alert) {
			*out = append(*out, Out{a, record.Pos{Topic: rec.Topic, Partition: rec.Partition, Offset: rec.Offset, Sub: n}})
			n++
		})
	}
	if broken != nil {
		w.stats.Broken++
		w.opts.Log.Warn("a record is no signal", "component", "correlate", "topic", rec.Topic, "partition", rec.Partition, "offset", rec.Offset, "err", broken)
	}
	return nil
}

// header returns a copy of the value of a header, "" if the record has none of that name.
func header(rec *kgo.Record, key string) string {
	for i := range rec.Headers {
		if rec.Headers[i].Key == key {
			return string(rec.Headers[i].Value)
		}
	}
	return ""
}

// Close implements pipeline.Worker: it writes a last snapshot, if the alerts become durable soon enough.
//
// Batches that are still open are answered with an error, so that their offsets are not committed; the next worker gets
// them again and makes the same alerts.
func (w *Worker) Close() {
	w.cancel()
	w.wg.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), closeWait)
	defer cancel()
	if err := w.save(ctx); err != nil {
		w.opts.Log.Warn("correlation ends without a last snapshot; its signals are read again", "component", "correlate", "partition", w.partition, "err", err)
	}
	w.fail(errClosed)
}

// RuleStats returns the counts of each rule, in the order of their ids.
func (w *Worker) RuleStats() []RuleStat {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.en.RuleStats()
}

// LateList returns the matches that came too late last, the newest first.
func (w *Worker) LateList() []Late {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.en.LateList()
}

// Stats returns the counts.
func (w *Worker) Stats() WorkerStats {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.stats
	s.Stats = w.en.Stats()
	return s
}

package produce

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// ErrClosed settles what was not in Kafka when its writer was closed.
var ErrClosed = errors.New("the writer was closed")

// Options are what a writer needs.
type Options struct {
	Client    *kgo.Client // must ask for acks of all replicas; it stays the caller's, who closes it after the writer
	Topic     string      // full name
	Partition int32
	Linger    time.Duration // how long a batch waits for more records
	MaxBytes  int           // of a batch before it is compressed; one record may be larger
	// Compress is nil for none.
	Compress kgo.Compressor
	// Acked hears the offset after the last record of a batch that Kafka has, before its runs do; nil: nobody does.
	Acked func(end int64)
	// Trouble hears why a try failed, each time; nil: nobody does.
	Trouble func(error)
	Log     *slog.Logger
}

// Writer writes to one partition. Records leave it in the order in which they came, one batch under way at a time: the
// next one fills meanwhile, so a slow answer makes batches larger and not more numerous. A batch is tried until Kafka has
// taken it or refuses it for good, with the sequence numbers by which Kafka drops a copy of what it has. Safe for many
// goroutines.
type Writer struct {
	opts Options
	done chan struct{} // run has ended
	wake chan struct{} // run has something to look at
	ripe *time.Timer   // the growing batch has waited long enough

	mu      sync.Mutex
	changed *sync.Cond // waiting or sending became less
	queue   []*Batch   // full ones, oldest first; the one under way stays here
	open    *Batch     // grows; nil: none
	waiting int        // records that are not settled
	moved   time.Time  // there was nothing waiting, or Kafka answered
	hurry   bool       // do not linger
	away    bool       // somebody takes the batches back: send nothing
	ending  bool
	sending context.CancelFunc // of the batch under way; nil: none

	growing atomic.Bool // open is not nil, and nothing is before it

	// Only run uses what follows.
	who     identity
	known   bool // who is
	leader  int32
	topicID [16]byte
	found   bool // leader and topicID are
	squeeze *bytes.Buffer
	small   []byte    // a compressed batch
	wire    []byte    // what is sent: small, or the batch itself
	codec   int8      // of wire
	undated time.Time // until then batches are sent without a time
}

// New makes a writer and starts its goroutine; Close ends it. It asks Kafka nothing before the first record.
func New(o Options) *Writer {
	w := &Writer{opts: o, done: make(chan struct{}), wake: make(chan struct{}, 1), ripe: time.NewTimer(time.Hour), squeeze: &bytes.Buffer{}, moved: time.Now()}
	w.ripe.Stop()
	w.changed = sync.NewCond(&w.mu)
	go w.run()
	return w
}

// Write takes over the records of run from up to, not including, to. It never waits for Kafka: what may wait in a writer
// is bounded by its callers. The records of one call are in one piece in the partition.
func (w *Writer) Write(run Run, from, to int) {
	w.mu.Lock()
	if w.ending {
		w.mu.Unlock()
		run.Settled(from, to, ErrClosed)
		return
	}
	defer w.mu.Unlock()
	if w.waiting == 0 {
		w.moved = time.Now()
	}
	w.waiting += to - from
	var r Record
	at := from // of what the growing batch has of run
	for i := from; i < to; i++ {
		r = Record{}
		run.Record(i, &r)
		if w.open != nil && !w.open.fits(&r, w.opts.MaxBytes) {
			w.open.keep(run, at, i)
			at = i
			w.shut()
			w.poke()
		}
		if w.open == nil {
			w.open = newBatch(time.Now())
			w.ripe.Reset(w.opts.Linger)
		}
		w.open.add(&r)
	}
	if w.open != nil {
		w.open.keep(run, at, to)
	}
	w.hint()
}

// hint brings growing up to date. The lock is held.
func (w *Writer) hint() { w.growing.Store(w.open != nil && len(w.queue) == 0) }

// keep notes whose records the newest are.
func (b *Batch) keep(run Run, from, to int) {
	if from < to {
		b.parts = append(b.parts, part{run, from, to})
	}
}

// shut puts the growing batch behind the full ones. The lock is held.
func (w *Writer) shut() {
	if w.open != nil {
		w.queue = append(w.queue, w.open)
		w.open = nil
		w.hint()
	}
}

// poke makes run look again.
func (w *Writer) poke() {
	select {
	case w.wake <- struct{}{}:
	default: // it will
	}
}

// Growing tells whether a batch is waiting for more records, and nothing else. It asks for no lock: a hint for whoever can
// choose among writers.
func (w *Writer) Growing() bool { return w.growing.Load() }

// Waiting returns how many records are not settled.
func (w *Writer) Waiting() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.waiting
}

// Silent returns for how long records have been waiting without an answer of Kafka; 0 if none wait.
func (w *Writer) Silent() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.waiting == 0 {
		return 0
	}
	return time.Since(w.moved)
}

// TakeBack returns everything that is not settled, oldest first, and forgets it. What was under way may have been taken
// by Kafka although its answer did not come. Nobody may write meanwhile.
func (w *Writer) TakeBack() []*Batch {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.away = true
	for w.sending != nil {
		w.sending()
		w.changed.Wait()
	}
	w.shut()
	back := w.queue
	w.queue, w.waiting, w.away = nil, 0, false
	w.hint()
	w.changed.Broadcast()
	return back
}

// Put takes over batches that another writer gave back.
func (w *Writer) Put(back []*Batch) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.waiting == 0 {
		w.moved = time.Now()
	}
	w.shut()
	for _, b := range back {
		w.waiting += b.records
		w.queue = append(w.queue, b)
	}
	w.poke()
}

// Records returns how many records a batch has.
func (b *Batch) Records() int { return b.records }

// Flush waits until everything is settled, or ctx ends. Batches do not linger meanwhile.
func (w *Writer) Flush(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.changed.Broadcast()
	})
	defer stop()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hurry = true
	w.poke()
	for w.waiting > 0 && ctx.Err() == nil && !w.ending {
		w.changed.Wait()
	}
	w.hurry = false
	if w.waiting > 0 {
		if w.ending {
			return ErrClosed
		}
		return ctx.Err()
	}
	return nil
}

// Close ends the writer and settles what Kafka does not have with ErrClosed. It may be called again.
func (w *Writer) Close() {
	w.mu.Lock()
	first := !w.ending
	w.ending = true
	w.changed.Broadcast()
	w.mu.Unlock()
	if !first {
		<-w.done
		return
	}
	left := w.TakeBack()
	w.poke()
	<-w.done
	w.ripe.Stop()
	for _, b := range left {
		b.settle(ErrClosed)
	}
}

// run sends until Close.
func (w *Writer) run() {
	defer close(w.done)
	for {
		b, ctx := w.next()
		if b == nil {
			return
		}
		w.deliver(ctx, b)
		w.mu.Lock()
		w.sending() // lets go of ctx
		w.sending = nil
		w.changed.Broadcast()
		w.mu.Unlock()
	}
}

// next waits for a batch that can be sent; nil: the writer ends. The context ends when the batch is taken back.
func (w *Writer) next() (*Batch, context.Context) {
	for {
		w.mu.Lock()
		if w.ending {
			w.mu.Unlock()
			return nil, nil
		}
		// A timer that was set for a batch which is full by now may fire early for the next one: its age decides.
		if w.open != nil && len(w.queue) == 0 && (w.hurry || time.Since(w.open.opened) >= w.opts.Linger) {
			w.shut()
		}
		if len(w.queue) > 0 && !w.away {
			ctx, cancel := context.WithCancel(context.Background())
			w.sending = cancel
			b := w.queue[0]
			w.mu.Unlock()
			return b, ctx
		}
		w.mu.Unlock()
		select {
		case <-w.wake:
		case <-w.ripe.C:
		}
	}
}

// settled takes b off the queue and tells its runs. Only then is it counted as settled: Flush returns after the last word
// was said.
func (w *Writer) settled(b *Batch, end int64, err error) {
	if err == nil && end > 0 && w.opts.Acked != nil {
		w.opts.Acked(end)
	}
	n := b.records
	w.mu.Lock()
	w.queue = w.queue[:copy(w.queue, w.queue[1:])]
	w.hint()
	w.moved = time.Now()
	w.mu.Unlock()
	b.settle(err)
	w.mu.Lock()
	w.waiting -= n
	w.changed.Broadcast()
	w.mu.Unlock()
}

package pipeline

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/kgo"
)

// lane is one assigned partition: a queue filled by the poll loop, and the one goroutine that feeds the worker.
type lane struct {
	key
	runner   *Runner
	failures int // how often in a row the partition was started again

	// mu guards the queue and how the lane ends: by ended, when its partition goes, or by err, when its worker failed.
	mu    sync.Mutex
	cond  *sync.Cond
	queue []*kgo.Record
	ended bool
	err   error

	// from is the offset at which this lane began, processed the one after the last record that the worker took, marked the
	// one after the last that is durable. They are read without the lock by who watches.
	from      atomic.Int64
	processed atomic.Int64
	marked    atomic.Int64

	cancel context.CancelFunc
	wg     sync.WaitGroup
}

// newLane starts the goroutine of a partition that will be read from offset from.
func newLane(r *Runner, k key, from int64) *lane {
	l := &lane{key: k, runner: r}
	l.cond = sync.NewCond(&l.mu)
	l.begin(from)
	ctx, cancel := context.WithCancel(context.Background())
	l.cancel = cancel
	l.wg.Go(func() { l.run(ctx) })
	return l
}

// begin says where the partition will be read from, before anything was.
func (l *lane) begin(at int64) {
	l.from.Store(at)
	l.marked.Store(at)
	l.processed.Store(at)
}

// push queues records; the poll loop calls it and never blocks here.
func (l *lane) push(recs []*kgo.Record) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended || l.err != nil {
		return // what is not taken is read again from the durable offset
	}
	l.queue = append(l.queue, recs...)
	l.cond.Signal()
}

// take waits for the next batch; ok is false when the lane ends.
func (l *lane) take() (batch []*kgo.Record, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.queue) == 0 && !l.ended && l.err == nil {
		l.cond.Wait()
	}
	if l.ended || l.err != nil {
		return nil, false
	}
	n := min(len(l.queue), maxBatch)
	batch = l.queue[:n:n]
	l.queue = l.queue[n:]
	if len(l.queue) == 0 {
		l.queue = nil // lets go of the records that were handed on
	}
	if len(l.queue)+n > queueLimit && len(l.queue) <= queueLimit {
		l.runner.poke()
	}
	return batch, true
}

// full tells whether so much is queued that nothing more should be read.
func (l *lane) full() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.queue) > queueLimit && !l.ended && l.err == nil
}

// run feeds the worker until the lane ends or fails. The worker is made and closed on this goroutine, and what it holds back
// then is not committed: it comes again.
func (l *lane) run(ctx context.Context) {
	var w Worker
	defer func() {
		if w != nil {
			w.Close()
		}
	}()
	for {
		batch, ok := l.take()
		if !ok {
			return
		}
		if w == nil {
			var err error
			if w, err = l.runner.stage.New(ctx, l.topic, l.partition, batch[0].Offset); err != nil {
				l.fail(err)
				return
			}
		}
		// A worker may hold done for long: it must not hold the batch's memory with it.
		end := batch[len(batch)-1]
		last := &kgo.Record{Topic: end.Topic, Partition: end.Partition, Offset: end.Offset, LeaderEpoch: end.LeaderEpoch}
		if err := w.Process(ctx, batch, func(err error) { l.finish(last, err) }); err != nil {
			l.fail(err)
			return
		}
		l.processed.Store(last.Offset + 1)
	}
}

// finish is the done of a batch: it may come from any goroutine, in the order of the batches.
func (l *lane) finish(last *kgo.Record, err error) {
	if err != nil {
		l.fail(err)
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return // after a failure nothing may be committed out of order
	}
	l.marked.Store(last.Offset + 1)
	l.runner.client.MarkCommitRecords(last)
}

// fail ends the lane with an error, once; the poll loop makes a new one. A lane that is being ended stays ended: its
// partition is given up anyway.
func (l *lane) fail(err error) {
	l.mu.Lock()
	first := l.err == nil && !l.ended
	if first {
		l.err = err
	}
	l.cond.Broadcast()
	l.mu.Unlock()
	if first {
		l.cancel()
		l.runner.failed(l)
	}
}

// failure returns why the lane failed.
func (l *lane) failure() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

// end stops the lane and waits for its goroutine, so for the batch that the worker has in hand. It may be called again.
func (l *lane) end() {
	l.mu.Lock()
	l.ended = true
	l.cond.Broadcast()
	l.mu.Unlock()
	l.cancel()
	l.wg.Wait()
}

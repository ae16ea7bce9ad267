package ebpf

import (
	"context"
	"time"

	"weir/bpf"
	"weir/ingest"
	"weir/internal/record"
)

// How long the reader waits for records. The kernel wakes it only when a quarter of the ring is full, so this is also how
// late a single connection is seen.
const (
	waitBusy = 20 * time.Millisecond
	waitIdle = 100 * time.Millisecond
)

// maxBatch bounds what is handed over at once: about 400 KiB.
const maxBatch = 512

// countEvery is how often lost records are looked for.
const countEvery = time.Second

// reader takes records from the ring and makes batches of them. It belongs to the goroutine of Run. The one Conn serves for
// all records, and its text goes straight into the batch: what a connection costs is the text alone.
type reader struct {
	*Source
	emit    ingest.Emit
	from    string // the name of the source in counts
	who     *resolver
	conn    bpf.Conn
	batch   *batch
	lost    uint64 // as counted by the kernel side when it was last reported
	counted time.Time
	warned  time.Time // of lost records, in the log
}

// batch is the memory of one batch: the records and the text that they point into. It goes back to the pool when the front
// door is done with it.
type batch struct {
	text []byte
	ends []int // where each record ends in text: the text may move while it grows
	recs []record.Raw
}

func newReader(s *Source, emit ingest.Emit) *reader {
	r := &reader{Source: s, emit: emit, who: newResolver(procFolder, s.kernel.Exec)}
	r.from = (&record.Raw{Input: Input, Origin: s.host}).Source()
	r.batch = s.pool.Get().(*batch)
	return r
}

// follow reads until ctx ends. Under pressure handOver blocks, the ring fills, and what does not fit is counted there.
func (r *reader) follow(ctx, hand context.Context) error {
	wait := waitBusy
	for ctx.Err() == nil {
		n, err := r.round(hand, time.Now().Add(wait))
		if err != nil {
			return err
		}
		if wait = min(2*wait, waitIdle); n > 0 {
			wait = waitBusy
		}
		if time.Since(r.counted) >= countEvery {
			r.countLost()
		}
	}
	return nil
}

// round reads what comes until the deadline and hands it over. A single record that cannot be read is a fault of ours; it
// is logged, and the others go on.
func (r *reader) round(hand context.Context, deadline time.Time) (int, error) {
	n := 0
	now := newClock() // one for a whole batch: a wall clock is not set every 20 ms
	for {
		ok, err := r.kernel.Next(&r.conn, deadline)
		if err != nil && !ok {
			return n, err
		}
		if !ok {
			return n, r.handOver(hand)
		}
		n++
		r.take(now, err)
		if len(r.batch.ends) == maxBatch {
			if err := r.handOver(hand); err != nil {
				return n, err
			}
			now = newClock()
		}
	}
}

// drain reads what is left in the ring when nothing writes to it any more.
func (r *reader) drain(hand context.Context) error {
	_, err := r.round(hand, time.Unix(1, 0))
	return err
}

// take puts the connection that was read into the batch.
func (r *reader) take(now clock, err error) {
	if err != nil {
		r.log.Error("a record of the kernel cannot be read", "err", err)
		return
	}
	b := r.batch
	b.text = appendConn(b.text, &r.conn, r.who.of(&r.conn.Owner), now)
	b.ends = append(b.ends, len(b.text))
}

// handOver gives the batch to the front door and takes an empty one. That the front door refuses a batch is counted there.
func (r *reader) handOver(hand context.Context) error {
	b := r.batch
	if len(b.ends) == 0 {
		return nil
	}
	// Only now do the values get their place: text does not move any more.
	received, from := time.Now(), 0
	for _, to := range b.ends {
		b.recs = append(b.recs, record.Raw{Value: b.text[from:to:to], Received: received, Proto: Input, Input: Input, Origin: r.host})
		from = to
	}
	r.opts.Counter.Received(r.from, len(b.recs), len(b.text))
	r.inFlight.Add(1)
	if err := r.emit(hand, b.recs, func(error) { r.release(b); r.inFlight.Add(-1) }); err != nil {
		r.release(b)
		r.inFlight.Add(-1)
		if hand.Err() == nil {
			r.log.Warn("connections refused by the front door", "records", len(b.ends), "err", err)
		}
	}
	r.batch = r.pool.Get().(*batch)
	return nil
}

// release keeps the memory of a batch for another one. Called from the front door's goroutine, once for each batch.
func (s *Source) release(b *batch) {
	clear(b.recs)
	b.text, b.ends, b.recs = b.text[:0], b.ends[:0], b.recs[:0]
	s.pool.Put(b)
}

// countLost reports what the ring had no room for since the last time. Nobody was there to refuse it: such a record is no
// received one either, but a drop of the kernel, like a datagram that fits into no socket.
func (r *reader) countLost() {
	r.counted = time.Now()
	n, err := r.kernel.Counts()
	if err != nil || n.Lost <= r.lost {
		return
	}
	more := n.Lost - r.lost
	r.lost = n.Lost
	r.opts.Counter.KernelDrops(Input, int(more))
	if time.Since(r.warned) >= time.Hour {
		r.warned = time.Now()
		r.log.Warn("connections are lost: they end faster than they are taken over", "lost", more, "lost_since_start", n.Lost,
			"do", "raise "+r.opts.Config+".ring, now "+r.cfg.Ring.String())
	}
}

package bus

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/record"
)

// lastStretch is how many records may be left in the spool when its lane is locked to forward the rest.
const lastStretch = 5000

// forwarding is one attempt to empty the spool of a lane. It is used by the lane's goroutine alone.
type forwarding struct {
	t     *detour
	from  *kgo.Client // reads the spool
	to    *kgo.Client // writes to Kafka
	acked chan error  // nil: nothing is under way; else the outcome of what is
	upTo  int64       // offset after what is under way
	first time.Time   // when this attempt began
	// Kafka refused the time of a record: one of the two clocks is wrong. What was acknowledged must not be lost by that,
	// so it is sent without a time; the time of its receipt is in a header.
	undated bool
	clock   atomic.Bool
	number  int64 // records forwarded
}

// noTime is what Kafka takes for no time at all.
var noTime = time.UnixMilli(-1)

// giveUp counts a record of the spool that Kafka will never take. The rest goes on.
func (t *detour) giveUp(rec *kgo.Record, err error) {
	t.spool.kafka.refusing(t.topic, err)
	var raw record.Raw
	if ReadRaw(rec, &raw) != nil {
		raw.Input = t.topic
	}
	t.spool.counts.Refused(raw.Source(), reasonOf(err), 1)
}

// forward empties the spool and makes the lane direct again, or returns when ctx ends or Kafka refuses a record for good.
// A Kafka that is away is waited for: the producer tries until it answers.
func (t *detour) forward(ctx context.Context) error {
	f := &forwarding{t: t, first: time.Now(), undated: t.undated}
	t.mu.Lock()
	next := t.next
	t.mu.Unlock()
	var err error
	f.from, err = t.spool.local.Client(kgo.FetchMaxWait(100*time.Millisecond),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{t.topic: {t.partition: kgo.NewOffset().At(next)}}))
	if err != nil {
		return fmt.Errorf("reading the spool: %w", err)
	}
	defer f.from.Close()
	if f.to, err = t.spool.kafka.Producer(kgo.MaxBufferedRecords(math.MaxInt32)); err != nil {
		return fmt.Errorf("writing to Kafka: %w", err)
	}
	defer f.to.Close()
	for {
		// Under way is what Kafka may not even answer: the lane is not locked for that.
		if f.acked == nil && t.behind() <= lastStretch {
			if done, err := f.finish(ctx); done || err != nil {
				return err
			}
		}
		if err := f.step(ctx); err != nil {
			t.undated = t.undated || f.clock.Load() // from the next attempt on
			return err
		}
	}
}

// finish locks the lane and forwards the rest. It gives up when that takes as long as records may wait: then Kafka is
// away again.
func (f *forwarding) finish(ctx context.Context) (bool, error) {
	t := f.t
	t.lane.mu.Lock()
	defer t.lane.mu.Unlock()
	short, cancel := context.WithTimeout(ctx, t.spool.after)
	defer cancel()
	for t.behind() > 0 {
		if err := f.step(short); err != nil {
			if ctx.Err() == nil && short.Err() != nil {
				return false, nil
			}
			return false, err
		}
	}
	t.spooling = false
	t.spool.log.Info("records go to Kafka again", "topic", t.topic, "partition", t.partition, "forwarded", f.number, "took", time.Since(f.first).Round(time.Millisecond))
	return true, nil
}

// step reads the next records and waits until Kafka has them. Where ctx ends before, the next step waits for the same
// records: nothing may overtake them.
func (f *forwarding) step(ctx context.Context) error {
	if f.acked == nil {
		if err := f.send(ctx); err != nil || f.acked == nil {
			return err
		}
	}
	select {
	case err := <-f.acked:
		f.acked = nil
		if err != nil {
			return fmt.Errorf("Kafka did not take records of the spool: %w", err)
		}
	case <-ctx.Done():
		return ctx.Err()
	}
	t := f.t
	t.mu.Lock()
	f.number += f.upTo - t.next
	t.next = f.upTo
	t.mu.Unlock()
	t.keepOffset(ctx)
	return nil
}

// send gives the next records of the spool to Kafka's producer. None may have come within the time of one fetch.
func (f *forwarding) send(ctx context.Context) error {
	wait, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
	defer cancel()
	fetches := f.from.PollRecords(wait, lastStretch)
	if err := fetches.Err(); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("reading the spool: %w", err)
	}
	recs := fetches.Records()
	if len(recs) == 0 {
		return ctx.Err()
	}
	acked, left := make(chan error, 1), len(recs)
	var first error
	for _, r := range recs {
		c := copyOf(r)
		if f.undated {
			c.Timestamp = noTime
		}
		// Promises of one client come one after the other: first and left need no lock.
		f.to.Produce(context.Background(), c, func(rec *kgo.Record, err error) {
			switch {
			case errors.Is(err, kerr.InvalidTimestamp):
				f.clock.Store(true)
			case forGood(err):
				f.t.giveUp(rec, err)
				err = nil
			}
			if first == nil {
				first = err
			}
			if left--; left == 0 {
				acked <- first
			}
		})
	}
	f.acked, f.upTo = acked, recs[len(recs)-1].Offset+1
	return nil
}

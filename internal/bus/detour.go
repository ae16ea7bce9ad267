package bus

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/record"
)

// detour is one lane's way past a Kafka that does not answer. A lane is direct, or it is spooling:
//
//   - direct: records go to Kafka through a client of the lane. When none was acknowledged for bus.spool.after although
//     some wait, the client is closed; what comes back from it goes to the spool, in the order of its sequences, and
//     everything after it too.
//   - spooling: run forwards the spool in its order. Close to the end of it the lane is locked until nothing is left;
//     then it is direct again.
//
// So the sequences of a partition ascend on every way. A request whose answer was lost with its connection may have been
// taken: its records then come a second time, and normalise drops what is not above the highest sequence.
//
// run, in one goroutine, is the only one that changes the state, under the lane's lock. Records enter under that lock;
// promises take only mu, so that a lane can wait for them.
type detour struct {
	spool     *spool
	topic     string // full name, in both brokers
	partition int32
	lane      *lane
	direct    *kgo.Client // nil: spooling

	mu      sync.Mutex
	wake    *sync.Cond // out or queued became 0
	out     int        // records in direct
	moved   time.Time  // direct was empty, or acknowledged a record
	leaving bool       // what direct fails now comes back
	back    []cameBack // not acknowledged, not in order
	queued  int        // records in the spool's writer
	end     int64      // after the last record of the spool
	next    int64      // first record of the spool that Kafka does not have
	kept    int64      // next, as the spool's broker knows it; only run uses it
	undated bool       // Kafka does not take the time of the records; only run uses it
}

// promised is what a producer calls for each record, once.
type promised = func(*kgo.Record, error)

// cameBack is a record that the direct client gave back.
type cameBack struct {
	seq     uint64
	rec     *kgo.Record
	promise promised
}

// enter announces n records and returns the client that takes them and the promise to give it. The lane's lock is held
// until the last of them was given to the client.
func (t *detour) enter(n int, promise promised) (*kgo.Client, promised) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.direct == nil {
		t.queued += n
		return t.spool.writer, func(rec *kgo.Record, err error) { t.stored(rec, err, promise) }
	}
	if t.out == 0 {
		t.moved = time.Now()
	}
	t.out += n
	return t.direct, func(rec *kgo.Record, err error) { t.landed(rec, err, promise) }
}

// stored is the promise of the spool's writer.
func (t *detour) stored(rec *kgo.Record, err error, promise promised) {
	t.mu.Lock()
	if t.queued--; t.queued == 0 {
		t.wake.Broadcast()
	}
	if err == nil {
		t.end = max(t.end, rec.Offset+1)
	}
	t.mu.Unlock()
	promise(rec, err)
}

// landed is the promise of the direct client. While the lane leaves it, only an answer of Kafka itself is final.
func (t *detour) landed(rec *kgo.Record, err error, promise promised) {
	t.mu.Lock()
	final := true
	if err != nil && t.leaving {
		answer, ok := errors.AsType[*kerr.Error](err)
		final = ok && !answer.Retriable
	}
	if final {
		t.moved = time.Now()
	} else {
		t.back = append(t.back, cameBack{sequence(rec), rec, promise})
	}
	if t.out--; t.out == 0 {
		t.wake.Broadcast()
	}
	t.mu.Unlock()
	if final { // not under the lock: it calls the source
		promise(rec, err)
	}
}

// sequence reads the front door's number of a record, which its ticket does not index.
func sequence(rec *kgo.Record) uint64 {
	ing, err := record.ParseIng(Header(rec, record.HeaderIng))
	if err != nil {
		return 0 // the door has just written it
	}
	return ing.Seq
}

// run looks at the lane and forwards what is in the spool until ctx ends.
func (t *detour) run(ctx context.Context) {
	tick := time.NewTicker(max(t.spool.after/4, 10*time.Millisecond))
	defer tick.Stop()
	for {
		if t.direct == nil {
			if err := t.forward(ctx); err != nil && ctx.Err() == nil {
				t.spool.log.Error("forwarding the spool, again in a moment", "topic", t.topic, "partition", t.partition, "err", err)
			}
		} else if t.stuck() {
			t.leave("Kafka does not answer")
			continue
		}
		t.keepOffset(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// stuck tells whether Kafka has been silent for too long.
func (t *detour) stuck() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.out > 0 && time.Since(t.moved) > t.spool.after
}

// leave takes back what Kafka has not acknowledged and gives it to the spool. Records that would enter meanwhile wait.
func (t *detour) leave(why string) {
	t.lane.mu.Lock()
	defer t.lane.mu.Unlock()
	t.mu.Lock()
	t.leaving = true
	t.mu.Unlock()
	t.direct.Close() // its promises fail, from goroutines of its own
	t.mu.Lock()
	for t.out > 0 {
		t.wake.Wait()
	}
	back := t.back
	t.back, t.direct, t.leaving = nil, nil, false
	t.mu.Unlock()
	t.spool.log.Warn("records go to the spool", "reason", why, "topic", t.topic, "partition", t.partition, "records", len(back))
	slices.SortFunc(back, func(a, b cameBack) int {
		if a.seq < b.seq {
			return -1
		}
		return 1
	})
	for _, c := range back {
		client, promise := t.enter(1, c.promise)
		client.Produce(context.Background(), copyOf(c.rec), promise)
	}
}

// copyOf makes a record that another client can take: a client writes into those that it was given. Value, key and
// headers are shared; nobody changes them.
func copyOf(r *kgo.Record) *kgo.Record {
	return &kgo.Record{Topic: r.Topic, Partition: r.Partition, Key: r.Key, Value: r.Value, Headers: r.Headers, Timestamp: r.Timestamp}
}

// behind returns how many records Kafka does not have that were acknowledged into the spool or are on their way there.
func (t *detour) behind() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.end - t.next + int64(t.queued)
}

// keepOffset notes how far the spool was forwarded, if that is news. It may fail: the next one says it again, and what is
// forwarded twice is dropped.
func (t *detour) keepOffset(ctx context.Context) {
	t.mu.Lock()
	next := t.next
	t.mu.Unlock()
	if next == t.kept {
		return
	}
	if err := t.spool.commit(ctx, t.topic, t.partition, next); err != nil {
		if ctx.Err() == nil {
			t.spool.log.Warn("noting how far the spool was forwarded", "topic", t.topic, "partition", t.partition, "err", err)
		}
		return
	}
	t.kept = next
}

// close empties the lane at the end, to Kafka if it answers soon, else into the spool. run has ended.
func (t *detour) close(ctx context.Context) {
	if t.direct == nil {
		return
	}
	soon, cancel := context.WithTimeout(ctx, t.spool.after)
	defer cancel()
	if err := t.direct.Flush(soon); err != nil {
		t.leave("Kafka does not answer, and weir stops")
		return
	}
	t.direct.Close()
}

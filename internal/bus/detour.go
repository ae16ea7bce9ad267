package bus

import (
	"context"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/bus/produce"
)

// detour is one lane's way past a Kafka that does not answer. A lane is direct, or it is spooling:
//
//   - direct: records go to Kafka through the lane's own writer. When none was acknowledged for bus.spool.after although
//     some wait, the writer gives its batches back; they go to the spool as they are, and everything after them too.
//   - spooling: run forwards the spool in its order. Close to the end of it the lane is locked until nothing is left;
//     then it is direct again.
//
// So the sequences of a partition ascend on every way. A request whose answer was lost with its connection may have been
// taken: its records then come a second time, and normalise drops what is not above the highest sequence.
//
// run, in one goroutine, is the only one that changes the state, under the lane's lock. Records enter under that lock.
type detour struct {
	spool     *spool
	topic     string // full name, in both brokers
	partition int32
	lane      *lane
	kafka     *produce.Writer // nil: a partition that the door has no lane for, which is forwarded and then left alone
	disk      *produce.Writer // to the spool
	spooling  bool

	mu      sync.Mutex
	end     int64 // after the last record of the spool
	next    int64 // first record of the spool that Kafka does not have
	kept    int64 // next, as the spool's broker knows it; only run uses it
	undated bool  // Kafka does not take the time of the records; only run uses it
}

// stored hears of what the spool has.
func (t *detour) stored(end int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.end = max(t.end, end)
}

// run looks at the lane and forwards what is in the spool until ctx ends.
func (t *detour) run(ctx context.Context) {
	tick := time.NewTicker(max(t.spool.after/4, 10*time.Millisecond))
	defer tick.Stop()
	for {
		if t.spooling {
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
func (t *detour) stuck() bool { return t.kafka != nil && t.kafka.Silent() > t.spool.after }

// leave takes back what Kafka has not acknowledged and gives it to the spool. Records that would enter meanwhile wait.
func (t *detour) leave(why string) {
	t.lane.mu.Lock()
	defer t.lane.mu.Unlock()
	back, records := t.kafka.TakeBack(), 0
	for _, b := range back {
		records += b.Records()
	}
	t.spooling = true
	t.disk.Put(back)
	t.spool.log.Warn("records go to the spool", "reason", why, "topic", t.topic, "partition", t.partition, "records", records)
}

// copyOf makes a record that another client can take: a client writes into those that it was given. Value, key and
// headers are shared; nobody changes them.
func copyOf(r *kgo.Record) *kgo.Record {
	return &kgo.Record{Topic: r.Topic, Partition: r.Partition, Key: r.Key, Value: r.Value, Headers: r.Headers, Timestamp: r.Timestamp}
}

// behind returns how many records Kafka does not have that were acknowledged into the spool or are on their way there.
func (t *detour) behind() int64 {
	queued := int64(t.disk.Waiting()) // first: what is stored meanwhile counts twice rather than not at all
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.end - t.next + queued
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
	if !t.spooling && t.kafka != nil {
		soon, cancel := context.WithTimeout(ctx, t.spool.after)
		defer cancel()
		if err := t.kafka.Flush(soon); err != nil {
			t.leave("Kafka does not answer, and weir stops")
		}
	}
}

// Package raising puts on Kafka what follows from no record that came in: weir's own alerts, which it makes of what it
// sees of itself, and matches of the past, from which a new rule learns.
package raising

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/alert"
	"weir/internal/record"
)

// Raiser writes alerts of one start of a process. It is safe for many goroutines.
type Raiser struct {
	producer *kgo.Client
	topic    string
	lanes    int32
	self     record.Ing

	mu sync.Mutex
	// The running number of the last record, by lane: readers drop what is not above what they have.
	sub []int32
}

// New makes the raiser of a start. The producer stays the caller's; lanes are the partitions of topic.
func New(producer *kgo.Client, topic string, lanes int, self record.Ing) *Raiser {
	return &Raiser{producer: producer, topic: topic, lanes: int32(lanes), self: self, sub: make([]int32, lanes)}
}

// Raise writes a revision of an alert and returns when it is durable. The revisions of an alert are on one partition, in
// the order of their calls. Who calls keeps what was raised, and may raise it again: readers know a revision by its number.
func (r *Raiser) Raise(ctx context.Context, a *alert.Alert) error {
	if a.ID == "" || a.Revision < 1 {
		return errors.New("raising an alert: it has no id or no revision")
	}
	value, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("raising alert %s: %w", a.ID, err)
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(a.ID)) // a hash never fails
	lane := int32(h.Sum32() % uint32(r.lanes))
	done := make(chan error, 1)
	r.mu.Lock()
	r.sub[lane]++
	src := record.Pos{Topic: "self." + r.self.Ingester, Partition: lane, Offset: int64(r.self.Start), Sub: r.sub[lane]}
	rec := &kgo.Record{Topic: r.topic, Partition: lane, Key: []byte(a.ID), Value: value, Timestamp: time.Now(),
		Headers: []kgo.RecordHeader{{Key: record.HeaderSource, Value: []byte(src.String())}}}
	// Not the caller's context: a record that is given up half way would stop the producer. The lock holds the order.
	r.producer.Produce(context.Background(), rec, func(_ *kgo.Record, err error) { done <- err })
	r.mu.Unlock()
	select {
	case err := <-done:
		if err != nil {
			return fmt.Errorf("raising alert %s: %w", a.ID, err)
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("raising alert %s: %w", a.ID, ctx.Err())
	}
}

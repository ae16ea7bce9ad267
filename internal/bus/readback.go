package bus

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// ReadBack returns the records of a partition before offset to, at most n of them, oldest first. Fewer come back where
// the log begins later. The record before to must have been written: it waits for it until ctx ends.
func (b *Bus) ReadBack(ctx context.Context, topic string, partition int32, to int64, n int) ([]*kgo.Record, error) {
	starts, err := b.admin.ListStartOffsets(ctx, topic)
	if err != nil {
		return nil, fmt.Errorf("asking for the start of %s: %w", topic, err)
	}
	first, ok := starts.Lookup(topic, partition)
	if !ok {
		return nil, fmt.Errorf("asking for the start of %s/%d: %w", topic, partition, kerr.UnknownTopicOrPartition)
	}
	if first.Err != nil {
		return nil, fmt.Errorf("asking for the start of %s/%d: %w", topic, partition, first.Err)
	}
	from := max(to-int64(n), first.Offset)
	if from >= to {
		return nil, nil
	}
	// A client of its own and no group: nothing is committed, and the readers of the topic do not notice.
	client, err := b.Client(kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {partition: kgo.NewOffset().At(from)}}))
	if err != nil {
		return nil, fmt.Errorf("reading back: %w", err)
	}
	defer client.Close()
	// The records keep the fetched batches in memory until the caller lets them go: n is small.
	var out []*kgo.Record
	for {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return nil, fmt.Errorf("reading back %s/%d from %d: %w", topic, partition, from, err)
		}
		for _, r := range fetches.Records() {
			if r.Offset >= to {
				return out, nil
			}
			out = append(out, r)
			if r.Offset == to-1 {
				return out, nil
			}
		}
	}
}

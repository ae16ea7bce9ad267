package topicadmin

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Lag is a group that is behind on a topic.
type Lag struct {
	Group, Topic string
	Records      int64
	// Age is how long ago the oldest record that the group has not committed was written; 0 for less than a minute.
	Age time.Duration
	// Of what Kafka keeps; 0 where it keeps for ever. From 0.5 on somebody should look.
	Share float64
}

// young is an age at which a group is not behind, only at work.
const young = time.Minute

// Behind returns how far each group of readers is behind, for groups that have committed something. reader makes a client
// that reads partitions; it is asked for only where a group is behind by more than a minute.
func (a *Admin) Behind(ctx context.Context, reader func(...kgo.Opt) (*kgo.Client, error)) ([]Lag, error) {
	list, err := a.List(ctx)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, x := range list {
		if !x.Missing && x.Group != "" {
			names = append(names, x.Name)
		}
	}
	if len(names) == 0 {
		return nil, nil
	}
	recent, err := a.client.ListOffsetsAfterMilli(ctx, time.Now().Add(-young).UnixMilli(), names...)
	if err != nil {
		return nil, fmt.Errorf("asking for the offsets of a minute ago: %w", err)
	}
	commits := a.client.FetchManyOffsets(ctx, a.groups()...)
	var out []Lag
	late := map[string]map[int32]kgo.Offset{}
	waits := map[int]map[int32]int64{} // by index of out: partitions and where they wait
	for i, t := range a.plan.Topics {
		if list[i].Missing {
			continue
		}
		for _, g := range t.Readers {
			l := Lag{Group: g, Topic: t.Name}
			at := map[int32]int64{}
			commits[g].Fetched.Each(func(o kadm.OffsetResponse) {
				if r, ok := recent.Lookup(t.Name, o.Partition); o.Topic == t.Name && ok && o.At >= 0 && o.At < r.Offset {
					at[o.Partition] = o.At
				}
			})
			if len(at) > 0 {
				waits[len(out)] = at
				if late[t.Name] == nil {
					late[t.Name] = map[int32]kgo.Offset{}
				}
				for p, o := range at {
					if have, ok := late[t.Name][p]; !ok || o < have.EpochOffset().Offset {
						late[t.Name][p] = kgo.NewOffset().At(o)
					}
				}
				l.Records = list[i].Lag
			}
			out = append(out, l)
		}
	}
	if len(late) == 0 {
		return out, nil
	}
	written, err := oldest(ctx, late, reader)
	if err != nil {
		return nil, err
	}
	for i, at := range waits {
		for p := range at {
			if t, ok := written[out[i].Topic][p]; ok {
				out[i].Age = max(out[i].Age, time.Since(t))
			}
		}
		for _, x := range list {
			if x.Name == out[i].Topic && x.Retention > 0 {
				out[i].Share = float64(out[i].Age) / float64(x.Retention)
			}
		}
	}
	return out, nil
}

// oldest reads one record of each partition and returns when it was written. Where two groups wait at different places of
// a partition, the older one counts for both: it is what must not be lost.
func oldest(ctx context.Context, from map[string]map[int32]kgo.Offset, reader func(...kgo.Opt) (*kgo.Client, error)) (map[string]map[int32]time.Time, error) {
	c, err := reader(kgo.ConsumePartitions(from), kgo.FetchMaxPartitionBytes(1), kgo.FetchMaxWait(100*time.Millisecond))
	if err != nil {
		return nil, fmt.Errorf("reading the oldest records: %w", err)
	}
	defer c.Close()
	want := 0
	for _, ps := range from {
		want += len(ps)
	}
	out := map[string]map[int32]time.Time{}
	for got := 0; got < want && ctx.Err() == nil; {
		fetches := c.PollFetches(ctx)
		if fetches.IsClientClosed() {
			break
		}
		fetches.EachPartition(func(p kgo.FetchTopicPartition) {
			if len(p.Records) == 0 {
				return
			}
			if out[p.Topic] == nil {
				out[p.Topic] = map[int32]time.Time{}
			}
			if _, ok := out[p.Topic][p.Partition]; !ok {
				out[p.Topic][p.Partition] = p.Records[0].Timestamp
				got++
			}
		})
	}
	return out, nil
}

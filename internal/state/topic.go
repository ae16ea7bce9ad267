package state

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Kafka is what the stores of a topic need.
type Kafka struct {
	Topic      string // full name; compacted
	Partitions int    // of the topic; a store's partition is taken modulo them
	// Producer is idempotent, waits for all replicas and leaves the partition to the caller. It outlives the stores.
	Producer *kgo.Client
	// Client makes a client for reading.
	Client func(...kgo.Opt) (*kgo.Client, error)
	Log    *slog.Logger
}

// Topic keeps stores in a compacted topic: those of one partition number lie in the same partition, told apart by their
// names. How values are cut into records stands in chunks.go.
func Topic(k Kafka) Opener { return &k }

// Open implements Opener.
func (k *Kafka) Open(name string, partition int32) (Store, error) {
	if err := checkName(name, partition); err != nil {
		return nil, err
	}
	if k.Partitions < 1 {
		return nil, fmt.Errorf("opening the state %q: topic %s has no partitions", name, k.Topic)
	}
	return &topicStore{kafka: k, prefix: name + "/" + strconv.Itoa(int(partition)) + "/", partition: partition % int32(k.Partitions)}, nil
}

// topicStore is the store of one partition in a topic.
type topicStore struct {
	kafka     *Kafka
	prefix    string
	partition int32
	layout    map[string]*kept // nil: not loaded
}

// Load implements Store. It reads the partition from its beginning to where it ends now.
func (s *topicStore) Load(ctx context.Context) (map[string][]byte, error) {
	im := newImage(s.prefix)
	if err := s.read(ctx, im); err != nil {
		return nil, fmt.Errorf("reading state from %s/%d: %w", s.kafka.Topic, s.partition, err)
	}
	for _, key := range im.broken {
		s.kafka.Log.Warn("a state has a head without all of its parts; the one before counts", "component", "state", "topic", s.kafka.Topic, "partition", s.partition, "key", s.prefix+key)
	}
	values, err := im.values()
	if err != nil {
		return nil, fmt.Errorf("reading state from %s/%d: %w", s.kafka.Topic, s.partition, err)
	}
	s.layout = im.layout()
	return values, nil
}

func (s *topicStore) read(ctx context.Context, im *image) error {
	topic := s.kafka.Topic
	client, err := s.kafka.Client(kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {s.partition: kgo.NewOffset().AtStart()}}), kgo.FetchMaxWait(fetchWait), kgo.FetchMaxPartitionBytes(8<<20))
	if err != nil {
		return err
	}
	defer client.Close()
	end, err := s.end(ctx, kadm.NewClient(client))
	if err != nil {
		return err
	}
	starts, err := kadm.NewClient(client).ListStartOffsets(ctx, topic)
	if err != nil {
		return err
	}
	if first, ok := starts.Lookup(topic, s.partition); ok && first.Offset >= end.Offset {
		return nil
	}
	// Kafka never compacts the segment that is written to, so the last record is there.
	for {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return err
		}
		for _, r := range fetches.Records() {
			im.apply(string(r.Key), r.Value)
			if r.Offset >= end.Offset-1 {
				return nil
			}
		}
	}
}

// A topic that was just made may be unknown to the broker that is asked, or without a leader, for a moment.
const (
	knownWithin = 5 * time.Second
	knownLook   = 100 * time.Millisecond
)

// end returns where the partition ends now.
func (s *topicStore) end(ctx context.Context, adm *kadm.Client) (kadm.ListedOffset, error) {
	for until := time.Now().Add(knownWithin); ; {
		ends, err := adm.ListEndOffsets(ctx, s.kafka.Topic)
		if err != nil {
			return kadm.ListedOffset{}, err
		}
		end, ok := ends.Lookup(s.kafka.Topic, s.partition)
		switch {
		case ok && end.Err == nil:
			return end, nil
		case time.Now().After(until) || ok && !kerr.IsRetriable(end.Err):
			if ok {
				return end, end.Err
			}
			return end, errors.New("the topic has no such partition")
		}
		select {
		case <-ctx.Done():
			return end, ctx.Err()
		case <-time.After(knownLook):
		}
	}
}

// Save implements Store.
func (s *topicStore) Save(_ context.Context, changes []Change, done func(error)) {
	if s.layout == nil {
		done(errNotLoaded)
		return
	}
	var recs []*kgo.Record
	for _, c := range changes {
		recs = append(recs, encodeChange(s.prefix, c, s.layout)...)
	}
	if len(recs) == 0 {
		// It must not overtake a Save before it. A record that says nothing waits in line.
		recs = []*kgo.Record{{Key: []byte(s.prefix + "-"), Value: []byte{kindInline}}}
	}
	a := &answer{done: done}
	a.left.Store(int64(len(recs)))
	for _, r := range recs {
		r.Topic, r.Partition = s.kafka.Topic, s.partition
		// Not the caller's context: a save that is given up half way would be one that may still become durable.
		s.kafka.Producer.Produce(context.Background(), r, a.promise)
	}
}

// answer waits for all records of one Save. Promises of one partition are kept in order, so answers are too.
type answer struct {
	done func(error)
	left atomic.Int64
	once sync.Once
	err  error
}

func (a *answer) promise(_ *kgo.Record, err error) {
	if err != nil {
		a.once.Do(func() { a.err = fmt.Errorf("writing state: %w", err) })
	}
	if a.left.Add(-1) == 0 {
		a.done(a.err)
	}
}

// Close implements Store. The producer is somebody else's.
func (s *topicStore) Close() {}

// fetchWait bounds how long a broker waits for more when a reader has come to the end.
const fetchWait = 500 * time.Millisecond

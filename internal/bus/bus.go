// Package bus is Kafka: the topics, the embedded broker, clients, and the front door where records get their identity.
//
// Correctness never rests on Kafka transactions: producers are idempotent, a stage commits its offsets after its output
// was acknowledged, and every derived record carries the position it was derived from.
package bus

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"runtime"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/bus/dial"
	"weir/internal/config"
)

// Bus is a connection to Kafka. Close it after every client made from it.
type Bus struct {
	cfg      config.Bus
	log      *slog.Logger
	topics   []Topic
	names    map[string]string // topics whose name does not follow the prefix: by the name in the table
	embedded *embedded         // nil: a real Kafka
	remote   *remote           // nil: the embedded broker
	dir      string            // of the embedded broker
	refused  refusals
	// Both are for asking: about topics, offsets and groups. client is what admin speaks through, and is what to close.
	admin  *kadm.Client
	client *kgo.Client
}

// Partitions returns how many partitions raw and event topics have: as configured, else one per core and at least 2.
func Partitions(cfg config.Bus) int {
	if cfg.Partitions > 0 {
		return cfg.Partitions
	}
	return max(2, runtime.NumCPU())
}

// Open connects to the Kafka that the configuration names, else starts the embedded broker in dir; missing topics are
// created. Before a real Kafka the front door keeps its spool in a folder beside dir. absent are readers of the table that
// do not run: the embedded broker keeps nothing for them.
func Open(ctx context.Context, cfg config.Bus, dir string, log *slog.Logger, absent ...string) (*Bus, error) {
	if len(cfg.Brokers) > 0 {
		return openRemote(ctx, cfg, dir, log)
	}
	return openEmbedded(ctx, cfg, embeddedTopics(absent...), dir, log)
}

func openEmbedded(ctx context.Context, cfg config.Bus, topics []Topic, dir string, log *slog.Logger) (*Bus, error) {
	b := &Bus{cfg: cfg, topics: topics, names: renamed(cfg.Topics), dir: dir, log: log}
	var err error
	if b.embedded, err = startEmbedded(cfg, dir, log); err != nil {
		return nil, err
	}
	if b.client, err = b.Client(); err != nil {
		b.embedded.close()
		return nil, fmt.Errorf("connecting to Kafka: %w", err)
	}
	b.admin = kadm.NewClient(b.client)
	if err := b.ensureTopics(ctx); err != nil {
		b.Close()
		return nil, err
	}
	b.embedded.guard(b)
	return b, nil
}

// Close stops the guard, which needs the client, then the client, then the embedded broker. Clients must be closed
// before.
func (b *Bus) Close() {
	if b.embedded == nil {
		b.remote.close()
		b.client.Close()
		return
	}
	b.embedded.stopGuard()
	b.client.Close()
	b.embedded.close()
}

// Topic returns the full name of a topic.
func (b *Bus) Topic(name string) string {
	if own, ok := b.names[name]; ok {
		return own
	}
	return b.cfg.Prefix + name
}

// Name returns the name in the table of a topic by its full name.
func (b *Bus) Name(topic string) string {
	for name, own := range b.names {
		if own == topic {
			return name
		}
	}
	return topic[min(len(b.cfg.Prefix), len(topic)):]
}

// Partitions returns how many partitions the topic has: on a real Kafka as they were when weir started.
func (b *Bus) Partitions(name string) int {
	if b.remote != nil {
		return b.remote.partitions[b.Topic(name)]
	}
	for _, t := range b.topics {
		if t.Name == name {
			return t.partitions(b.cfg)
		}
	}
	return 0
}

// Client makes a client with what all clients share; opts are added to it.
func (b *Bus) Client(opts ...kgo.Opt) (*kgo.Client, error) {
	// The broker is in this process, so what fails comes back within moments: short pauses, and metadata that may be
	// asked for often, since a topic may just have been made.
	common := []kgo.Opt{
		kgo.ClientID("weir"),
		kgo.RetryBackoffFn(func(n int) time.Duration { return min(time.Duration(n)*20*time.Millisecond, 500*time.Millisecond) }),
		kgo.MetadataMinAge(100 * time.Millisecond),
		// Kafka would collect them for somebody else, and a client that closes would wait for it.
		kgo.DisableClientMetrics(),
	}
	if b.embedded == nil {
		reach, err := dial.Options(b.cfg)
		if err != nil {
			return nil, err
		}
		common = append(common, reach...)
		common = append(common, kgo.FetchMaxWait(time.Duration(b.cfg.FetchWait)), kgo.FetchMinBytes(int32(b.cfg.FetchMin)))
	} else {
		// A broker without records answers each question at once when there are some: long waits cost nothing.
		common = append(common, kgo.SeedBrokers(b.embedded.addr), kgo.FetchMaxWait(2*time.Second),
			kgo.Dialer(func(ctx context.Context, _, _ string) (net.Conn, error) { return b.embedded.dial(ctx) }))
	}
	return kgo.NewClient(append(common, opts...)...)
}

// Producer makes a client that writes: idempotent, acks=all, the partition chosen by the caller, no record ever given
// up. What waits in it is bounded by its callers.
func (b *Bus) Producer(opts ...kgo.Opt) (*kgo.Client, error) {
	compression := kgo.ProducerBatchCompression(kgo.NoCompression())
	squeeze, err := b.compressor()
	if err != nil {
		return nil, err
	}
	if squeeze != nil { // as the client names none
		compression = kgo.WithCompressor(squeeze)
	}
	return b.Client(append([]kgo.Opt{
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		compression,
		kgo.ProducerLinger(time.Duration(b.cfg.Linger)),
		kgo.ProducerBatchMaxBytesFn(b.maxBatch),
		// Never the bound that is met first: the front door counts bytes, the stages count batches.
		kgo.MaxBufferedRecords(1 << 20),
		kgo.UnknownTopicRetries(-1),
	}, opts...)...)
}

// maxBatch is the largest batch that a producer sends to a topic, by its full name. One record of the largest size, with
// its headers, must fit.
func (b *Bus) maxBatch(topic string) int32 {
	most := Topic{Name: b.Name(topic)}.maxBatch(b.cfg)
	if b.remote != nil {
		// Kafka would refuse a larger batch with all of its records; one that is too large by itself is refused alone here.
		if limit := b.remote.limits[topic]; limit > 0 {
			most = min(most, limit)
		}
	}
	return int32(most)
}

// MaxValue returns how large the value of a record of the topic may be; a larger one would be refused for good.
func (b *Bus) MaxValue(name string) int { return int(b.maxBatch(b.Topic(name))) - headroom }

// ensureTopics creates what is missing and issues every configuration again: the embedded broker forgets to apply some
// of them after a restart.
func (b *Bus) ensureTopics(ctx context.Context) error {
	have, err := b.admin.ListTopics(ctx)
	if err != nil {
		return fmt.Errorf("listing topics: %w", err)
	}
	ids := map[[16]byte]string{}
	for _, t := range b.topics {
		name, conf := b.Topic(t.Name), b.embedded.topicConfig(t, t.partitions(b.cfg))
		if !have.Has(name) {
			resp, err := b.admin.CreateTopic(ctx, int32(t.partitions(b.cfg)), 1, conf, name)
			if err != nil {
				return fmt.Errorf("creating topic %s: %w", name, err)
			}
			if resp.Err != nil {
				return fmt.Errorf("creating topic %s: %w", name, resp.Err)
			}
			ids[resp.ID] = name
			continue
		}
		ids[have[name].ID] = name
		if n := len(have[name].Partitions); n < t.partitions(b.cfg) {
			if _, err := b.admin.CreatePartitions(ctx, t.partitions(b.cfg)-n, name); err != nil {
				return fmt.Errorf("adding partitions to topic %s: %w", name, err)
			}
		}
		// One by one and not all at once: what is not named keeps its value.
		var set []kadm.AlterConfig
		for k, v := range conf {
			set = append(set, kadm.AlterConfig{Op: kadm.SetConfig, Name: k, Value: v})
		}
		if _, err := b.admin.AlterTopicConfigs(ctx, set, name); err != nil {
			return fmt.Errorf("configuring topic %s: %w", name, err)
		}
	}
	// A produce request that names its topics by id would pass the bound without this table.
	b.embedded.mu.Lock()
	defer b.embedded.mu.Unlock()
	b.embedded.names = ids
	return nil
}

// Ends returns the offset after the last record of each partition of the named topics, by full topic name.
func (b *Bus) Ends(ctx context.Context, names ...string) (map[string]map[int32]int64, error) {
	return b.offsets(ctx, "end", b.admin.ListEndOffsets, names)
}

// Starts returns the offset of the first record that is still there, in the same form. Who has taken nothing of a
// partition waits for what is from there on.
func (b *Bus) Starts(ctx context.Context, names ...string) (map[string]map[int32]int64, error) {
	return b.offsets(ctx, "start", b.admin.ListStartOffsets, names)
}

// offsets asks for one offset of each partition.
func (b *Bus) offsets(ctx context.Context, what string, list func(context.Context, ...string) (kadm.ListedOffsets, error), names []string) (map[string]map[int32]int64, error) {
	full := make([]string, len(names))
	for i, n := range names {
		full[i] = b.Topic(n)
	}
	offsets, err := list(ctx, full...)
	if err != nil {
		return nil, fmt.Errorf("asking for the %s of topics: %w", what, err)
	}
	out := map[string]map[int32]int64{}
	offsets.Each(func(o kadm.ListedOffset) {
		if out[o.Topic] == nil {
			out[o.Topic] = map[int32]int64{}
		}
		out[o.Topic][o.Partition] = o.Offset
	})
	return out, offsets.Error()
}

// TopicInfo describes one topic as it is.
type TopicInfo struct {
	Topic
	Partitions int
	// Between start and end, over all partitions.
	Records int64
	// On disk, with what is trimmed and not yet deleted.
	Bytes int64
}

// List describes the topics as they are.
func (b *Bus) List(ctx context.Context) ([]TopicInfo, error) {
	var names []string
	for _, t := range b.topics {
		names = append(names, b.Topic(t.Name))
	}
	starts, err := b.admin.ListStartOffsets(ctx, names...)
	if err != nil {
		return nil, fmt.Errorf("asking for the start of topics: %w", err)
	}
	ends, err := b.admin.ListEndOffsets(ctx, names...)
	if err != nil {
		return nil, fmt.Errorf("asking for the end of topics: %w", err)
	}
	out := make([]TopicInfo, len(b.topics))
	for i, t := range b.topics {
		out[i] = TopicInfo{Topic: t}
		for p, end := range ends[b.Topic(t.Name)] {
			start, _ := starts.Lookup(b.Topic(t.Name), p)
			out[i].Partitions++
			out[i].Records += end.Offset - start.Offset
			if b.embedded == nil {
				continue // Kafka's disks are Kafka's
			}
			for _, f := range b.embedded.files(b.Topic(t.Name), p) {
				out[i].Bytes += f.size
			}
		}
	}
	return out, nil
}

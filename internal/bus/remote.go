package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/config"
	"weir/internal/fault"
)

// reachWithin is how long Kafka has to answer when weir starts.
const reachWithin = 5 * time.Second

// openRemote connects to a Kafka that somebody else runs. dir is where the embedded broker would be.
func openRemote(ctx context.Context, cfg config.Bus, dir string, log *slog.Logger) (*Bus, error) {
	b := &Bus{cfg: cfg, topics: Topics, dir: dir, log: log}
	if err := b.reach(ctx); err != nil {
		return nil, err
	}
	var err error
	if b.client, err = b.Client(); err != nil {
		return nil, fmt.Errorf("connecting to Kafka: %w", err)
	}
	b.admin = kadm.NewClient(b.client)
	if err := b.ensureRemoteTopics(ctx); err != nil {
		b.Close()
		return nil, err
	}
	return b, nil
}

// reach asks every configured broker at once for an answer. One is enough: the client learns the others from it.
func (b *Bus) reach(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, reachWithin)
	defer cancel()
	reasons := make([]error, len(b.cfg.Brokers))
	var wg sync.WaitGroup
	for i, addr := range b.cfg.Brokers {
		wg.Go(func() {
			c, err := b.Client(kgo.SeedBrokers(addr), kgo.RequestRetries(0))
			if err == nil {
				err = c.Ping(ctx)
				c.Close()
			}
			reasons[i] = err
		})
	}
	wg.Wait()
	var why, there []string
	for i, err := range reasons {
		if err == nil {
			there = append(there, b.cfg.Brokers[i])
			continue
		}
		why = append(why, b.cfg.Brokers[i]+": "+reason(err))
	}
	if len(there) > 0 {
		b.cfg.Brokers = there // a client that began with one of the others could give up before it asks these
		return nil
	}
	return &fault.Error{
		Code: "kafka-unreachable", What: "no broker of Kafka answers", Where: "bus.brokers", Why: strings.Join(why, "; "),
		Do: "start Kafka, or correct bus.brokers: WEIR_BUS_BROKERS=host:9092 weir up", Exit: fault.ExitMissing, Cause: errors.Join(reasons...),
	}
}

// reason is why a broker does not answer, in few words.
func reason(err error) string {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		err = op.Err
		if in := errors.Unwrap(err); in != nil { // "connect: connection refused"
			err = in
		}
		return err.Error()
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "no answer within " + config.Duration(reachWithin).String()
	}
	return err.Error()
}

// ensureRemoteTopics creates what is missing. What is there stays as its owner made it; topics that do not fit together
// are refused, since a derived record goes to the partition number of its raw record.
func (b *Bus) ensureRemoteTopics(ctx context.Context) error {
	brokers, err := b.admin.ListBrokers(ctx)
	if err != nil {
		return fmt.Errorf("asking for the brokers: %w", err)
	}
	have, err := b.admin.ListTopics(ctx)
	if err != nil {
		return fmt.Errorf("listing topics: %w", err)
	}
	want := Partitions(b.cfg)
	for _, t := range b.topics {
		if d := have[b.Topic(t.Name)]; d.Err == nil && !t.Single {
			want = max(want, len(d.Partitions))
		}
	}
	for _, t := range b.topics {
		name, n := b.Topic(t.Name), want
		if t.Single {
			n = 1
		}
		if !have.Has(name) {
			if err := b.createRemote(ctx, t, n, min(3, len(brokers))); err != nil {
				return err
			}
			continue
		}
		if err := have[name].Err; err != nil {
			return fmt.Errorf("asking for topic %s: %w", name, err)
		}
		if got := len(have[name].Partitions); got < n {
			return &fault.Error{
				Code: "kafka-partitions", What: fmt.Sprintf("topic %s has %d partitions, and weir needs %d", name, got, n), Where: name,
				Why:  "raw and derived topics must have the same number",
				Do:   fmt.Sprintf("kafka-topics.sh --bootstrap-server %s --alter --topic %s --partitions %d", b.cfg.Brokers[0], name, n),
				Exit: fault.ExitMissing,
			}
		}
	}
	return nil
}

// createRemote creates one topic. Where three copies are kept, two must have a record before it counts as taken.
func (b *Bus) createRemote(ctx context.Context, t Topic, partitions, replication int) error {
	str := func(s string) *string { return &s }
	conf := map[string]*string{
		"retention.ms":      str(strconv.FormatInt((time.Duration(t.Hours) * time.Hour).Milliseconds(), 10)),
		"cleanup.policy":    str("delete"),
		"max.message.bytes": str(strconv.Itoa(maxBatch + 1<<20)),
	}
	if replication >= 3 {
		conf["min.insync.replicas"] = str("2")
	}
	resp, err := b.admin.CreateTopic(ctx, int32(partitions), int16(replication), conf, b.Topic(t.Name))
	if err == nil {
		err = resp.Err
	}
	if err != nil && !errors.Is(err, kerr.TopicAlreadyExists) { // another weir that starts too was faster
		return fmt.Errorf("creating topic %s: %w", b.Topic(t.Name), err)
	}
	return nil
}

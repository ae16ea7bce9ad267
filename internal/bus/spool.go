package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// spoolGroup is the group whose offsets say how far the spool was forwarded.
const spoolGroup = "forward"

// spoolTopics are the topics of the spool's own broker: the raw topics, nothing else. What cannot be asked for again gets
// most of it: files and objects wait where they are.
var spoolTopics = []Topic{
	{Name: RawSyslog, Share: 60, Readers: []string{spoolGroup}},
	{Name: RawSNMP, Share: 8, Readers: []string{spoolGroup}},
	{Name: RawEBPF, Share: 8, Readers: []string{spoolGroup}},
	{Name: RawFile, Share: 12, Readers: []string{spoolGroup}},
	{Name: RawCloud, Share: 8, Readers: []string{spoolGroup}},
	{Name: RawAudit, Share: 3, Readers: []string{spoolGroup}},
	{Name: RawReparse, Share: 1, Readers: []string{spoolGroup}},
}

// spool keeps what was received while Kafka is away: an embedded broker that is used as a queue, with a detour for each
// lane of the front door. It is open as long as the door, since what an earlier start left in it must go first.
type spool struct {
	kafka  *Bus
	local  *Bus
	client *kgo.Client // of all lanes, to local
	after  time.Duration
	log    *slog.Logger
	counts DoorCounter // hears of records that Kafka refuses for good

	detours []*detour
	stop    context.CancelFunc
	done    sync.WaitGroup

	closing sync.Once
	err     error // of close
}

// openSpool opens the spool of a door, and starts the goroutine of each lane; close ends them.
func openSpool(kafka *Bus, lanes map[string][]*lane, counts DoorCounter) (*spool, error) {
	cfg := kafka.cfg
	cfg.Brokers = nil
	for topic := range lanes { // a Kafka that somebody has grown has more than are configured
		cfg.Partitions = max(cfg.Partitions, len(lanes[topic]))
	}
	cfg.Embedded.KafkaListen, cfg.Embedded.MaxBytes, cfg.Embedded.Sync = "", cfg.Spool.MaxBytes, true
	s := &spool{kafka: kafka, counts: counts, after: time.Duration(cfg.Spool.After), log: kafka.log.With("component", "spool")}
	ctx, cancel := context.WithCancel(context.Background())
	s.stop = cancel
	var err error
	if s.local, err = openEmbedded(ctx, cfg, spoolTopics, filepath.Join(filepath.Dir(kafka.dir), "spool"), s.log); err != nil {
		cancel()
		return nil, err
	}
	if s.client, err = s.local.Client(); err == nil {
		err = s.makeDetours(ctx, lanes)
	}
	if err != nil {
		return nil, errors.Join(err, s.close(context.WithoutCancel(ctx)))
	}
	for _, t := range s.detours {
		s.done.Go(func() { t.run(ctx) })
	}
	return s, nil
}

// makeDetours gives each lane its detour. A partition that has records of a start with more partitions than now gets one
// without a lane of the door: it only forwards.
func (s *spool) makeDetours(ctx context.Context, lanes map[string][]*lane) error {
	ends, err := s.local.Ends(ctx, RawTopics()...)
	if err != nil {
		return err
	}
	for _, topic := range spoolTopics {
		full := s.local.Topic(topic.Name)
		starts, err := s.local.admin.ListStartOffsets(ctx, full)
		if err != nil {
			return fmt.Errorf("asking for the start of %s: %w", full, err)
		}
		offsets, err := s.local.admin.FetchOffsets(ctx, s.local.cfg.Prefix+spoolGroup)
		if err != nil && !errors.Is(err, kerr.GroupIDNotFound) { // no group: a new spool
			return fmt.Errorf("asking how far %s was forwarded: %w", full, err)
		}
		for p, end := range ends[full] {
			t := &detour{spool: s, topic: full, partition: p, lane: &lane{}, end: end}
			if t.disk, err = s.local.writer(s.client, full, p, t.stored); err != nil {
				return err
			}
			s.detours = append(s.detours, t)
			if o, ok := starts.Lookup(full, p); ok {
				t.next = o.Offset
			}
			if o, ok := offsets.Lookup(full, p); ok {
				t.next = max(t.next, o.At)
			}
			t.next = min(t.next, end) // a crash may have cost the end of the log, but not what was forwarded
			// Committed before anything is in it: what nobody has committed the guard cannot bound.
			if err := s.commit(ctx, full, p, t.next); err != nil {
				return fmt.Errorf("noting how far %s was forwarded: %w", full, err)
			}
			t.kept = t.next
			if int(p) < len(lanes[topic.Name]) {
				t.lane = lanes[topic.Name][p]
				t.kafka = t.lane.writer.Writer
			}
			t.lane.detour = t
			if t.spooling = t.next < end; t.spooling {
				s.log.Info("records of an earlier start are in the spool: they go first", "topic", full, "partition", p, "records", end-t.next)
			}
		}
	}
	return nil
}

// waiting returns how many records are in the spool and not forwarded.
func (s *spool) waiting() (n int64) {
	for _, t := range s.detours {
		t.mu.Lock()
		n += t.end - t.next
		t.mu.Unlock()
	}
	return n
}

// close ends the forwarding, gives Kafka a last moment for what it has not acknowledged, and keeps the rest. Nothing may
// be emitted any more.
func (s *spool) close(ctx context.Context) error {
	s.closing.Do(func() {
		s.stop()
		s.done.Wait()
		var lanes sync.WaitGroup
		for _, t := range s.detours {
			lanes.Go(func() { t.close(ctx) })
		}
		lanes.Wait()
		for _, t := range s.detours {
			if err := t.disk.Flush(ctx); err != nil {
				s.err = fmt.Errorf("waiting for the spool: %w", err)
			}
			t.disk.Close()
			t.keepOffset(ctx)
		}
		if s.client != nil {
			s.client.Close()
		}
		s.local.Close()
	})
	return s.err
}

// commit notes how far a lane was forwarded.
func (s *spool) commit(ctx context.Context, topic string, partition int32, at int64) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	offsets := kadm.Offsets{}
	offsets.Add(kadm.Offset{Topic: topic, Partition: partition, At: at, LeaderEpoch: -1})
	return s.local.admin.CommitAllOffsets(ctx, s.local.cfg.Prefix+spoolGroup, offsets)
}

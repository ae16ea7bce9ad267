// Package elastic brings the documents of weir.events and weir.alerts into Elasticsearch as they are, each once: it
// creates them under their event.id, so that what comes again changes nothing, and counts per stretch of offsets what
// became of each. An alert is one document, which its revisions and what people decide about it keep up to date.
package elastic

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/config"
	"weir/internal/fault"
	"weir/internal/pipeline"
	"weir/internal/record"
	"weir/sinks/elastic/bulk"
	"weir/sinks/elastic/indices"
	"weir/sinks/elastic/template"
)

// Options is what the sink needs.
type Options struct {
	Config config.Elastic
	// Producer writes dead letters and counts: idempotent, manual partitions. It outlives the sink.
	Producer *kgo.Client
	// Alerts and Changes are the topics whose records are about alerts, of which each is one document; "": none are.
	Alerts, Changes string
	// DeadLetters and Ledger are topics, Group is the name under which positions are kept.
	DeadLetters, Ledger, Group string
	// Self is in the records of the ledger.
	Self record.Ing
	// Interval is how often counts are published.
	Interval time.Duration
	// Keep says how long events of a class are kept; nil or 0: no class is kept for less than elastic.keep.
	Keep func(class string) time.Duration
	// Gate is asked before an index is deleted: what the archive has sealed, what a hold may want, what must be gone. Nil: only age
	// counts, and Sealed.
	Gate indices.Gate
	// Sealed returns the moment before which everything is in the archive; nil: nobody knows, and no index is deleted.
	Sealed func() time.Time
	// Replay calls each for every document that the archive holds of the records [from, to) of a partition; it may give
	// others of the partition too. Nil: what Kafka no longer has stays missing, and the ledger says so.
	Replay func(ctx context.Context, topic string, partition int32, from, to int64, each func(doc []byte) error) error
	Log    *slog.Logger
}

// Sink makes the workers of the elastic stage. It is made with New and ended with Close, after the runner that uses it.
type Sink struct {
	opts      Options
	log       *slog.Logger
	names     indices.Names
	manager   *indices.Manager
	sender    *bulk.Sender
	positions *positions
	checker   *checker
	totals    totals

	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu    sync.Mutex
	live  map[*worker]struct{}
	said  map[string]bool // faults that are said once
	start map[place]position
	holes map[place]hole
}

// place is a partition that is read.
type place struct {
	topic     string
	partition int32
}

// totals are counted since the start of the process.
type totals struct{ indexed, conflicts, refused, differing atomic.Int64 }

// Stats is what the sink has done since it was made, and what holds it up.
type Stats struct {
	Indexed, Conflicts, Refused, Differing int64
	// Held are the conditions that keep documents from the server at this moment, one sentence each.
	Held []string
}

// New makes the sink. It asks the server nothing yet: one that is away is waited for.
func New(o Options) (*Sink, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Log = o.Log.With("component", "elastic")
	client, err := newClient(&o.Config)
	if err != nil {
		return nil, err
	}
	names := indices.Names{Prefix: o.Config.Prefix, Keep: o.Keep}
	settings := template.Settings{Shards: o.Config.Shards, Replicas: o.Config.Replicas, Refresh: time.Duration(o.Config.Refresh)}
	manager := indices.New(indices.Options{Client: client, Names: names, Settings: settings, Flavour: o.Config.Flavour, Gate: o.Gate, Log: o.Log})
	ctx, cancel := context.WithCancel(context.Background())
	s := &Sink{
		opts: o, log: o.Log, names: names, manager: manager, positions: newPositions(o.Producer, o.Group), cancel: cancel,
		sender: bulk.New(bulk.Options{Client: client, Workers: o.Config.Workers, MaxBytes: int(o.Config.BulkBytes), Gzip: compress(&o.Config),
			Prepare: manager.Prepare, Log: o.Log}),
		live: map[*worker]struct{}{}, said: map[string]bool{}, start: map[place]position{}, holes: map[place]hole{},
	}
	s.checker = newChecker(client, s.differs)
	s.wg.Go(func() { s.checker.run(ctx) })
	s.wg.Go(func() { s.keepHouse(ctx) })
	return s, nil
}

// startWait bounds how long the start of a partition waits for Kafka to say where it is.
const startWait = 10 * time.Second

// StartOffset returns where a partition is to be read from: the position that is kept with the counts wins over that of
// the group. ok is false for a partition that was never brought over, or when Kafka does not answer.
func (s *Sink) StartOffset(topic string, partition int32) (offset int64, ok bool) {
	ctx, cancel := context.WithTimeout(context.Background(), startWait)
	defer cancel()
	pos, ok, err := s.positions.load(ctx, topic, partition)
	if err != nil {
		s.log.Warn("asking for a position", "topic", topic, "partition", partition, "err", err)
	}
	return pos.to, ok
}

// NewWorker makes the worker of a partition that is read from the offset from on.
func (s *Sink) NewWorker(ctx context.Context, topic string, partition int32, from int64) (pipeline.Worker, error) {
	pos, ok, err := s.positions.load(ctx, topic, partition)
	if err != nil {
		return nil, err
	}
	if !ok {
		pos = position{to: from, high: marks{}}
	}
	w := newWorker(s, place{topic, partition}, pos)
	if ok && pos.to < from {
		if err := w.findGap(ctx, from); err != nil {
			w.cancel()
			return nil, err
		}
	}
	s.mu.Lock()
	s.live[w] = struct{}{}
	s.mu.Unlock()
	w.begin()
	return w, nil
}

// Flush publishes the counts of this moment.
func (s *Sink) Flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for w := range s.live {
		w.poke(true)
	}
}

// Stats returns counts since the start.
func (s *Sink) Stats() Stats {
	t := &s.totals
	return Stats{Indexed: t.indexed.Load(), Conflicts: t.conflicts.Load(), Refused: t.refused.Load(), Differing: t.differing.Load(), Held: s.sender.Held()}
}

// Check asks the server who it is and writes the template: what can be wrong with address, user and rights shows there. It
// is for the start, where a sentence is better than a line in the log; the sink works without it.
func (s *Sink) Check(ctx context.Context) error {
	err := s.manager.Prepare(ctx, s.names.Index("standard", time.Now()))
	if err == nil {
		return nil
	}
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return f
	}
	return bulk.Unreachable(err)
}

// Close ends what is under way. The runner that uses the workers must have ended.
func (s *Sink) Close() {
	s.cancel()
	s.sender.Close()
	s.wg.Wait()
}

// sayOnce logs a fault the first time it comes.
func (s *Sink) sayOnce(key string, f *fault.Error) {
	s.mu.Lock()
	said := s.said[key]
	if len(s.said) < 1000 { // keys hold names from outside
		s.said[key] = true
	}
	s.mu.Unlock()
	if !said {
		s.log.Error("a fault", "what", f.What, "code", f.Code, "why", f.Why, "do", f.Do)
	}
}

// Package describe writes down what the rules of a process are, once for each set of rules, among the events of the archive.
package describe

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/event"
	"weir/internal/record"
	"weir/internal/state"
	"weir/processors/detect"
	"weir/processors/normalise"
	"weir/rules/coverage"
)

// describeAgain is how long the description of a rule set counts as known. A year of coverage must not rest on a document
// that expired after a month.
const describeAgain = 7 * 24 * time.Hour

// Sets writes the description of each rule set when it is first used. It is safe for many goroutines.
//
// Who has written it and when is kept in a store: a start with the same rules writes nothing. A crash between a document
// and the store makes the next start write it once more, under the same hash: readers take either.
type Sets struct {
	producer *kgo.Client
	log      *slog.Logger
	store    state.Store
	topic    string
	self     record.Ing

	mu sync.Mutex
	// The version of the moment, and those that were offered and not described yet.
	current *detect.Version
	offered map[string]*detect.Version
	// When a set was written, by hash.
	written map[string]time.Time
	// Who waits for a set that is on its way.
	waiting map[string][]func(error)
	prev    string
	sub     int32
}

// maxOffered bounds the sets that were put in place and never used. Without records, nobody needs them.
const maxOffered = 32

// Options are what descriptions are written with and where.
type Options struct {
	Producer *kgo.Client
	Topic    string // of events, by its name on Kafka
	Log      *slog.Logger
	Self     record.Ing // the start of this process
	// Store keeps which sets were written. It stays open until Close.
	Store state.Store
	// First is the version that runs at the start.
	First *detect.Version
}

// Open reads what was written before.
func Open(ctx context.Context, o Options) (*Sets, error) {
	values, err := o.Store.Load(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading which rule sets were described: %w", err)
	}
	s := &Sets{producer: o.Producer, log: o.Log.With("component", "coverage"), store: o.Store, topic: o.Topic, self: o.Self,
		offered: map[string]*detect.Version{}, written: map[string]time.Time{}, waiting: map[string][]func(error){}}
	for hash, v := range values {
		if at, err := time.Parse(time.RFC3339, string(v)); err == nil {
			s.written[hash] = at
		}
	}
	s.Offer(o.First)
	return s, nil
}

// Close ends the store. It is called when nobody uses a set any more.
func (s *Sets) Close() { s.store.Close() }

// Offer makes a version known before it is used.
func (s *Sets) Offer(v *detect.Version) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.offered) >= maxOffered {
		clear(s.offered)
	}
	s.offered[v.Hash()], s.current = v, v
}

// Used writes the description of a set, if that was not done lately. done is called once, when it is durable; a set that
// nobody has offered, of a start that ended before it was described, has no description.
func (s *Sets) Used(hash string, done func(error)) {
	s.mu.Lock()
	v := s.offered[hash]
	if v == nil && s.current.Hash() == hash {
		v = s.current
	}
	switch at, ok := s.written[hash]; {
	case s.waiting[hash] != nil:
		s.waiting[hash] = append(s.waiting[hash], done)
		s.mu.Unlock()
		return
	case v == nil || ok && time.Since(at) < describeAgain:
		s.mu.Unlock()
		done(nil)
		return
	}
	s.waiting[hash] = []func(error){done}
	recs := s.records(v)
	s.mu.Unlock()
	var mu sync.Mutex
	left, failed := len(recs), error(nil)
	for _, rec := range recs {
		s.producer.Produce(context.Background(), rec, func(_ *kgo.Record, err error) {
			mu.Lock()
			if left--; failed == nil {
				failed = err
			}
			last, err := left == 0, failed
			mu.Unlock()
			if last {
				s.finished(hash, err)
			}
		})
	}
}

// records makes the documents of a description. mu is held: positions ascend.
func (s *Sets) records(v *detect.Version) []*kgo.Record {
	now := time.Now().UTC().Truncate(time.Millisecond)
	set := coverage.Describe(v.Set, v.Lists, v.Lost, v.Refused, now)
	var out []*kgo.Record
	_ = set.Events(func(e *event.Event) error { // only what is called here could fail
		src := record.Pos{Topic: "rulesets" + normalise.CoverageChain + "." + s.self.Ingester, Offset: int64(s.self.Start), Sub: s.sub}.String()
		e.SetStr(event.WeirSrc, src)
		out = append(out, normalise.CoverageRecord(e, s.topic, 0, src, s.prev))
		s.prev = src
		s.sub++
		return nil
	})
	return out
}

// finished keeps that a set was written, and answers who waits for it.
func (s *Sets) finished(hash string, err error) {
	s.mu.Lock()
	if err == nil {
		now := time.Now()
		s.written[hash] = now
		delete(s.offered, hash)
		s.store.Save(context.Background(), []state.Change{{Key: hash, Value: []byte(now.UTC().Format(time.RFC3339))}}, func(err error) {
			if err != nil {
				s.log.Warn("keeping which rule sets were described; it is done again at the next start", "err", err)
			}
		})
	}
	waiting := s.waiting[hash]
	delete(s.waiting, hash)
	s.mu.Unlock()
	for _, done := range waiting {
		done(err)
	}
}

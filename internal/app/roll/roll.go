// Package roll is how processes on one Kafka ask each other for their counts.
//
// Who asks writes a question into weir.ledger, who has the stage publishes what it counted and then its answer. In one topic
// of one partition an answer comes after the counts that it is about.
package roll

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/ledger"
	"weir/internal/record"
)

const (
	askWithin = 3 * time.Second // then the ledger goes on with what it knows: somebody may just have been killed
	askLook   = 10 * time.Millisecond
)

// Door is what a process with a front door can be asked for beside its stages: ingest's counts, which one that only
// answers questions has too, for who searched is received like any record.
const Door = "door"

// Roll is one process among others. It is safe for many goroutines.
type Roll struct {
	Self   record.Ing
	Stages []string // of this process by name, and Door
	Topic  string   // full name of weir.ledger
	// Interval is how often each says that it is here. 0: there is nobody else, and nothing is asked.
	Interval time.Duration
	Client   func(...kgo.Opt) (*kgo.Client, error)
	// Publish writes a record and returns when Kafka has it.
	Publish func(ctx context.Context, rec *ledger.Record) error
	// Counts publishes what a stage of this process counted, and nothing for a stage that it has not.
	Counts func(ctx context.Context, stage string) error
	// Missing names processes with one of some stages that have not answered a question.
	Missing func(id string, stages []string, now time.Time, lively time.Duration) []string
	Log     *slog.Logger

	questions atomic.Int64 // that this process asked
}

// Lively is how old the word of another process may be for it to count as running.
func (r *Roll) Lively() time.Duration { return 3 * r.Interval }

// word makes a record by which processes know of each other.
func (r *Roll) word(hop, id string) *ledger.Record {
	return &ledger.Record{Hop: hop, Instance: r.Self.Ingester, Start: r.Self.Start, At: time.Now(), Stages: r.Stages, ID: id}
}

// Here says that this process is there.
func (r *Roll) Here(ctx context.Context) error {
	if r.Interval == 0 {
		return nil
	}
	return r.Publish(ctx, r.word(ledger.HopHere, ""))
}

// Ask asks the other processes that have a stage for its counts, and waits until each has answered or askWithin is over.
func (r *Roll) Ask(ctx context.Context, stage string) error {
	if r.Interval == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	id := fmt.Sprintf("%s/%d/%d", r.Self.Ingester, r.Self.Start, r.questions.Add(1))
	q := r.word(ledger.HopAsk, id)
	q.Stages = []string{stage}
	if err := r.Publish(ctx, q); err != nil {
		return fmt.Errorf("asking the other processes: %w", err)
	}
	self := ledger.StartKey(r.Self.Ingester, r.Self.Start)
	for {
		missing := r.Missing(id, q.Stages, time.Now(), r.Lively())
		missing = slices.DeleteFunc(missing, func(key string) bool { return key == self })
		if len(missing) == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			r.Log.Warn("a process does not say what it counted", "component", "ledger", "stage", stage, "process", missing)
			return nil
		case <-time.After(askLook):
		}
	}
}

// Answer says at once that this process is here, then answers questions until ctx ends.
func (r *Roll) Answer(ctx context.Context) {
	client, err := r.Client(kgo.ConsumeTopics(r.Topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtEnd()))
	if err != nil {
		r.Log.Error("listening for questions about counts", "component", "ledger", "err", err)
		return
	}
	defer client.Close()
	if err := r.Here(ctx); err != nil && !errors.Is(err, context.Canceled) {
		r.Log.Warn("saying that this process is here", "component", "ledger", "err", err)
	}
	for ctx.Err() == nil {
		fetches := client.PollFetches(ctx)
		for it := fetches.RecordIter(); !it.Done(); {
			if err := r.hear(ctx, it.Next().Value); err != nil && !errors.Is(err, context.Canceled) {
				r.Log.Warn("answering a question about counts", "component", "ledger", "err", err)
			}
		}
	}
	// It is gone from here on; who asks need not wait for it.
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	gone := r.word(ledger.HopHere, "")
	gone.Clean = true
	if err := r.Publish(end, gone); err != nil {
		r.Log.Debug("saying that this process ends", "component", "ledger", "err", err)
	}
}

// hear answers one record of the ledger, if it is a question of somebody else.
func (r *Roll) hear(ctx context.Context, value []byte) error {
	var rec ledger.Record
	if json.Unmarshal(value, &rec) != nil || rec.Hop != ledger.HopAsk {
		return nil //nolint:nilerr // another client may write anything into the topic
	}
	if rec.Instance == r.Self.Ingester && rec.Start == r.Self.Start {
		return nil
	}
	if !slices.ContainsFunc(rec.Stages, func(s string) bool { return slices.Contains(r.Stages, s) }) {
		return nil
	}
	for _, stage := range rec.Stages {
		if err := r.Counts(ctx, stage); err != nil {
			return err
		}
	}
	return r.Publish(ctx, r.word(ledger.HopAnswer, rec.ID))
}

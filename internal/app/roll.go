package app

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/app/answer"
	"weir/internal/bus"
	"weir/internal/ledger"
)

// How processes on one Kafka ask each other for their counts: who asks writes a question into weir.ledger, who has the
// stage publishes what it counted and then its answer. In one topic of one partition an answer comes after the counts
// that it is about.
const (
	askWithin = 3 * time.Second // then the ledger goes on with what it knows: somebody may just have been killed
	askLook   = 10 * time.Millisecond
)

// lively is how old the word of another process may be for it to count as running.
func (a *App) lively() time.Duration {
	if len(a.cfg.Bus.Brokers) == 0 {
		return 0
	}
	return 3 * time.Duration(a.cfg.Ledger.Interval)
}

// hopDoor is what a process with a front door can be asked for beside its stages: ingest's counts, which one that only
// answers questions has too, for who searched is received like any record.
const hopDoor = "door"

// stagesHere are the stages of this process by name, and its door.
func (a *App) stagesHere() []string {
	list := a.opts.Stages
	if a.whole() {
		list = Stages
	}
	if a.door != nil {
		list = append(slices.Clone(list), hopDoor)
	}
	return list
}

// publishAll writes what this process counted since it began, and that it is here. The workers of normalise publish by
// themselves.
func (a *App) publishAll(ctx context.Context) error {
	for _, stage := range []string{"archive", hopDoor} {
		if err := a.answer(ctx, stage); err != nil {
			return err
		}
	}
	if len(a.cfg.Bus.Brokers) == 0 {
		return nil
	}
	return a.publish(ctx, a.word(ledger.HopHere, ""))
}

// answer publishes the counts of one stage, if this process has it.
func (a *App) answer(ctx context.Context, stage string) error {
	switch {
	case stage == "archive" && a.archiveName != "" && len(a.cfg.Bus.Brokers) > 0:
		return a.publish(ctx, a.archiveCounts())
	case stage == "normalise":
		return a.flushNormalise(ctx)
	case stage == "elastic" && a.elastic != nil:
		a.elastic.Flush()
		return a.producer.Flush(ctx)
	case stage == hopDoor && a.door != nil:
		return a.publishCounts(ctx, false)
	}
	return nil
}

// word makes a record by which processes know of each other.
func (a *App) word(hop, id string) *ledger.Record {
	return &ledger.Record{Hop: hop, Instance: a.self.Ingester, Start: a.self.Start, At: time.Now(), Stages: a.stagesHere(), ID: id}
}

// archiveCounts is what the archive holds at this moment, and up to where it has read.
func (a *App) archiveCounts() *ledger.Record {
	// Positions first: a row that comes in between is then in the counts and counts as waiting too, and is asked for again.
	rec := &ledger.Record{Hop: ledger.HopArchive, Instance: a.archiveName, At: time.Now(), Read: map[string]int64{}, Sources: map[string]*ledger.Counts{}}
	for p, next := range a.archive.Positions().Tail.Next {
		rec.Read[place(p.Topic, p.ID)] = next
	}
	for s, n := range answer.StoredBySource(a.archive) {
		rec.Sources[s] = &ledger.Counts{Stored: n}
	}
	return rec
}

// ask asks the other processes that have a stage for its counts, and waits until each has answered or askWithin is over.
func (a *App) ask(ctx context.Context, stage string) error {
	if len(a.cfg.Bus.Brokers) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	id := fmt.Sprintf("%s/%d/%d", a.self.Ingester, a.self.Start, a.questions.Add(1))
	q := a.word(ledger.HopAsk, id)
	q.Stages = []string{stage}
	if err := a.publish(ctx, q); err != nil {
		return fmt.Errorf("asking the other processes: %w", err)
	}
	self := ledger.StartKey(a.self.Ingester, a.self.Start)
	for {
		missing := a.counts.Missing(id, q.Stages, time.Now(), a.lively())
		missing = slices.DeleteFunc(missing, func(key string) bool { return key == self })
		if len(missing) == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			a.log.Warn("a process does not say what it counted", "component", "ledger", "stage", stage, "process", missing)
			return nil
		case <-time.After(askLook):
		}
	}
}

// answerRoll says at once that this process is here, then answers questions until ctx ends.
func (a *App) answerRoll(ctx context.Context) {
	client, err := a.bus.Client(kgo.ConsumeTopics(a.bus.Topic(bus.LedgerTopic)), kgo.ConsumeResetOffset(kgo.NewOffset().AtEnd()))
	if err != nil {
		a.log.Error("listening for questions about counts", "component", "ledger", "err", err)
		return
	}
	defer client.Close()
	if err := a.publish(ctx, a.word(ledger.HopHere, "")); err != nil && !isGone(err) {
		a.log.Warn("saying that this process is here", "component", "ledger", "err", err)
	}
	for ctx.Err() == nil {
		fetches := client.PollFetches(ctx)
		for it := fetches.RecordIter(); !it.Done(); {
			if err := a.hear(ctx, it.Next().Value); err != nil && !isGone(err) {
				a.log.Warn("answering a question about counts", "component", "ledger", "err", err)
			}
		}
	}
	// It is gone from here on; who asks need not wait for it.
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	gone := a.word(ledger.HopHere, "")
	gone.Clean = true
	if err := a.publish(end, gone); err != nil {
		a.log.Debug("saying that this process ends", "component", "ledger", "err", err)
	}
}

// hear answers one record of the ledger, if it is a question of somebody else.
func (a *App) hear(ctx context.Context, value []byte) error {
	var rec ledger.Record
	if json.Unmarshal(value, &rec) != nil || rec.Hop != ledger.HopAsk {
		return nil //nolint:nilerr // another client may write anything into the topic
	}
	if rec.Instance == a.self.Ingester && rec.Start == a.self.Start {
		return nil
	}
	here := a.stagesHere()
	if !slices.ContainsFunc(rec.Stages, func(s string) bool { return slices.Contains(here, s) }) {
		return nil
	}
	for _, stage := range rec.Stages {
		if err := a.answer(ctx, stage); err != nil {
			return err
		}
	}
	return a.publish(ctx, a.word(ledger.HopAnswer, rec.ID))
}

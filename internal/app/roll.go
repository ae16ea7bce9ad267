package app

import (
	"context"
	"slices"
	"time"

	"weir/internal/app/answer"
	"weir/internal/app/roll"
	"weir/internal/bus"
	"weir/internal/ledger"
)

// makeRoll makes what asks the other processes for their counts. The front door is open.
func (a *App) makeRoll() {
	a.roll = &roll.Roll{Self: a.self, Stages: a.opts.Stages, Topic: a.bus.Topic(bus.LedgerTopic), Client: a.bus.Client, Publish: a.publish, Counts: a.publishStage, Log: a.log}
	if a.whole() {
		a.roll.Stages = Stages
	}
	if a.door != nil {
		a.roll.Stages = append(slices.Clone(a.roll.Stages), roll.Door)
	}
	if a.counts != nil {
		a.roll.Missing = a.counts.Missing
	}
	if len(a.cfg.Bus.Brokers) > 0 {
		a.roll.Interval = time.Duration(a.cfg.Ledger.Interval)
	}
}

// publishAll writes what this process counted since it began, and that it is here. The workers of normalise publish by
// themselves.
func (a *App) publishAll(ctx context.Context) error {
	for _, stage := range []string{"archive", roll.Door} {
		if err := a.publishStage(ctx, stage); err != nil {
			return err
		}
	}
	return a.roll.Here(ctx)
}

// publishStage publishes the counts of one stage, if this process has it.
func (a *App) publishStage(ctx context.Context, stage string) error {
	switch {
	case stage == "archive" && a.archiveName != "" && len(a.cfg.Bus.Brokers) > 0:
		return a.publish(ctx, a.archiveCounts())
	case stage == "normalise":
		return a.flushNormalise(ctx)
	case stage == "elastic" && a.elastic != nil:
		a.elastic.Flush()
		return a.producer.Flush(ctx)
	case stage == roll.Door && a.door != nil:
		return a.publishCounts(ctx, false)
	}
	return nil
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

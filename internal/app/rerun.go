package app

import (
	"context"
	"fmt"
	"slices"
	"time"

	"weir/internal/app/auditing"
	"weir/internal/app/redo"
	"weir/internal/bus"
	asked "weir/internal/control/redo"
	"weir/internal/fault"
	"weir/internal/nearest"
	"weir/internal/record"
)

// Originals are read again by a run: a walk over the archive that sends an order for each document through the front door.
// What makes it safe to break off and to repeat is that a run begins only when everything that the runs before it sent has
// been read, counted and stored: the archive then says which documents have a revision already, so that no order is given
// twice. There is one run at a time, in the process that has the archive.

var _ asked.Redoer = (*live)(nil)

// Redo implements asked.Redoer. Who had originals read again is an event.
func (l *live) Redo(ctx context.Context, r asked.Request, each func(asked.Line) error) (asked.Summary, error) {
	a := l.a
	for _, need := range [...]struct {
		stage string
		has   bool
	}{{"archive", a.archive != nil && a.door != nil}, {"console", a.counts != nil}, {"normalise", a.norm != nil || !r.DryRun}} {
		if err := a.needs(need.stage, need.has); err != nil {
			return asked.Summary{}, err
		}
	}
	if err := a.knowsDataset(r.As); err != nil {
		return asked.Summary{}, err
	}
	ctx, leave, ok := a.reruns.Enter(ctx)
	if !ok {
		return asked.Summary{}, &fault.Error{Code: "redo-busy", What: "originals are being read again already, or weir stops", Where: a.folder.Path, Why: "there is one such run at a time", Do: "wait until it ends, or stop it with Ctrl-C", Exit: fault.ExitMissing}
	}
	defer leave()
	place := redo.Place{
		Archive: a.archive, Settle: a.settleOrders, Made: a.counts.Made, Emitted: a.reruns.Emitted,
		Emit: func(ctx context.Context, source string, batch []record.Raw, bytes int, done func(error)) error {
			a.book.Received(source, len(batch), bytes)
			return a.door.Emit(bus.RawReparse)(ctx, batch, done) // it counts a batch that it does not take as refused
		},
	}
	if a.norm != nil {
		place.Reader = a.norm.NewReader
	}
	sum, err := place.Run(ctx, r, each)
	if !r.DryRun {
		action := "reparse"
		if r.Redrive {
			action = "redrive"
		}
		kql, _ := redo.Query(r) // it was read before
		a.trail.Note(ctx, auditing.Look{Action: action, Query: kql, Hits: sum.Tried, TookMS: sum.TookMS, Err: err})
	}
	return sum, err
}

// knowsDataset refuses the name of a dataset, or of a format as dataset/id, that there is not: every original would fail by it.
func (a *App) knowsDataset(name string) error {
	p, ok := a.newParser().(interface{ Datasets() []string })
	if name == "" || !ok || slices.Contains(p.Datasets(), name) || a.formats.Load().Named(name) != nil {
		return nil
	}
	do := "all of them: weir formats list"
	if near := nearest.Name(name, p.Datasets()); near != "" {
		do = "did you mean `" + near + "`?"
	}
	return &fault.Error{Code: "dataset-unknown", What: "no format makes the dataset `" + name + "`", Do: do, Exit: fault.ExitUsage}
}

// settleOrders waits until every order that was ever sent has been read and counted, and the archive has what they made.
func (a *App) settleOrders(ctx context.Context) error {
	for a.door.Spooled() > 0 {
		if err := pauseFor(ctx, 200*time.Millisecond); err != nil {
			return &fault.Error{Code: "redo-spool", What: "records wait on this disk for a Kafka that is away", Why: "originals that were sent before may be among them", Do: "ask again when Kafka is back; see `weir topics`", Exit: fault.ExitMissing, Cause: err}
		}
	}
	ends, err := a.bus.Ends(ctx, bus.RawReparse)
	if err != nil {
		return err
	}
	for !a.ordersTaken(ends) {
		if err := a.flushNormalise(ctx); err != nil {
			return fmt.Errorf("asking normalise for its counts: %w", err)
		}
		if err := a.roll.Ask(ctx, "normalise"); err != nil {
			return err
		}
		if err := a.ledgerRead(ctx); err != nil {
			return err
		}
		if a.ordersTaken(ends) {
			break
		}
		if err := pauseFor(ctx, 20*time.Millisecond); err != nil {
			return fmt.Errorf("waiting until originals that were sent are read: %w", err)
		}
	}
	return a.settleArchive(ctx)
}

// ordersTaken tells whether the counts of normalise cover the orders up to some offsets: then what follows from them is in
// the topics.
func (a *App) ordersTaken(ends map[string]map[int32]int64) bool {
	taken := a.counts.Taken()
	for topic, ps := range ends {
		for p, end := range ps {
			if taken[place(topic, p)] < end {
				return false
			}
		}
	}
	return true
}

// settleArchive waits until the archive has what its topics hold at this moment.
func (a *App) settleArchive(ctx context.Context) error {
	ends, err := a.bus.Ends(ctx, bus.Events, bus.DeadLetters)
	if err != nil {
		return err
	}
	for {
		next, behind := map[string]int64{}, false
		for p, at := range a.archive.Positions().Tail.Next {
			next[place(p.Topic, p.ID)] = at
		}
		for topic, ps := range ends {
			for p, end := range ps {
				behind = behind || next[place(topic, p)] < end
			}
		}
		if !behind {
			return nil
		}
		if err := pauseFor(ctx, 20*time.Millisecond); err != nil {
			return fmt.Errorf("waiting until the archive has what was read: %w", err)
		}
	}
}

// pauseFor waits, or until ctx ends.
func pauseFor(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

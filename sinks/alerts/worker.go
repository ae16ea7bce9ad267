package alerts

import (
	"context"
	"encoding/json"
	"log/slog"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/alert"
)

// Worker stores what one partition of weir.alerts holds. It is a pipeline.Worker; many may share one Store. OnNew is
// called on the goroutine of Process, after the commit and before done. A crash in between means that nobody is told of
// that alert twice, and somebody perhaps not at all: the list has it.
type Worker struct {
	Store *Store
	OnNew func(Row) // called for each alert that is stored for the first time, after it is; nil: nobody asks
	Log   *slog.Logger
}

// Process implements pipeline.Worker: the batch is stored as one, and done when it is on disk. A record that is no alert
// is named and passed over: it will never become one. A store that cannot be written, locked or on a full disk, is an
// error, after which the runner gives the same batch to another worker.
func (w *Worker) Process(ctx context.Context, batch []*kgo.Record, done func(error)) error {
	list := records(w.Log, batch, (*alert.Alert).Sound)
	fresh, err := w.Store.upsert(ctx, list, laneOf(batch))
	if err != nil {
		return err
	}
	for _, id := range fresh {
		if w.OnNew == nil {
			break
		}
		row, err := one(ctx, w.Store.db, id)
		if err != nil {
			w.Log.Warn("a new alert is stored and not told of", "component", "alerts", "err", err)
			continue
		}
		w.OnNew(row)
	}
	done(nil)
	return nil
}

// Close implements pipeline.Worker. The store stays open: it belongs to who opened it.
func (w *Worker) Close() {}

// ChangeWorker takes over what weir.changes holds, so that a store that was lost has it again. It is a pipeline.Worker.
type ChangeWorker struct {
	Store *Store
	Log   *slog.Logger
}

// Process implements pipeline.Worker. What the store itself has written comes by here too, and is known.
func (w *ChangeWorker) Process(ctx context.Context, batch []*kgo.Record, done func(error)) error {
	list := records(w.Log, batch, (*alert.Change).Sound)
	if err := w.Store.apply(ctx, list, laneOf(batch)); err != nil {
		return err
	}
	done(nil)
	return nil
}

// Close implements pipeline.Worker.
func (w *ChangeWorker) Close() {}

// laneOf is where a batch comes from; all of it is of one partition.
func laneOf(batch []*kgo.Record) lane {
	return lane{batch[0].Topic, batch[0].Partition, batch[len(batch)-1].Offset + 1}
}

// records reads the values of a batch, and names those that cannot be read or are not whole.
func records[T any](log *slog.Logger, batch []*kgo.Record, whole func(*T) bool) []T {
	list := make([]T, 0, len(batch))
	for _, rec := range batch {
		var v T
		if err := json.Unmarshal(rec.Value, &v); err != nil || !whole(&v) {
			log.Error("a record is not what its topic holds", "component", "alerts", "topic", rec.Topic, "partition", rec.Partition, "offset", rec.Offset, "err", err)
			continue
		}
		list = append(list, v)
	}
	return list
}

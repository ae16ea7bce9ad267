package app

import (
	"context"
	"fmt"

	"weir/internal/app/auditing"
	"weir/internal/app/importing"
	"weir/internal/bus"
	"weir/internal/control"
	"weir/internal/control/intake"
	"weir/internal/record"
)

var _ control.Importer = (*live)(nil)

// Import implements control.Importer. Who imported a file is an event, when all of it is stored.
func (l *live) Import(ctx context.Context, r intake.Request) (intake.Summary, error) {
	if err := l.a.needs("ingest", l.a.door != nil); err != nil {
		return intake.Summary{}, err
	}
	place := importing.Place{Folder: l.a.folder.Path, Emit: l.a.emitImport, Done: func(ctx context.Context, r intake.Request) {
		l.a.trail.Note(ctx, auditing.Look{Action: "import", Query: r.File + " " + r.SHA256, Hits: int64(r.Total)})
	}}
	return place.Import(ctx, r)
}

// emitImport hands a batch to the front door and waits until Kafka has it. A batch that was handed over counts even where
// whoever asked has gone.
func (a *App) emitImport(ctx context.Context, batch []record.Raw) error {
	size := 0
	for i := range batch {
		size += len(batch[i].Value)
	}
	a.book.Received(batch[0].Source(), len(batch), size)
	stored := make(chan error, 1)
	if err := a.door.Emit(bus.RawFile)(ctx, batch, func(err error) { stored <- err }); err != nil {
		return fmt.Errorf("handing rows to the front door: %w", err)
	}
	select {
	case err := <-stored:
		if err != nil {
			return fmt.Errorf("storing rows: %w", err)
		}
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

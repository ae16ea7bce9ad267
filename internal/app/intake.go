package app

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"weir/internal/bus"
	"weir/internal/control"
	"weir/internal/control/intake"
	"weir/internal/fault"
	"weir/internal/keep"
	"weir/internal/record"
)

// inputImport is record.Raw.Input of what came by a command. No section of the configuration is called so: only the socket of
// this process makes such records, and a format that trusts them is safe from whoever writes logs.
const inputImport = "import"

// importsDir has a file for each import that is done, below the data folder.
const importsDir = "imports"

var _ control.Importer = (*live)(nil)

// Import implements control.Importer. The rows go through the front door as lines of an object that is named after the
// file's hash: normalise knows how far it had that object, so rows that come again (a command that was killed and started
// anew) are dropped and counted as copies. What is done is written down beside, so that a second import is answered at once.
func (l *live) Import(ctx context.Context, r intake.Request) (intake.Summary, error) {
	if err := l.a.needs("ingest", l.a.door != nil); err != nil {
		return intake.Summary{}, err
	}
	batch, err := importBatch(r, time.Now())
	if err != nil {
		return intake.Summary{}, &fault.Error{Code: "bad-request", What: "what is to be imported cannot be used", Where: r.File, Why: err.Error(), Exit: fault.ExitUsage, Cause: err}
	}
	done := l.a.folder.join(filepath.Join(importsDir, r.SHA256+url.PathEscape("."+r.Scope)+".json"))
	if r.First {
		before, err := readBefore(done)
		if err != nil || before != nil {
			return intake.Summary{Before: before}, err
		}
	}
	if err := l.a.emitImport(ctx, batch); err != nil {
		return intake.Summary{}, err
	}
	if r.Last {
		if err := writeBefore(done, intake.Before{By: r.By, At: time.Now().UTC(), File: r.File, Rows: r.Total}); err != nil {
			return intake.Summary{}, err
		}
		l.a.audit(ctx, "import", r.File+" "+r.SHA256, int64(r.Total), 0, nil)
	}
	return intake.Summary{Stored: len(batch)}, nil
}

// importBatch makes records of the rows. The address of the sender is that of this machine.
func importBatch(r intake.Request, now time.Time) ([]record.Raw, error) {
	if b, err := hex.DecodeString(r.SHA256); err != nil || len(b) != 32 {
		return nil, errors.New("the hash is none of SHA-256")
	}
	if len(r.Rows) == 0 || len(r.Rows) > intake.MaxRows {
		return nil, fmt.Errorf("%d rows at once, the bounds are 1 and %d", len(r.Rows), intake.MaxRows)
	}
	key := "import/" + r.SHA256
	if r.Scope != "" {
		key += "/" + url.PathEscape(r.Scope)
	}
	out := make([]record.Raw, len(r.Rows))
	last := int64(-1)
	for i, row := range r.Rows {
		if row.Line <= last || !json.Valid(row.Doc) {
			return nil, fmt.Errorf("line %d after line %d: out of order, or no JSON", row.Line, last)
		}
		last = row.Line
		out[i] = record.Raw{Value: row.Doc, Received: now, Peer: auditPeer, Proto: "local", Input: inputImport, Key: key, Line: row.Line}
	}
	return out, nil
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

// readBefore reads what is known of a file that was imported before, nil if it was not.
func readBefore(name string) (*intake.Before, error) {
	b, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading what was imported: %w", err)
	}
	if !json.Valid(b) {
		return nil, nil // half a file of a crash: the rows come again, and normalise drops those that it has
	}
	var before intake.Before
	if err := json.Unmarshal(b, &before); err != nil {
		return nil, fmt.Errorf("reading what was imported: %w", err)
	}
	return &before, nil
}

// writeBefore writes down that an import is done.
func writeBefore(name string, b intake.Before) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return fmt.Errorf("making the folder of imports: %w", err)
	}
	text, err := json.Marshal(b)
	if err != nil {
		return err
	}
	return keep.WriteFile(name, append(text, '\n'))
}

// Package importing takes the rows of files that a command hands over, each file once.
package importing

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"weir/internal/control/intake"
	"weir/internal/fault"
	"weir/internal/keep"
	"weir/internal/record"
)

// inputImport is record.Raw.Input of what came by a command. No section of the configuration is called so: only the socket of
// this process makes such records, and a format that trusts them is safe from whoever writes logs.
const inputImport = "import"

// doneDir has a file for each import that is done, below the data folder.
const doneDir = "imports"

// thisMachine stands for the sender: rows come from no socket of a network.
var thisMachine = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), 0)

// Place is where rows are taken: what an import needs of the process around it. Its functions are called on the caller's
// goroutine.
type Place struct {
	// Folder is that of the data.
	Folder string
	// Emit hands a batch to the front door and waits until Kafka has it.
	Emit func(ctx context.Context, batch []record.Raw) error
	// Done is called when the last row of a file is stored.
	Done func(ctx context.Context, r intake.Request)
}

// Import takes a part of a file. The rows go through the front door as lines of an object that is named after the
// file's hash: normalise knows how far it had that object, so rows that come again (a command that was killed and started
// anew) are dropped and counted as copies. What is done is written down beside, so that a second import is answered at once.
func (p *Place) Import(ctx context.Context, r intake.Request) (intake.Summary, error) {
	batch, err := rowsOf(r, time.Now())
	if err != nil {
		return intake.Summary{}, &fault.Error{Code: "bad-request", What: "what is to be imported cannot be used", Where: r.File, Why: err.Error(), Exit: fault.ExitUsage, Cause: err}
	}
	done := filepath.Join(p.Folder, doneDir, r.SHA256+url.PathEscape("."+r.Scope)+".json")
	if r.First {
		before, err := readBefore(done)
		if err != nil || before != nil {
			return intake.Summary{Before: before}, err
		}
	}
	if err := p.Emit(ctx, batch); err != nil {
		return intake.Summary{}, err
	}
	if r.Last {
		if err := writeBefore(done, intake.Before{By: r.By, At: time.Now().UTC(), File: r.File, Rows: r.Total}); err != nil {
			return intake.Summary{}, err
		}
		p.Done(ctx, r)
	}
	return intake.Summary{Stored: len(batch)}, nil
}

// rowsOf makes records of the rows. The address of the sender is that of this machine.
func rowsOf(r intake.Request, now time.Time) ([]record.Raw, error) {
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
		out[i] = record.Raw{Value: row.Doc, Received: now, Peer: thisMachine, Proto: "local", Input: inputImport, Key: key, Line: row.Line}
	}
	return out, nil
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

package control

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"time"

	"weir/internal/control/redo"
	"weir/internal/fault"
)

var _ redo.Redoer = (*Client)(nil)

// redoGrace is how long it may take until what was handed over is stored and counted.
const redoGrace = time.Minute

// Redo implements redo.Redoer. When ctx ends the server is asked to end the call, so that its counts still come.
func (c *Client) Redo(ctx context.Context, r redo.Request, each func(redo.Line) error) (redo.Summary, error) {
	var sum redo.Summary
	beside, err := c.stoppable(ctx, redoGrace, call{name: "redo", id: rand.Text(), question: r, answer: &sum, each: func(doc []byte) error {
		var l redo.Line
		if err := json.Unmarshal(doc, &l); err != nil {
			return fmt.Errorf("reading the answer: %w", err)
		}
		return each(l)
	}})
	sum.Warnings = beside
	return sum, err
}

// redo is the server's side of Client.Redo.
func (s *server) redo(ctx context.Context, a *answer, q redo.Request) (redo.Summary, []*fault.Error, error) {
	b, ok := s.backend.(redo.Redoer)
	if !ok {
		return redo.Summary{}, nil, &fault.Error{Code: "version-mismatch", What: "this weir cannot read originals again", Do: "name the data folder of the one that has the archive with --data", Exit: fault.ExitMissing}
	}
	sum, err := b.Redo(ctx, q, func(l redo.Line) error {
		doc, err := json.Marshal(l)
		if err != nil {
			return fmt.Errorf("writing an answer: %w", err)
		}
		return a.doc(doc)
	})
	return sum, sum.Warnings, err
}

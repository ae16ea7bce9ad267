package control

import (
	"context"

	"weir/internal/control/intake"
	"weir/internal/fault"
)

// Importer takes rows of files as records. A weir with a front door implements it besides Backend.
type Importer interface {
	// Import answers when the rows are durable, or when it has found that the file is known already.
	Import(ctx context.Context, r intake.Request) (intake.Summary, error)
}

var _ Importer = (*Client)(nil)

// Import implements Importer.
func (c *Client) Import(ctx context.Context, r intake.Request) (intake.Summary, error) {
	var sum intake.Summary
	_, err := c.call(ctx, call{name: "import", question: r, answer: &sum})
	return sum, err
}

// imports is the server's side of Client.Import.
func (s *server) imports(ctx context.Context, q intake.Request) (intake.Summary, error) {
	b, ok := s.backend.(Importer)
	if !ok {
		return intake.Summary{}, &fault.Error{Code: "version-mismatch", What: "this weir has no front door", Do: "name the data folder of the one that has with --data", Exit: fault.ExitMissing}
	}
	return b.Import(ctx, q)
}

package control

import (
	"context"

	"weir/internal/fault"
	"weir/rules/coverage"
)

// Coverer tells which events the rules were tried on. A Backend that has the archive implements it besides.
type Coverer interface {
	Coverage(ctx context.Context, r coverage.Request) (*coverage.Report, error)
}

var _ Coverer = (*Client)(nil)

// Coverage implements Coverer.
func (c *Client) Coverage(ctx context.Context, r coverage.Request) (*coverage.Report, error) {
	out := &coverage.Report{}
	_, err := c.call(ctx, call{name: "coverage", question: r, answer: out})
	return out, err
}

// coverage is the server's side of Client.Coverage.
func (s *server) coverage(ctx context.Context, r coverage.Request) (*coverage.Report, error) {
	b, ok := s.backend.(Coverer)
	if !ok {
		return nil, &fault.Error{Code: "version-mismatch", What: "this weir has no archive", Do: "name the data folder of the one that does with --data", Exit: fault.ExitMissing}
	}
	return b.Coverage(ctx, r)
}

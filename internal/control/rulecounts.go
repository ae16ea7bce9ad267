package control

import (
	"context"

	"weir/internal/control/cost"
	"weir/internal/fault"
)

// RuleCounter tells what the rules of a running weir cost. A Backend that matches rules implements it besides: files know
// nothing of it.
type RuleCounter interface {
	RuleCounts(ctx context.Context) (cost.Counts, error)
}

var _ RuleCounter = (*Client)(nil)

// RuleCounts implements RuleCounter.
func (c *Client) RuleCounts(ctx context.Context) (cost.Counts, error) {
	var out cost.Counts
	_, err := c.call(ctx, call{name: "rulecounts", question: struct{}{}, answer: &out})
	return out, err
}

// ruleCounts is the server's side of Client.RuleCounts.
func (s *server) ruleCounts(ctx context.Context) (cost.Counts, error) {
	b, ok := s.backend.(RuleCounter)
	if !ok {
		return cost.Counts{}, &fault.Error{Code: "version-mismatch", What: "this weir matches no rules", Do: "name the data folder of the one that does with --data", Exit: fault.ExitMissing}
	}
	return b.RuleCounts(ctx)
}

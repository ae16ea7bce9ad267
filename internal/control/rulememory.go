package control

import (
	"context"

	"weir/internal/control/memory"
	"weir/internal/fault"
)

var _ memory.Teller = (*Client)(nil)

// RuleMemory implements memory.Teller.
func (c *Client) RuleMemory(ctx context.Context) (out memory.State, err error) {
	_, err = c.call(ctx, call{name: "rulememory", question: struct{}{}, answer: &out})
	return out, err
}

// ruleMemory is the server's side of Client.RuleMemory.
func (s *server) ruleMemory(ctx context.Context) (memory.State, error) {
	b, ok := s.backend.(memory.Teller)
	if !ok {
		return memory.State{}, &fault.Error{Code: "version-mismatch", What: "this weir correlates nothing", Do: "name the data folder of the process with the stage correlate with --data", Exit: fault.ExitMissing}
	}
	return b.RuleMemory(ctx)
}

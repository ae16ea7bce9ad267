package control

import (
	"context"

	"weir/internal/control/alerting"
	"weir/internal/fault"
)

var _ alerting.Decider = (*Client)(nil)

// Decide implements alerting.Decider.
func (c *Client) Decide(ctx context.Context, r alerting.Decision) (alerting.Outcome, error) {
	var out alerting.Outcome
	_, err := c.call(ctx, call{name: "decide", question: r, answer: &out})
	return out, err
}

// Risk implements alerting.Decider.
func (c *Client) Risk(ctx context.Context, r alerting.RiskRequest) ([]alerting.Risk, error) {
	var out []alerting.Risk
	_, err := c.call(ctx, call{name: "risk", question: r, answer: &out})
	return out, err
}

// decide is the server's side of Client.Decide.
func (s *server) decide(ctx context.Context, q alerting.Decision) (alerting.Outcome, error) {
	b, ok := s.backend.(alerting.Decider)
	if !ok {
		return alerting.Outcome{}, keepsNoAlerts()
	}
	return b.Decide(ctx, q)
}

// risk is the server's side of Client.Risk.
func (s *server) risk(ctx context.Context, q alerting.RiskRequest) ([]alerting.Risk, error) {
	b, ok := s.backend.(alerting.Decider)
	if !ok {
		return nil, keepsNoAlerts()
	}
	return b.Risk(ctx, q)
}

func keepsNoAlerts() error {
	return &fault.Error{Code: "version-mismatch", What: "this weir keeps no alerts", Do: "name the data folder of the one that does with --data", Exit: fault.ExitMissing}
}

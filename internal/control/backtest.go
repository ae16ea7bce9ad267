package control

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"time"

	"weir/internal/control/trial"
	"weir/internal/fault"
)

// Backtester runs rules over what an archive holds. A Backend that has an archive implements it besides.
type Backtester interface {
	// Backtest calls each for every line of the answer: how far it is while it reads, the alerts when it has read. The end
	// of ctx ends the reading, not the answer: it is about what was read by then.
	Backtest(ctx context.Context, r trial.Request, each func(trial.Line) error) (trial.Summary, error)
}

var _ Backtester = (*Client)(nil)

// backtestGrace is how long the alerts of a backtest that was stopped may take to arrive.
const backtestGrace = 10 * time.Second

// Backtest implements Backtester. When ctx ends the server is asked to end the call, so that what was found still comes.
func (c *Client) Backtest(ctx context.Context, r trial.Request, each func(trial.Line) error) (trial.Summary, error) {
	var sum trial.Summary
	beside, err := c.stoppable(ctx, backtestGrace, call{name: "backtest", id: rand.Text(), question: r, answer: &sum, each: func(doc []byte) error {
		var l trial.Line
		if err := json.Unmarshal(doc, &l); err != nil {
			return fmt.Errorf("reading the answer: %w", err)
		}
		return each(l)
	}})
	sum.Warnings = beside
	return sum, err
}

// backtest is the server's side of Client.Backtest.
func (s *server) backtest(ctx context.Context, a *answer, q trial.Request) (trial.Summary, []*fault.Error, error) {
	b, ok := s.backend.(Backtester)
	if !ok {
		return trial.Summary{}, nil, &fault.Error{Code: "version-mismatch", What: "this weir has no archive to try rules on", Do: "name the data folder of the one that has it with --data", Exit: fault.ExitMissing}
	}
	sum, err := b.Backtest(ctx, q, func(l trial.Line) error {
		doc, err := json.Marshal(l)
		if err != nil {
			return fmt.Errorf("writing an answer: %w", err)
		}
		return a.doc(doc)
	})
	return sum, sum.Warnings, err
}

package control

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"

	"weir/internal/control/watching"
	"weir/internal/fault"
)

var (
	_ watching.Watcher  = (*Client)(nil)
	_ watching.Canarier = (*Client)(nil)
)

// The questions about who is not heard, and canaries.
const (
	askSources = "sources"
	askCanary  = "canary"
)

// Sources implements watching.Watcher.
func (c *Client) Sources(ctx context.Context, r watching.SourcesRequest) (out watching.Sources, err error) {
	_, err = c.call(ctx, call{name: askSources, question: r, answer: &out})
	return out, err
}

// Canary implements watching.Canarier. When ctx ends the server is told, and waits no longer.
func (c *Client) Canary(ctx context.Context, r watching.CanaryRequest, each func(watching.Hop) error) (out watching.CanaryResult, err error) {
	_, err = c.stoppable(ctx, stopGrace, call{name: askCanary, id: rand.Text(), question: r, answer: &out, each: func(doc []byte) error {
		var h watching.Hop
		if err := json.Unmarshal(doc, &h); err != nil {
			return fmt.Errorf("reading the answer: %w", err)
		}
		return each(h)
	}})
	return out, err
}

// watching is the server's side of these questions; false if the path is none of them.
func (s *server) watching(ctx context.Context, a *answer, path string, body io.Reader) bool {
	switch path {
	case "/v1/" + askSources:
		ask(ctx, a, body, plainly(func(ctx context.Context, r watching.SourcesRequest) (watching.Sources, error) {
			b, ok := s.backend.(watching.Watcher)
			if !ok {
				return watching.Sources{}, elsewhere("this weir watches no sources")
			}
			return b.Sources(ctx, r)
		}))
	case "/v1/" + askCanary:
		a.live = true
		ask(ctx, a, body, plainly(func(ctx context.Context, r watching.CanaryRequest) (watching.CanaryResult, error) {
			b, ok := s.backend.(watching.Canarier)
			if !ok {
				return watching.CanaryResult{}, elsewhere("this weir keeps no alerts, so it cannot tell whether a canary comes out")
			}
			return b.Canary(ctx, r, func(h watching.Hop) error {
				doc, err := json.Marshal(h)
				if err != nil {
					return fmt.Errorf("writing an answer: %w", err)
				}
				return a.doc(doc)
			})
		}))
	default:
		return false
	}
	return true
}

// elsewhere is the fault of a question that another process could answer.
func elsewhere(what string) error {
	return &fault.Error{Code: "version-mismatch", What: what, Do: "name the data folder of the process with the stage console with --data", Exit: fault.ExitMissing}
}

package notifying

import (
	"errors"
	"testing"
)

// TestElsewhere: every question is answered with where to ask.
func TestElsewhere(t *testing.T) {
	there := errors.New("ask the process with the stage notify")
	n := Elsewhere(func() error { return there })
	for name, ask := range map[string]func() error{
		"status":   func() error { _, err := n.NotifyStatus(t.Context()); return err },
		"test":     func() error { _, err := n.NotifyTest(t.Context(), TestRequest{}); return err },
		"route":    func() error { _, err := n.NotifyRoute(t.Context(), RouteRequest{}); return err },
		"retry":    func() error { _, err := n.NotifyRetry(t.Context(), RetryRequest{}); return err },
		"silences": func() error { _, err := n.Silences(t.Context(), SilencesRequest{}); return err },
		"add":      func() error { _, err := n.AddSilence(t.Context(), NewSilence{}); return err },
		"end":      func() error { _, err := n.EndSilence(t.Context(), EndRequest{}); return err },
	} {
		if err := ask(); !errors.Is(err, there) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

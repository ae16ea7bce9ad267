package control

import (
	"context"
	"io"

	"weir/internal/control/notifying"
	"weir/internal/fault"
)

var _ notifying.Notifier = (*Client)(nil)

// The questions about telling people. Each is asked under its name.
const (
	askNotifyStatus = "notify/status"
	askNotifyTest   = "notify/test"
	askNotifyRoute  = "notify/route"
	askNotifyRetry  = "notify/retry"
	askSilences     = "silences/list"
	askAddSilence   = "silences/add"
	askEndSilence   = "silences/end"
)

// NotifyStatus implements notifying.Notifier.
func (c *Client) NotifyStatus(ctx context.Context) (out notifying.Status, err error) {
	_, err = c.call(ctx, call{name: askNotifyStatus, question: struct{}{}, answer: &out})
	return out, err
}

// NotifyTest implements notifying.Notifier.
func (c *Client) NotifyTest(ctx context.Context, r notifying.TestRequest) (out notifying.TestAnswer, err error) {
	_, err = c.call(ctx, call{name: askNotifyTest, question: r, answer: &out})
	return out, err
}

// NotifyRoute implements notifying.Notifier.
func (c *Client) NotifyRoute(ctx context.Context, r notifying.RouteRequest) (out notifying.Route, err error) {
	_, err = c.call(ctx, call{name: askNotifyRoute, question: r, answer: &out})
	return out, err
}

// NotifyRetry implements notifying.Notifier.
func (c *Client) NotifyRetry(ctx context.Context, r notifying.RetryRequest) (out notifying.Retried, err error) {
	_, err = c.call(ctx, call{name: askNotifyRetry, question: r, answer: &out})
	return out, err
}

// Silences implements notifying.Notifier.
func (c *Client) Silences(ctx context.Context, r notifying.SilencesRequest) (out []notifying.Silence, err error) {
	_, err = c.call(ctx, call{name: askSilences, question: r, answer: &out})
	return out, err
}

// AddSilence implements notifying.Notifier.
func (c *Client) AddSilence(ctx context.Context, r notifying.NewSilence) (out notifying.Silence, err error) {
	_, err = c.call(ctx, call{name: askAddSilence, question: r, answer: &out})
	return out, err
}

// EndSilence implements notifying.Notifier.
func (c *Client) EndSilence(ctx context.Context, r notifying.EndRequest) (out notifying.Silence, err error) {
	_, err = c.call(ctx, call{name: askEndSilence, question: r, answer: &out})
	return out, err
}

// notifying is the server's side of these questions; false if the path is none of them.
func (s *server) notifying(ctx context.Context, a *answer, path string, body io.Reader) bool {
	b, ok := s.backend.(notifying.Notifier)
	if !ok {
		b = nobody{}
	}
	switch path {
	case "/v1/" + askNotifyStatus:
		ask(ctx, a, body, plainly(func(ctx context.Context, _ struct{}) (notifying.Status, error) { return b.NotifyStatus(ctx) }))
	case "/v1/" + askNotifyTest:
		ask(ctx, a, body, plainly(b.NotifyTest))
	case "/v1/" + askNotifyRoute:
		ask(ctx, a, body, plainly(b.NotifyRoute))
	case "/v1/" + askNotifyRetry:
		ask(ctx, a, body, plainly(b.NotifyRetry))
	case "/v1/" + askSilences:
		ask(ctx, a, body, plainly(b.Silences))
	case "/v1/" + askAddSilence:
		ask(ctx, a, body, plainly(b.AddSilence))
	case "/v1/" + askEndSilence:
		ask(ctx, a, body, plainly(b.EndSilence))
	default:
		return false
	}
	return true
}

// plainly is a question whose answer has no faults beside it.
func plainly[Q, A any](call func(context.Context, Q) (A, error)) func(context.Context, Q) (A, []*fault.Error, error) {
	return func(ctx context.Context, q Q) (A, []*fault.Error, error) {
		out, err := call(ctx, q)
		return out, nil, err
	}
}

// nobody answers for a process without the stage.
type nobody struct{}

// no is what it answers: another process may have the stage.
func (nobody) no() error {
	return &fault.Error{Code: "version-mismatch", What: "this weir tells nobody: it does not have the stage notify", Do: "name the data folder of the one that does with --data", Exit: fault.ExitMissing}
}

func (n nobody) NotifyStatus(context.Context) (out notifying.Status, err error) { return out, n.no() }

func (n nobody) NotifyTest(context.Context, notifying.TestRequest) (out notifying.TestAnswer, err error) {
	return out, n.no()
}

func (n nobody) NotifyRoute(context.Context, notifying.RouteRequest) (out notifying.Route, err error) {
	return out, n.no()
}

func (n nobody) NotifyRetry(context.Context, notifying.RetryRequest) (out notifying.Retried, err error) {
	return out, n.no()
}

func (n nobody) Silences(context.Context, notifying.SilencesRequest) ([]notifying.Silence, error) {
	return nil, n.no()
}

func (n nobody) AddSilence(context.Context, notifying.NewSilence) (out notifying.Silence, err error) {
	return out, n.no()
}

func (n nobody) EndSilence(context.Context, notifying.EndRequest) (out notifying.Silence, err error) {
	return out, n.no()
}

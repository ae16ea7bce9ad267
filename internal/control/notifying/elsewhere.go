package notifying

import "context"

// Elsewhere is the Notifier of a process that tells nobody: its error says where to ask.
type Elsewhere func() error

var _ Notifier = Elsewhere(nil)

// NotifyStatus implements Notifier.
func (e Elsewhere) NotifyStatus(context.Context) (Status, error) { return Status{}, e() }

// NotifyTest implements Notifier.
func (e Elsewhere) NotifyTest(context.Context, TestRequest) (TestAnswer, error) {
	return TestAnswer{}, e()
}

// NotifyRoute implements Notifier.
func (e Elsewhere) NotifyRoute(context.Context, RouteRequest) (Route, error) { return Route{}, e() }

// NotifyRetry implements Notifier.
func (e Elsewhere) NotifyRetry(context.Context, RetryRequest) (Retried, error) { return Retried{}, e() }

// Silences implements Notifier.
func (e Elsewhere) Silences(context.Context, SilencesRequest) ([]Silence, error) { return nil, e() }

// AddSilence implements Notifier.
func (e Elsewhere) AddSilence(context.Context, NewSilence) (Silence, error) { return Silence{}, e() }

// EndSilence implements Notifier.
func (e Elsewhere) EndSilence(context.Context, EndRequest) (Silence, error) { return Silence{}, e() }

package app

import (
	"context"
	"time"

	"weir/internal/alert"
	"weir/internal/bus"
	"weir/internal/control/notifying"
	"weir/internal/fault"
	"weir/sinks/notify"
)

// startNotifier opens what tells people of alerts. The raiser is there: its own troubles are alerts.
func (a *App) startNotifier() error {
	if !a.does("notify") {
		return nil
	}
	var err error
	a.notifier, err = notify.Open(notify.Options{
		Data: a.folder.Path, File: a.cfg.Notify.File, Alerts: a.bus.Topic(bus.Alerts), Changes: a.bus.Topic(bus.Changes), URL: a.cfg.Notify.URL, Zone: a.zone(), Version: a.opts.Version,
		Raise: func(ctx context.Context, x *alert.Alert) error { return a.raiser.Raise(ctx, x) },
		Faults: func(list fault.List) {
			for _, f := range list {
				a.opts.Notify(Notice{Time: time.Now(), Kind: "fault", Fault: f})
			}
		},
		Log: a.log,
	})
	if err != nil {
		return err
	}
	a.stack.add("notifications", func(context.Context) error { return a.notifier.Close() })
	return nil
}

// notifyStage takes alerts and decisions. Both are known by their numbers, so a copy changes nothing.
func (a *App) notifyStage() (makeWorker, ownOffset) { return a.notifier.NewWorker, nil }

// notifying answers about telling people, if this process does.
func (l *live) notifying() (*notify.Notifier, error) {
	return l.a.notifier, l.a.needs("notify", l.a.notifier != nil)
}

var _ notifying.Notifier = (*live)(nil)

// NotifyStatus implements notifying.Notifier.
func (l *live) NotifyStatus(ctx context.Context) (out notifying.Status, err error) {
	n, err := l.notifying()
	if err != nil {
		return out, err
	}
	return n.NotifyStatus(ctx)
}

// NotifyTest implements notifying.Notifier.
func (l *live) NotifyTest(ctx context.Context, r notifying.TestRequest) (out notifying.TestAnswer, err error) {
	n, err := l.notifying()
	if err != nil {
		return out, err
	}
	return n.NotifyTest(ctx, r)
}

// NotifyRoute implements notifying.Notifier.
func (l *live) NotifyRoute(ctx context.Context, r notifying.RouteRequest) (out notifying.Route, err error) {
	n, err := l.notifying()
	if err != nil {
		return out, err
	}
	return n.NotifyRoute(ctx, r)
}

// NotifyRetry implements notifying.Notifier.
func (l *live) NotifyRetry(ctx context.Context, r notifying.RetryRequest) (out notifying.Retried, err error) {
	n, err := l.notifying()
	if err != nil {
		return out, err
	}
	return n.NotifyRetry(ctx, r)
}

// Silences implements notifying.Notifier.
func (l *live) Silences(ctx context.Context, r notifying.SilencesRequest) ([]notifying.Silence, error) {
	n, err := l.notifying()
	if err != nil {
		return nil, err
	}
	return n.Silences(ctx, r)
}

// AddSilence implements notifying.Notifier.
func (l *live) AddSilence(ctx context.Context, r notifying.NewSilence) (out notifying.Silence, err error) {
	n, err := l.notifying()
	if err != nil {
		return out, err
	}
	return n.AddSilence(ctx, r)
}

// EndSilence implements notifying.Notifier.
func (l *live) EndSilence(ctx context.Context, r notifying.EndRequest) (out notifying.Silence, err error) {
	n, err := l.notifying()
	if err != nil {
		return out, err
	}
	return n.EndSilence(ctx, r)
}

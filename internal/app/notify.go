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
	if a.keeping == nil { // else it ends behind the archive's log, which still has something to tell
		a.stack.Add("notifications", func(context.Context) error { return a.notifier.Close() })
	}
	return nil
}

// notifyStage takes alerts and decisions. Both are known by their numbers, so a copy changes nothing.
func (a *App) notifyStage() (makeWorker, ownOffset) { return a.notifier.NewWorker, nil }

// notifying answers about telling people, if this process does that.
func (a *App) notifying() notifying.Notifier {
	if a.notifier == nil {
		return notifying.Elsewhere(func() error { return a.needs("notify", false) })
	}
	return a.notifier
}

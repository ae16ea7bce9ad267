package app

import (
	"context"
	"time"

	"weir/internal/alert"
	"weir/internal/app/answer"
	"weir/internal/pipeline"
	"weir/sinks/alerts"
)

// openAlerts counts alerts that nobody has closed. It is one number of a status, which must come even while the store is
// busy, so it gives up soon.
func (a *App) openAlerts() int64 {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if a.alerts == nil {
		return 0
	}
	rows, err := a.alerts.List(ctx, alerts.Filter{State: alert.Open})
	if err != nil {
		a.log.Debug("counting alerts", "component", "alerts", "err", err)
	}
	return int64(len(rows))
}

// alertsStage upserts alerts by their id, so a copy changes nothing and no offset of its own is needed.
func (a *App) alertsStage() (makeWorker, ownOffset) {
	return func(context.Context, string, int32, int64) (pipeline.Worker, error) {
		return &alerts.Worker{Store: a.alerts, OnNew: a.newAlert, Log: a.log}, nil
	}, nil
}

// newAlert tells the person at the terminal. It is called by a worker after its transaction was committed, and only for
// an alert that was not there before: revisions of it are no news.
func (a *App) newAlert(r alerts.Row) {
	row := answer.AlertRow(&r)
	a.log.Info("alert", "component", "alerts", "rule", r.Rule, "level", r.Level, "id", r.Short, "what", r.What)
	a.opts.Notify(Notice{Time: time.Now(), Kind: "alert", Alert: &row})
}

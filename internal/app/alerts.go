package app

import (
	"context"
	"fmt"
	"time"

	"weir/internal/alert"
	"weir/internal/archive"
	"weir/internal/control"
	"weir/internal/pipeline"
	"weir/sinks/alerts"
)

// listAlerts lists what the store keeps, for the process that runs and for the files of one that does not.
func listAlerts(ctx context.Context, s *alerts.Store, r control.AlertsRequest) ([]control.AlertRow, error) {
	rows, err := s.List(ctx, alerts.Filter{State: r.State, Level: r.Level, Rule: r.Rule, From: r.From, To: r.To, Size: r.Size})
	if err != nil {
		return nil, fmt.Errorf("listing alerts: %w", err)
	}
	out := make([]control.AlertRow, len(rows))
	for i := range rows {
		out[i] = alertRow(&rows[i])
	}
	return out, nil
}

// alertRow leaves behind what only the store knows (its revision and offsets).
func alertRow(r *alerts.Row) control.AlertRow {
	return control.AlertRow{Alert: r.Alert, Short: r.Short, State: r.State, By: r.By}
}

// showAlert returns an alert with the documents of its evidence. Events whose retention is over are missing among the
// documents; the alert itself still says what it saw, since evidence holds the values that mattered.
func showAlert(ctx context.Context, s *alerts.Store, ar *archive.Archive, id string) (control.AlertDetail, error) {
	row, err := s.Get(ctx, id)
	if err != nil {
		return control.AlertDetail{}, err
	}
	ids := make([]string, len(row.Evidence))
	for i, e := range row.Evidence {
		ids[i] = e.EventID
	}
	docs, err := findEvents(ctx, ar, ids)
	return control.AlertDetail{AlertRow: alertRow(&row), Events: docs}, err
}

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
	row := alertRow(&r)
	a.log.Info("alert", "component", "alerts", "rule", r.Rule, "level", r.Level, "id", r.Short, "what", r.What)
	a.opts.Notify(Notice{Time: time.Now(), Kind: "alert", Alert: &row})
}

package answer

import (
	"context"
	"fmt"

	"weir/internal/archive"
	"weir/internal/control"
	"weir/internal/match"
	"weir/sinks/alerts"
)

// Alerts lists what the store keeps, for the process that runs and for the files of one that does not.
func Alerts(ctx context.Context, s *alerts.Store, r control.AlertsRequest) ([]control.AlertRow, error) {
	rows, err := s.List(ctx, alerts.Filter{State: r.State, Level: r.Level, Rule: r.Rule, From: r.From, To: r.To, Size: r.Size})
	if err != nil {
		return nil, fmt.Errorf("listing alerts: %w", err)
	}
	out := make([]control.AlertRow, len(rows))
	for i := range rows {
		out[i] = AlertRow(&rows[i])
	}
	return out, nil
}

// AlertRow leaves behind what only the store knows (its revision and offsets).
func AlertRow(r *alerts.Row) control.AlertRow {
	return control.AlertRow{Alert: r.Alert, Short: r.Short, State: r.State, By: r.By}
}

// Alert returns an alert with the documents of its evidence. Events whose retention is over are missing among the
// documents; the alert itself still says what it saw, since evidence holds the values that mattered. lists are what its
// conditions may look into.
func Alert(ctx context.Context, s *alerts.Store, ar *archive.Archive, lists match.Lists, id string) (control.AlertDetail, error) {
	row, err := s.Get(ctx, id)
	if err != nil {
		return control.AlertDetail{}, err
	}
	ids := make([]string, len(row.Evidence))
	for i, e := range row.Evidence {
		ids[i] = e.EventID
	}
	docs, err := findEvents(ctx, ar, ids)
	return control.AlertDetail{AlertRow: AlertRow(&row), Events: docs, Held: held(&row.Alert, docs, lists)}, err
}

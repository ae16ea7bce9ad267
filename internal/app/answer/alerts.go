package answer

import (
	"context"
	"time"

	"weir/internal/archive"
	"weir/internal/control"
	"weir/internal/control/alerting"
	"weir/internal/match"
	"weir/sinks/alerts"
	"weir/sinks/alerts/risk"
)

// Alerts lists what the store keeps, for the process that runs and for the files of one that does not.
func Alerts(ctx context.Context, s *alerts.Store, r control.AlertsRequest) ([]control.AlertRow, error) {
	rows, err := s.List(ctx, alerts.Filter{
		State: r.State, Live: r.Live, Level: r.Level, Rule: r.Rule, Entity: r.Entity, Assignee: r.Assignee, Tag: r.Tag, From: r.From, To: r.To,
		Suppressed: r.Suppressed, Canary: r.Canary, Sort: r.Sort, Size: r.Size,
	})
	if err != nil {
		return nil, err
	}
	out := make([]control.AlertRow, len(rows))
	for i := range rows {
		out[i] = AlertRow(&rows[i])
	}
	return out, nil
}

// AlertRow leaves behind what only the store knows.
func AlertRow(r *alerts.Row) control.AlertRow {
	return control.AlertRow{Alert: r.Alert, Short: r.Short, State: r.State, Verdict: r.Verdict, Assignee: r.Assignee, Changes: r.Version, By: r.By, Note: r.Note, Changed: r.Changed}
}

// Alert returns an alert with the documents of its evidence. Events whose retention is over are missing among the
// documents; the alert itself still says what it saw, since evidence holds the values that mattered. lists are what its
// conditions may look into.
func Alert(ctx context.Context, s *alerts.Store, ar *archive.Archive, lists match.Lists, id string) (control.AlertDetail, error) {
	row, err := s.Get(ctx, id)
	if err != nil {
		return control.AlertDetail{}, err
	}
	d := control.AlertDetail{Row: AlertRow(&row)}
	if d.History, err = s.Changes(ctx, row.ID); err != nil {
		return d, err
	}
	for _, e := range risk.Entities(&row.Alert) {
		list, err := s.Risks(ctx, time.Now(), e.Value, 0)
		if err != nil {
			return d, err
		}
		for _, r := range list {
			if r.Kind == e.Kind {
				r.Parts = nil
				d.Risk = append(d.Risk, riskOf(&r))
			}
		}
	}
	if ar == nil { // it is another process that has the archive; what mattered is in the evidence
		return d, nil
	}
	ids := make([]string, len(row.Evidence))
	for i, e := range row.Evidence {
		ids[i] = e.EventID
	}
	d.Events, err = findEvents(ctx, ar, ids)
	d.Held = held(&row.Alert, d.Events, lists)
	return d, err
}

// sendWait bounds how long an answer waits until the decision is on Kafka. It is on disk by then, and goes on its way
// without the answer.
const sendWait = 3 * time.Second

// Decide changes an alert.
func Decide(ctx context.Context, s *alerts.Store, r alerting.Decision) (alerting.Outcome, error) {
	was, err := s.Get(ctx, r.ID)
	if err != nil {
		return alerting.Outcome{}, err
	}
	version := alerts.Newest
	if r.Version != nil {
		version = max(0, *r.Version)
	}
	row, err := s.Change(ctx, was.ID, version, alerts.Decision{Kind: r.Kind, State: r.State, Verdict: r.Verdict, Note: r.Note, Assignee: r.Assignee, By: r.By})
	if err != nil {
		return alerting.Outcome{}, err
	}
	wait, cancel := context.WithTimeout(ctx, sendWait)
	defer cancel()
	return alerting.Outcome{Row: AlertRow(&row), Was: was.State, Waiting: !s.Sent(wait)}, nil
}

// Risk lists the entities with the highest score.
func Risk(ctx context.Context, s *alerts.Store, r alerting.RiskRequest) ([]alerting.Risk, error) {
	if r.At.IsZero() {
		r.At = time.Now()
	}
	list, err := s.Risks(ctx, r.At, r.Entity, r.Size)
	if err != nil {
		return nil, err
	}
	out := make([]alerting.Risk, len(list))
	for i := range list {
		out[i] = riskOf(&list[i])
	}
	return out, nil
}

// riskOf leaves behind what only the store knows.
func riskOf(r *alerts.Risk) alerting.Risk {
	out := alerting.Risk{Kind: r.Kind, Value: r.Value, Score: r.Score, At: r.At, Alerts: r.Alerts, Rules: r.Rules, Alert: r.Alert}
	for _, p := range r.Parts {
		out.Parts = append(out.Parts, alerting.Part{Alert: p.Alert, Rule: p.Rule, Level: p.Level, What: p.What, At: p.At, Points: p.Points})
	}
	return out
}

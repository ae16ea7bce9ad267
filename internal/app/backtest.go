package app

import (
	"context"
	"strings"

	"weir/internal/alert"
	"weir/internal/app/auditing"
	"weir/internal/app/backtest"
	"weir/internal/app/raising"
	"weir/internal/control"
	"weir/internal/control/trial"
	"weir/internal/fault"
)

var _ control.Backtester = (*live)(nil)

// Backtest implements control.Backtester. The rules are those that run at this moment; who looked at the past by them is
// an event, as for a search.
func (l *live) Backtest(ctx context.Context, r trial.Request, each func(trial.Line) error) (trial.Summary, error) {
	if err := l.a.needs("archive", l.a.archive != nil); err != nil {
		return trial.Summary{}, err
	}
	p, err := backtest.PlaceOf(l.a.cfg)
	if err != nil {
		return trial.Summary{}, err
	}
	if set := l.a.rules.Rules(); set != nil {
		p.Set = set
	}
	t, err := backtest.New(p, r, each)
	if err != nil {
		return trial.Summary{}, err
	}
	warming, err := l.a.outlet(ctx, r, t)
	if err != nil {
		return trial.Summary{}, err
	}
	sum, err := t.Archive(ctx, l.a.archive)
	if warming != nil && err == nil {
		err = warming.End()
	}
	alerts, names := int64(0), make([]string, 0, len(sum.Rules))
	for _, rule := range sum.Rules {
		alerts += rule.Alerts
		names = append(names, rule.Rule)
	}
	action := "backtest"
	switch {
	case r.Warm:
		action = "backtest-warm"
	case r.Write:
		action = "backtest-write"
	}
	l.a.trail.Note(ctx, auditing.Look{Action: action, Query: strings.Join(names, " "), Hits: alerts, TookMS: sum.TookMS, Err: err})
	return sum, err
}

// outlet tells a backtest where to put what it was asked to keep.
func (a *App) outlet(ctx context.Context, r trial.Request, t *backtest.Test) (*raising.Warming, error) {
	var out backtest.Outlet
	if r.Write {
		if err := a.needs("console", a.alerts != nil); err != nil {
			return nil, err
		}
		out.Alert = func(found *alert.Alert) (bool, error) {
			if _, err := a.alerts.Get(ctx, found.ID); err == nil {
				return false, nil
			}
			return true, a.raiser.Raise(ctx, found)
		}
	}
	var warming *raising.Warming
	if r.Warm {
		for _, s := range r.Rules {
			if s.Text != "" {
				return nil, &fault.Error{Code: "usage", What: "a rule that does not run here cannot be warmed", Where: s.File,
					Do: "put its file into the rules folder, then name it by its id", Exit: fault.ExitUsage}
			}
		}
		warming = a.warmer.Begin()
		out.Match = warming.Match
	}
	t.To(out)
	return warming, nil
}

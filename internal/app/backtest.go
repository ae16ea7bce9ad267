package app

import (
	"context"
	"strings"

	"weir/internal/app/backtest"
	"weir/internal/control"
	"weir/internal/control/trial"
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
	sum, err := t.Archive(ctx, l.a.archive)
	alerts, names := int64(0), make([]string, 0, len(sum.Rules))
	for _, rule := range sum.Rules {
		alerts += rule.Alerts
		names = append(names, rule.Rule)
	}
	l.a.audit(ctx, "backtest", strings.Join(names, " "), alerts, sum.TookMS, err)
	return sum, err
}

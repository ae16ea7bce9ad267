package app

import (
	"context"
	"time"

	"weir/internal/app/measuring"
	"weir/internal/app/metrics"
)

// reading is what this process can tell Prometheus. The functions of parts that it does not have are nil. Called by
// Start, after all of them were made.
func (a *App) reading() metrics.Reading {
	r := metrics.Reading{
		Totals: a.book.Totals, RefusedBy: a.book.RefusedBy, Waiting: a.atDoor,
		Holding: func() bool { return a.bus.Holding() != "" },
		Rules:   func() int { return a.rules.Load().Len() }, RuleCosts: a.ruleCosts,
		Stored: a.stored, MaxSources: a.cfg.Ledger.MaxSources,
		Positions: func() []metrics.Position { return measuring.Positions(a.running()) },
		Lag:       func(ctx context.Context) ([]metrics.Lag, error) { return measuring.Lags(ctx, a.bus, a.running()) },
		Retention: func() []metrics.Retention { return measuring.Retention(a.bus) },
	}
	if a.norm != nil {
		r.Enriched = func() (out []metrics.Enriched) {
			for _, n := range a.enrich.Counts() {
				out = append(out, metrics.Enriched{Name: n.Name, Hits: n.Hits, Misses: n.Misses})
			}
			return out
		}
		if t := a.enrich.Threat(); t != nil {
			r.Threat = func() (out []metrics.Threat) {
				for _, st := range t.Status() {
					out = append(out, metrics.Threat{Source: st.Name, Indicators: st.Counts.Taken, Age: time.Since(st.Fetched)})
				}
				return out
			}
		}
	}
	if a.counts != nil {
		r.Ledger = func() (metrics.Ledger, bool) {
			if l := a.settled.Load(); l != nil {
				return *l, true
			}
			return metrics.Ledger{}, false
		}
	}
	if a.alerts != nil {
		r.Alerts = func() (metrics.Alerts, bool) {
			st, ok := a.alertStats()
			return metrics.Alerts{Open: st.Open, Acknowledged: st.Acknowledged, ByPeople: st.ByPeople, ByWeir: st.ByWeir, Waiting: st.Waiting, Forgotten: st.Forgotten, RiskEntities: st.Entities, RiskAbove: st.Above}, ok
		}
	}
	if a.does("correlate") {
		r.Correlation = func() metrics.Correlation { return measuring.Correlation(&a.correlator.Workers) }
	}
	if a.notifier != nil {
		r.Channels = func() []metrics.Channel { return measuring.Channels(a.notifier) }
	}
	if a.archive != nil {
		r.Archive = func() metrics.Archive {
			t := a.archive.Tail()
			return metrics.Archive{Sealed: t.Sealed, Rows: t.Rows, Began: t.Began, EpochAge: time.Duration(a.cfg.Archive.EpochAge)}
		}
	}
	if a.elastic != nil {
		r.Elastic = func() metrics.Elastic {
			s := a.elastic.Stats()
			return metrics.Elastic{Indexed: s.Indexed, Conflict: s.Conflicts, Refused: s.Refused, Differing: s.Differing, Held: len(s.Held)}
		}
	}
	if a.door != nil {
		r.Spool = func() []metrics.Spool { return measuring.Spool(a.door.Spool()) }
	}
	return r
}

// running are the stages that run in this process.
func (a *App) running() (out []measuring.Stage) {
	for _, st := range stages {
		if r := a.runner(st.name); r != nil {
			out = append(out, measuring.Stage{Name: st.name, Topics: st.topics, Runner: r})
		}
	}
	return out
}

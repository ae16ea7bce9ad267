package app

import (
	"context"
	"slices"
	"time"

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
		Positions: a.positions, Lag: a.lags, Retention: a.retention,
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
		r.Alerts = func() metrics.Alerts {
			st := a.alertStats()
			return metrics.Alerts{Open: st.Open, Acknowledged: st.Acknowledged, ByPeople: st.ByPeople, ByWeir: st.ByWeir, Waiting: st.Waiting, RiskEntities: st.Entities, RiskAbove: st.Above}
		}
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
		r.Spool = a.spooled
	}
	return r
}

// positions are how far the stages that run are. A stage that does not run has none.
func (a *App) positions() (out []metrics.Position) {
	for _, st := range stages {
		r := a.runner(st.name)
		if r == nil {
			continue
		}
		for topic, ps := range r.Processed() {
			for p, at := range ps {
				out = append(out, metrics.Position{Stage: st.name, Topic: topic, Partition: p, Offset: at})
			}
		}
	}
	return out
}

// lags asks Kafka where topics begin and end, once for all stages that run. Only partitions of this process count, so that
// the sum over all processes is right; one of which nothing was taken waits from its first record on.
func (a *App) lags(ctx context.Context) (out []metrics.Lag, err error) {
	var names []string
	for _, st := range stages {
		if a.runner(st.name) != nil {
			names = append(names, st.topics...)
		}
	}
	if len(names) == 0 {
		return nil, nil
	}
	slices.Sort(names)
	names = slices.Compact(names)
	starts, err := a.bus.Starts(ctx, names...)
	if err != nil {
		return nil, err
	}
	ends, err := a.bus.Ends(ctx, names...)
	if err != nil {
		return nil, err
	}
	for _, st := range stages {
		r := a.runner(st.name)
		if r == nil {
			continue
		}
		for topic, ps := range r.Processed() {
			l := metrics.Lag{Stage: st.name, Topic: topic}
			for p, at := range ps {
				l.Records += max(0, ends[topic][p]-max(at, starts[topic][p]))
			}
			out = append(out, l)
		}
	}
	return out, nil
}

// spooled is what the spool holds by topic.
func (a *App) spooled() (out []metrics.Spool) {
	for _, u := range a.door.Spool() {
		out = append(out, metrics.Spool{Topic: u.Topic, Bytes: u.Bytes, MaxBytes: u.MaxBytes, Used: u.Used})
	}
	return out
}

// retention is how close groups are to losing records. Every process on a Kafka sees all of them.
func (a *App) retention() (out []metrics.Retention) {
	for _, l := range a.bus.Behind() {
		out = append(out, metrics.Retention{Topic: l.Topic, Group: l.Group, Used: l.Share})
	}
	return out
}

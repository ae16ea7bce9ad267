package app

import (
	"cmp"
	"context"
	"slices"

	"weir/internal/app/metrics"
	"weir/internal/control"
	"weir/internal/control/cost"
	"weir/internal/control/memory"
	"weir/processors/detect"
)

var _ control.RuleCounter = (*live)(nil)

// RuleCounts implements control.RuleCounter: what the rules of this moment have seen since they were put in place.
func (l *live) RuleCounts(context.Context) (cost.Counts, error) {
	if err := l.a.needs("normalise", l.a.runner("normalise") != nil); err != nil {
		return cost.Counts{}, err
	}
	v := l.a.rules.Now()
	out := cost.Counts{Set: v.Hash(), Events: int64(v.Events()), Rules: []cost.Rule{}}
	for _, c := range v.Counts() {
		out.Rules = append(out.Rules, cost.Rule{Rule: c.Rule, Candidates: int64(c.Tried), Hits: int64(c.Matched), Lacking: int64(c.Lacking), TookNS: int64(c.Took)})
	}
	for _, x := range v.Excepted() {
		out.Exceptions = append(out.Exceptions, cost.Exception{ID: x.ID, Hits: int64(x.Hits)})
	}
	return out, nil
}

// ruleCosts are the rules for Prometheus, the costliest first.
func (a *App) ruleCosts() []metrics.Rule {
	counts := a.rules.Load().Counts()
	slices.SortStableFunc(counts, func(x, y detect.Count) int { return cmp.Compare(y.Took, x.Took) })
	out := make([]metrics.Rule, len(counts))
	for i, c := range counts {
		out[i] = metrics.Rule{ID: c.Rule, Hits: int64(c.Matched), Tried: int64(c.Tried), Took: c.Took}
	}
	return out
}

var _ memory.Teller = (*live)(nil)

// RuleMemory implements memory.Teller.
func (l *live) RuleMemory(context.Context) (memory.State, error) {
	if err := l.a.needs("correlate", l.a.runner("correlate") != nil); err != nil {
		return memory.State{}, err
	}
	return l.a.correlator.Workers.Memory(), nil
}

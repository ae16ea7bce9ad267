package correlating

import (
	"cmp"
	"maps"
	"slices"
	"sync"

	"weir/internal/control/memory"
	"weir/internal/pipeline"
	"weir/processors/correlate"
)

// Workers are the workers of this process that correlate, for who counts what they do. It is safe for many goroutines. The
// zero value has none.
type Workers struct {
	mu   sync.Mutex
	live map[*correlate.Worker]bool
	// What those that are closed have counted, so that a partition that goes elsewhere takes nothing back.
	past  map[string]correlate.RuleStat
	total correlate.WorkerStats
}

// Add takes a worker in and returns what the runner is to have of it: it is left out again when it is closed.
func (ws *Workers) Add(w *correlate.Worker) pipeline.Worker {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if ws.live == nil {
		ws.live, ws.past = map[*correlate.Worker]bool{}, map[string]correlate.RuleStat{}
	}
	ws.live[w] = true
	return &counted{Worker: w, of: ws}
}

// counted is a worker that is left out when it is closed.
type counted struct {
	*correlate.Worker
	of *Workers
}

// Close implements pipeline.Worker.
func (c *counted) Close() {
	c.Worker.Close()
	ws := c.of
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if !ws.live[c.Worker] {
		return
	}
	delete(ws.live, c.Worker)
	ws.total = ws.total.Plus(c.Stats())
	for _, s := range c.RuleStats() {
		s.Groups, s.Folds, s.Bytes = 0, 0, 0
		sum := ws.past[s.Rule]
		sum.Rule = s.Rule
		sum.Add(s)
		ws.past[s.Rule] = sum
	}
}

// RuleStats returns what the workers counted of each rule, and hold of it now, in the order of their ids.
func (ws *Workers) RuleStats() []correlate.RuleStat {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	sums := maps.Clone(ws.past)
	for w := range ws.live {
		for _, s := range w.RuleStats() {
			sum := sums[s.Rule]
			sum.Rule = s.Rule
			sum.Add(s)
			sums[s.Rule] = sum
		}
	}
	return slices.SortedFunc(maps.Values(sums), func(a, b correlate.RuleStat) int { return cmp.Compare(a.Rule, b.Rule) })
}

// Stats returns what the workers counted in all.
func (ws *Workers) Stats() correlate.WorkerStats {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	sum := ws.total
	for w := range ws.live {
		sum = sum.Plus(w.Stats())
	}
	return sum
}

// LateList returns matches that came too late, some of each worker's last ones.
func (ws *Workers) LateList() []correlate.Late {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	var out []correlate.Late
	for w := range ws.live {
		out = append(out, w.LateList()...)
	}
	slices.SortStableFunc(out, func(a, b correlate.Late) int { return b.At.Compare(a.At) })
	return out[:min(len(out), maxLate)]
}

// maxLate is how many late matches are listed.
const maxLate = 16

// Memory is all of that as it is told to who asks.
func (ws *Workers) Memory() memory.State {
	out := memory.State{Rules: []memory.Rule{}, Late: []memory.Late{}, Held: int64(ws.Stats().Held)}
	for _, s := range ws.RuleStats() {
		r := memory.Rule{Rule: s.Rule, Groups: int64(s.Groups), Alerts: int64(s.Folds), Bytes: s.Bytes, Matches: int64(s.Matches),
			Evicted: int64(s.EvictedGroups + s.EvictedFolds), Late: int64(s.Late), NotANumber: int64(s.NotANumber), Lacking: int64(s.Lacks)}
		if len(s.LateBy) > 0 {
			r.LateBy = make(map[string]int64, len(s.LateBy))
		}
		for dataset, n := range s.LateBy {
			r.LateBy[dataset] = int64(n)
		}
		out.Rules = append(out.Rules, r)
	}
	for _, m := range ws.LateList() {
		out.Late = append(out.Late, memory.Late{Rule: m.Rule, EventID: m.Event, Dataset: m.Dataset, At: m.At, LateMS: m.By.Milliseconds()})
	}
	return out
}

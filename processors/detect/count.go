package detect

import (
	"sync"
	"sync/atomic"
	"time"

	"weir/internal/match/fold"
)

// Count is what one rule has seen since the engine was made.
type Count struct {
	Rule string
	// Matched is how often a condition held: an event that meets two conditions of a rule counts twice.
	Matched uint64
	// Lacking is how many of these lacked a field that the rule groups by. A rule that lacks them all is wrong for what
	// it reads, and would be silent for ever.
	Lacking uint64
	// Tried is about how often a condition was tried on an event, since nothing in the event ruled it out. Took is
	// about how long that took. Both are of one event in some dozens and made larger by as much.
	Tried uint64
	Took  time.Duration
}

// counters are those of one rule.
type counters struct{ hits, lacks, tried, took atomic.Uint64 }

// Counts returns the counts of every rule that runs. Hits does not count.
func (en *Engine) Counts() []Count {
	out := make([]Count, len(en.rules))
	for i, c := range en.rules {
		n := &c.counts
		out[i] = Count{Rule: c.rule.ID, Matched: n.hits.Load(), Lacking: n.lacks.Load(), Tried: n.tried.Load(), Took: time.Duration(n.took.Load())}
	}
	return out
}

// Events is of about how many events Signals was asked, reckoned from the same samples as what rules cost.
func (en *Engine) Events() uint64 { return en.seen.Load() }

// sampleEvery is of how many events one has the cost of its rules taken: two looks at the clock cost more than most
// rules.
const sampleEvery = 64

// worker is what a goroutine needs for one event. Between two events it lies in the pool.
type worker struct {
	view   fold.View
	events uint32
}

// workers are shared by all engines: a view fits any.
var workers = sync.Pool{New: func() any { return new(worker) }}

// sampled tells whether the cost of the next event is to be taken.
func (w *worker) sampled() bool {
	w.events++
	return w.events%sampleEvery == 0
}

// release gives the worker back. It lets go of the event.
func (w *worker) release() {
	w.view.Reset(nil)
	workers.Put(w)
}

// timed is Each of the class's set for an event whose cost is taken. A condition that is the first to ask for a field
// pays for it; which one that is follows from the order of the rules.
func (c *class) timed(en *Engine, w *worker, fn func(c *condition)) {
	empty := clock()
	en.seen.Add(sampleEvery)
	c.set.Candidates(&w.view, func(i int) {
		cond := &en.conds[c.conds[i]]
		start := time.Now()
		holds := cond.cond.Holds(&w.view)
		took := time.Since(start) - empty
		cond.of.counts.tried.Add(sampleEvery)
		if took > 0 {
			cond.of.counts.took.Add(uint64(took) * sampleEvery)
		}
		if holds {
			fn(cond)
		}
	})
}

// clock is how long taking the time takes by itself.
var clock = sync.OnceValue(func() time.Duration {
	least := time.Second
	for range 100 {
		start := time.Now()
		least = min(least, time.Since(start))
	}
	return least
})

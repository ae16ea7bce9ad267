package correlate

import (
	"fmt"
	"log/slog"
	"time"

	"weir/internal/alert"
	"weir/internal/signal"
	"weir/processors/correlate/clock"
	"weir/processors/correlate/fold"
	"weir/processors/correlate/kind"
	"weir/rules"
)

// Options is what an engine needs.
type Options struct {
	MaxGroups int           // groups and folds kept per rule; 0: 100,000
	MaxBytes  int64         // memory of the groups and folds of a rule; 0: 256 MiB. All rules together have four times as much
	Lateness  time.Duration // how far behind the marks an event may be
	// DatasetLateness comes before Lateness; the first that fits.
	DatasetLateness []clock.Lateness
	// Datasets returns patterns of the datasets that a rule's events are of, so that its time is theirs alone; nil, as a
	// function or a list: all.
	Datasets func(*rules.Rule) []string
	Log      *slog.Logger // nil: silent
}

// Engine correlates the signals of one partition. All calls come from one goroutine at a time. It holds all state of
// its partition in memory and knows no files, no Kafka and no time of day: Worker gives it those. The same calls in the
// same order give the same alerts, byte for byte; every map is therefore walked in the order of its keys wherever
// alerts may follow.
type Engine struct {
	opts    Options
	rules   map[string]*ruleState // by rule id
	order   []*ruleState          // by id, with the versions beside the present ones; nil: to be made anew
	clock   *clock.Clock
	desk    *fold.Desk
	sets    sets // which rule sets there were, and who runs which
	cause   cause
	touches uint64 // of groups
	began   uint64 // touches before the signal at hand
	bytes   int64  // of all rules
	shot    *shot  // the snapshot that runs
	epoch   uint32 // of the last snapshot
	stats   Stats
	late    lateList
	scratch []byte
	pool    kind.Pool
	ahead   uint64 // what Ahead has read comes to: nothing asks for it
}

// cause is what made the engine look: the signal at hand, or a completion while time passes.
type cause struct {
	event string // id; empty: each hit is its own cause
	at    int64
	warm  bool
}

// Bounds where the options say nothing.
const (
	defaultGroups = 100_000
	defaultBytes  = 256 << 20
	// manyRules is how many times the bytes of one rule all together may have.
	manyRules = 4
)

// New makes an engine without rules.
// It starts no goroutine and has nothing to close.
func New(o Options) *Engine {
	if o.MaxGroups <= 0 {
		o.MaxGroups = defaultGroups
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = defaultBytes
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	en := &Engine{opts: o, rules: map[string]*ruleState{}, sets: newSets()}
	en.clock = clock.New(en.timing())
	en.desk = fold.NewDesk(en.clock, o.Log)
	return en
}

func (en *Engine) timing() clock.Options {
	return clock.Options{Lateness: en.opts.Lateness, Datasets: en.opts.DatasetLateness}
}

// Apply takes the next signal and calls emit for each revision of an alert that follows from it. The signal is not
// kept. emit may keep the alert; what it shares with its rule must not be changed. The error tells of a signal that is
// no signal; it changes nothing.
func (en *Engine) Apply(s *signal.Signal, emit func(*alert.Alert)) error {
	en.desk.Begin(emit)
	switch s.Kind {
	case signal.Match:
		en.match(s)
	case signal.Watermark:
		t := kind.Nanos(s.Time)
		if en.clock.Mark(workerOf(s.Src), s.Dataset, t) {
			en.sweep(false)
		}
		en.desk.Flush(false)
	case signal.Idle:
		if en.clock.Idle(workerOf(s.Src), s.Dataset, kind.Nanos(s.Time)) {
			en.sweep(false)
		}
		en.desk.Flush(true)
	case signal.Ruleset:
		en.runs(workerOf(s.Src), s.Hash)
		en.retire()
	default:
		return fmt.Errorf("signal of kind %q is not known", s.Kind)
	}
	return nil
}

// Written tells when the record was written that holds the next signal, which bounds what marks are believed. Who does
// not know does not say it.
func (en *Engine) Written(at time.Time) { en.clock.Written(at) }

// Finish says that every event up to at is known: what waits for time is decided, and all that is unsaid is said.
func (en *Engine) Finish(at time.Time, emit func(*alert.Alert)) {
	en.desk.Begin(emit)
	en.clock.Finish(kind.Nanos(at))
	en.sweep(true)
	en.desk.Flush(true)
}

// match holds one match against the state of its rule. A match that is too late is not dropped where more matches can
// only make more true: what state is left may still make it a hit, and a count that is too low is worse than one that
// comes late. It is counted, so that lateness can be set by what really happens.
func (en *Engine) match(s *signal.Signal) {
	rs := en.version(s.Rule, s.Hash)
	if rs == nil {
		en.stats.Unknown++
		return
	}
	c := rs.cond(s.When)
	if c == nil || len(s.Group) != c.width {
		en.stats.Unknown++
		return
	}
	en.stats.Matches++
	rs.counts.Matches++
	t := kind.Nanos(s.Time)
	if t < rs.scope.Cut() && !s.Warm {
		en.tooLate(rs, s, rs.scope.Cut()-t)
		if c.node != nil && !c.node.spec.Monotone() {
			return
		}
	}
	en.clock.Match(t)
	en.cause, en.began = cause{s.EventID, t, s.Warm}, en.touches
	if c.node == nil {
		m := en.newMatch(s, t, c)
		rs.book.Hit(&fold.Hit{Match: m, Event: m.ID, At: t, Group: string(en.keyOf(s)), Warm: s.Warm})
	} else if !c.node.take(s, t, c) {
		return
	}
	en.desk.Deliver()
	en.bound(rs)
}

// sweepEvery is the least time of events between two sweeps.
const sweepEvery = int64(1e9)

// sweep decides what waited for time that has passed now, and lets go of what is over. Rules are visited in the order
// of their ids, so that equal signals give equal alerts in equal order.
func (en *Engine) sweep(all bool) {
	if !en.clock.Turn(sweepEvery) && !all {
		return
	}
	for _, rs := range en.ordered() {
		if all || rs.scope.Turned() {
			en.pass(rs, all)
		}
	}
}

// pass lets time pass for one rule. Inner correlations come first: the outer ones know then all that completed before
// their cut. A group whose hits wait for time is passed from one decision to the next, so that what is decided comes in
// the order of its time, however seldom there is a mark.
func (en *Engine) pass(rs *ruleState, all bool) {
	en.began = en.touches
	for _, n := range rs.nodes {
		cut := n.cut()
		for n.groups.due.Len() > 0 {
			g, due := n.groups.due.First()
			if due >= cut {
				break
			}
			if later := g.state.Due(); later > due && !g.state.Empty() {
				n.groups.due.Move(g, later) // it was touched since
				continue
			}
			to := cut
			if !n.spec.Monotone() {
				to = min(cut, due+1)
			}
			en.cause = cause{}
			n.pass(g, to, cut)
		}
		n.passed = max(n.passed, cut)
		n.look(all)
	}
	en.desk.Deliver()
	rs.book.Advance(rs.settled())
	en.bound(rs)
}

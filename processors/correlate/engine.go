package correlate

import (
	"fmt"
	"log/slog"
	"time"

	"weir/internal/alert"
	"weir/internal/signal"
)

// Options is what an engine needs.
type Options struct {
	MaxGroups int           // groups and folds kept per rule; 0: 100,000
	Lateness  time.Duration // how far behind the marks an event may be
	Log       *slog.Logger  // nil: silent
}

// Stats counts what an engine did since it was made.
// They are for metrics: no decision rests on them, and they are no part of a snapshot.
type Stats struct {
	Matches       uint64 // matches taken
	Late          uint64 // of those, later than the lateness
	Unknown       uint64 // of a rule, version or condition that does not run here
	Alerts        uint64 // alerts made
	Revisions     uint64 // records made of them
	EvictedGroups uint64
	EvictedFolds  uint64
	Thinned       uint64 // matches let go because a group had too many
}

// Engine correlates the signals of one partition. All calls come from one goroutine at a time. It holds all state of
// its partition in memory and knows no files, no Kafka and no time of day: Worker gives it those. The same calls in the
// same order give the same alerts, byte for byte; every map is therefore walked in the order of its keys wherever
// alerts may follow.
type Engine struct {
	opts  Options
	rules map[string]*ruleState // by rule id
	clock clock
	swept int64  // cut at the last sweep of what has ended
	dirty []said // alerts with something unsaid, in the order in which it happened
	news  []said // alerts that the signal at hand touched
	stats Stats
	full  map[string]bool // rules that were found full, so that it is said once
	sets  sets            // which rule sets there were, and who runs which
}

// New makes an engine without rules.
// It starts no goroutine and has nothing to close.
func New(o Options) *Engine {
	if o.MaxGroups <= 0 {
		o.MaxGroups = 100_000
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Engine{opts: o, rules: map[string]*ruleState{}, clock: newClock(), swept: longAgo, full: map[string]bool{}, sets: newSets()}
}

// Stats returns the counts.
func (en *Engine) Stats() Stats {
	s := en.stats
	for _, rs := range en.rules {
		s.Thinned += rs.thinned
	}
	return s
}

// Apply takes the next signal and calls emit for each revision of an alert that follows from it. The signal is not
// kept. emit may keep the alert; its strings and maps are shared and must not be changed. The error tells of a signal
// that is no signal; it changes nothing.
func (en *Engine) Apply(s *signal.Signal, emit func(*alert.Alert)) error {
	switch s.Kind {
	case signal.Match:
		en.clock.latest = max(en.clock.latest, nanos(s.Time))
		en.match(s)
		en.deliver(emit)
	case signal.Watermark, signal.Idle:
		en.clock.latest = max(en.clock.latest, nanos(s.Time))
		if en.clock.mark(s) {
			en.sweep(emit)
		}
		en.flush(s.Kind == signal.Idle, emit)
	case signal.Ruleset:
		en.runs(workerOf(s.Src), s.Hash)
		en.retire(emit)
	default:
		return fmt.Errorf("signal of kind %q is not known", s.Kind)
	}
	return nil
}

// cut is the time before which nothing is expected any more.
func (en *Engine) cut() int64 { return max(en.clock.low-bound(en.opts.Lateness), longAgo) }

// match holds one match against the state of its rule. A match that is too late is not dropped: what state is left may
// still make it a hit, and a count that is too low is worse than one that comes late. It is counted, so that lateness
// can be set by what really happens.
func (en *Engine) match(s *signal.Signal) {
	rs := en.version(s.Rule, s.Hash)
	if rs == nil {
		en.stats.Unknown++
		return
	}
	cond, ok := rs.conds[s.When]
	if !ok || rs.needs[cond] == 0 || len(s.Group) != len(rs.by) {
		en.stats.Unknown++
		return
	}
	en.stats.Matches++
	if nanos(s.Time) < en.cut() {
		en.stats.Late++
	}
	m := newMatch(s, cond)
	if rs.rule.Correlate == nil {
		en.fold(rs, found{m: m, trigger: m}, keyOf(s.Group), s.Group, s.Group)
		return
	}
	key := keyOf(s.Group)
	g := rs.groups.byKey[key]
	if g == nil {
		g = rs.newGroup(key, s.Group)
		rs.groups.put(g)
	}
	g.prune(en.cut(), rs)
	foldValues := rs.foldValues(g.values)
	g.add(m, rs, func(f found) { en.fold(rs, f, g.fold, foldValues, g.values) })
	rs.groups.touch(g, rs)
	if len(rs.groups.byKey) > en.opts.MaxGroups {
		rs.groups.evict(g)
		en.stats.EvictedGroups++
		en.say(rs)
	}
}

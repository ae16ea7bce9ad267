package correlate

import (
	"maps"
	"strings"
	"time"

	"weir/internal/signal"
)

// Stats counts what an engine did since it was made.
// They are for metrics: no decision rests on them, and they are no part of a snapshot.
type Stats struct {
	Matches       uint64 // matches taken
	Late          uint64 // of those, later than the lateness
	Unknown       uint64 // of a rule, version or condition that does not run here
	Alerts        uint64 // alerts made
	Revisions     uint64 // records made of them
	Held          uint64 // revisions that waited in an alert storm
	Unsaid        uint64 // alerts that such a storm pushed out before their last revision was said
	EvictedGroups uint64
	EvictedFolds  uint64
}

// RuleStat counts what one rule did since its engine was made, and what it holds now. Versions of a rule are counted
// together.
type RuleStat struct {
	Rule          string
	Groups        int
	Folds         int
	Bytes         int64
	Matches       uint64
	EvictedGroups uint64
	EvictedFolds  uint64
	Late          uint64
	LateBy        map[string]uint64 // of those, by dataset
	NotANumber    uint64            // matches that have no number to compute with
	Lacks         uint64            // matches and completions that lack a value to compare or group by
}

// Late is a match that came later than the lateness.
type Late struct {
	Rule    string
	Event   string
	Dataset string
	At      time.Time // of the event
	By      time.Duration
}

// Add adds what another engine counted of the same rule.
func (s *RuleStat) Add(o RuleStat) {
	s.Groups += o.Groups
	s.Folds += o.Folds
	s.Bytes += o.Bytes
	s.Matches += o.Matches
	s.EvictedGroups += o.EvictedGroups
	s.EvictedFolds += o.EvictedFolds
	s.Late += o.Late
	s.NotANumber += o.NotANumber
	s.Lacks += o.Lacks
	if len(o.LateBy) == 0 {
		return
	}
	sum := maps.Clone(s.LateBy)
	if sum == nil {
		sum = map[string]uint64{}
	}
	for set, n := range o.LateBy {
		sum[set] += n
	}
	s.LateBy = sum
}

// Stats returns the counts.
func (en *Engine) Stats() Stats {
	s, d := en.stats, en.desk.Counts
	s.Alerts, s.Revisions, s.Held, s.Unsaid = d.Alerts, d.Revisions, d.Held, d.Unsaid
	return s
}

// RuleStats returns the counts of each rule that runs, in the order of their ids.
func (en *Engine) RuleStats() []RuleStat {
	var out []RuleStat
	for _, rs := range en.ordered() {
		s := rs.counts
		s.Groups, s.Folds, s.Bytes = rs.groups, rs.book.Len(), rs.held()
		s.LateBy = maps.Clone(s.LateBy)
		if n := len(out); n > 0 && out[n-1].Rule == s.Rule {
			out[n-1].Add(s)
			continue
		}
		out = append(out, s)
	}
	return out
}

// LateList returns the matches that came too late last, the newest first.
func (en *Engine) LateList() []Late { return en.late.list() }

// Bounds of what is remembered of late matches.
const (
	lateKept = 16
	lateSets = 64 // datasets that are told apart for a rule
	lateText = 256
)

// lateList is a ring.
type lateList struct {
	items [lateKept]Late
	n     int
}

func (l *lateList) add(x Late) {
	l.items[l.n%lateKept] = x
	l.n++
}

func (l *lateList) list() []Late {
	var out []Late
	for i := 1; i <= min(l.n, lateKept); i++ {
		out = append(out, l.items[(l.n-i)%lateKept])
	}
	return out
}

// tooLate counts a match that came later than the lateness.
func (en *Engine) tooLate(rs *ruleState, s *signal.Signal, by int64) {
	en.stats.Late++
	c := &rs.counts
	c.Late++
	set := short(s.Dataset)
	if c.LateBy == nil {
		c.LateBy = map[string]uint64{}
	}
	if _, known := c.LateBy[set]; !known && len(c.LateBy) >= lateSets {
		set = "" // too many to tell apart
	}
	c.LateBy[set]++
	en.late.add(Late{Rule: rs.rule.ID, Event: short(s.EventID), Dataset: set, At: s.Time, By: time.Duration(by)})
}

// short copies a text of a signal, whose length its sender chose.
func short(s string) string { return strings.Clone(signal.Bounded(s, lateText)) }

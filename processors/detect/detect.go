// Package detect is the first half of detection: it says which conditions of which rules hold for one event. What that
// means over time is for correlate, which reads the signals.
package detect

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"weir/event"
	"weir/event/ecs"
	"weir/internal/fault"
	"weir/internal/match"
	"weir/internal/record"
	"weir/internal/signal"
	"weir/rules"
)

// Engine is one compiled rule set. It is immutable but for its counters and safe for many goroutines.
//
// Conditions stand in one list, and the index gives places in it, so that an event meets no rule that it cannot match.
type Engine struct {
	hash  string
	rules []*compiled
	conds []condition
	index index
}

// compiled is one rule that runs. Its counters are the only part of an engine that changes.
type compiled struct {
	rule *rules.Rule
	// group is Correlate.By, or Fold.By of a rule without correlation.
	group []event.Ref
	// strict: an event without one of the group's fields makes no signal. Counting by a user who is not named would join
	// strangers; folding by one only makes fewer alerts.
	strict bool
	// values are what signals carry, each once. Correlation has nothing but these: it never sees the event.
	values []event.Ref
	hits   atomic.Uint64
	lacks  atomic.Uint64
}

// condition is one condition of a rule. Its compiled form is shared by all workers: matching keeps nothing in it.
type condition struct {
	of   *compiled
	when string
	cond *match.Cond
}

// New compiles the enabled rules of a set. A rule whose conditions do not compile is left out and reported; after
// rules.Load that happens only if a list has gone since.
func New(set *rules.Set, lists match.Lists) (*Engine, fault.List) {
	en := &Engine{hash: set.Hash}
	var faults fault.List
	for _, r := range set.Rules {
		if !r.Enabled {
			continue
		}
		conds, err := compile(r, lists)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		c := &compiled{rule: r}
		c.fields(conds)
		for i, when := range r.When {
			en.conds = append(en.conds, condition{of: c, when: when.Name, cond: conds[i]})
		}
		en.rules = append(en.rules, c)
	}
	en.index = newIndex(en.conds)
	return en, faults
}

// compile compiles the conditions of one rule, all or none.
func compile(r *rules.Rule, lists match.Lists) ([]*match.Cond, *fault.Error) {
	out := make([]*match.Cond, len(r.When))
	for i, when := range r.When {
		c, err := match.Compiler{Lists: lists}.Compile(when.Expr)
		if err != nil {
			return nil, &fault.Error{Code: "rule-expr", What: fmt.Sprintf("the condition `%s` of the rule %s cannot run", when.Name, r.ID),
				Where: fmt.Sprintf("%s:%d:%d", r.File, when.Line, when.Col), Why: err.Error(), Cause: err}
		}
		out[i] = c
	}
	return out, nil
}

// fields decides once which values the signals of the rule carry.
func (c *compiled) fields(conds []*match.Cond) {
	by := c.rule.Fold.By
	if c.rule.Correlate != nil {
		by, c.strict = c.rule.Correlate.By, true
	}
	for _, path := range by {
		c.group = append(c.group, refOf(path))
	}
	var paths []string
	for _, cond := range conds {
		paths = append(paths, cond.Fields()...)
	}
	paths = append(paths, c.rule.ExplainFields()...)
	paths = append(append(append(paths, c.rule.Fold.By...), by...), "message")
	for i, path := range paths {
		if !slices.Contains(paths[:i], path) {
			c.values = append(c.values, refOf(path))
		}
	}
}

// refOf makes a path that no list knows known first: a format that is loaded later may fill it.
func refOf(path string) event.Ref {
	if !match.Known(path) {
		_, _ = event.Register(path, ecs.Keyword) // a full table leaves it among the values that no list knows
	}
	return event.MakeRef(path)
}

// Hash is that of the rule set.
func (en *Engine) Hash() string { return en.hash }

// Len returns how many rules run.
func (en *Engine) Len() int { return len(en.rules) }

// Rules returns the rules that run.
func (en *Engine) Rules() []*rules.Rule {
	out := make([]*rules.Rule, len(en.rules))
	for i, c := range en.rules {
		out[i] = c.rule
	}
	return out
}

// Hits calls fn for each condition that holds for the event, in the order of the rules that the index gives, which is
// the same for equal events.
func (en *Engine) Hits(e *event.Event, fn func(rule *rules.Rule, when string)) {
	en.index.each(e, func(i int) {
		if c := &en.conds[i]; c.cond.Match(e) {
			fn(c.of.rule, c.when)
		}
	})
}

// Signals returns one signal for each condition that holds. An event that lacks a field by which a correlation groups
// makes none there and is counted. The signals hold no memory of the event.
func (en *Engine) Signals(e *event.Event, src record.Pos) []signal.Signal {
	var out []signal.Signal
	en.index.each(e, func(i int) {
		c := &en.conds[i]
		if !c.cond.Match(e) {
			return
		}
		c.of.hits.Add(1)
		group, ok := c.of.groupOf(e)
		if !ok {
			c.of.lacks.Add(1)
			return
		}
		out = append(out, signal.Signal{
			Kind: signal.Match, Rule: c.of.rule.ID, Hash: c.of.rule.Hash, When: c.when, Group: group,
			EventID: strings.Clone(e.Str(event.EventID)), Time: timeOf(e), Src: src.String(),
			Dataset: strings.Clone(e.Str(event.EventDataset)), Values: c.of.valuesOf(e),
		})
	})
	return out
}

// groupOf returns the values of the group's fields; of a field with several values, the first. False is for a strict rule
// whose event lacks one.
func (c *compiled) groupOf(e *event.Event) ([]string, bool) {
	out := make([]string, len(c.group))
	for i, ref := range c.group {
		s, ok := textOf(ref.Of(e))
		if !ok && c.strict {
			return nil, false
		}
		out[i] = s
	}
	return out, true
}

// valuesOf copies the fields that an alert shows. Fields that the event lacks are left out: an empty text would look like
// a value.
func (c *compiled) valuesOf(e *event.Event) map[string]string {
	out := make(map[string]string, len(c.values))
	for _, ref := range c.values {
		v := ref.Of(e)
		if v.Kind() == event.List && v.Len() == 1 {
			v = v.Item(0)
		}
		if v.Kind() != event.Absent && v.Kind() != event.Null {
			out[ref.Path()] = copyText(v)
		}
	}
	return out
}

// textOf returns a copy of the value's text; ok is false if there is none.
func textOf(v event.Value) (string, bool) {
	if v.Kind() == event.List {
		if v.Len() == 0 {
			return "", false
		}
		v = v.Item(0)
	}
	s := copyText(v)
	return s, s != ""
}

// copyText returns the value's text in memory of its own: signals outlive the event, whose strings alias the record.
func copyText(v event.Value) string {
	if v.Kind() == event.String {
		return strings.Clone(v.Str())
	}
	var buf [64]byte
	return string(v.AppendText(buf[:0]))
}

// timeOf is weir.time; an event that normalise has not seen has only its own time.
func timeOf(e *event.Event) time.Time {
	for _, f := range []event.Field{event.WeirTime, event.Timestamp} {
		if v := e.Get(f); v.Kind() == event.Time {
			return v.Time()
		}
	}
	return time.Time{}
}

// Count is what one rule has seen since the engine was made.
type Count struct {
	Rule string
	// Matched is how often a condition held: an event that meets two conditions of a rule counts twice.
	Matched uint64
	// Lacking is how many of these lacked a field that the rule groups by. A rule that lacks them all is wrong for what
	// it reads, and would be silent for ever.
	Lacking uint64
}

// Counts returns the counts of every rule that runs.
func (en *Engine) Counts() []Count {
	out := make([]Count, len(en.rules))
	for i, c := range en.rules {
		out[i] = Count{Rule: c.rule.ID, Matched: c.hits.Load(), Lacking: c.lacks.Load()}
	}
	return out
}

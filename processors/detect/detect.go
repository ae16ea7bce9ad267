// Package detect is the first half of detection: it says which conditions of which rules hold for one event. What that
// means over time is for correlate, which reads the signals.
package detect

import (
	"fmt"
	"strings"
	"sync/atomic"

	"weir/event"
	"weir/internal/fault"
	"weir/internal/match"
	"weir/internal/record"
	"weir/internal/signal"
	"weir/rules"
	"weir/rules/pipelines"
)

// Engine is one compiled rule set. It is immutable but for its counters and safe for many goroutines.
//
// Conditions stand in one list. An event meets those of the rules for its log source (see classes), and of these only
// the ones that the index of the set finds.
type Engine struct {
	hash  string
	rules []*compiled
	conds []condition
	pipes *pipelines.Set
	// assumed is the class of events of which nothing is known.
	assumed pipelines.Class
	classes *classes
	// excepts are the exceptions, in the order of their file.
	excepts []*exception
	// seen is of about how many events Signals was asked.
	seen *atomic.Uint64
}

// compiled is one rule that runs. Its counters are the only part of an engine that changes.
type compiled struct {
	rule *rules.Rule
	// strict: an event without one of the group's fields makes no signal. Counting by a user who is not named would
	// join strangers; folding by one only makes fewer alerts.
	strict bool
	// excepts are the exceptions that are for the rule.
	excepts []*exception
	counts  counters
}

// condition is one condition of a rule. Its compiled form is shared by all workers: matching keeps nothing in it.
type condition struct {
	of   *compiled
	when string
	cond *match.Cond
	// source is which events the condition is for.
	source rules.LogSource
	// group is the By of the correlation that the condition is a step of, or Fold.By of a rule without correlation.
	group []name
	// values are what signals carry, each once. Correlation has nothing but these: it never sees the event.
	values []name
	// idle: no step of the correlation names it, so nobody waits for its signals.
	idle bool
}

// New compiles the enabled rules of a set. pipes says which events are of which log source; nil stands for the shipped
// pipelines. A rule whose conditions do not compile is left out and reported; after rules.Load that happens only if a
// list has gone since.
func New(set *rules.Set, lists match.Lists, pipes *pipelines.Set) (*Engine, fault.List) {
	if pipes == nil {
		pipes = pipelines.Shipped()
	}
	en := &Engine{hash: set.Hash, pipes: pipes, classes: &classes{}, seen: new(atomic.Uint64)}
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
		c := &compiled{rule: r, strict: r.Correlate != nil}
		for i := range r.When {
			en.conds = append(en.conds, c.condition(&r.When[i], conds))
		}
		en.rules = append(en.rules, c)
	}
	return en, append(faults, en.except(set.Exceptions, lists)...)
}

// Assuming returns an engine that takes events of no known log source for those of a class. It shares all else,
// counters too, with en.
func (en *Engine) Assuming(c pipelines.Class) *Engine {
	out := *en
	out.assumed = c
	return &out
}

// compile compiles the conditions of one rule, all or none.
func compile(r *rules.Rule, lists match.Lists) ([]*match.Cond, *fault.Error) {
	out := make([]*match.Cond, len(r.When))
	for i, when := range r.When {
		c, err := compileOne(match.Compiler{Lists: lists}, &when)
		if err != nil {
			return nil, &fault.Error{Code: "rule-expr", What: fmt.Sprintf("the condition `%s` of the rule %s cannot run", when.Name, r.ID),
				Where: fmt.Sprintf("%s:%d:%d", r.File, when.Line, when.Col), Why: err.Error(), Cause: err}
		}
		out[i] = c
	}
	return out, nil
}

// compileOne compiles a condition: of a Sigma rule the tree, which need not be read from its expr again.
func compileOne(c match.Compiler, when *rules.Condition) (*match.Cond, error) {
	if when.Tree != nil {
		return c.CompileTree(when.Tree)
	}
	return c.Compile(when.Expr)
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

// Hits calls fn for each condition that holds for the event, in the order of the rules. It counts nothing.
func (en *Engine) Hits(e *event.Event, fn func(rule *rules.Rule, when string)) {
	w := workers.Get().(*worker)
	w.view.Reset(e)
	class := en.class(e)
	class.set.Each(&w.view, func(i int) {
		c := &en.conds[class.conds[i]]
		fn(c.of.rule, c.when)
	})
	w.release()
}

// Signals returns one signal for each condition that holds, in the order of the rules. An event that lacks a field by
// which a correlation groups makes none there and is counted. The signals hold no memory of the event.
func (en *Engine) Signals(e *event.Event, src record.Pos) []signal.Signal {
	w := workers.Get().(*worker)
	w.view.Reset(e)
	var out []signal.Signal
	class := en.class(e)
	if w.sampled() {
		class.timed(en, w, func(c *condition) { out = en.hit(c, w, e, src, out) })
	} else {
		class.set.Each(&w.view, func(i int) { out = en.hit(&en.conds[class.conds[i]], w, e, src, out) })
	}
	w.release()
	return out
}

// hit appends the signal of a condition that holds.
func (en *Engine) hit(c *condition, w *worker, e *event.Event, src record.Pos, out []signal.Signal) []signal.Signal {
	c.of.counts.hits.Add(1)
	if c.idle || len(c.of.excepts) > 0 && c.of.excepted(&w.view, timeOf(e)) {
		return out
	}
	group, ok := c.groupOf(e)
	if !ok {
		c.of.counts.lacks.Add(1)
		return out
	}
	return append(out, signal.Signal{
		Kind: signal.Match, Rule: c.of.rule.ID, Hash: c.of.rule.Hash, When: c.when, Group: group,
		EventID: strings.Clone(e.Str(event.EventID)), Time: timeOf(e), Src: src.String(),
		Dataset: strings.Clone(e.Str(event.EventDataset)), Values: c.valuesOf(e),
	})
}

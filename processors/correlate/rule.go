package correlate

import (
	"fmt"
	"math"
	"time"

	"weir/processors/correlate/clock"
	"weir/processors/correlate/fold"
	"weir/processors/correlate/kind"
	"weir/rules"
)

// ruleState is one rule and its state.
// The key holds the hash: a rule that was edited begins without state, since what was counted for the old one may mean
// nothing to the new.
type ruleState struct {
	en     *Engine
	rule   *rules.Rule
	key    string // id and hash
	scope  *clock.Scope
	conds  []cond
	nodes  []*node // inner before outer; none: each match is a hit
	book   *fold.Book
	groups int   // of all nodes
	bytes  int64 // of their groups
	counts RuleStat
	said   int // bytes of the book that the engine has counted
	full   bool
	place  int // in the snapshot that runs
}

// cond is one condition: whose it is.
type cond struct {
	name  string
	place uint16 // in the rule
	node  *node  // nil: of a rule without correlation
	step  int32  // first of the node that names it
	width int    // of its signals' group
}

// newRuleState makes a rule without state. A rule that cannot run is an error that names what is wrong with it.
func (en *Engine) newRuleState(r *rules.Rule) (*ruleState, error) {
	rs := &ruleState{en: en, rule: r, key: keyOfVersion(r.ID, r.Hash), counts: RuleStat{Rule: r.ID}}
	if len(r.When) > math.MaxUint16 {
		return nil, fmt.Errorf("%d conditions", len(r.When))
	}
	if r.Correlate != nil {
		if _, err := rs.build(r.Correlate, nil, 0); err != nil {
			return nil, err
		}
	}
	for i, c := range r.When {
		if at := rs.condOf(c.Name, uint16(i)); at != nil {
			rs.conds = append(rs.conds, *at)
		}
	}
	rs.book = fold.NewBook(en.desk, fold.NewRule(r))
	rs.scope = en.scopeOf(r)
	return rs, nil
}

// settled is the time before which no hit is found any more.
func (rs *ruleState) settled() int64 {
	if n := len(rs.nodes); n > 0 {
		return rs.nodes[n-1].settled()
	}
	return rs.scope.Cut()
}

// scopeOf returns the time of a rule's datasets.
func (en *Engine) scopeOf(r *rules.Rule) *clock.Scope {
	if en.opts.Datasets == nil {
		return en.clock.Scope(nil)
	}
	return en.clock.Scope(en.opts.Datasets(r))
}

// describe takes over what the rule says; a rule of the same hash may differ in its texts.
func (rs *ruleState) describe(r *rules.Rule) {
	rs.rule = r
	rs.book.Describe(fold.NewRule(r))
}

// condOf returns whose a condition is, nil if no node names it.
func (rs *ruleState) condOf(name string, place uint16) *cond {
	if rs.rule.Correlate == nil {
		return &cond{name: name, place: place, width: len(rs.rule.Fold.By)}
	}
	for _, n := range rs.nodes {
		if step := n.stepOf(name); step >= 0 {
			return &cond{name: name, place: place, node: n, step: step, width: len(n.c.By)}
		}
	}
	return nil
}

// cond finds a condition by its name, nil if the rule has none of it. There are few.
func (rs *ruleState) cond(name string) *cond {
	for i := range rs.conds {
		if rs.conds[i].name == name {
			return &rs.conds[i]
		}
	}
	return nil
}

// maxDepth bounds chains.
const maxDepth = 16

// build makes the nodes of a correlation, the inner ones first, and returns its own.
func (rs *ruleState) build(c *rules.Correlate, outer *node, depth int) (*node, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("correlations within correlations, %d deep", depth)
	}
	gap := time.Duration(0)
	if outer == nil {
		gap = rs.rule.Fold.For
	}
	spec, err := specOf(c, gap, outer != nil)
	if err != nil {
		return nil, err
	}
	n := &node{rs: rs, c: c, spec: spec, outer: outer, groups: newGroups(), passed: kind.LongAgo, hold: kind.LongAgo, looked: kind.LongAgo}
	for _, in := range c.Inner {
		inner, err := rs.build(in, n, depth+1)
		if err != nil {
			return nil, err
		}
		if inner.step = n.stepOf(in.Name); inner.step < 0 {
			return nil, fmt.Errorf("no step names the inner correlation %q", in.Name)
		}
		inner.bind()
		n.inner = append(n.inner, inner)
	}
	for _, s := range c.Steps {
		if !rs.has(c, s.When) {
			return nil, fmt.Errorf("a step names %q, which is no condition of the rule", s.When)
		}
	}
	rs.nodes = append(rs.nodes, n)
	return n, nil
}

// has tells whether a step's name is a condition of the rule or an inner correlation.
func (rs *ruleState) has(c *rules.Correlate, name string) bool {
	for _, w := range rs.rule.When {
		if w.Name == name {
			return true
		}
	}
	for _, in := range c.Inner {
		if in.Name == name {
			return true
		}
	}
	return false
}

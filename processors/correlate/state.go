package correlate

import (
	"slices"
	"strings"
	"time"

	"weir/rules"
)

// ruleState is one rule and its state.
// The key holds the hash: a rule that was edited begins without state, since what was counted for the old one may mean
// nothing to the new.
type ruleState struct {
	rule   *rules.Rule
	key    string // id and hash
	within int64
	fold   int64
	steps  []step
	conds  map[string]int // by name
	needs  []int          // per condition, 0: no step names it
	by     []string       // fields of the signals' group
	foldBy []string
	foldAt []int // places of foldBy in by

	groups    groups
	folds     map[string]*folded
	foldFirst *folded // longest untouched
	foldLast  *folded
	thinned   uint64
	chain     chain
}

// step is one step of a correlation: how many matches of which condition, by its place in the rule.
type step struct{ cond, need int }

// newRuleState makes a rule without state.
func newRuleState(r *rules.Rule) *ruleState {
	rs := &ruleState{groups: groups{byKey: map[string]*group{}}, folds: map[string]*folded{}}
	rs.describe(r)
	return rs
}

// describe takes over what the rule says; a rule of the same hash may differ in its texts.
// A step that names no condition is left out here; SetRules refuses such a rule before anything is counted by it.
func (rs *ruleState) describe(r *rules.Rule) {
	rs.rule, rs.key = r, keyOfVersion(r.ID, r.Hash)
	rs.conds, rs.needs, rs.steps = make(map[string]int, len(r.When)), make([]int, len(r.When)), nil
	for i, c := range r.When {
		rs.conds[c.Name] = i
	}
	rs.fold = bound(r.Fold.For)
	if r.Correlate == nil {
		for i := range rs.needs {
			rs.needs[i] = 1
		}
		rs.by, rs.foldBy = r.Fold.By, r.Fold.By
	} else {
		rs.within = bound(r.Correlate.Within)
		rs.fold = max(rs.fold, rs.within)
		for _, s := range r.Correlate.Steps {
			i, ok := rs.conds[s.When]
			if !ok {
				continue
			}
			need := max(s.AtLeast, 1)
			rs.steps = append(rs.steps, step{i, need})
			rs.needs[i] += need
		}
		rs.by, rs.foldBy = r.Correlate.By, foldFields(r)
	}
	rs.foldAt = nil
	for _, f := range rs.foldBy {
		rs.foldAt = append(rs.foldAt, slices.Index(rs.by, f))
	}
}

// bound returns a span in nanoseconds that sums of times can take.
func bound(d time.Duration) int64 { return min(max(int64(d), 0), farthest/4) }

// foldFields returns the fields that fold the hits of a correlation: those of fold.by by which it groups, else all by
// which it groups.
func foldFields(r *rules.Rule) []string {
	var out []string
	for _, f := range r.Fold.By {
		if slices.Contains(r.Correlate.By, f) {
			out = append(out, f)
		}
	}
	if len(out) == 0 {
		return r.Correlate.By
	}
	return out
}

// FoldGroup returns, of the values that a signal groups by, those that decide which alert it folds into. All signals
// of a rule with equal ones must be on one partition.
//
// Normalise asks it where a signal goes, so that all hits of one alert meet in one engine.
func FoldGroup(r *rules.Rule, group []string) []string {
	if r.Correlate == nil {
		return group
	}
	var out []string
	for _, f := range foldFields(r) {
		if i := slices.Index(r.Correlate.By, f); i >= 0 && i < len(group) {
			out = append(out, group[i])
		}
	}
	return out
}

// newGroup makes the state of a group. The values are copied: they belong to a signal.
func (rs *ruleState) newGroup(key string, values []string) *group {
	g := &group{key: key, values: slices.Clone(values)}
	for i, v := range g.values {
		g.values[i] = strings.Clone(v)
	}
	g.fold = keyOf(rs.foldValues(g.values))
	if rs.rule.Correlate.Kind == rules.Sequence {
		g.seq = &sequence{steps: make([][]*match, len(rs.steps))}
	} else {
		g.count = &counter{}
	}
	return g
}

// foldValues returns, of the values of a group, those of the fields that fold.
func (rs *ruleState) foldValues(values []string) []string {
	out := make([]string, len(rs.foldAt))
	for i, at := range rs.foldAt {
		out[i] = values[at]
	}
	return out
}

// pushFold puts a fold group at the end of the list, as the one touched last.
// A list of its own, and not container/list, saves an allocation for each hit: a fold group is moved with every one.
func (rs *ruleState) pushFold(f *folded) {
	f.prev, f.next = rs.foldLast, nil
	if rs.foldLast != nil {
		rs.foldLast.next = f
	} else {
		rs.foldFirst = f
	}
	rs.foldLast = f
}

// unlinkFold takes a fold group out of the list; it stays known.
func (rs *ruleState) unlinkFold(f *folded) {
	if f.prev != nil {
		f.prev.next = f.next
	} else {
		rs.foldFirst = f.next
	}
	if f.next != nil {
		f.next.prev = f.prev
	} else {
		rs.foldLast = f.prev
	}
	f.prev, f.next = nil, nil
}

// dropFold lets it go. Its alerts must be closed before.
func (rs *ruleState) dropFold(f *folded) {
	rs.unlinkFold(f)
	delete(rs.folds, f.key)
}

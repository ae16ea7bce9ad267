package correlate

import (
	"slices"
	"strings"

	"weir/processors/correlate/fold"
	"weir/rules"
)

// sets follows which rule sets there were and which of them each worker of normalise runs.
//
// A rule is swapped here before the workers of normalise have it, and what they found by the rule before it is still on
// its way. So a version that was replaced goes on, with its state, until every worker has said by a mark that it has a
// set without it. It takes what is left of its own signals, its alerts are said to the end, and nothing of it mixes with
// the version that came after it.
type sets struct {
	number int            // of the present set
	ofHash map[string]int // the last number of each set
	runs   map[string]string
	former map[string]*former // by key of the rule
}

// former is a version of a rule that the present set does not have.
type former struct {
	rs    *ruleState
	until int // number of the first set without it
}

// History is the rule set of a moment and those shortly before it: signals of theirs may still be on their way when a
// worker begins, or when it has had nothing to do while the rules changed. It is immutable.
type History struct {
	Number int          // of the last set; it counts up by one with each
	Sets   []*rules.Set // the oldest first
}

// keepSets bounds how many sets back a version may live. A worker whose partition gets no records says nothing for hours.
const keepSets = 32

func newSets() sets {
	return sets{ofHash: map[string]int{}, runs: map[string]string{}, former: map[string]*former{}}
}

// SetRules puts a rule set in place of the one before. Rules of the same id and hash keep their state; that of the others
// is dropped, with what was still unsaid of their alerts. It is for who hands over events one after the other and has no
// signals on their way.
func (en *Engine) SetRules(list []*rules.Rule) {
	en.swap(list)
	clear(en.sets.former)
	en.forget()
}

// SetVersion puts a rule set in place of the one before and keeps what it replaces as long as a worker may still run it.
// It is called between signals.
func (en *Engine) SetVersion(set *rules.Set) {
	replaced := en.swap(set.Rules)
	s := &en.sets
	s.number++
	s.ofHash[set.Hash] = s.number
	for hash, n := range s.ofHash {
		if n <= s.number-keepSets {
			delete(s.ofHash, hash)
		}
	}
	for _, rs := range replaced {
		s.former[rs.key] = &former{rs, s.number}
	}
	en.forget()
}

// swap makes the states of a set and returns those that it replaces. A version that runs again takes up what it had.
func (en *Engine) swap(list []*rules.Rule) (replaced []*ruleState) {
	next := make(map[string]*ruleState, len(list))
	for _, r := range list {
		if !r.Enabled {
			continue
		}
		if old := en.version(r.ID, r.Hash); old != nil {
			old.describe(r)
			next[r.ID] = old
			delete(en.sets.former, old.key)
			continue
		}
		rs, err := en.newRuleState(r)
		if err != nil {
			en.opts.Log.Error("a rule does not run", "component", "correlate", "rule", r.ID, "err", err)
			continue
		}
		next[r.ID] = rs
	}
	for _, rs := range en.ordered() {
		if next[rs.rule.ID] != rs && en.rules[rs.rule.ID] == rs {
			replaced = append(replaced, rs)
		}
	}
	en.rules, en.order = next, nil
	return replaced
}

// forget takes alerts of versions that are gone out of the queue of what is unsaid, and their memory out of the sum.
func (en *Engine) forget() {
	en.order = nil
	books := map[*fold.Book]bool{}
	en.bytes = 0
	for _, rs := range en.ordered() {
		books[rs.book] = true
		rs.said = rs.book.Bytes()
		en.bytes += rs.held()
	}
	en.desk.Forget(func(b *fold.Book) bool { return !books[b] })
}

// version returns the state of one version of a rule, nil if it does not run.
func (en *Engine) version(id, hash string) *ruleState {
	if rs := en.rules[id]; rs != nil && rs.rule.Hash == hash {
		return rs
	}
	if len(en.sets.former) == 0 {
		return nil
	}
	if f := en.sets.former[keyOfVersion(id, hash)]; f != nil {
		return f.rs
	}
	return nil
}

// keyOfVersion names one version of a rule.
func keyOfVersion(id, hash string) string { return id + "\x00" + hash }

// runs takes note of the set that a worker says it runs.
func (en *Engine) runs(worker, hash string) { en.sets.runs[worker] = hash }

// retire ends the versions that no worker runs any more: what is unsaid of their alerts is said. A worker with a set that
// is not known here (another process has read the folder already) counts as having the oldest.
func (en *Engine) retire() {
	s := &en.sets
	if len(s.former) == 0 {
		return
	}
	oldest := s.number
	for _, hash := range s.runs {
		oldest = min(oldest, s.ofHash[hash])
	}
	en.clock.Workers(func(worker string) {
		if _, said := s.runs[worker]; !said {
			oldest = 0 // known from a snapshot, and silent since
		}
	})
	oldest = max(oldest, s.number-keepSets)
	var over []*ruleState
	for key, f := range s.former {
		if f.until <= oldest {
			over = append(over, f.rs)
			delete(s.former, key)
		}
	}
	slices.SortFunc(over, func(a, b *ruleState) int { return strings.Compare(a.key, b.key) })
	for _, rs := range over {
		rs.book.Close()
	}
	en.forget()
}

// ordered returns the rules in the order of their ids, with the versions that are kept beside the present ones.
func (en *Engine) ordered() []*ruleState {
	if en.order != nil {
		return en.order
	}
	out := make([]*ruleState, 0, len(en.rules)+len(en.sets.former))
	for _, rs := range en.rules {
		out = append(out, rs)
	}
	for _, f := range en.sets.former {
		out = append(out, f.rs)
	}
	slices.SortFunc(out, func(a, b *ruleState) int { return strings.Compare(a.key, b.key) })
	en.order = out
	return out
}

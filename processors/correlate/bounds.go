package correlate

import "weir/processors/correlate/kind"

// grow takes note of how much memory the groups of a rule have.
func (rs *ruleState) grow(by int64) {
	rs.bytes += by
	rs.en.bytes += by
}

// held is about how much memory the rule has.
func (rs *ruleState) held() int64 { return rs.bytes + int64(rs.book.Bytes()) }

// bound holds a rule to its bounds, and all rules to theirs, after it was touched.
func (en *Engine) bound(rs *ruleState) {
	now := rs.book.Bytes()
	en.bytes += int64(now - rs.said)
	rs.said = now
	for rs.groups > en.opts.MaxGroups && en.evictGroup(rs) {
	}
	for rs.book.Len() > en.opts.MaxGroups && en.evictFold(rs) {
	}
	for rs.held() > en.opts.MaxBytes && en.evict(rs) {
	}
	for en.bytes > manyRules*en.opts.MaxBytes && en.evict(en.fattest()) {
	}
}

// evict lets go of what takes more of a rule's memory.
func (en *Engine) evict(rs *ruleState) bool {
	if int64(rs.book.Bytes()) > rs.bytes {
		return en.evictFold(rs) || en.evictGroup(rs)
	}
	return en.evictGroup(rs) || en.evictFold(rs)
}

// fattest is the rule that has most memory; of equal ones the first by its id.
func (en *Engine) fattest() *ruleState {
	var most *ruleState
	for _, rs := range en.ordered() {
		if most == nil || rs.held() > most.held() {
			most = rs
		}
	}
	return most
}

// evictGroup lets go of the group of a rule that is furthest from firing, the longest untouched of those.
func (en *Engine) evictGroup(rs *ruleState) bool {
	for level := range kind.Levels {
		for _, n := range rs.nodes {
			if g := n.groups.spare(level, en.began); g != nil {
				n.remove(g)
				rs.counts.EvictedGroups++
				en.stats.EvictedGroups++
				en.say(rs)
				return true
			}
		}
	}
	return false
}

// evictFold lets go of the alerts of a rule that were not touched for the longest time.
func (en *Engine) evictFold(rs *ruleState) bool {
	if !rs.book.Evict() {
		return false
	}
	now := rs.book.Bytes()
	en.bytes += int64(now - rs.said)
	rs.said = now
	rs.counts.EvictedFolds++
	en.stats.EvictedFolds++
	en.say(rs)
	return true
}

// say logs once that a rule is full.
func (en *Engine) say(rs *ruleState) {
	if !rs.full {
		rs.full = true
		en.opts.Log.Warn("a rule has more groups, or groups that take more memory, than it may; the ones furthest from firing are let go",
			"component", "correlate", "rule", rs.rule.ID, "max_groups", en.opts.MaxGroups, "max_bytes", en.opts.MaxBytes)
	}
}

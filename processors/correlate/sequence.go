package correlate

import "slices"

// maxStepMatches bounds the matches that a group keeps for one step; steps that need more keep four times their need.
const maxStepMatches = 1024

// sequence finds the hits of one group of a sequence rule: matches of the last step that complete all steps. A match
// that two steps name stands in the lists of both, as one *match: it can do one step of one chain and another step of
// the next.
type sequence struct {
	steps [][]*match // per step, ordered
}

// chain is how the steps can be laid out to end with one match of the last step. It is scratch memory of a rule.
type chain struct {
	earliest []*match // per step, the earliest match by which the step and all before it can be done
	latest   []*match // per step, the latest match from which the step and all after it can still be done
}

// add takes a match and calls fn for each match of the last step that became a hit by it, and after that for each
// match that became evidence of that hit.
func (q *sequence) add(m *match, rs *ruleState, fn func(found)) {
	for i, s := range rs.steps {
		if s.cond == m.cond {
			q.steps[i], _ = insert(q.steps[i], m)
			q.thin(i, rs)
		}
	}
	last := q.steps[len(q.steps)-1]
	for i := from(last, m.t); i < len(last) && last[i].t <= m.t+rs.within; i++ {
		y := last[i]
		if compare(y, m) < 0 || !q.complete(i, rs, &rs.chain) {
			continue
		}
		if !y.hit {
			fn(found{m: y, trigger: m, counted: y.used})
			y.hit, y.used = true, true
		}
		q.parts(i, rs, &rs.chain, func(x *match) { fn(found{m: x, trigger: m, of: y}) })
	}
}

// complete tells whether the match at place last of the last step completes a chain, and lays it out. Greedy is right
// here: the earliest way to do the steps before leaves most room for the next one, and if that does not fit, none does.
// The latest way, laid out backwards, then bounds what may stand in any chain.
func (q *sequence) complete(last int, rs *ruleState, ch *chain) bool {
	n := len(q.steps)
	y := q.steps[n-1][last]
	if len(ch.earliest) != n {
		ch.earliest, ch.latest = make([]*match, n), make([]*match, n)
	}
	for i, s := range rs.steps {
		list := q.steps[i]
		first := 0
		if i == 0 {
			first = from(list, y.t-rs.within)
		} else {
			first = after(list, ch.earliest[i-1])
		}
		done := first + s.need - 1
		if done >= len(list) || i < n-1 && compare(list[done], y) >= 0 || i == n-1 && done > last {
			return false
		}
		ch.earliest[i] = list[done]
	}
	ch.latest[n-1] = q.steps[n-1][last-rs.steps[n-1].need+1]
	for i := n - 2; i >= 0; i-- {
		before, _ := slices.BinarySearchFunc(q.steps[i], ch.latest[i+1], compare)
		ch.latest[i] = q.steps[i][before-rs.steps[i].need]
	}
	return true
}

// parts calls fn for each match, not yet evidence, that stands in some chain which ends with the match at place last.
func (q *sequence) parts(last int, rs *ruleState, ch *chain, fn func(*match)) {
	n := len(q.steps)
	y := q.steps[n-1][last]
	for i, list := range q.steps {
		lo := from(list, y.t-rs.within)
		if i > 0 {
			lo = after(list, ch.earliest[i-1])
		}
		hi := last + 1
		if i < n-1 {
			hi, _ = slices.BinarySearchFunc(list, ch.latest[i+1], compare)
		}
		for _, x := range list[min(lo, hi):hi] {
			if !x.used {
				x.used = true
				fn(x)
			}
		}
	}
}

// thin keeps a step's matches within bounds: every second one of the middle half goes. The ends stay: the first ones
// may have begun a chain, and the latest ones are what the next steps build on.
func (q *sequence) thin(i int, rs *ruleState) {
	list := q.steps[i]
	if len(list) <= max(maxStepMatches, 4*rs.steps[i].need) {
		return
	}
	quarter := len(list) / 4
	kept := quarter
	for j := quarter; j < len(list); j++ {
		if j < len(list)-quarter && j%2 == 1 {
			rs.thinned++
			continue
		}
		list[kept] = list[j]
		kept++
	}
	clear(list[kept:])
	q.steps[i] = list[:kept]
}

// prune lets go of what no match from cut on can reach.
func (q *sequence) prune(cut int64, rs *ruleState) {
	for i, list := range q.steps {
		q.steps[i] = drop(list, from(list, cut-rs.within))
	}
}

// expires returns the time after which nothing of the group is needed.
func (q *sequence) expires(rs *ruleState) int64 {
	at := longAgo
	for _, list := range q.steps {
		if n := len(list); n > 0 {
			at = max(at, list[n-1].t+rs.within)
		}
	}
	return at
}

// progress tells how far the group is on the way to firing, from 0 to levels-1.
func (q *sequence) progress(rs *ruleState) int {
	have, need := 0, 0
	for i, s := range rs.steps {
		have += min(len(q.steps[i]), s.need)
		need += s.need
	}
	if final := q.steps[len(q.steps)-1]; len(final) > 0 && final[len(final)-1].hit {
		return levels - 1
	}
	return min((levels-1)*have/need, levels-2)
}

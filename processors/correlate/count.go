package correlate

import "slices"

// counter finds the hits of one group of a count rule.
//
// cold holds the matches that are no hits, runs the spans of those that are. A match that lies in a run, or follows
// one within the fold time, is a hit at once. Any other is a hit, and all around it are, if a span of within holds it
// and enough others. Of a run it is enough to know the first need-1 times: a match before a run can only share a
// window with those.
//
// The reason for two lists: a storm makes one run, however many matches it has, so it costs next to nothing.
// Only what has not fired is kept whole, because each of it may still be evidence of an alert.
type counter struct {
	cold []*match // ordered
	runs []run    // ordered; further apart than the fold time
}

// run is a chain of hits, neighbours no further apart than the fold time.
type run struct {
	first, last int64
	heads       []int64 // the earliest times, ordered, at most need-1
}

// join adds a hit's time to the run.
func (r *run) join(t int64, need int) {
	r.first, r.last = min(r.first, t), max(r.last, t)
	if n := len(r.heads); n == need-1 && (n == 0 || t >= r.heads[n-1]) {
		return
	}
	i, _ := slices.BinarySearch(r.heads, t)
	r.heads = slices.Insert(r.heads, i, t)
	if len(r.heads) > need-1 {
		r.heads = r.heads[:need-1]
	}
}

// add takes a match and calls fn for each match that became a hit by it.
func (c *counter) add(m *match, rs *ruleState, fn func(found)) {
	hit := func(x *match) { fn(found{m: x, trigger: m}) }
	need := rs.steps[0].need
	// at is the first run that does not end, fold time included, before m.
	at, _ := slices.BinarySearchFunc(c.runs, m.t, func(r run, t int64) int {
		if r.last+rs.fold < t {
			return -1
		}
		return 1
	})
	if at < len(c.runs) && c.runs[at].first <= m.t {
		hit(m)
		c.runs[at].join(m.t, need)
		c.reach(at, rs, hit)
		c.spread(at, rs, hit)
		return
	}
	var place int
	c.cold, place = insert(c.cold, m)
	lo, hi := c.window(place, at, rs.within, need)
	if lo < 0 {
		return
	}
	r := run{first: c.cold[lo].t, last: c.cold[lo].t}
	for _, x := range c.cold[lo:hi] {
		hit(x)
		r.join(x.t, need)
	}
	c.cold = slices.Delete(c.cold, lo, hi)
	c.runs = slices.Insert(c.runs, at, r)
	c.spread(at, rs, hit)
}

// window returns which cold matches are in a span of within together with the one at place and enough others; lo is
// -1 if there is none. Times of the run at next, which lies after it, count too.
// It looks at need-1 matches on either side and no more, since a window of need matches that holds place reaches no further.
func (c *counter) window(place, next int, within int64, need int) (lo, hi int) {
	t := c.cold[place].t
	start := place
	for start > 0 && place-start < need-1 && c.cold[start-1].t >= t-within {
		start--
	}
	end := place + 1
	for end < len(c.cold) && end-place < need && c.cold[end].t <= t+within && (next == len(c.runs) || c.cold[end].t < c.runs[next].first) {
		end++
	}
	var heads []int64
	if next < len(c.runs) && (end == len(c.cold) || c.cold[end].t > c.runs[next].first) {
		heads = c.runs[next].heads
	}
	n := end - start
	total := n + len(heads)
	timeAt := func(i int) int64 {
		if i < n {
			return c.cold[start+i].t
		}
		return heads[i-n]
	}
	lo = -1
	for i := 0; i <= place-start && i+need <= total; i++ {
		if i+need <= place-start || timeAt(i+need-1)-timeAt(i) > within {
			continue
		}
		if lo < 0 {
			lo = start + i
		}
		hi = start + min(i+need, n)
	}
	return lo, hi
}

// reach lets the run at place take cold matches before it: a late match in the run may be what their window lacked.
// Only matches before the run can be meant: one in it is a hit, one behind it is what spread is for.
func (c *counter) reach(place int, rs *ruleState, hit func(*match)) {
	need := rs.steps[0].need
	r := &c.runs[place]
	end := from(c.cold, r.first)
	for i := max(0, end-need+1); i < end; i++ {
		if at := i + need - 1 - end; at >= len(r.heads) || at < 0 || r.heads[at]-c.cold[i].t > rs.within {
			continue
		}
		for _, x := range c.cold[i:end] {
			hit(x)
			r.join(x.t, need)
		}
		c.cold = slices.Delete(c.cold, i, end)
		return
	}
}

// spread lets the run at place take what follows it within the fold time: cold matches, and further runs.
// Fold chains: each match that is taken lengthens the run, and may bring the next one within reach; hence the loop.
func (c *counter) spread(place int, rs *ruleState, hit func(*match)) {
	need := rs.steps[0].need
	r := &c.runs[place]
	for {
		next := place + 1
		if i := from(c.cold, r.last); i < len(c.cold) && c.cold[i].t <= r.last+rs.fold &&
			(next == len(c.runs) || c.cold[i].t < c.runs[next].first) {
			hit(c.cold[i])
			r.join(c.cold[i].t, need)
			c.cold = slices.Delete(c.cold, i, i+1)
			continue
		}
		if next == len(c.runs) || c.runs[next].first > r.last+rs.fold {
			return
		}
		other := c.runs[next]
		for _, t := range other.heads {
			r.join(t, need)
		}
		r.last = max(r.last, other.last)
		c.runs = slices.Delete(c.runs, next, next+1)
		r = &c.runs[place]
	}
}

// prune lets go of what no match from cut on can reach.
// The cut is the low time less lateness. What lies a window before it can share no window with what comes.
func (c *counter) prune(cut int64, rs *ruleState) {
	c.cold = drop(c.cold, from(c.cold, cut-rs.within))
	n := 0
	for n < len(c.runs) && c.runs[n].last+rs.fold < cut {
		n++
	}
	c.runs = slices.Delete(c.runs, 0, n)
}

// drop takes the first n matches away. A list that shrank a lot gives its memory back.
// A group that had a storm must not keep its memory for an hour of silence.
func drop(list []*match, n int) []*match {
	list = slices.Delete(list, 0, n)
	if cap(list) > 32 && len(list) < cap(list)/4 {
		list = slices.Clone(list)
	}
	return list
}

// expires returns the time after which nothing of the group is needed.
// It is a time of events, held against the marks: a group ends when the stream has passed it, however long that takes.
func (c *counter) expires(rs *ruleState) int64 {
	at := longAgo
	if n := len(c.cold); n > 0 {
		at = c.cold[n-1].t + rs.within
	}
	if n := len(c.runs); n > 0 {
		at = max(at, c.runs[n-1].last+rs.fold)
	}
	return at
}

// progress tells how far the group is on the way to firing, from 0 to levels-1.
func (c *counter) progress(rs *ruleState) int {
	if len(c.runs) > 0 {
		return levels - 1
	}
	n := len(c.cold)
	if n > 0 {
		n -= from(c.cold, c.cold[n-1].t-rs.within)
	}
	return min((levels-1)*n/rs.steps[0].need, levels-2)
}

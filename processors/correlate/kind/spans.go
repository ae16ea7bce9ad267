package kind

import (
	"slices"

	"weir/rules"
)

// spans finds the hits of a correlation that only more matches can make true: count, distinct, sum and any_order.
//
// cold holds the matches that are no hits, runs the spans of those that are. A match that lies in a run, or follows
// one within the fold time, is a hit at once. Any other is a hit, and all around it are, if the correlation holds in a
// window that holds it.
//
// The reason for two lists: a storm makes one run, however many matches it has, so it costs next to nothing.
// Only what has not fired is kept whole, because each of it may still be evidence of an alert.
type spans struct {
	spec *Spec
	cold list
	tail trailing
	runs []run // ordered; further apart than the fold time
	told told
	next int64 // the least cut at which cold matches may go
}

// run is a chain of hits, neighbours no further apart than the fold time.
type run struct {
	first, last int64
	// Of sliding windows: what its earliest matches are, as few as make the correlation hold. A match before a run can
	// only share a window with those. They are let go once nothing can come so early.
	heads []head
	full  bool // they make it hold
	shut  bool // they are let go
}

// head is one of the earliest matches of a run.
type head struct {
	t int64
	w weight
}

// Bounds of what a group keeps of hits.
const (
	maxRuns  = 1024
	maxHeads = 4096
)

func newSpans(s *Spec) *spans {
	g := &spans{spec: s, next: Farthest}
	g.tail.tally = s.newTally(&g.cold)
	return g
}

func (g *spans) add(m *Match, to Found) {
	at := g.runAt(m.T)
	if at < len(g.runs) && g.lead(g.runs[at].first) <= m.T {
		if g.told.note(m) {
			to.Hit(m, false)
			g.join(at, head{m.T, g.spec.weigh(m)}, m.T, to)
		}
		return
	}
	place, fresh := g.cold.insert(m)
	if !fresh {
		return
	}
	g.next = min(g.next, g.spec.end(m.T))
	if lo, hi := g.fires(place, at); lo < hi {
		g.fire(lo, hi, at, to)
	}
	if g.cold.crowded(g.spec) {
		g.cover()
	}
}

// cover makes the tail anew. It covers what comes after the last run, or nothing.
func (g *spans) cover() {
	g.tail.begin(&g.cold)
	if n, k := g.cold.len(), len(g.runs); n > 0 && (k == 0 || g.cold.at(n-1).T > g.runs[k-1].last) {
		g.tail.rebuild(&g.cold, g.spec)
	}
}

// runAt returns the first run that does not end, fold time included, before t. Mostly that is the last, or none.
func (g *spans) runAt(t int64) int {
	n := len(g.runs)
	for n > 0 && g.runs[n-1].last+g.spec.fold >= t {
		n--
	}
	return n
}

// lead is from when on a match is a hit because it shares a window with the run's first one, which fired.
func (g *spans) lead(first int64) int64 {
	switch g.spec.window {
	case rules.Tumbling:
		return g.spec.start(first)
	case rules.Session:
		return first - g.spec.within
	}
	return first
}

// fires returns which cold matches are hits now that there is the one at place, which lies before the run at next.
func (g *spans) fires(place, next int) (lo, hi int) {
	s, t := g.spec, &g.tail
	switch {
	case place == g.cold.len()-1 && next == len(g.runs):
		t.follow(&g.cold, s)
	case s.window == rules.Sliding:
		return g.firesLate(place, next)
	case place > t.lo:
		t.tally.add(g.cold.weigh(place, s))
	default:
		t.lo++
		if lo, hi = s.stretch(&g.cold, place); hi <= t.lo {
			return g.scan(lo, hi)
		}
		t.begin(&g.cold)
		t.lo = lo
		t.cover(&g.cold, s, lo, hi)
	}
	if t.holds(&g.cold) {
		return t.lo, g.cold.len()
	}
	return 0, 0
}

// scan returns the matches from lo to hi if the correlation holds in them.
func (g *spans) scan(lo, hi int) (int, int) {
	t := g.spec.newTally(&g.cold)
	for i := lo; i < hi; i++ {
		t.add(g.cold.weigh(i, g.spec))
	}
	if t.holds(g.cold.at(lo).T, g.cold.last(hi-1)) {
		return lo, hi
	}
	return 0, 0
}

// firesLate does it for a match that did not come in order, of sliding windows. Mostly it is only a little late: then
// what the tail covers, and the few before, are more than any window that holds it, and if they are not enough, none is.
func (g *spans) firesLate(place, next int) (int, int) {
	s, t, l := g.spec, &g.tail, &g.cold
	m := l.at(place)
	if next == len(g.runs) && place >= t.lo && m.T >= l.at(l.len()-1).T-s.within {
		t.tally.add(l.weigh(place, s))
	} else {
		t.lo++
	}
	if next == len(g.runs) {
		from := t.lo
		for from > 0 && l.at(from-1).T >= m.T-s.within {
			from--
		}
		t.cover(l, s, from, t.lo)
		enough := t.tally.holds(m.T-s.within, m.T+s.within)
		for ; from < t.lo; from++ {
			t.tally.remove(l.weigh(from, s))
		}
		if !enough {
			return 0, 0
		}
	}
	return g.slide(place, next)
}

// slide looks at all windows that hold the match at place, with what they hold of the run at next.
func (g *spans) slide(place, next int) (lo, hi int) {
	l, s := &g.cold, g.spec
	t := l.at(place).T
	end := l.after(t + s.within)
	var heads []head
	if next < len(g.runs) {
		heads = g.runs[next].heads
		end = min(end, l.from(g.runs[next].first))
	}
	tally := s.newTally(l)
	j := l.from(t - s.within)
	for i := j; i <= place; i++ {
		from := l.at(i).T
		for ; j < end && l.at(j).T <= from+s.within; j++ {
			tally.add(l.weigh(j, s))
		}
		for ; j >= end && j < end+len(heads) && heads[j-end].t <= from+s.within; j++ {
			tally.add(heads[j-end].w)
		}
		if j > place && tally.holds(from, from+s.within) {
			if hi == 0 {
				lo = i
			}
			hi = max(hi, min(j, end))
		}
		tally.remove(l.weigh(i, s))
	}
	return lo, hi
}

// fire makes a run of the cold matches from lo to before hi.
func (g *spans) fire(lo, hi, at int, to Found) {
	r := run{first: g.cold.at(lo).T, last: g.cold.at(lo).T}
	if hi > g.tail.lo {
		defer g.tail.begin(&g.cold)
	}
	if g.spec.window == rules.Sliding {
		for i := lo; i < hi && !r.full; i++ {
			r.heads = append(r.heads, head{g.cold.at(i).T, g.cold.weigh(i, g.spec)})
		}
		g.trim(&r)
	}
	g.tell(lo, hi, &r, to)
	g.runs = slices.Insert(g.runs, at, r)
	g.spread(at, to)
	if len(g.runs) > maxRuns {
		g.runs = slices.Delete(g.runs, 0, 1)
		g.cold.rough |= roughLost
	}
}

// trim leaves, of the heads of a run, as few as make the correlation hold.
func (g *spans) trim(r *run) {
	t := g.spec.newTally(nil)
	kept := r.heads[:0]
	for _, x := range r.heads {
		if !t.helps(x.w) {
			continue
		}
		kept = append(kept, x)
		t.add(x.w)
		if r.full = t.holds(0, 0) || len(kept) == maxHeads; r.full {
			break
		}
	}
	clear(r.heads[len(kept):])
	r.heads = kept
}

// tell says that the cold matches from lo to before hi are hits of the run, and takes them away.
func (g *spans) tell(lo, hi int, r *run, to Found) {
	for i := lo; i < hi; i++ {
		m := g.cold.at(i)
		g.told.note(m)
		g.cold.hit(i, to)
		r.first, r.last = min(r.first, m.T), max(r.last, g.cold.last(i))
	}
	g.tail.take(&g.cold, g.spec, lo, hi)
	g.cold.drop(lo, hi)
}

// join adds a hit to the run at a place, and takes in what that brings within reach.
func (g *spans) join(at int, h head, last int64, to Found) {
	r := &g.runs[at]
	early := h.t < r.first
	r.first = min(r.first, h.t)
	further := last > r.last
	r.last = max(r.last, last)
	if g.lower(r, h) || early {
		g.reach(at, to)
	}
	if further {
		g.spread(at, to)
	}
}

// lower puts a match among the heads of a run if it belongs there, and tells whether it did.
func (g *spans) lower(r *run, h head) bool {
	n := len(r.heads)
	if r.shut || r.full && h.t >= r.heads[n-1].t {
		return false
	}
	i, _ := slices.BinarySearchFunc(r.heads, h.t, func(x head, t int64) int {
		if x.t <= t {
			return -1
		}
		return 1
	})
	r.heads = slices.Insert(r.heads, i, h)
	g.trim(r)
	return true
}

// reach lets the run at a place take cold matches before it: a late match in the run may be what their window lacked.
// Only matches before the run can be meant: one in it is a hit, one behind it is what spread is for.
func (g *spans) reach(at int, to Found) {
	r, s, l := &g.runs[at], g.spec, &g.cold
	end := l.from(r.first)
	lo := end
	switch s.window {
	case rules.Tumbling:
		return
	case rules.Session:
		for first := r.first; lo > 0 && l.last(lo-1) >= first-s.within; lo-- {
			first = l.at(lo - 1).T
		}
	default:
		if len(r.heads) == 0 {
			return
		}
		tally := s.newTally(nil)
		used := 0
		// The windows that begin with ever later matches lose one at the front and win heads at the back.
		start := l.from(r.heads[0].t - s.within)
		for i := start; i < end; i++ {
			tally.add(l.weigh(i, s))
		}
		for i := start; i < end; i++ {
			for ; used < len(r.heads) && r.heads[used].t <= l.at(i).T+s.within; used++ {
				tally.add(r.heads[used].w)
			}
			if tally.holds(l.at(i).T, l.at(i).T+s.within) {
				lo = i
				break
			}
			tally.remove(l.weigh(i, s))
		}
	}
	if lo == end {
		return
	}
	for i := end - 1; i >= lo && s.window == rules.Sliding; i-- {
		g.lower(r, head{l.at(i).T, l.weigh(i, s)})
	}
	g.tell(lo, end, r, to)
}

// spread lets the run at a place take what follows it within the fold time: cold matches, and further runs.
// Fold chains: each match that is taken lengthens the run, and may bring the next one within reach; hence the loop.
func (g *spans) spread(at int, to Found) {
	r, l := &g.runs[at], &g.cold
	for {
		more := at+1 < len(g.runs)
		lo := l.from(r.last)
		hi, last := lo, r.last
		for hi < l.len() && l.at(hi).T <= last+g.spec.fold && (!more || l.at(hi).T < g.runs[at+1].first) {
			last = max(last, l.last(hi))
			hi++
		}
		if lo < hi {
			g.tell(lo, hi, r, to)
		}
		if !more || g.lead(g.runs[at+1].first) > r.last+g.spec.fold {
			return
		}
		next := g.runs[at+1]
		for _, h := range next.heads {
			g.lower(r, h)
		}
		r.last = max(r.last, next.last)
		g.runs = slices.Delete(g.runs, at+1, at+2)
		r = &g.runs[at]
	}
}

func (g *spans) pass(cut int64, _ Found) {
	if cut > g.next {
		g.prune(cut)
	}
	if len(g.runs) == 0 {
		return
	}
	n := 0
	for n < len(g.runs) && g.runs[n].last+g.spec.fold < cut {
		n++
	}
	if g.runs = slices.Delete(g.runs, 0, n); len(g.runs) == 0 {
		g.cover()
	}
	for i := range g.runs {
		if r := &g.runs[i]; !r.shut && cut > r.first+g.spec.within {
			r.heads, r.full, r.shut = nil, false, true
		}
	}
	g.told.drop(cut - g.spec.within)
}

// prune lets go of what no match from cut on can reach.
func (g *spans) prune(cut int64) {
	var n int
	n, g.next = g.cold.past(g.spec, cut, g.tail.lo)
	g.tail.take(&g.cold, g.spec, 0, n)
	g.cold.drop(0, n)
	if g.cold.values != nil {
		g.cold.values.drop(cut - g.spec.within)
	}
}

func (g *spans) due() int64 {
	at := LongAgo
	if n := g.cold.len(); n > 0 {
		at = g.spec.end(g.cold.last(n - 1))
	}
	if n := len(g.runs); n > 0 {
		at = max(at, g.runs[n-1].last+g.spec.fold)
	}
	return at
}

func (g *spans) since() int64 { return Farthest }

func (g *spans) empty() bool { return g.cold.len() == 0 && len(g.runs) == 0 }

func (g *spans) progress() int {
	if len(g.runs) > 0 {
		return Levels - 1
	}
	return g.spec.level(g.tail.tally.share())
}

func (g *spans) rough() rough { return g.cold.rough }

func (g *spans) bytes() int {
	n := 200 + g.cold.bytes() + g.tail.tally.bytes() + g.told.bytes() + cap(g.runs)*64
	for i := range g.runs {
		n += cap(g.runs[i].heads) * 48
	}
	return n
}

func (g *spans) append(e *encoder) {
	e.list(&g.cold)
	e.count(len(g.runs))
	for i := range g.runs {
		r := &g.runs[i]
		e.int(r.first)
		e.int(r.last)
		e.flag(r.full)
		e.flag(r.shut)
		e.count(len(r.heads))
		for _, h := range r.heads {
			e.int(h.t)
			e.weight(h.w)
		}
	}
	e.told(&g.told)
}

// leastRun and leastHead are how many bytes they take at least.
const (
	leastRun  = 5
	leastHead = 12
)

func (g *spans) read(d *decoder) {
	g.cold = d.list()
	last := LongAgo
	for n := d.count(leastRun); n > 0 && !d.failed; n-- {
		r := run{first: d.time(), last: d.time(), full: d.flag(), shut: d.flag()}
		for k := d.count(leastHead); k > 0 && !d.failed; k-- {
			h := head{d.time(), d.weight()}
			if n := len(r.heads); n == maxHeads || n > 0 && r.heads[n-1].t > h.t {
				d.fail()
			}
			r.heads = append(r.heads, h)
		}
		if r.first <= last || r.last < r.first || r.full && len(r.heads) == 0 || r.shut && len(r.heads) > 0 || len(g.runs) == maxRuns {
			d.fail()
		}
		last = r.last
		g.runs = append(g.runs, r)
	}
	g.told = d.told()
	if !d.failed {
		g.next = LongAgo // what may go is found at the next pass
		g.cover()
	}
}

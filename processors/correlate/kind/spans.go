package kind

import (
	"slices"

	"weir/processors/correlate/kind/match"
	"weir/processors/correlate/kind/pack"
	"weir/processors/correlate/kind/spec"
	"weir/processors/correlate/kind/tally"
	"weir/processors/correlate/kind/timeline"
	"weir/rules/correlation"
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
	self many
	spec *spec.Spec
	next int64 // the least cut at which cold matches may go
	runs []run // ordered; further apart than the fold time
	tail timeline.Trailing
	cold timeline.List
	told match.Told
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
	w tally.Weight
}

// Bounds of what a group keeps of hits.
const (
	maxRuns  = 1024
	maxHeads = 4096
)

// newSpans makes an empty one. Its tail counts what is cold, and asks the estimates of that.
func newSpans(s *spec.Spec) *spans {
	g := &spans{spec: s, next: Farthest}
	g.tail.Tally = tally.New(s, &g.cold.Values)
	return g
}

// word returns the spans as a group holds them.
func (g *spans) word() *many {
	g.self.body = g
	return &g.self
}

func (g *spans) add(m *Match, to Found) {
	at := g.runAt(m.T)
	if at < len(g.runs) && g.lead(g.runs[at].first) <= m.T {
		if g.told.Note(m) {
			to.Hit(m, false)
			g.join(at, head{m.T, tally.Weigh(g.spec, m)}, m.T, to)
		}
		return
	}
	place, fresh := g.cold.Insert(m)
	if !fresh {
		return
	}
	g.next = min(g.next, g.spec.End(m.T))
	if lo, hi := g.fires(place, at); lo < hi {
		g.fire(lo, hi, at, to)
	}
	if g.cold.Crowded(g.spec) {
		g.cover()
	}
}

// cover makes the tail anew. It covers what comes after the last run, or nothing.
func (g *spans) cover() {
	g.tail.Begin(&g.cold)
	if n, k := g.cold.Len(), len(g.runs); n > 0 && (k == 0 || g.cold.Time(n-1) > g.runs[k-1].last) {
		g.tail.Rebuild(&g.cold, g.spec)
	}
}

// runAt returns the first run that does not end, fold time included, before t. Mostly that is the last, or none.
func (g *spans) runAt(t int64) int {
	n := len(g.runs)
	for n > 0 && g.runs[n-1].last+g.spec.Fold >= t {
		n--
	}
	return n
}

// lead is from when on a match is a hit because it shares a window with the run's first one, which fired.
func (g *spans) lead(first int64) int64 {
	switch g.spec.Window {
	case correlation.Tumbling:
		return g.spec.Start(first)
	case correlation.Session:
		return first - g.spec.Within
	}
	return first
}

// fires returns which cold matches are hits now that there is the one at place, which lies before the run at next.
func (g *spans) fires(place, next int) (lo, hi int) {
	s, t := g.spec, &g.tail
	switch {
	case place == g.cold.Len()-1 && next == len(g.runs):
		t.Follow(&g.cold, s)
	case s.Window == correlation.Sliding:
		return g.firesLate(place, next)
	case place > t.Lo:
		t.Tally.Add(g.cold.Weigh(place, s))
	default:
		t.Lo++
		if lo, hi = g.cold.Stretch(s, place); hi <= t.Lo {
			return g.scan(lo, hi)
		}
		t.Begin(&g.cold)
		t.Lo = lo
		t.Cover(&g.cold, s, lo, hi)
	}
	if t.Holds(&g.cold) {
		return t.Lo, g.cold.Len()
	}
	return 0, 0
}

// scan returns the matches from lo to hi if the correlation holds in them.
func (g *spans) scan(lo, hi int) (int, int) {
	t := tally.New(g.spec, &g.cold.Values)
	for i := lo; i < hi; i++ {
		t.Add(g.cold.Weigh(i, g.spec))
	}
	if t.Holds(g.cold.Time(lo), g.cold.Last(hi-1)) {
		return lo, hi
	}
	return 0, 0
}

// firesLate does it for a match that did not come in order, of sliding windows. Mostly it is only a little late: then
// what the tail covers, and the few before, are more than any window that holds it, and if they are not enough, none is.
func (g *spans) firesLate(place, next int) (int, int) {
	s, t, l := g.spec, &g.tail, &g.cold
	m := l.At(place)
	if next == len(g.runs) && place >= t.Lo && m.T >= l.Time(l.Len()-1)-s.Within {
		t.Tally.Add(l.Weigh(place, s))
	} else {
		t.Lo++
	}
	if next == len(g.runs) {
		from := t.Lo
		for from > 0 && l.Time(from-1) >= m.T-s.Within {
			from--
		}
		t.Cover(l, s, from, t.Lo)
		enough := t.Tally.Holds(m.T-s.Within, m.T+s.Within)
		for ; from < t.Lo; from++ {
			t.Tally.Remove(l.Weigh(from, s))
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
	t := l.Time(place)
	end := l.After(t + s.Within)
	var heads []head
	if next < len(g.runs) {
		heads = g.runs[next].heads
		end = min(end, l.From(g.runs[next].first))
	}
	win := tally.New(s, &l.Values)
	j := l.From(t - s.Within)
	for i := j; i <= place; i++ {
		from := l.Time(i)
		for ; j < end && l.Time(j) <= from+s.Within; j++ {
			win.Add(l.Weigh(j, s))
		}
		for ; j >= end && j < end+len(heads) && heads[j-end].t <= from+s.Within; j++ {
			win.Add(heads[j-end].w)
		}
		if j > place && win.Holds(from, from+s.Within) {
			if hi == 0 {
				lo = i
			}
			hi = max(hi, min(j, end))
		}
		win.Remove(l.Weigh(i, s))
	}
	return lo, hi
}

// fire makes a run of the cold matches from lo to before hi.
func (g *spans) fire(lo, hi, at int, to Found) {
	r := run{first: g.cold.Time(lo), last: g.cold.Time(lo)}
	if hi > g.tail.Lo {
		defer g.tail.Begin(&g.cold)
	}
	if g.spec.Window == correlation.Sliding {
		for i := lo; i < hi && !r.full; i++ {
			r.heads = append(r.heads, head{g.cold.Time(i), g.cold.Weigh(i, g.spec)})
		}
		g.trim(&r)
	}
	g.tell(lo, hi, &r, to)
	g.runs = slices.Insert(g.runs, at, r)
	g.spread(at, to)
	if len(g.runs) > maxRuns {
		g.runs = slices.Delete(g.runs, 0, 1)
		g.cold.Rough |= timeline.RoughLost
	}
}

// trim leaves, of the heads of a run, as few as make the correlation hold.
func (g *spans) trim(r *run) {
	t := tally.New(g.spec, nil)
	kept := r.heads[:0]
	for _, x := range r.heads {
		if !t.Helps(x.w) {
			continue
		}
		kept = append(kept, x)
		t.Add(x.w)
		if r.full = t.Holds(0, 0) || len(kept) == maxHeads; r.full {
			break
		}
	}
	clear(r.heads[len(kept):])
	r.heads = kept
}

// tell says that the cold matches from lo to before hi are hits of the run, and takes them away.
func (g *spans) tell(lo, hi int, r *run, to Found) {
	for i := lo; i < hi; i++ {
		m := g.cold.At(i)
		g.told.Note(m)
		say(&g.cold, i, to)
		r.first, r.last = min(r.first, m.T), max(r.last, g.cold.Last(i))
	}
	g.tail.Take(&g.cold, g.spec, lo, hi)
	g.cold.Drop(lo, hi)
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
	end := l.From(r.first)
	lo := end
	switch s.Window {
	case correlation.Tumbling:
		return
	case correlation.Session:
		for first := r.first; lo > 0 && l.Last(lo-1) >= first-s.Within; lo-- {
			first = l.Time(lo - 1)
		}
	default:
		if len(r.heads) == 0 {
			return
		}
		win := tally.New(s, nil)
		used := 0
		// The windows that begin with ever later matches lose one at the front and win heads at the back.
		start := l.From(r.heads[0].t - s.Within)
		for i := start; i < end; i++ {
			win.Add(l.Weigh(i, s))
		}
		for i := start; i < end; i++ {
			for ; used < len(r.heads) && r.heads[used].t <= l.Time(i)+s.Within; used++ {
				win.Add(r.heads[used].w)
			}
			if win.Holds(l.Time(i), l.Time(i)+s.Within) {
				lo = i
				break
			}
			win.Remove(l.Weigh(i, s))
		}
	}
	if lo == end {
		return
	}
	for i := end - 1; i >= lo && s.Window == correlation.Sliding; i-- {
		g.lower(r, head{l.Time(i), l.Weigh(i, s)})
	}
	g.tell(lo, end, r, to)
}

// spread lets the run at a place take what follows it within the fold time: cold matches, and further runs.
// Fold chains: each match that is taken lengthens the run, and may bring the next one within reach; hence the loop.
func (g *spans) spread(at int, to Found) {
	r, l := &g.runs[at], &g.cold
	for {
		more := at+1 < len(g.runs)
		lo := l.From(r.last)
		hi, last := lo, r.last
		for hi < l.Len() && l.Time(hi) <= last+g.spec.Fold && (!more || l.Time(hi) < g.runs[at+1].first) {
			last = max(last, l.Last(hi))
			hi++
		}
		if lo < hi {
			g.tell(lo, hi, r, to)
		}
		if !more || g.lead(g.runs[at+1].first) > r.last+g.spec.Fold {
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

// pass only lets go: what is cold, runs that nothing can follow, and the heads that no late match can reach.
func (g *spans) pass(cut int64, to Found) {
	if cut > g.next {
		g.prune(cut, to)
	}
	if len(g.runs) == 0 {
		return
	}
	n := 0
	for n < len(g.runs) && g.runs[n].last+g.spec.Fold < cut {
		n++
	}
	if g.runs = slices.Delete(g.runs, 0, n); len(g.runs) == 0 {
		g.cover()
	}
	for i := range g.runs {
		if r := &g.runs[i]; !r.shut && cut > r.first+g.spec.Within {
			r.heads, r.full, r.shut = nil, false, true
		}
	}
	g.told.Drop(cut - g.spec.Within)
}

// prune lets go of what no match from cut on can reach.
func (g *spans) prune(cut int64, to Found) {
	var n int
	n, g.next = g.cold.Past(g.spec, cut, g.tail.Lo)
	g.tail.Take(&g.cold, g.spec, 0, n)
	drop(g.spec, &g.cold, 0, n, to)
	g.cold.Values.Drop(cut - g.spec.Within)
}

// due is when the last of all may go; that there is something to let go earlier can wait for it.
func (g *spans) due() int64 {
	at := LongAgo
	if n := g.cold.Len(); n > 0 {
		at = g.spec.End(g.cold.Last(n - 1))
	}
	if n := len(g.runs); n > 0 {
		at = max(at, g.runs[n-1].last+g.spec.Fold)
	}
	return at
}

func (g *spans) since() int64 { return Farthest }

func (g *spans) empty() bool { return g.cold.Len() == 0 && len(g.runs) == 0 }

func (g *spans) progress() int {
	if len(g.runs) > 0 {
		return Levels - 1
	}
	return level(g.tail.Tally.Share())
}

// peek looks beyond its list where the match that leaves the window is asked what it counts for.
func (g *spans) peek() int64 {
	sum := g.cold.Peek() + int64(g.tail.Tally.Bytes())
	if g.tail.Lo < g.cold.Len() && g.spec.Kind != correlation.Count {
		m := g.cold.At(g.tail.Lo)
		sum += int64(m.Step)
		if m.Value != "" {
			sum += int64(m.Value[0])
		}
	}
	return sum
}

func (g *spans) rough() timeline.Rough { return g.cold.Rough }

func (g *spans) bytes() int {
	n := 200 + g.cold.Bytes() + g.tail.Tally.Bytes() + g.told.Bytes() + cap(g.runs)*64
	for i := range g.runs {
		n += cap(g.runs[i].heads) * 48
	}
	return n
}

// append writes no tail: it follows from what is cold.
func (g *spans) append(e *pack.Writer) {
	g.cold.Append(e)
	e.Count(len(g.runs))
	for i := range g.runs {
		r := &g.runs[i]
		e.Int(r.first)
		e.Int(r.last)
		e.Flag(r.full)
		e.Flag(r.shut)
		e.Count(len(r.heads))
		for _, h := range r.heads {
			e.Int(h.t)
			h.w.Append(e)
		}
	}
	g.told.Append(e)
}

// leastRun and leastHead are how many bytes they take at least.
const (
	leastRun  = 5
	leastHead = 12
)

// read refuses runs that could not have come to be, and makes the tail anew.
func (g *spans) read(d *pack.Reader) {
	g.cold = timeline.Read(d, g.spec)
	last := LongAgo
	for n := d.Count(leastRun); n > 0 && !d.Failed; n-- {
		r := run{first: match.ReadTime(d), last: match.ReadTime(d), full: d.Flag(), shut: d.Flag()}
		for k := d.Count(leastHead); k > 0 && !d.Failed; k-- {
			h := head{match.ReadTime(d), tally.ReadWeight(d, len(g.spec.Sources))}
			if n := len(r.heads); n == maxHeads || n > 0 && r.heads[n-1].t > h.t {
				d.Fail()
			}
			r.heads = append(r.heads, h)
		}
		if r.first <= last || r.last < r.first || r.full && len(r.heads) == 0 || r.shut && len(r.heads) > 0 || len(g.runs) == maxRuns {
			d.Fail()
		}
		last = r.last
		g.runs = append(g.runs, r)
	}
	g.told = match.ReadTold(d)
	if !d.Failed {
		g.next = LongAgo // what may go is found at the next pass
		g.cover()
	}
}

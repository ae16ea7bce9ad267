package kind

import (
	"fmt"
	"math"
	"slices"
	"time"

	"weir/processors/correlate/kind/spec"
	"weir/rules"
	"weir/rules/correlation"
)

// The definition of what a group must find, by brute force over all its matches in order. It shares nothing with the
// groups but the order of matches and the language of rules.

// answer is what must be found.
type answer struct {
	hits     map[*Match]int64    // each hit with the cut that must be passed for it to be said; LongAgo: at once
	parts    map[*Match]bool     // all that is evidence or hit
	complete map[*Match]int64    // completions, with their time
	when     map[*Match]int64    // the cut that must be passed for a completion
	spans    map[*Match][]*Match // of completions: what made them, in order
}

type definition struct {
	c    *rules.Correlate
	fold int64
	all  []*Match // in order, each once
	rank map[*Match]int
}

func define(c *rules.Correlate, fold time.Duration, matches []*Match) answer {
	d := definition{c: c, fold: max(int64(fold), int64(c.Within))}
	for _, m := range matches {
		wants := c.Kind == correlation.Distinct || c.Kind == correlation.NewValue
		if wants && m.Value == "" || slices.ContainsFunc(d.all, func(x *Match) bool { return x.ID == m.ID && x.Step == m.Step }) {
			continue
		}
		d.all = append(d.all, m)
	}
	slices.SortStableFunc(d.all, Compare)
	d.rank = map[*Match]int{}
	for i, m := range d.all {
		if d.rank[m] = i; i > 0 && Compare(d.all[i-1], m) == 0 {
			d.rank[m] = d.rank[d.all[i-1]]
		}
	}
	a := answer{map[*Match]int64{}, map[*Match]bool{}, map[*Match]int64{}, map[*Match]int64{}, map[*Match][]*Match{}}
	switch {
	case c.Kind == correlation.Absence:
		d.absence(&a)
	case c.Kind == correlation.NewValue:
		d.newValue(&a)
	case c.Kind == correlation.Sequence:
		d.sequence(&a)
	case d.monotone():
		d.spans(&a)
		d.ends(&a)
	case c.Window == correlation.Tumbling || c.Window == correlation.Session:
		d.whole(&a)
	case c.Kind == correlation.AnyOrder:
		d.anyOrderWithout(&a)
	default:
		d.slide(&a)
	}
	for m := range a.hits {
		a.parts[m] = true
	}
	return a
}

func (d *definition) within() int64 { return int64(d.c.Within) }

func (d *definition) monotone() bool {
	switch d.c.Kind {
	case correlation.Count, correlation.Distinct, correlation.Sum:
		return !slices.ContainsFunc(d.c.Bounds, func(b rules.Bound) bool { return b.Op != "gt" && b.Op != "gte" })
	case correlation.AnyOrder, correlation.Sequence:
		return d.c.Logic == nil || !negated(d.c.Logic)
	}
	return false
}

func negated(l *rules.Logic) bool {
	return l.Not != nil || slices.ContainsFunc(slices.Concat(l.And, l.Or), negated)
}

func (d *definition) meets(n float64) bool {
	if len(d.c.Bounds) == 0 {
		return n >= float64(d.c.Steps[0].AtLeast)
	}
	return !slices.ContainsFunc(d.c.Bounds, func(b rules.Bound) bool { return !b.Holds(n) })
}

// step tells how many of some matches are of the name of a step.
func (d *definition) matching(step int, in []*Match) int {
	n := 0
	for _, m := range in {
		if d.c.Steps[m.Step].When == d.c.Steps[step].When {
			n++
		}
	}
	return n
}

// holds is F over some matches. In near, what is negated is looked for.
func (d *definition) holds(in, near []*Match) bool {
	if len(in) == 0 {
		return false
	}
	var numbers []float64
	values := map[string]bool{}
	sum := 0.0
	for _, m := range in {
		numbers = append(numbers, m.Number)
		values[m.Value] = true
		sum += m.Number
	}
	slices.Sort(numbers)
	n := len(numbers)
	switch d.c.Kind {
	case correlation.Count:
		return d.meets(float64(n))
	case correlation.Distinct:
		return d.meets(float64(len(values)))
	case correlation.Sum:
		positive := 0.0
		for _, f := range numbers {
			positive += max(f, 0)
		}
		return d.meets(positive)
	case correlation.Avg:
		return n >= d.c.MinValues && d.meets(sum/float64(n))
	case correlation.Median:
		mid := numbers[n/2]
		if n%2 == 0 {
			mid = (numbers[n/2-1] + numbers[n/2]) / 2
		}
		return n >= d.c.MinValues && d.meets(mid)
	case correlation.Percentile:
		return n >= d.c.MinValues && d.meets(numbers[max(int(math.Ceil(d.c.Percent*float64(n)/100)), 1)-1])
	}
	return d.logic(d.formula(), func(step int, not bool) bool {
		if not {
			return d.matching(step, near) >= d.c.Steps[step].AtLeast
		}
		return d.matching(step, in) >= d.c.Steps[step].AtLeast
	}, false)
}

func (d *definition) formula() *rules.Logic {
	if d.c.Logic != nil {
		return d.c.Logic
	}
	l := &rules.Logic{}
	for _, s := range d.c.Steps {
		l.And = append(l.And, &rules.Logic{Step: s.When})
	}
	return l
}

func (d *definition) stepNamed(name string) int {
	return slices.IndexFunc(d.c.Steps, func(s rules.Step) bool { return s.When == name })
}

// logic evaluates a condition; not tells whether it stands under a not.
func (d *definition) logic(l *rules.Logic, there func(step int, not bool) bool, not bool) bool {
	switch {
	case l.Step != "":
		return there(d.stepNamed(l.Step), not)
	case l.Not != nil:
		return !d.logic(l.Not, there, !not)
	case len(l.And) > 0:
		return !slices.ContainsFunc(l.And, func(p *rules.Logic) bool { return !d.logic(p, there, not) })
	}
	return slices.ContainsFunc(l.Or, func(p *rules.Logic) bool { return d.logic(p, there, not) })
}

// between returns the matches of a span of times.
func (d *definition) between(from, to int64) []*Match {
	var out []*Match
	for _, m := range d.all {
		if m.T >= from && m.T <= to {
			out = append(out, m)
		}
	}
	return out
}

// windows returns the tumbling windows or sessions, each with its end.
func (d *definition) windows() (out [][]*Match, ends []int64) {
	for i, m := range d.all {
		fresh := i == 0
		if i > 0 && d.c.Window == correlation.Tumbling {
			fresh = m.T/d.within() != d.all[i-1].T/d.within()
		} else if i > 0 {
			fresh = m.T-d.all[i-1].T > d.within()
		}
		if fresh {
			out, ends = append(out, nil), append(ends, 0)
		}
		n := len(out) - 1
		out[n] = append(out[n], m)
		if ends[n] = m.T + d.within(); d.c.Window == correlation.Tumbling {
			ends[n] = m.T/d.within()*d.within() + d.within() - 1
		}
	}
	return out, ends
}

// spans: a match is a hit if F holds for some span with it, or if it follows the last hit within the fold time.
func (d *definition) spans(a *answer) {
	hot := map[*Match]bool{}
	var sets [][]*Match
	if d.c.Window == correlation.Tumbling || d.c.Window == correlation.Session {
		sets, _ = d.windows()
	} else {
		for _, m := range d.all {
			sets = append(sets, d.between(m.T, m.T+d.within()))
		}
	}
	for _, set := range sets {
		if d.holds(set, nil) {
			for _, m := range set {
				hot[m] = true
			}
		}
	}
	last := LongAgo
	for _, m := range d.all {
		if hot[m] || m.T-last <= d.fold {
			last = m.T
			a.hits[m] = LongAgo
		}
	}
}

// upTo returns the matches of m's window that are not after m in order.
func (d *definition) upTo(m *Match) []*Match {
	set := d.between(m.T-d.within(), m.T)
	if d.c.Window == correlation.Tumbling || d.c.Window == correlation.Session {
		all, _ := d.windows()
		set = all[slices.IndexFunc(all, func(w []*Match) bool { return slices.Contains(w, m) })]
	}
	var out []*Match
	for _, x := range set {
		if d.rank[x] <= d.rank[m] {
			out = append(out, x)
		}
	}
	return out
}

func (d *definition) ends(a *answer) {
	for _, m := range d.all {
		if set := d.upTo(m); d.holds(set, nil) {
			a.completes(m, m.T, LongAgo, set)
		}
	}
}

func (a *answer) completes(m *Match, t, when int64, of []*Match) {
	a.complete[m], a.when[m], a.spans[m] = t, when, of
}

func (d *definition) whole(a *answer) {
	sets, ends := d.windows()
	for i, set := range sets {
		if !d.holds(set, set) {
			continue
		}
		for _, m := range set {
			if d.c.Kind != correlation.AnyOrder || d.positive(m) {
				a.hits[m] = ends[i]
				a.completes(m, m.T, ends[i], set)
			}
		}
	}
}

// positive tells whether m is of a step that stands somewhere without a not.
func (d *definition) positive(m *Match) bool {
	found := false
	d.logic(d.formula(), func(step int, not bool) bool { return false }, false)
	var walk func(l *rules.Logic, not bool)
	walk = func(l *rules.Logic, not bool) {
		if l.Step == d.c.Steps[m.Step].When && !not {
			found = true
		}
		if l.Not != nil {
			walk(l.Not, !not)
		}
		for _, p := range slices.Concat(l.And, l.Or) {
			walk(p, not)
		}
	}
	walk(d.formula(), false)
	return found
}

func (d *definition) slide(a *answer) {
	for _, m := range d.all {
		set, when := d.between(m.T-d.within(), m.T), m.T
		if d.c.Kind == correlation.Count || d.c.Kind == correlation.Distinct || d.c.Kind == correlation.Sum {
			set, when = d.between(m.T, m.T+d.within()), m.T+d.within()
		}
		if d.holds(set, nil) {
			a.hits[m] = when
			a.completes(m, m.T, when, set)
			for _, x := range set {
				a.parts[x] = true
			}
		}
	}
}

func (d *definition) anyOrderWithout(a *answer) {
	for _, m := range d.all {
		if set := d.upTo(m); d.positive(m) && d.holds(set, d.between(m.T-d.within(), m.T+d.within())) {
			set = slices.DeleteFunc(slices.Clone(set), func(x *Match) bool { return !d.positive(x) })
			a.hits[m] = m.T + d.within()
			a.completes(m, m.T, m.T+d.within(), set)
			for _, x := range set {
				a.parts[x] = true
			}
		}
	}
}

func (d *definition) absence(a *answer) {
	last := len(d.c.Steps) - 1
	for _, m := range d.all {
		answered := slices.ContainsFunc(d.all, func(x *Match) bool {
			return d.rank[x] > d.rank[m] && x.T <= m.T+d.within() && d.c.Steps[x.Step].When == d.c.Steps[last].When
		})
		if d.c.Steps[m.Step].When == d.c.Steps[0].When && !answered {
			a.hits[m] = m.T + d.within()
			a.completes(m, m.T+d.within(), m.T+d.within(), []*Match{m})
		}
	}
}

func (d *definition) newValue(a *answer) {
	for _, m := range d.all {
		known, learned := false, false
		for _, x := range d.all {
			if d.rank[x] < d.rank[m] && x.T >= m.T-d.within() {
				known = known || x.Value == m.Value
				learned = learned || x.T <= m.T-int64(d.c.Learn)
			}
		}
		if !known && learned {
			a.hits[m] = m.T
			a.completes(m, m.T, m.T, []*Match{m})
		}
	}
}

// sequence: some minimal set of steps is done in the listed order, ending with m, and what it negates is not there.
func (d *definition) sequence(a *answer) {
	sets := d.minimal()
	for _, y := range d.all {
		evidence := map[*Match]bool{}
		for _, w := range sets {
			near := d.between(y.T-d.within(), y.T+d.within())
			if slices.ContainsFunc(w.Without, func(s int) bool { return d.matching(s, near) >= d.c.Steps[s].AtLeast }) || !d.chain(w.Steps, y, nil) {
				continue
			}
			for _, x := range d.upTo(y) {
				if d.chain(w.Steps, y, x) {
					evidence[x] = true
				}
			}
		}
		if len(evidence) == 0 {
			continue
		}
		when := LongAgo
		if !d.monotone() {
			when = y.T + d.within()
		}
		a.hits[y] = when
		var list []*Match
		for _, x := range d.all {
			if evidence[x] {
				list = append(list, x)
				a.parts[x] = true
			}
		}
		a.completes(y, y.T, when, list)
	}
}

// minimal returns the smallest sets of steps to be there and not to be there that satisfy the condition whatever the
// other steps do.
func (d *definition) minimal() []spec.Way {
	n := len(d.c.Steps)
	if d.c.Logic == nil {
		w := spec.Way{}
		for i := range n {
			w.Steps = append(w.Steps, i)
		}
		return []spec.Way{w}
	}
	holds := func(is, not int) bool {
		return d.logic(d.c.Logic, func(step int, under bool) bool {
			if under {
				return not&(1<<step) == 0
			}
			return is&(1<<step) != 0
		}, false)
	}
	var out []spec.Way
	for is := range 1 << n {
		for not := range 1 << n {
			if is&not != 0 || !holds(is, not) {
				continue
			}
			least := true
			for i := range n {
				least = least && !(is&(1<<i) != 0 && holds(is&^(1<<i), not)) && !(not&(1<<i) != 0 && holds(is, not&^(1<<i)))
			}
			if !least {
				continue
			}
			var w spec.Way
			for i := range n {
				if is&(1<<i) != 0 {
					w.Steps = append(w.Steps, i)
				}
				if not&(1<<i) != 0 {
					w.Without = append(w.Without, i)
				}
			}
			out = append(out, w)
		}
	}
	return out
}

// chain tells whether steps can be laid out over the matches of the time before y so that they end with y and hold must.
func (d *definition) chain(steps []int, y, must *Match) bool {
	c := chaining{d: d, steps: steps, y: y, must: must}
	for _, m := range d.between(y.T-d.within(), y.T) {
		if d.rank[m] <= d.rank[y] {
			c.in = append(c.in, m)
		}
	}
	c.failed = make([]bool, (len(c.in)+1)*64)
	return c.lay(0, 0, 0, must == nil)
}

// chaining tries every way. From where it failed once it does not try again.
type chaining struct {
	d       *definition
	steps   []int
	y, must *Match
	in      []*Match
	failed  []bool
}

// lay tries all ways to go on from place at, with so many matches of a step.
func (c *chaining) lay(at, step, have int, held bool) bool {
	need := c.d.c.Steps[c.steps[step]].AtLeast
	spot := (at*8+step)*8 + min(have, need)*2
	if held {
		spot++
	}
	if c.failed[spot] {
		return false
	}
	c.failed[spot] = true
	for i := at; i < len(c.in); i++ {
		m := c.in[i]
		if c.d.c.Steps[m.Step].When != c.d.c.Steps[c.steps[step]].When {
			continue
		}
		now := held || m == c.must
		done := have+1 >= need
		if done && step == len(c.steps)-1 && m == c.y && now {
			return true
		}
		if m == c.y {
			continue
		}
		next := i + 1 // what is equal in order is not later
		for next < len(c.in) && c.d.rank[c.in[next]] == c.d.rank[m] {
			next++
		}
		if done && step < len(c.steps)-1 && c.lay(next, step+1, 0, now) || c.lay(i+1, step, have+1, now) {
			return true
		}
	}
	return false
}

func name(m *Match) string { return fmt.Sprintf("%s/%d@%d", m.ID, m.Cond, m.T/1e9) }

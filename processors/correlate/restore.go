package correlate

import (
	"container/heap"
	"fmt"
	"slices"

	"weir/rules"
)

// decode reads a state and puts it in place of the engine's. Everything that the code relies on, such as order, is
// checked: a state is a file that anybody may have changed. It reads into new structures and swaps them in at the end:
// a state that turns out broken half-way must leave the engine as it was, since the worker then goes on without one.
func (en *Engine) decode(body []byte) error {
	d := decoder{b: body, known: map[string]string{}}
	clock := d.clock()
	swept := d.time()
	n := d.count()
	states := make([]*ruleState, 0, min(n, 1024))
	folds := make([][]*folded, 0, min(n, 1024))
	next := map[string]*ruleState{}
	for id, rs := range en.rules {
		next[id] = newRuleState(rs.rule)
	}
	for range n {
		id, hash := d.text(), d.text()
		inner := decoder{b: []byte(d.text()), known: d.known}
		rs := next[id]
		if rs == nil || rs.rule.Hash != hash {
			states, folds = append(states, nil), append(folds, nil)
			continue
		}
		list := inner.rule(rs, en.opts.MaxGroups)
		if inner.failed || len(inner.b) > 0 || d.failed {
			return fmt.Errorf("%w: what it holds of the rule %s does not fit together", errBroken, id)
		}
		states, folds = append(states, rs), append(folds, list)
	}
	dirty := d.dirty(states, folds)
	if d.failed || len(d.b) > 0 {
		return fmt.Errorf("%w: its parts do not fit together", errBroken)
	}
	en.rules, en.clock, en.swept, en.dirty, en.news = next, clock, swept, dirty, nil
	return nil
}

// clock reads the marks; they decide when state ends, so their times are bounded as those of matches are.
func (d *decoder) clock() clock {
	c := newClock()
	c.latest, c.low = d.time(), d.time()
	for range d.count() {
		worker := d.text()
		sets := map[string]int64{}
		for range d.count() {
			name := d.text()
			sets[name] = d.time()
		}
		c.marks[worker] = sets
	}
	return c
}

// dirty reads which alerts have something unsaid. Alerts of rules that are gone are left out.
func (d *decoder) dirty(states []*ruleState, folds [][]*folded) []said {
	var out []said
	for range d.count() {
		r, f, a := d.number(), d.number(), d.number()
		if r >= len(states) {
			d.fail()
			return nil
		}
		if states[r] == nil {
			continue
		}
		if f >= len(folds[r]) || a >= len(folds[r][f].alerts) {
			d.fail()
			return nil
		}
		alert := folds[r][f].alerts[a]
		alert.queued = true
		out = append(out, said{states[r], alert})
	}
	return out
}

// rule reads groups and folds; it returns the folds in their order.
func (d *decoder) rule(rs *ruleState, most int) []*folded {
	n := d.count()
	if rs.rule.Correlate == nil && n > 0 || n > most {
		d.fail()
	}
	for range n {
		if !d.group(rs) {
			d.fail()
			return nil
		}
	}
	var list []*folded
	for range d.count() {
		f := &folded{key: d.text()}
		for i := range d.count() {
			a := d.alert(rs)
			if i > 0 && f.alerts[i-1].to+rs.fold >= a.from {
				d.fail()
			}
			if d.failed {
				return nil
			}
			f.alerts = append(f.alerts, a)
		}
		if rs.folds[f.key] != nil || len(f.alerts) == 0 || d.failed {
			d.fail()
			return nil
		}
		rs.folds[f.key] = f
		rs.pushFold(f)
		list = append(list, f)
	}
	return list
}

// group reads one group and makes it known; ok is false where that cannot be.
func (d *decoder) group(rs *ruleState) bool {
	level := d.number()
	values := d.texts()
	if level >= levels || len(values) != len(rs.by) || d.failed {
		return false
	}
	g := rs.newGroup(keyOf(values), values)
	g.level = level
	if rs.groups.byKey[g.key] != nil {
		return false
	}
	if rs.rule.Correlate.Kind == rules.Sequence {
		d.sequence(g.seq, rs)
	} else {
		d.counter(g.count, rs)
	}
	rs.groups.put(g)
	g.due = g.expires(rs)
	heap.Fix(&rs.groups.ending, g.place)
	return !d.failed
}

// counter reads the state of a count. Its lists must be ordered and its runs apart, as the search in them relies on.
func (d *decoder) counter(c *counter, rs *ruleState) {
	c.cold = d.matches(len(rs.rule.When))
	for i := range d.count() {
		r := run{first: d.time(), last: d.time()}
		for range d.count() {
			r.heads = append(r.heads, d.time())
		}
		if r.first > r.last || !slices.IsSorted(r.heads) || len(r.heads) > rs.steps[0].need-1 ||
			len(r.heads) > 0 && r.heads[0] != r.first || i > 0 && c.runs[i-1].last+rs.fold >= r.first {
			d.fail()
		}
		if d.failed {
			return
		}
		c.runs = append(c.runs, r)
	}
}

// sequence reads the state of a sequence: its matches, then per step which of them, in order.
// Matches are read once and shared again, since a match that two steps name has one mark for both: used, hit.
func (d *decoder) sequence(q *sequence, rs *ruleState) {
	var all []*match
	for range d.count() {
		all = append(all, d.match(len(rs.rule.When)))
		if d.failed {
			return
		}
	}
	for i := range q.steps {
		for j := range d.count() {
			at := d.number()
			if at >= len(all) || j > 0 && compare(q.steps[i][j-1], all[at]) > 0 {
				d.fail()
			}
			if d.failed {
				return
			}
			q.steps[i] = append(q.steps[i], all[at])
		}
	}
}

// alert reads an open alert. One that was never said (revision 0) is in no snapshot, since snapshots are taken between
// signals.
func (d *decoder) alert(rs *ruleState) *open {
	a := &open{id: d.text(), revision: d.number(), group: d.table(), what: d.text(), whatKo: d.text()}
	for _, t := range []*int64{&a.created, &a.from, &a.to, &a.first, &a.last, &a.saidAt} {
		*t = d.time()
	}
	a.count = d.number()
	a.dirty = d.flag()
	a.parts = make([]part, len(rs.rule.When))
	for i := range a.parts {
		p := &a.parts[i]
		p.matched, p.head, p.tail = d.number(), d.matches(len(a.parts)), d.matches(len(a.parts))
		if len(p.head) > headEvidence || len(p.tail) > tailEvidence {
			d.fail()
		}
	}
	if a.from > a.to || a.first > a.last || a.revision == 0 {
		d.fail()
	}
	return a
}

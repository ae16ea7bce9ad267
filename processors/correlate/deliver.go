package correlate

import (
	"slices"
	"strings"

	"weir/internal/alert"
)

// said is an alert and its rule.
type said struct {
	rs *ruleState
	a  *open
}

// found is what a match was found to be: a hit, or further evidence of one.
type found struct {
	m       *match
	trigger *match // whose arrival showed it
	of      *match // the hit that m is evidence of; nil: m is a hit
	counted bool   // m was evidence before it became a hit
}

// fold puts a hit, or evidence of one, into its alert. key and values are those of the fold group, by those of the
// group.
// Evidence of an alert that was evicted is dropped: the alert has been said for the last time.
func (en *Engine) fold(rs *ruleState, x found, key string, values, by []string) {
	f := rs.folds[key]
	if x.of != nil {
		if f == nil {
			return // evicted
		}
		if a := f.of(x.of); a != nil {
			a.take(x.m)
			en.touched(rs, a)
		}
		return
	}
	if f == nil {
		f = &folded{key: strings.Clone(key)}
		rs.folds[f.key] = f
	} else {
		rs.unlinkFold(f)
	}
	rs.pushFold(f)
	a, merged := f.hit(x, rs, func() *open {
		en.stats.Alerts++
		return rs.newAlert(x, values, by)
	})
	if merged != nil {
		merged.gone, merged.into = true, a.id
		en.touched(rs, merged)
	}
	en.touched(rs, a)
}

// touched remembers an alert until the signal at hand is done.
func (en *Engine) touched(rs *ruleState, a *open) {
	if n := len(en.news); n > 0 && en.news[n-1].a == a {
		return
	}
	if !slices.ContainsFunc(en.news, func(d said) bool { return d.a == a }) {
		en.news = append(en.news, said{rs, a})
	}
}

// deliver says what the signal at hand has changed: at once where the last revision is old enough, else later. Then it
// holds the rule's folds to their bound. A storm of a thousand hits a second is one revision a second: what is left
// unsaid waits in dirty, in the order in which it happened, until the clock of the stream has moved on. No timer is
// involved, so a replay says the same.
func (en *Engine) deliver(emit func(*alert.Alert)) {
	for _, d := range en.news {
		a := d.a
		switch {
		case a.gone && a.revision == 0: // nobody has seen it
		case a.gone, a.revision == 0, en.clock.latest-a.saidAt >= revisionEvery:
			en.emit(d, emit)
		default:
			a.dirty = true
			if !a.queued { // else it stands in the queue since it was said last, and keeps its place
				a.queued = true
				en.dirty = append(en.dirty, d)
			}
		}
	}
	if len(en.news) == 0 {
		return
	}
	rs := en.news[0].rs
	clear(en.news)
	en.news = en.news[:0]
	for len(rs.folds) > en.opts.MaxGroups {
		old := rs.foldFirst
		for _, a := range old.alerts {
			en.close(rs, a, emit)
		}
		rs.dropFold(old)
		en.stats.EvictedFolds++
		en.say(rs)
	}
}

// emit hands out a revision; the number of the next one is one higher whether or not it arrives anywhere.
func (en *Engine) emit(d said, emit func(*alert.Alert)) {
	en.stats.Revisions++
	emit(d.rs.revise(d.a, en.clock.latest))
}

// close says what is unsaid of an alert that takes no more hits.
func (en *Engine) close(rs *ruleState, a *open, emit func(*alert.Alert)) {
	if a.dirty {
		en.emit(said{rs, a}, emit)
	}
	a.gone = true
}

// flush says what is unsaid and old enough; idle: all of it.
// Idle is said when a worker has nothing to read: then nobody's clock moves on, and what waits would wait for ever.
func (en *Engine) flush(idle bool, emit func(*alert.Alert)) {
	en.dirty = slices.DeleteFunc(en.dirty, func(d said) bool {
		if d.a.dirty && !d.a.gone {
			if !idle && en.clock.latest-d.a.saidAt < revisionEvery {
				return false
			}
			en.emit(d, emit)
		}
		d.a.queued = false
		return true
	})
}

// sweepEvery is the least event time between two sweeps.
const sweepEvery = int64(1e9)

// sweep lets go of what the marks have passed. Rules are visited in the order of their ids, so that equal signals
// give equal alerts in equal order.
// It walks over all folds once a second of event time at the most, and so costs the same for a trickle and a flood.
func (en *Engine) sweep(emit func(*alert.Alert)) {
	cut := en.cut()
	if cut-en.swept < sweepEvery {
		return
	}
	en.swept = cut
	for _, rs := range en.ordered() {
		rs.groups.advance(cut, rs)
		for f := rs.foldFirst; f != nil; {
			next := f.next
			n := 0
			for n < len(f.alerts) && f.alerts[n].to+rs.fold+rs.within < cut { // a hit may be as old as within when it is found
				en.close(rs, f.alerts[n], emit)
				n++
			}
			f.alerts = slices.Delete(f.alerts, 0, n)
			if len(f.alerts) == 0 {
				rs.dropFold(f)
			}
			f = next
		}
	}
}

// say logs once that a rule is full.
func (en *Engine) say(rs *ruleState) {
	if !en.full[rs.key] {
		en.full[rs.key] = true
		en.opts.Log.Warn("a rule has more groups than max_groups; the ones furthest from firing are let go", "component", "correlate",
			"rule", rs.rule.ID, "max_groups", en.opts.MaxGroups)
	}
}

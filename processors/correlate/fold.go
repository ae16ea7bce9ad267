package correlate

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"

	"weir/internal/alert"
	"weir/rules"
)

// Bounds of an alert's evidence.
const (
	headEvidence = 5         // first events of each condition
	tailEvidence = 3         // last events of each condition
	maxEvidence  = 256 << 10 // bytes of values over all events: an alert must fit into a Kafka record
)

// revisionEvery is the least event time between two revisions of an alert.
const revisionEvery = int64(1e9)

// open is an alert that takes further hits. Its id is made once, of the event that fired it, and never changes; its
// texts are filled with its first revision, from what the evidence holds at that moment, and stay: a title that changes
// under the eyes of whoever reads it helps nobody.
type open struct {
	id       string
	revision int
	group    map[string]string
	what     string
	whatKo   string
	by       []string // values of the group of firing, and the hit that made the alert, until the texts are filled
	firing   *match
	created  int64
	from, to int64 // of its hits: what is further away than the fold time is another alert
	first    int64 // of all its events
	last     int64
	count    int
	parts    []part // per condition
	saidAt   int64  // clock of the engine when the last revision went out
	dirty    bool   // something is unsaid
	queued   bool   // it stands in the engine's queue of alerts with something unsaid
	gone     bool   // takes no more hits: merged into another, expired or evicted
	into     string // id of the alert that it was merged into
}

// part is what one condition found.
type part struct {
	matched int
	head    []*match // the earliest, ordered
	tail    []*match // the latest of the others, ordered
}

// take adds an event to the alert.
// The caller counts; matched is of conditions, count of hits.
func (a *open) take(m *match) {
	a.first, a.last = min(a.first, m.t), max(a.last, m.t)
	p := &a.parts[m.cond]
	p.matched++
	p.show(m)
}

// show keeps m if it belongs to the earliest or the latest.
// The middle of a storm says nothing that its two ends do not; an alert must stay small enough to be read.
func (p *part) show(m *match) {
	if n := len(p.head); n < headEvidence || compare(m, p.head[n-1]) < 0 {
		p.head, _ = insert(p.head, m)
		if n < headEvidence {
			return
		}
		m = p.head[n]
		p.head = p.head[:n]
	}
	if n := len(p.tail); n < tailEvidence || compare(m, p.tail[0]) > 0 {
		p.tail, _ = insert(p.tail, m)
		if n == tailEvidence {
			p.tail = slices.Delete(p.tail, 0, 1)
		}
	}
}

// merge takes over what b holds.
func (a *open) merge(b *open) {
	a.from, a.to = min(a.from, b.from), max(a.to, b.to)
	a.first, a.last = min(a.first, b.first), max(a.last, b.last)
	a.count += b.count
	for i := range b.parts {
		a.parts[i].matched += b.parts[i].matched
		for _, m := range b.parts[i].head {
			a.parts[i].show(m)
		}
		for _, m := range b.parts[i].tail {
			a.parts[i].show(m)
		}
	}
}

// folded holds the open alerts of one fold group, ordered, further apart than the fold time.
type folded struct {
	key        string
	alerts     []*open
	prev, next *folded // by touch
}

// hit puts a hit into the alert that it belongs to, making or merging alerts. It returns the alert, and the one that
// was merged into it. Alerts of one fold group are apart by more than the fold time, so a hit can close one gap at the
// most: one merge is enough.
func (f *folded) hit(x found, rs *ruleState, create func() *open) (a, merged *open) {
	t := x.m.t
	at, _ := slices.BinarySearchFunc(f.alerts, t, func(a *open, t int64) int { return cmp.Compare(a.to+rs.fold, t) })
	if at == len(f.alerts) || f.alerts[at].from-rs.fold > t {
		a = create()
		f.alerts = slices.Insert(f.alerts, at, a)
		return a, nil
	}
	a = f.alerts[at]
	a.from, a.to = min(a.from, t), max(a.to, t)
	a.count++
	if !x.counted {
		a.take(x.m)
	}
	if next := at + 1; next < len(f.alerts) && f.alerts[next].from-rs.fold <= a.to {
		merged = f.alerts[next]
		f.alerts = slices.Delete(f.alerts, next, next+1)
		a.merge(merged)
	}
	return a, merged
}

// of returns the alert that holds the hit m.
// It may be gone: evidence can come after the alert of its hit has ended.
func (f *folded) of(m *match) *open {
	for _, a := range f.alerts {
		if a.from <= m.t && m.t <= a.to {
			return a
		}
	}
	return nil
}

// newAlert makes the alert that a hit fires. Its id names the event whose arrival did it.
func (rs *ruleState) newAlert(x found, foldValues, by []string) *open {
	t := x.m.t
	a := &open{created: x.trigger.t, from: t, to: t, first: t, last: t, count: 1, parts: make([]part, len(rs.rule.When)), by: by, firing: x.m}
	a.group = make(map[string]string, len(foldValues))
	sum := sha256.Sum256([]byte(keyOf([]string{rs.rule.ID, rs.rule.Hash, keyOf(foldValues), x.trigger.id})))
	a.id = hex.EncodeToString(sum[:8])
	for i, v := range foldValues {
		a.group[rs.foldBy[i]] = bounded(v)
	}
	a.take(x.m)
	return a
}

// render fills the alert's texts: from its group, the hit that made it, and what that lacks from the others.
func (rs *ruleState) render(a *open) {
	values := make(map[string]string, len(a.firing.values)+len(a.by))
	for i := range a.parts {
		for _, x := range a.parts[i].head {
			for k, v := range x.values {
				if _, ok := values[k]; !ok {
					values[k] = v
				}
			}
		}
	}
	maps.Copy(values, a.firing.values)
	for i, field := range rs.by {
		values[field] = bounded(a.by[i])
	}
	a.by, a.firing = nil, nil
	text := rs.rule.Explain
	if text == "" {
		text = rs.rule.Title
	}
	a.what = rules.Render(text, values)
	if rs.rule.ExplainKo != "" {
		a.whatKo = rules.Render(rs.rule.ExplainKo, values)
	}
}

// revise makes the next revision of the alert.
// The alert that it returns shares the maps of the state, which are never changed once they are made.
func (rs *ruleState) revise(a *open, clock int64) *alert.Alert {
	r := rs.rule
	if a.firing != nil {
		rs.render(a)
	}
	a.revision++
	a.saidAt, a.dirty = clock, false
	out := &alert.Alert{
		ID: a.id, Revision: a.revision, Rule: r.ID, Version: r.Version, Title: r.Title, Level: string(r.Level), Tags: r.Tags,
		Author: r.Author, Group: a.group, What: a.what, WhatKo: a.whatKo, First: moment(a.first), Last: moment(a.last),
		Count: a.count, Created: moment(a.created), MergedInto: a.into,
	}
	if r.Correlate != nil {
		out.Within = r.Correlate.Within
	}
	var shown []*match
	for i, c := range r.When {
		if rs.needs[i] == 0 {
			continue
		}
		p := &a.parts[i]
		out.Conditions = append(out.Conditions, alert.Condition{Name: c.Name, Expr: c.Expr, Needed: rs.needs[i], Matched: p.matched})
		shown = append(append(shown, p.head...), p.tail...)
	}
	slices.SortStableFunc(shown, compare)
	room := maxEvidence
	for _, m := range shown {
		ev := alert.Evidence{EventID: m.id, Time: moment(m.t), When: r.When[m.cond].Name, Src: m.src}
		size := 0
		for k, v := range m.values {
			size += len(k) + len(v)
		}
		if size <= room {
			room -= size
			ev.Values = m.values
		}
		out.Evidence = append(out.Evidence, ev)
	}
	return out
}

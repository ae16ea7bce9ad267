package fold

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"

	"weir/internal/alert"
	"weir/internal/signal"
	"weir/processors/correlate/kind"
	"weir/rules"
)

// Bounds of an alert's evidence.
const (
	headEvidence = 5         // first events of each condition
	tailEvidence = 3         // last events of each condition
	maxEvidence  = 256 << 10 // bytes of values over all events: an alert must fit into a Kafka record
)

// open is an alert that takes further hits. Its id is made once, of the event that fired it, and never changes; its
// texts are filled when the signal that fired it is done, from what the evidence holds at that moment, and stay: a title
// that changes under the eyes of whoever reads it helps nobody.
type open struct {
	in       *Group
	id       string
	revision int
	what     string
	whatKo   string
	group    string      // key of the group of firing, and the hit that made the alert, until the texts are filled
	firing   *kind.Match //
	created  int64
	from, to int64 // of its hits: what is further away than the fold time is another alert
	first    int64 // of all its events
	last     int64
	count    int
	parts    []part // per condition
	approx   string // which numbers are estimates
	saidAt   int64  // Now of the clock when the last revision went out
	turn     uint64 // place in the queue of alerts with something unsaid; 0: it is not in it
	dirty    bool   // something is unsaid
	news     bool   // the signal at hand touched it
	gone     bool   // takes no more hits: merged into another, expired or evicted
	warm     bool   // made by matches of the past alone: nobody is told
	into     string // id of the alert that it was merged into
	quietBy  string // id of the alert that speaks for it
	quieted  int    // how many alerts it speaks for
	heard    heard  // of a rule without correlation, which has no group that knows its matches
}

// heard knows the last matches of an alert, so that one that comes twice does not count twice.
type heard []uint64

// maxHeard is how many it knows.
const maxHeard = 256

// add tells whether a match is new. n is how many were before.
func (h *heard) add(m *kind.Match, n int) bool {
	const prime = 1099511628211
	sum := (uint64(14695981039346656037) ^ uint64(m.Cond)) * prime
	for i := range len(m.ID) {
		sum = (sum ^ uint64(m.ID[i])) * prime
	}
	if slices.Contains(*h, sum) {
		return false
	}
	if len(*h) < maxHeard {
		*h = append(*h, sum)
	} else {
		(*h)[n%maxHeard] = sum
	}
	return true
}

// part is what one condition found.
type part struct {
	matched int
	head    []*kind.Match // the earliest, ordered
	tail    []*kind.Match // the latest of the others, ordered
}

// take adds a hit, or evidence of one, to the alert. Of a completion the matches that made it are shown, and it counts
// for the condition that completed it.
func (a *open) take(m *kind.Match) {
	a.parts[m.Cond].matched++
	if len(m.Parts) == 0 {
		a.show(m)
		return
	}
	for _, x := range m.Parts {
		a.show(x)
	}
}

// show keeps a match if it belongs to the earliest or the latest of its condition.
// The middle of a storm says nothing that its two ends do not; an alert must stay small enough to be read.
func (a *open) show(m *kind.Match) {
	a.first, a.last = min(a.first, m.T), max(a.last, m.T)
	p := &a.parts[m.Cond]
	had := len(p.head) + len(p.tail)
	p.show(m)
	if len(p.head)+len(p.tail) > had {
		a.in.bytes += sizeOf(m)
	}
}

// warmth ends the values of a match of the past. They are an object, which ends otherwise.
const warmth = "w"

// Warm returns what a match of the past shows.
func Warm(shown string) string { return shown + warmth }

// IsWarm tells whether a match is of the past.
func IsWarm(m *kind.Match) bool { return strings.HasSuffix(m.Shown, warmth) }

// sizeOf is about what a match takes as evidence.
func sizeOf(m *kind.Match) int { return 128 + len(m.ID) + len(m.Src) + len(m.Shown) }

func (p *part) show(m *kind.Match) {
	if n := len(p.head); n < headEvidence || kind.Compare(m, p.head[n-1]) < 0 {
		var fresh bool
		if p.head, fresh = insert(p.head, m); n < headEvidence || !fresh {
			return
		}
		m = p.head[n]
		p.head = p.head[:n]
	} else if kind.Compare(m, p.head[n-1]) == 0 {
		return
	}
	if n := len(p.tail); n == tailEvidence && kind.Compare(m, p.tail[n-1]) > 0 { // a storm: mostly it is so
		copy(p.tail, p.tail[1:])
		p.tail[n-1] = m
	} else if n < tailEvidence || kind.Compare(m, p.tail[0]) > 0 {
		var fresh bool
		if p.tail, fresh = insert(p.tail, m); fresh && n == tailEvidence {
			p.tail = slices.Delete(p.tail, 0, 1)
		}
	}
}

// insert puts m into an ordered list, unless it is there. Mostly its place is the end.
func insert(list []*kind.Match, m *kind.Match) ([]*kind.Match, bool) {
	i := len(list)
	if i > 0 && kind.Compare(list[i-1], m) >= 0 {
		var there bool
		if i, there = slices.BinarySearchFunc(list, m, kind.Compare); there {
			return list, false
		}
	}
	return slices.Insert(list, i, m), true
}

// merge takes over what b holds.
func (a *open) merge(b *open) {
	a.from, a.to = min(a.from, b.from), max(a.to, b.to)
	a.first, a.last = min(a.first, b.first), max(a.last, b.last)
	a.count += b.count
	a.quieted += b.quieted
	a.heard = append(a.heard, b.heard...)
	a.heard = a.heard[max(0, len(a.heard)-maxHeard):]
	if a.approx == "" {
		a.approx = b.approx
	}
	switch {
	case b.quietBy == a.id && b.quietBy != "":
		a.quieted--
	case a.quietBy == b.id && a.quietBy != "":
		a.quieted--
		a.quietBy = b.quietBy
	}
	for i := range b.parts {
		a.parts[i].matched += b.parts[i].matched
		for _, m := range b.parts[i].head {
			a.show(m)
		}
		for _, m := range b.parts[i].tail {
			a.show(m)
		}
	}
}

// fire gives the alert its id, which names the event whose arrival made it.
func (a *open) fire(f *Rule, h *Hit) {
	a.created, a.group, a.firing, a.warm = h.At, h.Group, h.Match, false
	var list [8]string
	texts := []string{f.rule.ID, f.rule.Hash, joined(Values(list[:0], a.in.key)), h.Event}
	if c := f.rule.Correlate; c != nil && len(c.Inner) > 0 {
		// What an inner correlation decides late can make hits that are further apart than alerts fold: each has its own.
		texts[3] = h.Match.ID + "@" + strconv.FormatInt(h.Match.T, 10)
	}
	sum := sha256.Sum256([]byte(joined(texts)))
	a.id = hex.EncodeToString(sum[:8])
}

// joined joins values for an id: it is the same in all versions.
func joined(values []string) string {
	var b []byte
	for _, v := range values {
		b = strconv.AppendInt(b, int64(len(v)), 10)
		b = append(append(b, ':'), v...)
	}
	return string(b)
}

// render fills the alert's texts: from its group, the hit that made it, and what that lacks from the others.
func (a *open) render(f *Rule) {
	values := map[string]string{}
	missing := func(k, v string) {
		if _, ok := values[k]; !ok {
			values[k] = v
		}
	}
	var list [8]string
	for i, v := range Values(list[:0], a.group) {
		if i < len(f.named) {
			values[f.named[i]] = signal.Bounded(v, MaxValue)
		}
	}
	signal.Each(a.firing.Shown, missing)
	for i := range a.parts {
		for _, x := range a.parts[i].head {
			signal.Each(x.Shown, missing)
		}
	}
	a.group, a.firing = "", nil
	text := f.rule.Explain
	if text == "" {
		text = f.rule.Title
	}
	a.what = rules.Render(text, values)
	if f.rule.ExplainKo != "" {
		a.whatKo = rules.Render(f.rule.ExplainKo, values)
	}
}

// canaryRule is the one rule whose alerts answer weir canary. By a label alone any rule could hide its alerts from people.
const canaryRule = "weir-canary"

// MaxValue is the longest value in bytes that state and alerts keep.
const MaxValue = 1024

// revise makes the next revision of the alert. What it returns is the caller's, but for what the rule holds.
func (a *open) revise(f *Rule) *alert.Alert {
	r := f.rule
	a.revision++
	out := &alert.Alert{
		ID: a.id, Revision: a.revision, Rule: r.ID, Version: r.Version, Title: r.Title, TitleKo: r.TitleKo, Level: string(r.Level), Tags: r.Tags,
		Author: r.Author, Group: make(map[string]string, len(f.by)), What: a.what, WhatKo: a.whatKo, First: moment(a.first), Last: moment(a.last),
		Count: a.count, Created: moment(a.created), MergedInto: a.into, Approximate: a.approx, SuppressedBy: a.quietBy, Suppressed: a.quieted,
		Labels: r.Labels, Notify: r.Notify, Canary: r.ID == canaryRule && r.Labels["canary"] == "true",
	}
	var list [8]string
	for i, v := range Values(list[:0], a.in.key) {
		out.Group[f.by[i]] = signal.Bounded(v, MaxValue)
	}
	if r.Correlate != nil {
		out.Within = r.Correlate.Within
	}
	var shown []*kind.Match
	for i, c := range r.When {
		if f.needs[i] == 0 {
			continue
		}
		p := &a.parts[i]
		matched := max(p.matched, len(p.head)+len(p.tail)) // what made completions is shown and not counted
		out.Conditions = append(out.Conditions, alert.Condition{Name: c.Name, Expr: c.Expr, Needed: f.needs[i], Matched: matched})
		shown = append(append(shown, p.head...), p.tail...)
	}
	slices.SortStableFunc(shown, kind.Compare)
	room := maxEvidence
	for _, m := range shown {
		ev := alert.Evidence{EventID: m.ID, Time: moment(m.T), When: r.When[m.Cond].Name, Src: m.Src}
		if len(m.Shown) > 0 && len(m.Shown) <= room {
			room -= len(m.Shown)
			ev.Values = map[string]string{}
			signal.Each(m.Shown, func(k, v string) { ev.Values[k] = v })
		}
		out.Evidence = append(out.Evidence, ev)
	}
	return out
}

func moment(ns int64) time.Time { return time.Unix(0, ns).UTC() }

package draft

import (
	"slices"
	"strings"
	"time"

	"weir/event"
	"weir/internal/review"
)

// A search counts in one of four ways, and all of them count the events too: the number that is compared with the period
// before is always that of events, whatever the groups.

// count is what one search has found so far.
type count struct {
	events, before int64
	groups         map[string]*group
	rough          bool // there were more groups than are kept
	list           []review.Ref
}

// group is one group of a search.
type group struct {
	values      []string
	count       int64 // events, or the most values of the field at a time
	first, last time.Time
	seen        map[string]time.Time // values of the field that is counted, with when they came last
}

// add counts an event that the search found.
func (c *count) add(f *finding, e *event.Event, at time.Time, list int) {
	c.events++
	switch f.spec.Count {
	case "list":
		if len(c.list) < list {
			c.list = append(c.list, ref(e, at))
		}
	case "by", "distinct":
		c.each(f, e, at, nil)
	}
}

// each counts every combination of the values of the fields that the search counts by.
func (c *count) each(f *finding, e *event.Event, at time.Time, values []string) {
	if len(values) == len(f.spec.By) {
		c.group(f, e, at, values)
		return
	}
	v := e.GetPath(f.spec.By[len(values)])
	if v.Len() == 0 {
		c.each(f, e, at, append(values, ""))
		return
	}
	for i := range v.Len() {
		c.each(f, e, at, append(slices.Clip(values), v.Item(i).Text()))
	}
}

// group counts one combination.
func (c *count) group(f *finding, e *event.Event, at time.Time, values []string) {
	key := strings.Join(values, "\x00")
	g := c.groups[key]
	if g == nil {
		if len(c.groups) >= maxGroups {
			c.rough = true
			return
		}
		g = &group{first: at}
		for _, v := range values {
			g.values = append(g.values, strings.Clone(v))
		}
		c.groups[strings.Clone(key)] = g
	}
	g.last = at
	if f.spec.Count == "by" {
		g.count++
		return
	}
	g.distinct(f, e, at)
}

// distinct counts the values that a group has at a time: events come in the order of time, so what is older than the time
// looked at can go.
func (g *group) distinct(f *finding, e *event.Event, at time.Time) {
	if g.seen == nil {
		g.seen = map[string]time.Time{}
	}
	v := e.GetPath(f.spec.Distinct)
	for i := range v.Len() {
		s := v.Item(i).Text()
		if _, ok := g.seen[s]; !ok && len(g.seen) >= maxGroups {
			continue
		}
		g.seen[strings.Clone(s)] = at
	}
	if f.within > 0 {
		for s, t := range g.seen {
			if at.Sub(t) > f.within {
				delete(g.seen, s)
			}
		}
	}
	g.count = max(g.count, int64(len(g.seen)))
}

// ref makes the entry of an event.
func ref(e *event.Event, at time.Time) review.Ref {
	return review.Ref{Event: cloned(e, event.EventID), At: at, Account: who(e), Address: cloned(e, event.SourceIP), Host: cloned(e, event.HostName), Text: short(e.Str(event.Message))}
}

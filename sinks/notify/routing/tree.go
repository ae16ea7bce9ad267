package routing

import (
	"slices"
	"strings"
	"time"

	"weir/internal/alert"
)

// Route is one node of the tree. What is not set in a child was filled with its parent's by whoever made it. A tree is
// immutable once it is made.
type Route struct {
	// Key says in words for which alerts the route is: those of its conditions and its parents'. It stays the same when
	// the file is written in another order, so that what waits for the route still finds it.
	Key  string
	Line int // of the file
	// Match are the conditions; Hours those of the week in which it counts, in Zone.
	Match    []Condition
	Hours    Hours
	Zone     *time.Location
	Continue bool
	Routes   []*Route
	Settings
}

// Settings say how people are told.
type Settings struct {
	To []string
	// GroupBy names what the alerts of one message have in common.
	GroupBy []string
	// Wait is how long a new group waits for more alerts; WaitSet tells that somebody chose it. Else critical ones do not wait.
	Wait    time.Duration
	WaitSet bool
	// Interval is the least time between two messages about a group that grows.
	Interval time.Duration
	// Repeat is after which time a group that nobody acknowledged is told again; 0: never.
	Repeat   time.Duration
	Escalate []Step
	// Resolve says whether the end is told.
	Resolve bool
	Lang    string
}

// Step is who else is told when nobody acknowledged in time.
type Step struct {
	After time.Duration
	To    []string
}

// Find returns the routes that take an alert: the first child that matches decides, unless it says continue; a route
// of which no child matches takes it itself. The root takes what nobody else does.
func (r *Route) Find(a *alert.Alert, now time.Time) []*Route {
	if r == nil || !r.takes(a, now) {
		return nil
	}
	var out []*Route
	for _, child := range r.Routes {
		found := child.Find(a, now)
		out = append(out, found...)
		if len(found) > 0 && !child.Continue {
			break
		}
	}
	if len(out) == 0 {
		return []*Route{r}
	}
	return out
}

// takes tells whether the route itself is for an alert now.
func (r *Route) takes(a *alert.Alert, now time.Time) bool {
	all, _ := All(r.Match, a)
	return all && (r.Hours.Empty() || r.Hours.Contains(now, r.Zone))
}

// ByKey finds a route of the tree; nil if there is none.
func (r *Route) ByKey(key string) *Route {
	if r == nil || r.Key == key {
		return r
	}
	for _, child := range r.Routes {
		if found := child.ByKey(key); found != nil {
			return found
		}
	}
	return nil
}

// Channels are all that the tree names, sorted.
func (r *Route) Channels() []string {
	if r == nil {
		return nil
	}
	out := slices.Clone(r.To)
	for _, s := range r.Escalate {
		out = append(out, s.To...)
	}
	for _, child := range r.Routes {
		out = append(out, child.Channels()...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Target is where one alert goes by one route.
type Target struct {
	Route *Route
	// To are the channels that no target before it has.
	To []string
}

// Targets returns where an alert goes. A channel is in one target only, so nobody is told twice. What the rule's own
// `notify` adds is a target of its own with the settings of the first route: other alerts of that route's groups are not
// the business of these channels. Names for which known is false are left out of those.
func (r *Route) Targets(a *alert.Alert, now time.Time, known func(channel string) bool) []Target {
	var out []Target
	seen := map[string]bool{}
	add := func(route *Route, names []string) {
		var to []string
		for _, name := range names {
			if !seen[name] {
				seen[name] = true
				to = append(to, name)
			}
		}
		if len(to) > 0 {
			out = append(out, Target{route, to})
		}
	}
	found := r.Find(a, now)
	for _, route := range found {
		add(route, route.To)
	}
	if len(found) > 0 {
		own := slices.DeleteFunc(slices.Clone(a.Notify), func(name string) bool { return !known(name) })
		slices.Sort(own)
		add(found[0], own)
	}
	return out
}

// Visit is what became of one route when an alert was looked for in the tree.
type Visit struct {
	Route *Route
	Depth int
	// Matched: it is for the alert. Takes: it is the one that tells.
	Matched, Takes bool
	// Why it does not match; "not asked: ..." where an earlier one decided.
	Why string
}

// Explain goes through the tree as Find does and tells of every route on the way.
func (r *Route) Explain(a *alert.Alert, now time.Time) []Visit {
	if r == nil {
		return nil
	}
	out, _ := r.explain(a, now, 0)
	return out
}

func (r *Route) explain(a *alert.Alert, now time.Time, depth int) (out []Visit, found bool) {
	v := Visit{Route: r, Depth: depth, Matched: true}
	if all, not := All(r.Match, a); !all {
		v.Matched, v.Why = false, "not "+not.String()
		if have := values(a, not.Name); len(have) > 0 {
			v.Why += ": it is " + strings.Join(have, ", ")
		}
	} else if !r.Hours.Empty() && !r.Hours.Contains(now, r.Zone) {
		v.Matched, v.Why = false, "not in the hours "+r.Hours.String()+" ("+r.Zone.String()+")"
	}
	out = append(out, v)
	if !v.Matched {
		return out, false
	}
	decided := false // a child took it and does not continue
	for _, child := range r.Routes {
		if decided {
			out = append(out, Visit{Route: child, Depth: depth + 1, Why: "not asked: an earlier route took it"})
			continue
		}
		visits, took := child.explain(a, now, depth+1)
		out = append(out, visits...)
		found = found || took
		if took && !child.Continue {
			decided = true
		}
	}
	out[0].Takes = !found
	return out, true
}

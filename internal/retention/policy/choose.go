package policy

import (
	"slices"
	"strings"
	"sync"
	"time"

	"weir/event"
	"weir/internal/match/fold"
)

// The order in which an event is offered: the classes of the file, since whoever writes one means it; then the systems that
// hold personal data, whose access records are kept for one or two years by what the system holds; then the classes that weir
// ships; and standard for everything that is left.

// views are lent to one call at a time: an event's texts are folded once for all conditions.
var views = sync.Pool{New: func() any { return new(fold.View) }}

// Choose returns the class of an event. It does not keep e, and may be called from many goroutines, each with an event of its own.
func (p *Policy) Choose(e *event.Event) string {
	v := views.Get().(*fold.View)
	v.Reset(e)
	name := p.choose(e, v)
	v.Reset(nil)
	views.Put(v)
	return name
}

func (p *Policy) choose(e *event.Event, v *fold.View) string {
	var day time.Time // made when the first variant asks
	of := func(list []*Class) string {
		for _, c := range list {
			if c.cond == nil || !c.cond.Holds(v) {
				continue
			}
			if !c.From.IsZero() || !c.To.IsZero() {
				if day.IsZero() {
					day = p.dayOf(e)
				}
				if !c.holds(day) {
					continue
				}
			}
			return c.Name
		}
		return ""
	}
	if name := of(p.classes[:p.own]); name != "" {
		return name
	}
	// A record of access rights has a law of its own, whichever system it is about.
	if len(p.systems) > 0 && !e.Has(event.WeirRightsAction) {
		for _, s := range p.systems {
			if s.takes(e, v) {
				return s.Class
			}
		}
	}
	if name := of(p.classes[p.own:]); name != "" {
		return name
	}
	return Standard
}

// dayOf is the local day of an event: of weir.time, which decides days everywhere, else of the logged time.
func (p *Policy) dayOf(e *event.Event) time.Time {
	at := e.Get(event.WeirTime)
	if at.Kind() == event.Absent {
		at = e.Get(event.Timestamp)
	}
	return civil(time.Unix(0, at.Int()), p.zone)
}

// privacyDataset is what access records come in that applications write for weir.
const privacyDataset = "privacy_access.log"

// takes tells whether an event is an access record of the system. What names the system, or what its condition or datasets say,
// is one; of its hosts only records of personal data and logons are, since a host has many other logs.
func (s *System) takes(e *event.Event, v *fold.View) bool {
	if e.Has(event.WeirPrivacySystem) && s.Named(e.Str(event.WeirPrivacySystem)) {
		return true
	}
	dataset := e.Str(event.EventDataset)
	if slices.Contains(s.Datasets, dataset) || s.cond != nil && s.cond.Holds(v) {
		return true
	}
	if len(s.Hosts) == 0 || dataset != privacyDataset && !logon(e) {
		return false
	}
	host := e.Str(event.HostName)
	return slices.ContainsFunc(s.Hosts, func(h string) bool { return strings.EqualFold(h, host) })
}

// logon tells whether an event is about signing in.
func logon(e *event.Event) bool {
	v := e.Get(event.EventCategory)
	if v.Kind() != event.List {
		return v.Text() == "authentication"
	}
	for i := range v.Len() {
		if v.Item(i).Text() == "authentication" {
			return true
		}
	}
	return false
}

// Named tells whether a name is that of the system or one of its others. Upper and lower case are alike.
func (s *System) Named(name string) bool {
	return strings.EqualFold(s.Name, name) || slices.ContainsFunc(s.Aliases, func(a string) bool { return strings.EqualFold(a, name) })
}

// Package plan decides what is to be said about one group of alerts at one moment, and when to look at it again. It is
// arithmetic on times: it keeps nothing, asks nobody and sends nothing.
package plan

import (
	"cmp"
	"slices"
	"time"

	"weir/sinks/notify/channel"
	"weir/sinks/notify/routing"
)

// Member is one alert of a group.
type Member struct {
	Alert string
	Rank  int // of its level, see routing.Rank
	Added time.Time
	// Acked: somebody works on it. Over: it is closed, has ended, or became part of another one. Held: a silence or
	// maintenance is on it now.
	Acked, Over, Held bool
	// Told is when people were first told of it, the zero time if they were not, and ToldRank the level that they were
	// told. Skipped: it was over before.
	Told     time.Time
	ToldRank int
	Skipped  bool
	// Escalated is how many steps of the escalation were taken for it.
	Escalated int
}

// news tells whether people have to be told of it.
func (m *Member) news() bool {
	return !m.Over && !m.Held && !m.Skipped && (m.Told.IsZero() || m.Rank > m.ToldRank)
}

// open tells whether people were told of it and it goes on.
func (m *Member) open() bool { return !m.Told.IsZero() && !m.Over && !m.Held }

// Group is what alerts with the same labels on the same route are: told of together.
type Group struct {
	Begun time.Time
	// Flushed is when news was last sent, Sent when anything was; zero: never.
	Flushed, Sent time.Time
	Members       []Member
}

// Message is something to be said.
type Message struct {
	Kind channel.Kind
	// To are the channels; nil: for resolved all that were told before, else those of the group.
	To []string
	// Alerts are ids, the worst first, and of equal ones those that are new.
	Alerts []string
	Rank   int // of the worst
}

// Plan is what follows.
type Plan struct {
	Messages []Message
	// Told are now told of, at their present level; Skipped were over before anybody could be.
	Told, Skipped []string
	// Escalated are the steps taken by now, of alerts for which that changed.
	Escalated map[string]int
	// News and Said: Flushed and Sent of the group become now.
	News, Said bool
	// Close ends the group: the next alert with its labels begins another one.
	Close bool
	// Due is when something may be to be said although nothing happens; zero: never.
	Due time.Time
}

// heldAgain is how often a group of which something is held back is looked at again.
const heldAgain = time.Minute

// Decide looks at a group at one moment. Asked again at the same moment, after what it said was done, it says nothing.
func Decide(g Group, s routing.Settings, now time.Time) Plan {
	g.Members = slices.Clone(g.Members)
	d := decision{Group: g, s: s, now: now}
	for i := range d.Members {
		if m := &d.Members[i]; m.Over && m.Told.IsZero() && !m.Skipped {
			m.Skipped = true
			d.plan.Skipped = append(d.plan.Skipped, m.Alert)
		}
	}
	if d.ended() {
		d.end()
		return d.plan
	}
	d.firing()
	d.escalate()
	d.repeat()
	if slices.ContainsFunc(d.Members, func(m Member) bool { return m.Held && !m.Over }) {
		d.due(now.Add(heldAgain))
	}
	return d.plan
}

// decision is one Decide.
type decision struct {
	Group
	s    routing.Settings
	now  time.Time
	plan Plan
}

// due notes a moment at which to look again.
func (d *decision) due(t time.Time) {
	if d.plan.Due.IsZero() || t.Before(d.plan.Due) {
		d.plan.Due = t
	}
}

// say adds a message.
func (d *decision) say(kind channel.Kind, to []string, list []*Member) {
	slices.SortStableFunc(list, func(a, b *Member) int {
		if c := cmp.Compare(b.Rank, a.Rank); c != 0 {
			return c
		}
		if c := boolean(a.Told.IsZero(), b.Told.IsZero()); c != 0 {
			return c
		}
		return a.Added.Compare(b.Added)
	})
	m := Message{Kind: kind, To: to, Rank: list[0].Rank}
	for _, x := range list {
		m.Alerts = append(m.Alerts, x.Alert)
	}
	d.plan.Messages = append(d.plan.Messages, m)
	d.plan.Said = true
}

// boolean orders true before false.
func boolean(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// pick returns the members for which f holds.
func (d *decision) pick(f func(*Member) bool) (out []*Member) {
	for i := range d.Members {
		if f(&d.Members[i]) {
			out = append(out, &d.Members[i])
		}
	}
	return out
}

// ended tells whether nothing of the group goes on.
func (d *decision) ended() bool {
	return !slices.ContainsFunc(d.Members, func(m Member) bool { return !m.Over && !m.Skipped })
}

// end says that all is over, to whom anything was said. While that is held back the group waits.
func (d *decision) end() {
	told := d.pick(func(m *Member) bool { return !m.Told.IsZero() })
	if len(told) == 0 || !d.s.Resolve {
		d.plan.Close = true
		return
	}
	if at := d.Flushed.Add(d.s.Interval); d.now.Before(at) {
		d.due(at)
		return
	}
	if !slices.ContainsFunc(told, func(m *Member) bool { return !m.Held }) {
		d.due(d.now.Add(heldAgain))
		return
	}
	d.say(channel.Resolved, nil, told)
	d.plan.Close = true
}

// firing tells the news, and what goes on besides, once the group has waited long enough.
func (d *decision) firing() {
	news := d.pick((*Member).news)
	if len(news) == 0 {
		return
	}
	ready := d.Flushed.Add(d.s.Interval)
	if d.Flushed.IsZero() {
		wait := d.s.Wait
		if !d.s.WaitSet && slices.ContainsFunc(news, func(m *Member) bool { return m.Rank == len(routing.Levels) }) {
			wait = 0 // a critical alert waits for no company unless somebody wants that
		}
		ready = d.Begun.Add(wait)
	}
	if d.now.Before(ready) {
		d.due(ready)
		return
	}
	d.say(channel.Firing, nil, d.pick(func(m *Member) bool { return m.news() || m.open() }))
	d.plan.News = true
	for _, m := range news {
		d.plan.Told = append(d.plan.Told, m.Alert)
		if m.Told.IsZero() {
			m.Told = d.now
		}
		m.ToldRank = m.Rank
	}
}

// escalate tells others of what nobody acknowledged in time. The time runs from when people were told of an alert, not
// from when a channel had taken it: where a channel is down, escalation is what reaches somebody.
func (d *decision) escalate() {
	for i, step := range d.s.Escalate {
		list := d.pick(func(m *Member) bool {
			if !m.open() || m.Acked || m.Escalated > i {
				return false
			}
			at := m.Told.Add(step.After)
			if d.now.Before(at) {
				d.due(at)
				return false
			}
			return true
		})
		if len(list) == 0 {
			continue
		}
		d.say(channel.Escalation, step.To, list)
		if d.plan.Escalated == nil {
			d.plan.Escalated = map[string]int{}
		}
		for _, m := range list {
			m.Escalated = i + 1
			d.plan.Escalated[m.Alert] = i + 1
		}
	}
}

// repeat tells again of what nobody acknowledged. Anything else that was said about the group counts as said.
func (d *decision) repeat() {
	if d.s.Repeat <= 0 {
		return
	}
	list := d.pick(func(m *Member) bool { return m.open() && !m.Acked })
	if len(list) == 0 {
		return
	}
	last := d.Sent
	if d.plan.Said {
		last = d.now
	}
	if at := last.Add(d.s.Repeat); d.now.Before(at) {
		d.due(at)
		return
	}
	d.say(channel.Repeat, nil, list)
	d.due(d.now.Add(d.s.Repeat))
}

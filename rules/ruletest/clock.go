package ruletest

import (
	"time"

	"weir/rules"
)

// Base is the time of the first event of a test that says no time: tests come to the same result on any day.
var Base = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)

// Clock says when the events of one test happen. An event that carries `at` happens that long after the first one; else
// a time that the event itself says counts, as in a backtest; else it is one second after the event before it.
type Clock struct {
	first, last time.Time
}

// Now is when the next event happens if neither it nor the test says otherwise. It also is when a line is received, so
// that a stamp without a year is read as the year of its neighbours.
func (c *Clock) Now() time.Time {
	if c.last.IsZero() {
		return Base
	}
	return c.last.Add(time.Second)
}

// Set returns the time of an event and goes on to it. said is the time that the event itself says, zero for none.
func (c *Clock) Set(ev *rules.TestEvent, said time.Time) time.Time {
	at := c.Now()
	switch {
	case ev.HasAt && c.first.IsZero():
		at = Base.Add(ev.At)
		c.first = Base
		if !said.IsZero() { // the first event's own time is where the test begins
			at, c.first = said, said.Add(-ev.At)
		}
	case ev.HasAt:
		at = c.first.Add(ev.At)
	case !said.IsZero():
		at = said
	}
	if c.first.IsZero() {
		c.first = at
	}
	c.last = at
	return at
}

// First is the time of the first event.
func (c *Clock) First() time.Time { return c.first }

// Last is the time of the last event.
func (c *Clock) Last() time.Time { return c.last }

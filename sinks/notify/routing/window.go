package routing

import (
	"time"

	"weir/internal/alert"
)

// Window is a time in which some alerts are expected and nobody is told of them: maintenance. It is immutable.
type Window struct {
	Name   string
	Reason string
	Owner  string
	Match  []Condition
	// From and To bound it once, or Weekly says when it comes again. Zone is that of Weekly.
	From, To time.Time
	Weekly   Hours
	Zone     *time.Location
	// Digest asks for one message at the end with what was held back.
	Digest bool
}

// Active tells whether t lies in the window.
func (w *Window) Active(t time.Time) bool {
	if !w.Weekly.Empty() {
		return w.Weekly.Contains(t, w.Zone)
	}
	return !t.Before(w.From) && t.Before(w.To)
}

// Until returns when the window that t lies in is over; the zero time if it never is.
func (w *Window) Until(t time.Time) time.Time {
	if w.Weekly.Empty() {
		return w.To
	}
	if end, ok := w.Weekly.End(t, w.Zone); ok {
		return end
	}
	return time.Time{}
}

// Holds tells whether the window holds an alert back at t.
func (w *Window) Holds(a *alert.Alert, t time.Time) bool {
	if !w.Active(t) {
		return false
	}
	all, _ := All(w.Match, a)
	return all
}

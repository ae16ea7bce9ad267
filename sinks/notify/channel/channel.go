// Package channel is what a way to tell people must do: take one message, and say whether it arrived,
// may be tried again, or never will.
package channel

import (
	"context"
	"time"

	"weir/internal/alert"
)

// Kind says why a message is sent.
type Kind string

// The kinds.
const (
	Firing     Kind = "firing"     // a group of alerts that nobody was told of, or that grew
	Repeat     Kind = "repeat"     // it is still open after the repeat interval
	Escalation Kind = "escalation" // nobody acknowledged it in time
	Resolved   Kind = "resolved"   // all of its alerts are closed
	Digest     Kind = "digest"     // what was held back or folded, told at once: Group is a whole sentence, and there may be no alerts
	Notice     Kind = "notice"     // no alert: a checkpoint or a report that somebody asked to get. Group is what it is, Text what it says
	Test       Kind = "test"       // somebody tries the channel
)

// Alert is an alert with what people did with it.
type Alert struct {
	alert.Alert
	State    string
	Verdict  string
	Assignee string
}

// Message is what is sent at once. It is not changed while a channel has it.
type Message struct {
	// Of the delivery. It is the same when the message is sent again, so a receiver can tell a copy.
	ID   string
	Kind Kind
	// Group names what the alerts have in common, and Labels what that is: {rule: ssh-brute-force}.
	// Messages about one group over one channel belong together.
	Group  string
	Labels map[string]string
	// Text is what a notice says, in lines; Files go with it, over channels that carry files: others leave them out.
	Text  string
	Files []File
	// The worst first; at least one, except in a digest or a notice. More is how many others were left out.
	Alerts []Alert
	More   int
	// Lang is en or ko.
	Lang string
	// URL is where the alerts can be looked at, "" if there is no console that others reach.
	URL  string
	Time time.Time
	// Ticket is what the channel answered to an earlier message about this group.
	Ticket string
}

// File is one that goes with a notice.
type File struct {
	Name string // report-2026-10.pdf
	Type string // application/pdf
	Data []byte // not changed while a channel has it
}

// Receipt is what a channel answers.
type Receipt struct {
	// Ticket is what the other side calls the group, to be given with further messages; "" if it calls
	// it nothing. After a resolved message it is "", and the group has no ticket any more.
	Ticket string
	// Said is what the other side answered, in one short and clean line: "250 2.0.0 Ok: queued as 4F2".
	Said string
}

// Channel sends messages. It is safe for many goroutines. Send returns when the other side has taken
// the message or ctx has ended; an error that is no *Error may be tried again.
type Channel interface {
	Send(ctx context.Context, m *Message) (Receipt, error)
	Close() error
}

// Error says more of why a message did not arrive.
type Error struct {
	// Permanent: sending it again would fail in the same way.
	Permanent bool
	// RetryAfter is how long the other side asked to be left alone; 0: it did not say.
	RetryAfter time.Duration
	// Status is what the other side answered in its own numbers, 0 if it has none: of HTTP, 404.
	Status int
	Err    error
}

// Error implements error.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns what happened.
func (e *Error) Unwrap() error { return e.Err }

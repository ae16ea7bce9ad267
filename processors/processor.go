// Package processors is the contract between normalise and the steps that it runs over each record.
package processors

import (
	"weir/event"
	"weir/internal/record"
	"weir/internal/signal"
)

// Parser turns one raw record into events. It belongs to one goroutine.
type Parser interface {
	// Parse fills e and calls emit for each event that the record holds, mostly one. Strings in e alias raw.Value. An
	// error is a *DeadLetter when the record cannot be used at all, or what emit returned.
	Parse(raw *record.Raw, e *event.Event, emit func(*event.Event) error) error
}

// Dropper is a Parser whose formats may filter events on purpose. For such an event the parser calls fn in place of emit, so
// that it is counted.
type Dropper interface{ OnDrop(fn func()) }

// Step looks at an event or adds to it: enrichment, class, filters. Safe for many goroutines.
type Step func(e *event.Event, raw *record.Raw)

// Detector names what the rules see in an event. Safe for many goroutines.
type Detector interface {
	// Signals returns one signal for each condition of each rule that holds. src is the position of the raw record.
	Signals(e *event.Event, src record.Pos) []signal.Signal
	// Hash names the rules: what Signals returns does not change while it stays the same.
	Hash() string
}

// DeadLetter says why a record could not be used. It is an error; the record goes to the dead letters with it.
type DeadLetter struct {
	Reason string // slug: parser-panic, too-many-events
	Detail string // a sentence for the person who looks
}

// Error returns reason and detail.
func (d *DeadLetter) Error() string { return d.Reason + ": " + d.Detail }

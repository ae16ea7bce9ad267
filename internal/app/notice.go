package app

import (
	"time"

	"weir/internal/control"
	"weir/internal/fault"
)

// Notice is one line for the person at the terminal, as it happens.
type Notice struct {
	Time  time.Time
	Kind  string            // alert, demo-done, fault, clear
	Alert *control.AlertRow // alert
	Fault *fault.Error      // fault: something went wrong, work goes on; clear: it is over
	Demo  *Totals           // demo-done: what was played
}

// Totals is the last line of a run: what came in and what became of it.
type Totals struct {
	Received, Split, Stored, Duplicate, Dead, Refused, Filtered, InFlight int64

	Alerts   int64
	Lost     int64 // by the kernel, before weir could read it
	Balanced bool
	AlertID  string // demo: short id of the alert to show next
	Query    string // demo: query worth typing next
}

package app

import (
	"time"

	"weir/internal/control"
	"weir/internal/fault"
)

// Notice is one line for the person at the terminal, as it happens. It is not kept: whoever receives it may.
type Notice struct {
	Time time.Time
	// Kind tells which of the others is set: alert, demo-done, fault or clear.
	Kind  string
	Alert *control.AlertRow
	// Fault is something that went wrong while work goes on. The same one comes again with clear when it is over.
	Fault *fault.Error
	// Demo is what was played and what became of it.
	Demo *Totals
}

// Totals is the last line of a run: what came in and what became of it. The first line of numbers is that of the ledger
// (see ledger.Row), of this run alone.
type Totals struct {
	Received, Split, Stored, Duplicate, Dead, Refused, Filtered, InFlight int64

	Alerts int64
	// Lost was dropped by the kernel, before weir could read it: UDP only, and never part of Received.
	Lost int64
	// Balanced is false when a count has no explanation. That is a fault of weir, not of a sender.
	Balanced bool
	// Part tells that other processes have the rest of the way: only what was received is known here.
	Part bool
	// AlertID and Query are for the demo: the short id of the alert to show, and the query worth typing next.
	AlertID string
	Query   string
}

// Package retaining has the questions about retention and holds that a command or the console asks a weir, and their answers:
// plain data.
package retaining

import (
	"time"

	"weir/internal/retention"
)

// Names of the questions.
const (
	AskReport  = "retention/report" // ReportRequest -> retention.Facts
	AskHold    = "archive/hold"     // HoldRequest -> HoldAnswer
	AskRelease = "archive/release"  // ReleaseRequest -> ReleaseAnswer
	AskHolds   = "archive/holds"    // HoldsRequest -> HoldsAnswer
	AskPolicy  = "archive/policy"   // PolicyRequest -> PolicyAnswer
)

// ReportRequest asks for the facts of a report about retention.
type ReportRequest struct{}

// HoldRequest places a hold. Owner and reason are needed.
type HoldRequest struct {
	Query  string    `json:"query"` // KQL; "" holds everything
	From   time.Time `json:"from,omitzero"`
	To     time.Time `json:"to,omitzero"`
	Owner  string    `json:"owner"`
	Reason string    `json:"reason"`
	Until  time.Time `json:"until,omitzero"` // zero: until it is released
}

// HoldAnswer is the hold that was placed, with what it keeps today.
type HoldAnswer struct {
	Hold retention.HoldFacts `json:"hold"`
	// Seq is the manifest's number of the record that says so.
	Seq      uint64 `json:"seq"`
	Segments int    `json:"segments"` // that overlap its time
}

// ReleaseRequest ends a hold before its time. A reason is needed.
type ReleaseRequest struct {
	ID     string `json:"id"` // or the beginning of one
	Reason string `json:"reason"`
}

// ReleaseAnswer is the hold that ended.
type ReleaseAnswer struct {
	Hold retention.HoldFacts `json:"hold"`
	Seq  uint64              `json:"seq"`
	// Due are the segments that nothing keeps any more: they go with the next run.
	Due       int   `json:"due"`
	DueEvents int64 `json:"due_events"`
}

// HoldsRequest lists holds.
type HoldsRequest struct {
	All bool `json:"all,omitempty"` // those that ended too
}

// HoldsAnswer lists holds: those in force first, the newest first.
type HoldsAnswer struct {
	Holds []retention.HoldFacts `json:"holds"`
}

// PolicyRequest asks for the policy in force, and for what would go.
type PolicyRequest struct {
	Plan bool `json:"plan,omitempty"`
	// TrustClock says that the clock is right although it is far from where it was, so that expiry goes on.
	TrustClock bool `json:"trust_clock,omitempty"`
}

// PolicyAnswer is the policy in force.
type PolicyAnswer struct {
	Policy  retention.PolicyFacts  `json:"policy"`
	Text    string                 `json:"text"` // canonical
	Zone    string                 `json:"zone"`
	Classes []retention.ClassFacts `json:"classes"`
	// Plan has a line a segment that would go or that something keeps though its time is over; those that are not due are
	// counted in Later.
	Plan  []PlanLine `json:"plan,omitempty"`
	Later int        `json:"later"`
}

// PlanLine is what becomes of one segment.
type PlanLine struct {
	Path     string        `json:"path"`
	Class    string        `json:"class"`
	Day      string        `json:"day"`
	Rows     int           `json:"rows"`
	Bytes    int64         `json:"bytes"`
	Due      time.Time     `json:"due,omitzero"`
	DeleteBy time.Time     `json:"delete_by,omitzero"`
	Why      retention.Why `json:"why"`
	Holds    []string      `json:"holds,omitempty"`
	Detail   string        `json:"detail,omitempty"`
}

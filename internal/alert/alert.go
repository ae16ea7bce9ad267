// Package alert is what travels on weir.alerts and what the alert store keeps.
package alert

import "time"

// States of an alert.
const (
	Open         = "open"
	Acknowledged = "acknowledged"
	Closed       = "closed"
)

// Alert is one revision of one alert. ID is the hash of rule, group and the id of the event that made it fire, so that
// the same events give the same alert however often they are replayed; later hits of the group are revisions of it.
//
// Times are those of the events, never of the machine that found them. Everything that a person reads of an alert is in
// it, so that the reader needs neither the rule, which may have changed, nor the events, which may be gone.
type Alert struct {
	ID         string            `json:"id"`
	Revision   int               `json:"revision"` // from 1
	Rule       string            `json:"rule"`
	Version    int               `json:"version"`
	Title      string            `json:"title"`
	TitleKo    string            `json:"title_ko,omitempty"`
	Level      string            `json:"level"`
	Tags       []string          `json:"tags,omitempty"`
	Author     string            `json:"author,omitempty"`
	Group      map[string]string `json:"group"` // field: value
	What       string            `json:"what"`  // the rule's explain with its values filled in
	WhatKo     string            `json:"what_ko,omitempty"`
	First      time.Time         `json:"first"` // of the events behind it
	Last       time.Time         `json:"last"`
	Count      int               `json:"count"` // hits folded into it
	Conditions []Condition       `json:"conditions"`
	Evidence   []Evidence        `json:"evidence"`         // first events of each condition, bounded
	Within     time.Duration     `json:"within,omitempty"` // of the rule, 0 for a single-event rule
	Created    time.Time         `json:"created"`          // event time of the hit that made it
	// MergedInto is the alert that took this one's hits over, when a late event showed that both are one. It is set
	// on the last revision only.
	MergedInto string `json:"merged_into,omitempty"`
	// Approximate says in words which of the numbers behind it are estimates; empty: none.
	Approximate string `json:"approximate,omitempty"`
	// SuppressedBy is the alert that spoke for this one's entity already: this one is kept, and nobody is told.
	SuppressedBy string `json:"suppressed_by,omitempty"`
	// Suppressed is how many alerts this one spoke for.
	Suppressed int `json:"suppressed,omitempty"`
	// Labels and Notify are the rule's: who is to be told.
	Labels map[string]string `json:"labels,omitempty"`
	Notify []string          `json:"notify,omitempty"`
	// Ended is when what it tells of was over, of alerts that end by themselves.
	Ended *time.Time `json:"ended,omitempty"`
	// Canary alerts answer weir canary. No person and no report ever gets one.
	Canary bool `json:"canary,omitempty"`
	// Historic alerts were found in the past by a backtest.
	Historic bool `json:"historic,omitempty"`
}

// Verdicts of a closed alert.
const (
	TruePositive  = "true_positive"
	FalsePositive = "false_positive"
	Benign        = "benign"
	Duplicate     = "duplicate"
	Resolved      = "resolved" // it ended by itself
)

// Kinds of changes.
const (
	ToState = "state"
	Note    = "note"
	Assign  = "assign"
)

// Self is who changed an alert where nobody did.
const Self = "weir"

// Change is one decision about an alert, as it travels on weir.changes: a new state, a note, or whose it is. State, verdict
// and assignee are those after it, whatever its kind, so that the last change of an alert says how it stands.
type Change struct {
	Alert    string    `json:"alert"`
	Version  int       `json:"version"` // from 1, without holes for each alert
	Kind     string    `json:"kind"`    // state, note or assign
	State    string    `json:"state"`   // after the change
	Verdict  string    `json:"verdict,omitempty"`
	Note     string    `json:"note,omitempty"`
	Assignee string    `json:"assignee,omitempty"` // after the change
	By       string    `json:"by"`
	At       time.Time `json:"at"`
	// What the alert was at that moment: its rule, when it was made, and how many hits it had. Hits above Count came after
	// the decision.
	Rule    string    `json:"rule,omitempty"`
	Created time.Time `json:"created,omitzero"`
	Count   int       `json:"count,omitempty"`
}

// Condition is what one condition of the rule needed and found.
type Condition struct {
	Name    string `json:"name"`
	Expr    string `json:"expr"`
	Needed  int    `json:"needed"`
	Matched int    `json:"matched"`
}

// Evidence is one event behind the alert.
// Values are those that the rule names and a few that people look for; the whole event is found by its id.
type Evidence struct {
	EventID string            `json:"event_id"`
	Time    time.Time         `json:"time"`
	When    string            `json:"when"` // name of the condition it matched
	Src     string            `json:"src,omitempty"`
	Values  map[string]string `json:"values,omitempty"`
}

// Held is by what one condition was satisfied, for one event. It travels on no topic: it is worked out from an alert when
// somebody looks at it.
type Held struct {
	When    string     `json:"when"` // name of the condition
	EventID string     `json:"event_id"`
	Parts   []HeldPart `json:"parts"`
}

// HeldPart is a part of a condition that held.
type HeldPart struct {
	Expr    string `json:"expr"`
	Field   string `json:"field,omitempty"`
	Value   string `json:"value,omitempty"`
	Literal string `json:"literal,omitempty"` // of the rule, that the value satisfied
	// From and To are where the value stands in event.original, in bytes; -1 if it does not as it is.
	From int `json:"from"`
	To   int `json:"to"`
}

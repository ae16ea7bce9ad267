// Package alerting is what is asked, and what is answered, about alerts: lists, decisions, and the risk that follows from
// them.
package alerting

import (
	"context"
	"encoding/json"
	"time"

	"weir/internal/alert"
)

// Decider changes alerts and tells the risk of what they are about. A weir that runs implements it besides control.Backend;
// files alone cannot be written to, but say the risk.
type Decider interface {
	// Decide changes one alert. The error of one that somebody else has changed meanwhile has the code alert-changed.
	Decide(ctx context.Context, r Decision) (Outcome, error)
	// Risk lists the entities with the highest score, the highest first.
	Risk(ctx context.Context, r RiskRequest) ([]Risk, error)
}

// Request narrows a list of alerts. Empty fields match everything.
type Request struct {
	State    string    `json:"state,omitempty"` // open, acknowledged, closed
	Live     bool      `json:"live,omitempty"`  // those that are not closed
	Level    string    `json:"level,omitempty"` // this level and above
	Rule     string    `json:"rule,omitempty"`
	Entity   string    `json:"entity,omitempty"` // a host, user, address, or another value of the group
	Assignee string    `json:"assignee,omitempty"`
	Tag      string    `json:"tag,omitempty"`
	From     time.Time `json:"from,omitzero"` // of the last hit
	To       time.Time `json:"to,omitzero"`
	// Suppressed and Canary add alerts that lists leave out.
	Suppressed bool   `json:"suppressed,omitempty"`
	Canary     bool   `json:"canary,omitempty"`
	Sort       string `json:"sort,omitempty"` // last, first, level or count; "": last
	Size       int    `json:"size,omitempty"` // 0: all
}

// Row is an alert and what people did with it.
type Row struct {
	alert.Alert
	Short    string    `json:"short"` // shortest start of the id, at least 4 characters, that no other alert has
	State    string    `json:"state"`
	Verdict  string    `json:"verdict,omitempty"`
	Assignee string    `json:"assignee,omitempty"`
	Changes  int       `json:"changes,omitempty"` // how many there were: the number that a decision may name
	By       string    `json:"by,omitempty"`      // who changed the state last
	Note     string    `json:"note,omitempty"`    // what they wrote
	Changed  time.Time `json:"changed,omitzero"`  // when
}

// Detail is an alert with the events behind it.
type Detail struct {
	Row
	Events  map[string]json.RawMessage `json:"events,omitempty"`  // ECS documents by event id, as far as they are found
	Held    []alert.Held               `json:"held,omitempty"`    // for the first event of each condition
	History []alert.Change             `json:"history,omitempty"` // the first one first
	Risk    []Risk                     `json:"risk,omitempty"`    // of what it is about, the highest first, without what made it
}

// Decision is what somebody wants done with an alert.
type Decision struct {
	ID       string `json:"id"`   // or a start of it that only one alert has
	Kind     string `json:"kind"` // state, note or assign
	State    string `json:"state,omitempty"`
	Verdict  string `json:"verdict,omitempty"`
	Note     string `json:"note,omitempty"`
	Assignee string `json:"assignee,omitempty"`
	By       string `json:"by"`
	// Version is the number of changes that the alert had when this was decided; nil: whatever it is.
	Version *int `json:"version,omitempty"`
}

// Outcome is how an alert stands after a decision.
type Outcome struct {
	Row
	Was string `json:"was"` // its state before
	// Waiting tells that the decision is kept, and not on Kafka yet: nobody else knows of it.
	Waiting bool `json:"waiting,omitempty"`
}

// RiskRequest narrows a list of risk.
type RiskRequest struct {
	At     time.Time `json:"at,omitzero"`      // of the scores; zero: now
	Entity string    `json:"entity,omitempty"` // only this host, user or address
	Size   int       `json:"size,omitempty"`   // 0: all
}

// Risk is the score of an entity and what made it.
type Risk struct {
	Kind   string    `json:"kind"` // user, host or address
	Value  string    `json:"value"`
	Score  float64   `json:"score"`
	At     time.Time `json:"at"`              // of the score
	Alerts int       `json:"alerts"`          // that count
	Rules  int       `json:"rules"`           // behind them
	Alert  string    `json:"alert,omitempty"` // id of the alert about it, while it is above
	Parts  []Part    `json:"parts,omitempty"` // the largest first
}

// Part is what one alert adds to a score.
type Part struct {
	Alert  string    `json:"alert"`
	Rule   string    `json:"rule"`
	Level  string    `json:"level"`
	What   string    `json:"what"`
	At     time.Time `json:"at"`
	Points float64   `json:"points"`
}

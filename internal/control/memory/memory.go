// Package memory is what the rules of a running weir remember of the events that they combine.
package memory

import (
	"context"
	"time"
)

// State is what all rules hold, and what came too late for them.
type State struct {
	Rules []Rule `json:"rules"` // that combine events or fold alerts, in the order of their ids
	Late  []Late `json:"late"`  // the last ones, the newest first
	// Held are revisions of alerts that wait, or waited, because there were too many at once.
	Held int64 `json:"held"`
}

// Rule is what one rule holds, and what it counted since the process began.
type Rule struct {
	Rule       string           `json:"rule"`
	Groups     int64            `json:"groups"`
	Alerts     int64            `json:"alerts"` // groups whose alerts take further hits
	Bytes      int64            `json:"bytes"`
	Matches    int64            `json:"matches"`
	Evicted    int64            `json:"evicted"` // groups and alerts let go because there were too many
	Late       int64            `json:"late"`    // matches later than the lateness
	LateBy     map[string]int64 `json:"late_by,omitempty"`
	NotANumber int64            `json:"not_a_number"` // matches without a number to compute with
	Lacking    int64            `json:"lacking"`      // matches without a value to compare or group by
}

// Late is a match that came later than the lateness of its dataset.
type Late struct {
	Rule    string    `json:"rule"`
	EventID string    `json:"event_id"`
	Dataset string    `json:"dataset"`
	At      time.Time `json:"at"`
	LateMS  int64     `json:"late_ms"`
}

// Teller tells what rules remember. A Backend that correlates implements it besides.
type Teller interface {
	RuleMemory(ctx context.Context) (State, error)
}

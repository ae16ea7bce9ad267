// Package cost is what the rules of a running weir have seen and what they cost.
package cost

import "time"

// Counts is what the rules have seen since their set was put in place.
type Counts struct {
	Set    string    `json:"set"` // hash of the rule set
	Since  time.Time `json:"since,omitzero"`
	Events int64     `json:"events"` // that were held against the set
	Rules  []Rule    `json:"rules"`  // every rule that runs
	// Exceptions that run, in the order of their file.
	Exceptions []Exception `json:"exceptions,omitempty"`
}

// Exception is how many events a rule passed over because of an exception.
type Exception struct {
	ID   string `json:"id"`
	Hits int64  `json:"hits"`
}

// Rule is one rule. What it costs is measured on some of the events and reckoned for all.
type Rule struct {
	Rule       string `json:"rule"`
	Candidates int64  `json:"candidates"` // events on which its conditions were tried
	Hits       int64  `json:"hits"`       // conditions that held
	Lacking    int64  `json:"lacking"`    // of these, without a field by which the rule groups
	TookNS     int64  `json:"took_ns"`    // of all its trials together
}

// PerEvent is what the rule costs for one event on average, in nanoseconds.
func (c Counts) PerEvent(r Rule) float64 {
	if c.Events == 0 {
		return 0
	}
	return float64(r.TookNS) / float64(c.Events)
}

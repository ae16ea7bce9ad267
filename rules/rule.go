// Package rules holds detection rules: native YAML rules with expr conditions, their checks and their tests.
// What a rule means for one event is compiled by internal/match; what it means over time is run by correlate.
package rules

import "time"

// Level is Sigma's word for how much an alert matters.
type Level string

// The levels, least first.
const (
	Informational Level = "informational"
	Low           Level = "low"
	Medium        Level = "medium"
	High          Level = "high"
	Critical      Level = "critical"
)

// Rule is one detection rule as it was read. It is immutable after load and shared by all workers.
type Rule struct {
	ID             string
	Title          string
	TitleKo        string
	Level          Level
	Status         string // experimental, test or stable
	Author         string
	Date           string
	Version        int
	Description    string
	Tags           []string // attack.t1110.001
	References     []string
	FalsePositives []string
	Enabled        bool
	When           []Condition // in the order of the file; an unnamed single condition is called "event"
	Correlate      *Correlate  // nil: every match of the one condition is a hit
	Fold           Fold
	Explain        string // text with {{field}} references
	ExplainKo      string
	Notify         []string // names of channels
	Tests          []Test

	File string // file it came from
	Line int    // line of its first key
	Hash string // of everything that changes what it matches (When, Correlate, Fold): state is kept per ID and Hash
}

// Condition is one named expr over ECS fields.
type Condition struct {
	Name string
	Expr string
	Line int // place of the expression's first character in the file
	Col  int
}

// Kind says how matches combine over time.
type Kind string

// The kinds that correlate runs.
const (
	Count    Kind = "count"    // at least N matches of one condition
	Sequence Kind = "sequence" // steps one after another in event time, each with its own count
)

// Correlate combines matches of the conditions over time, per group.
type Correlate struct {
	Kind   Kind
	Steps  []Step // one for Count, in order for Sequence
	By     []string
	Within time.Duration
}

// Step is one condition of a correlation and how often it must match.
type Step struct {
	When    string
	AtLeast int // at least 1
}

// Fold joins the hits of one group into one alert with a counter.
type Fold struct {
	By  []string      // default: Correlate.By, else host.name and source.ip
	For time.Duration // an alert takes further hits until this long after its last one; default 1 h
}

// Test is one case of a rule file.
type Test struct {
	Name   string
	Line   int
	Events []TestEvent
	Expect Expect
}

// TestEvent is an ECS document, or a raw line with the dataset whose parser reads it.
type TestEvent struct {
	Doc     []byte        // ECS JSON; nil for a raw line
	Raw     string        // raw line
	Dataset string        // parser of the raw line; empty: recognised
	At      time.Duration // after the first event; set with HasAt
	HasAt   bool          // without it the event's own time counts; without that too it comes 1 s after the one before
	Line    int
}

// Expect is what a test wants; a miss is a test that expects 0 alerts.
type Expect struct {
	Alerts int
	Groups []map[string]string // wanted alert groups, if given
	Events []int               // numbers, from 1, of the events that must be in the evidence, if given
}

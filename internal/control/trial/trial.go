// Package trial is what is asked, and what is answered, about rules that are tried on events of the past.
package trial

import (
	"time"

	"weir/internal/alert"
	"weir/internal/fault"
)

// Source is a rule as it is to be tried: one that runs where the archive is, by its id, or a file.
type Source struct {
	ID   string `json:"id,omitempty"`   // of a rule that runs there; of a file with several, the one that is meant
	File string `json:"file,omitempty"` // what the file is called in messages
	Text string `json:"text,omitempty"` // empty: the rule of ID
}

// Request asks what rules would have found.
type Request struct {
	Rules []Source `json:"rules,omitempty"` // none: all that run there
	// Against is another version of the rules; none: nothing is compared.
	Against []Source  `json:"against,omitempty"`
	From    time.Time `json:"from,omitzero"`
	To      time.Time `json:"to,omitzero"` // exclusive
	// Values asks for the values of the evidence too; without it evidence is ids and times.
	Values bool `json:"values,omitempty"`
	// Write keeps the alerts that are not there yet, marked as historic. Nobody is told of them.
	Write bool `json:"write,omitempty"`
	// Warm hands the matches to the engine that runs, so that a rule which is new knows what it would know. The rules are
	// those of ids alone. Without From, it is as far back as a rule remembers.
	Warm bool `json:"warm,omitempty"`
}

// Line is one line of the answer. One of its members is set.
type Line struct {
	Progress *Progress `json:"progress,omitempty"`
	Alert    *Alert    `json:"alert,omitempty"`
}

// Progress is how far the reading is.
type Progress struct {
	Done  int64     `json:"done"`
	Total int64     `json:"total"`
	Unit  string    `json:"unit,omitempty"` // of both where it is not events: bytes
	At    time.Time `json:"at,omitzero"`    // of the events that are read
	In    string    `json:"in,omitempty"`   // file that is read
}

// Changes of an alert against the other version.
const (
	New  = "new"  // only this version raises it
	Same = "same" // both do
	Gone = "gone" // only the other version raises it
)

// Alert is an alert that a rule would have raised. Its id is that of the live alert, if the rule is the same.
type Alert struct {
	alert.Alert
	Change string `json:"change,omitempty"` // empty: nothing was compared
}

// Summary is what a backtest says in the end.
type Summary struct {
	Rules []Rule    `json:"rules"` // in the order of the request, those of Against not among them
	From  time.Time `json:"from,omitzero"`
	To    time.Time `json:"to,omitzero"`

	Events  int64 `json:"events"`  // read or left out, within the bounds
	Skipped int64 `json:"skipped"` // of these, left out because their columns say that they cannot match
	Tried   int64 `json:"tried"`   // of these, held against the rules
	TookMS  int64 `json:"took_ms"`
	// CostNS is what holding one event against all the rules takes, measured on some of those tried.
	CostNS        float64 `json:"cost_ns"`
	CostAgainstNS float64 `json:"cost_ns_against,omitempty"` // the same for the other version

	Columns      []string `json:"columns,omitempty"` // fields that were read to find matches; none: all
	Segments     int      `json:"segments"`
	SegmentsRead int      `json:"segments_read"`
	Late         int64    `json:"late,omitempty"`    // matches whose logged time is so far from that of storing that they may stand alone
	Evicted      int64    `json:"evicted,omitempty"` // groups let go because there were too many at a time
	ValuesCut    int64    `json:"values_cut,omitempty"`
	Written      int64    `json:"written,omitempty"` // alerts that were kept, as was asked
	Present      int64    `json:"present,omitempty"` // alerts that were there already
	Warmed       int64    `json:"warmed,omitempty"`  // matches handed to the engine that runs

	// Stopped is why it ended before everything was read, "" if it did not: interrupted, or too-many-alerts.
	Stopped string    `json:"stopped,omitempty"`
	Reached time.Time `json:"reached,omitzero"` // of a stopped one: everything before was read

	Warnings []*fault.Error `json:"-"` // segments that cannot be read; carried in the stream, see wire.go
}

// Reasons for which a backtest ends early.
const (
	Interrupted   = "interrupted"
	TooManyAlerts = "too-many-alerts"
)

// Rule is what one rule found.
type Rule struct {
	Rule    string `json:"rule"`
	Title   string `json:"title"`
	Level   string `json:"level"`
	Matches int64  `json:"matches"`
	Alerts  int64  `json:"alerts"`
	New     int64  `json:"new,omitempty"`
	Same    int64  `json:"same,omitempty"`
	Gone    int64  `json:"gone,omitempty"`
}

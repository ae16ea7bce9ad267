// Package rules holds detection rules: native YAML rules with expr conditions and Sigma rules, their checks and their tests.
// What a rule means for one event is compiled by internal/match; what it means over time is run by correlate.
package rules

import (
	"time"

	"weir/internal/match/tree"
	"weir/rules/correlation"
	"weir/rules/sigma"
)

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
	// Unique in a set, and part of alert ids: letters, digits, -, _ and dots, of native rules small ones.
	ID string
	// What filters and correlations of Sigma may call it by.
	Name  string
	Title string
	// Shown to who has chosen Korean; where there is none, the other title is.
	TitleKo string
	Level   Level
	// Experimental, test or stable; of Sigma rules also deprecated or unsupported, which run all the same.
	Status string
	// Goes into every alert, as licences ask for it.
	Author string
	// Of Sigma rules, as they name it.
	License  string
	Date     string
	Modified string
	// Counted by the author. It changes nothing: state follows Hash.
	Version     int
	Description string
	// Such as attack.t1110.001.
	Tags           []string
	References     []string
	FalsePositives []string
	// Fields that whoever looks at an alert should see, with Sigma's names.
	Fields []string
	// Rules that this one has to do with.
	Related []sigma.Related
	// Sigma is set for a Sigma rule.
	Sigma bool
	// Asks are the fields that a Sigma rule and its filters ask for, with Sigma's names; nil in native rules.
	Asks []string
	// LogSource is which events the rule is for; empty: every one.
	LogSource LogSource
	// A rule that is switched off is loaded and checked like any other.
	Enabled bool
	// UsedBy are the correlations that a Sigma rule is part of, without which it would run by itself: Enabled is false then.
	UsedBy []string
	// In the order of the file; an unnamed single condition is called "event".
	When []Condition
	// Nil: every match of the one condition is a hit.
	Correlate *Correlate
	Fold      Fold
	// After an alert for an entity, further ones for it are marked as suppressed by it; nil: none is.
	Suppress *Suppress
	// Labels travel with its alerts and decide, with the level, whom they are sent to.
	Labels map[string]string
	// Text with {{field}} references.
	Explain   string
	ExplainKo string
	// Names of channels.
	Notify []string
	Tests  []Test

	// File it came from.
	File string
	// Line of its first key.
	Line int
	// Of everything that changes what it matches (LogSource, When, Correlate, Fold, Suppress): state is kept per ID and Hash.
	Hash string
	// Files of the filters that are part of its condition.
	filtered []string
}

// Source returns which events a condition of the rule is for.
func (r *Rule) Source(c *Condition) LogSource {
	if c.LogSource != nil {
		return *c.LogSource
	}
	return r.LogSource
}

// Condition is one named expr over ECS fields.
type Condition struct {
	Name string
	Expr string
	// Tree is what a Sigma rule asks; Expr is its printed form. Nil in native rules, which are read from Expr.
	Tree *tree.Node
	// LogSource is which events the condition is for; nil: those of the rule. Conditions of a Sigma correlation come from
	// several rules.
	LogSource *LogSource
	// Place of the expression's first character in the file; of a Sigma rule, of its condition.
	Line int
	Col  int
}

// The language of correlations has a package of its own.
type (
	// Correlate combines matches of the conditions over time, per group.
	Correlate = correlation.Correlate
	// Step is one condition of a correlation, or an inner correlation, and how often it must match.
	Step = correlation.Step
	// Bound is what a number must be.
	Bound = correlation.Bound
	// Logic is which steps must be there.
	Logic = correlation.Logic
)

// Fold joins the hits of one group into one alert with a counter.
type Fold struct {
	// Default: Correlate.By, else host.name and source.ip.
	By []string
	// An alert takes further hits until this long after its last one; default 1 h.
	For time.Duration
}

// Suppress says for how long one alert speaks for those that follow it.
type Suppress struct {
	// Among the fields by which alerts fold.
	By  []string
	For time.Duration
}

// Test is one case of a rule file.
type Test struct {
	Name   string
	Line   int
	Events []TestEvent
	Expect Expect
	// After the first event: when the test looks at what there is. 0: when everything is decided.
	Until time.Duration
}

// TestEvent is an ECS document, or a raw line with the dataset whose parser reads it.
type TestEvent struct {
	// ECS JSON; nil for a raw line.
	// Exactly one of Doc and Raw is set.
	Doc []byte
	// Raw line.
	Raw string
	// Parser of the raw line; empty: recognised.
	Dataset string
	// After the first event; set with HasAt.
	At time.Duration
	// Without it the event's own time counts; without that too it comes 1 s after the one before.
	HasAt bool
	Line  int
}

// Expect is what a test wants; a miss is a test that expects 0 alerts.
type Expect struct {
	Alerts int
	// Wanted alert groups, if given.
	Groups []map[string]string
	// Numbers, from 1, of the events that must be in the evidence, if given.
	Events []int
}

// Package rules holds detection rules: native YAML rules with expr conditions and Sigma rules, their checks and their tests.
// What a rule means for one event is compiled by internal/match; what it means over time is run by correlate.
package rules

import (
	"time"

	"weir/internal/match/tree"
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
	// Of everything that changes what it matches (LogSource, When, Correlate, Fold): state is kept per ID and Hash.
	Hash string
	// Files of the filters that are part of its condition.
	filtered []string
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

// Kind says how matches combine over time.
type Kind string

// The kinds that correlate runs.
const (
	// How many matches there are.
	Count Kind = "count"
	// How many different values they have.
	Distinct Kind = "distinct"
	// What their numbers come to.
	Sum Kind = "sum"
	// Their mean.
	Avg Kind = "avg"
	// The number in their middle.
	Median Kind = "median"
	// The number that so many percent of them do not exceed.
	Percentile Kind = "percentile"
	// Each step, in whatever order.
	AnyOrder Kind = "any_order"
	// Steps one after another in event time, each with its own count.
	Sequence Kind = "sequence"
	// Nothing follows within the time.
	Absence Kind = "absence"
	// A value that the group did not have before.
	NewValue Kind = "new_value"
)

// Window says which matches are looked at together.
type Window string

// The windows.
const (
	// Any span as long as Within.
	Sliding Window = "sliding"
	// Spans as long as Within, one after the other since 1970.
	Tumbling Window = "tumbling"
	// Matches of which no neighbours are further apart than Within.
	Session Window = "session"
)

// Correlate combines matches of the conditions over time, per group.
type Correlate struct {
	// Of an inner correlation, by which steps name it; the outermost has none.
	Name string
	Kind Kind
	// Of sequences in their order; of an absence, what begins it and then what must follow, which may be the same; of the
	// others what is counted.
	Steps []Step
	// Which steps must be there, by name; nil: each of them.
	Logic *Logic
	// Names whose values make a group: fields, or keys of Alias; without any, all matches are one group.
	By []string
	// The field that a name of By stands for, by the step: {switch: {trap: host.ip, log: host.name}}.
	Alias map[string]map[string]string
	// In event time, from the first match that counts to the last; of sessions, the longest pause.
	Within time.Duration
	Window Window
	// Of what is counted or computed; all must hold.
	Bounds []Bound
	// What is computed with. Several fields together are one value, of which Distinct and NewValue know how.
	Field []string
	// Of Percentile: from 0 to 100.
	Percent float64
	// Of Avg, Median and Percentile: how many numbers there must be, at least 1.
	MinValues int
	// Of NewValue: how long a group must have been known before anything of it is new.
	Learn time.Duration
	// Correlations whose completions are matches of this one.
	Inner []*Correlate
}

// Step is one condition of a correlation, or an inner correlation, and how often it must match.
type Step struct {
	// The name of the condition or of the inner correlation.
	When string
	// At least 1.
	AtLeast int
}

// Bound is what a number must be.
type Bound struct {
	// Op is gt, gte, lt, lte, eq or neq.
	Op    string
	Value float64
}

// Holds tells whether n meets the bound.
func (b Bound) Holds(n float64) bool {
	switch b.Op {
	case "gt":
		return n > b.Value
	case "gte":
		return n >= b.Value
	case "lt":
		return n < b.Value
	case "lte":
		return n <= b.Value
	case "eq":
		return n == b.Value
	case "neq":
		return n != b.Value
	}
	return false
}

// Logic is which steps must be there. Exactly one of its parts is set.
type Logic struct {
	// A step's name.
	Step string
	And  []*Logic
	Or   []*Logic
	Not  *Logic
}

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

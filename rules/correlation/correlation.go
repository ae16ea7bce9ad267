// Package correlation is the language of correlations: what matches over time make a hit of a rule, as native rules write
// it and as all engines have it. What it means is in processors/correlate.
//
// A rule's correlation is a tree: an outer correlation may take the completions of inner ones for matches. Conditions and
// inner correlations have names, which steps, aliases and the texts of conditions use. Each name belongs to one node of the
// tree, so that a signal of a condition says by itself whose it is.
package correlation

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"time"
)

// Kind says how matches combine over time.
type Kind string

// The kinds.
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

// kinds are all of them, in the order in which they are told.
var kinds = []Kind{Count, Distinct, Sum, Avg, Median, Percentile, AnyOrder, Sequence, Absence, NewValue}

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

// Correlate combines matches of the conditions over time, per group. It is immutable once its rule is loaded.
type Correlate struct {
	// Of an inner correlation, by which steps name it; the outermost has none.
	Name string
	Kind Kind
	// Of sequences in their order; of an absence, what begins it and then what must follow, which may be the same; of the
	// others what is counted.
	Steps []Step
	// Which steps must be there, by name; nil: each of them. Not stands above a step only.
	Logic *Logic
	// Names whose values make a group: fields, or keys of Alias; without any, all matches are one group.
	By []string
	// The field that a name of By or Field stands for, by the step: {switch: {trap: host.ip, log: host.name}}. Several
	// fields with blanks between them mean the first that the event has. Of an inner correlation it may be a name of its By.
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
	// At least 1. Of what is counted or computed it is 1: Bounds say how many.
	AtLeast int
}

// Bound is what a number must be.
type Bound struct {
	// Op is gt, gte, lt, lte, eq or neq.
	Op    string
	Value float64
}

// ops are the words of bounds.
var ops = []string{"gt", "gte", "lt", "lte", "eq", "neq"}

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

// Nodes returns the correlation and those within it, the outermost first.
func (c *Correlate) Nodes() []*Correlate {
	if c == nil {
		return nil
	}
	out := []*Correlate{c}
	for _, in := range c.Inner {
		out = append(out, in.Nodes()...)
	}
	return out
}

// PathTo returns the nodes from c to the one that has a condition as a step, nil if none has.
func (c *Correlate) PathTo(when string) []*Correlate {
	if c == nil {
		return nil
	}
	for _, in := range c.Inner {
		if path := in.PathTo(when); path != nil {
			return append([]*Correlate{c}, path...)
		}
	}
	if slices.ContainsFunc(c.Steps, func(s Step) bool { return s.When == when }) {
		return []*Correlate{c}
	}
	return nil
}

// NodeOf returns the node that has a condition as a step, nil if none has.
func (c *Correlate) NodeOf(when string) *Correlate {
	path := c.PathTo(when)
	if path == nil {
		return nil
	}
	return path[len(path)-1]
}

// Requires tells whether the correlation cannot hold without a match of a condition.
func (c *Correlate) Requires(when string) bool {
	path := c.PathTo(when)
	for i, n := range path {
		step := when
		if i+1 < len(path) {
			step = path[i+1].Name
		}
		if !n.needs(step) {
			return false
		}
	}
	return path != nil
}

// needs tells whether the node cannot hold without one of its steps.
func (c *Correlate) needs(step string) bool {
	switch {
	case c.Logic != nil:
		return !c.Logic.without(step)
	case c.Kind == AnyOrder || c.Kind == Sequence:
		return true
	case c.Kind == Absence:
		return c.Steps[0].When == step
	}
	return len(c.Steps) == 1
}

// Reads returns what a name of By or Field means for a step: itself, or what it is the alias of.
func (c *Correlate) Reads(name, step string) string {
	if fields, ok := c.Alias[name]; ok {
		return fields[step]
	}
	return name
}

// Monotone tells whether more matches can only make the correlation truer, so that it is decided as they come. The inner
// ones do not count.
func (c *Correlate) Monotone() bool {
	switch c.Kind {
	case Count, Distinct, Sum:
		return !slices.ContainsFunc(c.Bounds, func(b Bound) bool { return b.Op != "gt" && b.Op != "gte" })
	case AnyOrder, Sequence:
		return !c.Logic.negates()
	}
	return false
}

// WriteTo writes everything that changes what the correlation finds. Equal ones write the same.
func (c *Correlate) WriteTo(w io.Writer) (int64, error) {
	n, err := fmt.Fprintf(w, "%q %q %v %s %q %q %d %q %v %q %v %d %d (", c.Name, c.Kind, c.Steps, c.Logic, c.By, c.aliases(), c.Within, c.Window, c.Bounds,
		c.Field, c.Percent, c.MinValues, c.Learn)
	total := int64(n)
	for _, in := range c.Inner {
		if err != nil {
			return total, err
		}
		var more int64
		more, err = in.WriteTo(w)
		total += more
	}
	if err == nil {
		n, err = fmt.Fprint(w, ")")
		total += int64(n)
	}
	return total, err
}

// aliases returns the aliases in order.
func (c *Correlate) aliases() []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(c.Alias)) {
		for _, step := range slices.Sorted(maps.Keys(c.Alias[name])) {
			out = append(out, name, step, c.Alias[name][step])
		}
	}
	return out
}

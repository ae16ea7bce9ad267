package backtest

import (
	"slices"
	"strings"

	"weir/event"
	"weir/internal/archive/search"
	"weir/internal/match"
	"weir/internal/match/tree"
	"weir/internal/match/tree/form"
	"weir/internal/match/tree/kind"
	"weir/rules"
)

// condition is one condition of a rule, compiled to be looked at.
type condition struct {
	source rules.LogSource // which events it is for
	cond   *match.Cond     // nil: it does not compile alone, and nothing is known of it
}

// conditions compiles what the versions look for. The engines have compiled the same, and matching is theirs.
func conditions(p Place, versions []*version) []condition {
	var out []condition
	for _, v := range versions {
		for _, r := range v.set.Rules {
			for _, when := range r.When {
				c := condition{source: r.Source(&when)}
				if when.Tree != nil {
					c.cond, _ = match.Compiler{Lists: p.Lists}.CompileTree(when.Tree)
				} else {
					c.cond, _ = match.Compiler{Lists: p.Lists}.Compile(when.Expr)
				}
				out = append(out, c)
			}
		}
	}
	return out
}

// always are fields that are read whatever the rules name: the times of an event.
var always = []string{event.Timestamp.Path(), event.WeirTime.Path()}

// columnsOf returns the fields that tell whether an event matches: those of the conditions and of the log sources. nil
// is every field: a condition may look for a value anywhere.
func columnsOf(p Place, conds []condition) []string {
	out := slices.Clone(always)
	for _, c := range conds {
		if c.cond == nil || c.cond.Whole() {
			return nil
		}
		out = append(out, c.cond.Fields()...)
		if !c.source.Empty() {
			out = append(out, p.Pipes.Reads()...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// shown are fields that alerts carry of every event, and what tells when it came.
var shown = []string{event.EventID.Path(), event.WeirSrc.Path(), event.EventIngested.Path(), event.EventDataset.Path(), event.Message.Path()}

// wholeOf returns the fields of an event that matched: those that tell it, and those that its alert shows. nil is every
// field.
func wholeOf(p Place, columns []string, versions []*version) []string {
	if columns == nil {
		return nil
	}
	out := append(slices.Clone(columns), shown...)
	for _, v := range versions {
		passed, ok := excepted(p, v.set)
		if !ok {
			return nil
		}
		out = append(out, passed...)
		for _, r := range v.set.Rules {
			out = append(append(out, r.Fold.By...), r.ExplainFields()...)
			out = append(out, correlated(r.Correlate)...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// excepted returns the fields that the exceptions of a set ask for; ok is false where one may ask for any. An exception
// that cannot run takes nothing out.
func excepted(p Place, set *rules.Set) (out []string, ok bool) {
	if set.Exceptions == nil {
		return nil, true
	}
	for _, x := range set.Exceptions.Items {
		c, err := match.Compiler{Lists: p.Lists}.Compile(x.When)
		switch {
		case err != nil:
		case c.Whole():
			return nil, false
		default:
			out = append(out, c.Fields()...)
		}
	}
	return out, true
}

// correlated returns the fields by which a correlation, and those within it, group and compute: what their names stand for
// in each step.
func correlated(c *rules.Correlate) []string {
	var out []string
	for _, n := range c.Nodes() {
		for _, name := range slices.Concat(n.By, n.Field) {
			for _, step := range n.Steps {
				out = append(out, strings.Fields(n.Reads(name, step.When))...)
			}
		}
	}
	return out
}

// maxSieve is how many conditions are asked of columns. With more of them nearly every row may satisfy one, and asking
// the columns only adds to the work.
const maxSieve = 32

// sieveOf makes the conditions one that columns can narrow; nil for none.
func sieveOf(p Place, conds []condition) *search.Sieve {
	if len(conds) > maxSieve {
		return nil
	}
	out := &search.Sieve{Any: []*search.Sieve{}}
	for _, c := range conds {
		if c.cond == nil {
			return nil
		}
		s := treeSieve(p, c.cond.Tree())
		if !c.source.Empty() {
			s = &search.Sieve{All: []*search.Sieve{sourceSieve(p, c.source), s}}
		}
		out.Any = append(out.Any, s)
	}
	return out
}

// sourceSieve lets through what is of a log source, and what is of none that is known: live tries every rule on that.
func sourceSieve(p Place, want rules.LogSource) *search.Sieve {
	return &search.Sieve{Fields: p.Pipes.Reads(), Test: func(e *event.Event) bool {
		c := p.Pipes.Classify(e)
		return c == 0 || p.Pipes.Covers(c, want)
	}}
}

// treeSieve is a condition as columns can ask it. What needs the whole event is left open.
func treeSieve(p Place, n *tree.Node) *search.Sieve {
	switch n.Op {
	case tree.And:
		return &search.Sieve{All: treeSieves(p, n.Kids)}
	case tree.Or:
		return &search.Sieve{Any: treeSieves(p, n.Kids)}
	case tree.Not:
		return &search.Sieve{Not: treeSieve(p, n.Kids[0])}
	}
	t := n.Test
	switch {
	case t.Kind == kind.Constant && len(t.Values) > 0:
		return &search.Sieve{All: []*search.Sieve{}}
	case t.Kind == kind.Constant:
		return &search.Sieve{Any: []*search.Sieve{}}
	case t.Kind == kind.Code || t.Field == tree.Any || t.Field == "":
		return &search.Sieve{}
	}
	c, err := match.Compiler{Lists: p.Lists}.CompileTree(n)
	if err != nil {
		return &search.Sieve{}
	}
	// All that it reads: hours are those of the event's own zone, ages those of its own time.
	s := &search.Sieve{Fields: c.Fields(), Test: c.Match}
	if t.Kind == kind.Equal && t.Form == form.Plain && !t.Fold && t.Other == "" {
		s.Equal = t.Values
	}
	return s
}

func treeSieves(p Place, nodes []*tree.Node) []*search.Sieve {
	out := make([]*search.Sieve, len(nodes))
	for i, n := range nodes {
		out[i] = treeSieve(p, n)
	}
	return out
}

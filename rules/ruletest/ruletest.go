// Package ruletest runs the tests of a rule. It knows what a test wants and how to say what it got; the way from an
// event to alerts is a Pipeline that the program gives it, made of the code that runs live.
package ruletest

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"weir/internal/alert"
	"weir/internal/match"
	"weir/rules"
)

// Pipeline takes the events of one test, in order, from one goroutine.
type Pipeline interface {
	// Feed takes one event of the test and returns the ids of the events that it became: more than one if a line holds
	// several, none if the parser kept nothing. When they happen is for a Clock to say.
	Feed(ev *rules.TestEvent) (ids []string, err error)
	// Finish lets the time of the stream pass to so long after the first event, or, of 0, to where everything is decided,
	// and returns the alerts, each in its last revision, in the order in which they were made.
	Finish(until time.Duration) ([]alert.Alert, error)
	// Nearest returns what came nearest to each condition that no event satisfied.
	Nearest() []Near
}

// Factory makes the pipeline of one test of one rule.
type Factory func(r *rules.Rule) (Pipeline, error)

// Near is the event that came nearest to a condition and what it lacked.
type Near struct {
	When   string
	ID     string // of the event
	Line   int    // of the event in the rule file, filled in by Run
	Misses []match.Miss
	Of     int // parts of the condition that were asked for
}

// Result is the outcome of one test.
type Result struct {
	Rule     string
	File     string
	Name     string
	Line     int
	Hit      bool // the test expects alerts
	Passed   bool
	Problems []Problem
	Alerts   []alert.Alert
	Nearest  []Near // of a failed test
	Took     time.Duration
}

// Problem is one difference between what a test expects and what it got. Err is set instead where the test could not
// run at all.
type Problem struct {
	What string // alerts, groups, events
	Want string
	Got  string
	Err  error
}

// String returns the problem in one line.
func (p Problem) String() string {
	if p.Err != nil {
		return p.Err.Error()
	}
	return fmt.Sprintf("%s: expected %s, got %s", p.What, p.Want, p.Got)
}

// Cases counts the tests of a rule that expect alerts and those that expect none.
func Cases(r *rules.Rule) (hits, misses int) {
	for _, t := range r.Tests {
		if t.Expect.Alerts > 0 {
			hits++
		} else {
			misses++
		}
	}
	return hits, misses
}

// Run runs the tests of one rule, a disabled one too.
func Run(r *rules.Rule, f Factory) []Result {
	on := *r
	on.Enabled = true
	out := make([]Result, len(r.Tests))
	for i := range r.Tests {
		out[i] = one(&on, &r.Tests[i], f)
	}
	return out
}

func one(r *rules.Rule, t *rules.Test, f Factory) Result {
	started := time.Now()
	res := Result{Rule: r.ID, File: r.File, Name: t.Name, Line: t.Line, Hit: t.Expect.Alerts > 0}
	run := &run{ids: map[string]int{}, lines: map[string]int{}}
	p, err := f(r)
	if err == nil {
		err = run.feed(p, t)
	}
	if err == nil {
		res.Alerts, err = p.Finish(t.Until)
	}
	if err != nil {
		res.Problems = []Problem{{Err: err}}
		return finish(res, started)
	}
	res.Problems = run.compare(&t.Expect, res.Alerts)
	if len(res.Problems) > 0 {
		res.Nearest = p.Nearest()
		for i := range res.Nearest {
			res.Nearest[i].Line = run.lines[res.Nearest[i].ID]
		}
	}
	return finish(res, started)
}

func finish(res Result, started time.Time) Result {
	res.Passed, res.Took = len(res.Problems) == 0, time.Since(started)
	return res
}

// run remembers which event of the test an event id belongs to.
type run struct {
	ids   map[string]int // number of the event, from 1
	lines map[string]int
}

func (u *run) feed(p Pipeline, t *rules.Test) error {
	for i := range t.Events {
		ids, err := p.Feed(&t.Events[i])
		if err != nil {
			return fmt.Errorf("event %d, line %d: %w", i+1, t.Events[i].Line, err)
		}
		for _, id := range ids {
			u.ids[id], u.lines[id] = i+1, t.Events[i].Line
		}
	}
	return nil
}

// compare returns the differences, the number of alerts first.
func (u *run) compare(want *rules.Expect, got []alert.Alert) []Problem {
	var out []Problem
	if len(got) != want.Alerts {
		out = append(out, Problem{What: "alerts", Want: fmt.Sprint(want.Alerts), Got: fmt.Sprint(len(got))})
	}
	if want.Groups != nil {
		var have []map[string]string
		for _, a := range got {
			have = append(have, a.Group)
		}
		for _, g := range want.Groups {
			i := slices.IndexFunc(have, func(h map[string]string) bool { return covers(h, g) })
			if i < 0 {
				out = append(out, Problem{What: "groups", Want: groupText(g), Got: groupsText(have)})
				continue
			}
			have = slices.Delete(have, i, i+1)
		}
	}
	var seen []int
	for _, a := range got {
		for _, e := range a.Evidence {
			if n, ok := u.ids[e.EventID]; ok && !slices.Contains(seen, n) {
				seen = append(seen, n)
			}
		}
	}
	slices.Sort(seen)
	for _, n := range want.Events {
		if !slices.Contains(seen, n) {
			out = append(out, Problem{What: "events", Want: fmt.Sprintf("event %d in the evidence", n), Got: fmt.Sprint(seen)})
		}
	}
	return out
}

// covers tells whether a group has every field that is wanted with the value that is wanted.
func covers(have, want map[string]string) bool {
	for k, v := range want {
		if have[k] != v {
			return false
		}
	}
	return true
}

func groupText(g map[string]string) string {
	var parts []string
	for k, v := range g {
		parts = append(parts, k+" = "+v)
	}
	sort.Strings(parts)
	return strings.Join(parts, ", ")
}

func groupsText(list []map[string]string) string {
	if len(list) == 0 {
		return "none"
	}
	var parts []string
	for _, g := range list {
		parts = append(parts, groupText(g))
	}
	return strings.Join(parts, "; ")
}

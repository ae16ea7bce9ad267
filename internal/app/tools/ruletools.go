// Package tools is what commands do without a process: reading lines as events, detecting in them, and checking rules.
package tools

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"weir/event"
	"weir/internal/app/build"
	"weir/internal/config"
	"weir/internal/fault"
	"weir/internal/record"
	"weir/processors"
	"weir/processors/parse"
	"weir/processors/parse/format"
	liverules "weir/processors/ruletest"
	"weir/rules"
	"weir/rules/ruletest"
)

// RuleTest is the result of one rule's tests.
type RuleTest struct {
	File  string
	Rule  string
	Took  time.Duration
	Cases []RuleCase
}

// RuleCase is the result of one test.
type RuleCase struct {
	Name string
	Line int
	// Miss is set for a test that expects no alert.
	Miss bool
	OK   bool
	Took time.Duration
	// Diff are the lines that differ, empty for a test that passed.
	Diff []string
}

// TestRun is what the tests of several rules came to.
type TestRun struct {
	Rules []RuleTest
	// Refused are the errors of rules that cannot run, and so were not tested.
	Refused fault.List
	// Warnings are about what the tests ran without.
	Warnings fault.List
}

// TestRules runs the tests of the rules in paths through the code of live. paths empty: the rules of cfg. A path with nothing
// but mistakes is an error; with some rules that load, those are tested and the errors of the others are in the result.
func TestRules(ctx context.Context, cfg config.Config, paths []string) (TestRun, error) {
	var out TestRun
	in, faults, err := loadRules(cfg, paths)
	if err != nil {
		return out, err
	}
	out.Refused = slices.DeleteFunc(slices.Clone(faults), func(f *fault.Error) bool { return f.Warn })
	if len(out.Refused) > 0 && len(in.set.Rules) == 0 {
		return TestRun{}, out.Refused
	}
	set, broken := build.Formats(cfg)
	if f := build.LeftOut(cfg, broken); f != nil {
		out.Warnings = append(out.Warnings, f)
	}
	factory, err := testFactory(cfg, in, set)
	if err != nil {
		return TestRun{}, err
	}
	for _, r := range in.set.Rules {
		if err := ctx.Err(); err != nil {
			return out, err // half the tests are no result
		}
		out.Rules = append(out.Rules, ruleTest(r, factory))
	}
	return out, nil
}

// testFactory makes what runs tests: with the formats and the enrichment of cfg, because a rule may ask for what only the user's
// formats read or what only the inventory knows.
func testFactory(cfg config.Config, in inputs, set *format.Set) (ruletest.Factory, error) {
	added, err := enrichment(cfg)
	if err != nil {
		return nil, err
	}
	class, err := build.Classes(cfg)
	if err != nil {
		return nil, err
	}
	steps := []processors.Step{added.Step, func(e *event.Event, _ *record.Raw) { class(e) }, added.Class, added.Redact}
	return liverules.New(liverules.Options{Parse: parse.Options{Formats: set}, Steps: steps, Lists: in.lists, Pipes: in.pipes})
}

// ruleTest runs the tests of one rule and puts the outcome into lines for people.
func ruleTest(r *rules.Rule, factory ruletest.Factory) RuleTest {
	t := RuleTest{File: r.File, Rule: r.ID}
	for _, res := range ruletest.Run(r, factory) {
		c := RuleCase{Name: res.Name, Line: res.Line, Miss: !res.Hit, OK: res.Passed, Took: res.Took}
		for _, p := range res.Problems {
			c.Diff = append(c.Diff, diff(p)...)
		}
		for _, n := range res.Nearest {
			c.Diff = append(c.Diff, "  nearest: "+lacked(n))
		}
		t.Took += res.Took
		t.Cases = append(t.Cases, c)
	}
	return t
}

// diff shows one problem as a diff does: what was wanted, what came.
func diff(p ruletest.Problem) []string {
	if p.Err != nil {
		return []string{"  " + p.Err.Error()}
	}
	return []string{fmt.Sprintf("- %s: %s   expected", p.What, p.Want), fmt.Sprintf("+ %s: %s   got", p.What, p.Got)}
}

// lacked says what the event that came nearest to a condition lacked, with the values that it had instead.
func lacked(n ruletest.Near) string {
	var parts []string
	for _, m := range n.Misses {
		var part strings.Builder
		part.WriteString(m.Expr)
		for _, f := range m.Values {
			value := "not there"
			if f.Has {
				value = strconv.Quote(f.Value)
			}
			fmt.Fprintf(&part, ", %s is %s", f.Field, value)
		}
		parts = append(parts, part.String())
	}
	return fmt.Sprintf("`%s` needs %s (event of line %d)", n.When, strings.Join(parts, " and "), n.Line)
}

// Package tools is what commands do without a process: reading lines as events, detecting in them, and checking rules.
package tools

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"weir/event"
	"weir/internal/app/build"
	"weir/internal/config"
	"weir/internal/fault"
	"weir/internal/match"
	"weir/internal/record"
	"weir/processors"
	liverules "weir/processors/ruletest"
	"weir/rules"
	"weir/rules/content"
	"weir/rules/ruletest"
)

// RuleReport is one rule of a file, or one file that is no rule at all (Rule nil).
type RuleReport struct {
	File string
	// Origin is shipped or yours.
	Origin string
	// Rule is nil if the file was refused.
	Rule *rules.Rule
	// ID is as much as could be read of it.
	ID string
	// Exprs is what each condition became, where that differs from what is written.
	Exprs map[string]string
	// Faults are errors, with which the file is refused, and warnings. A file of several rules has them once.
	Faults fault.List
}

// loadPaths loads the rules of files and folders. An error says which path cannot be read at all: a mistyped path must not
// pass as a folder without rules.
func loadPaths(paths []string) ([]RuleReport, *rules.Set, error) {
	all := &rules.Set{}
	var reports []RuleReport
	for _, path := range paths {
		set, err := loadPath(path)
		if err != nil {
			return nil, nil, err
		}
		all.Rules = append(all.Rules, set.Rules...)
		all.Faults = append(all.Faults, set.Faults...)
		reports = append(reports, reportsOf(set, "yours")...)
	}
	return reports, all, nil
}

// loadPath loads one file or one folder. A file is taken whatever its name is, since somebody named it.
func loadPath(path string) (*rules.Set, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, &fault.Error{Code: "rules-unreadable", What: "these rules cannot be read", Where: path, Why: fault.Innermost(err), Do: "name a rule file or a folder of them", Exit: fault.ExitUsage, Cause: err}
	}
	if info.IsDir() {
		return rules.LoadDir(path, nil)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, &fault.Error{Code: "rules-unreadable", What: "this rule file cannot be read", Where: path, Why: fault.Innermost(err), Exit: fault.ExitUsage, Cause: err}
	}
	list, faults := rules.Parse(path, b, nil)
	return &rules.Set{Rules: list, Faults: faults, Files: 1}, nil
}

// reportsOf lists the rules of a set and the files that gave none, by the names of the files.
func reportsOf(set *rules.Set, origin string) []RuleReport {
	byFile := map[string]fault.List{}
	for _, f := range set.Faults {
		file := fileOf(f.Where)
		byFile[file] = append(byFile[file], f)
	}
	var out []RuleReport
	seen := map[string]bool{}
	for _, r := range set.Rules {
		rep := RuleReport{File: r.File, Origin: origin, Rule: r, ID: r.ID}
		if strings.HasPrefix(r.File, content.Name+"/") {
			rep.Origin = "shipped"
		}
		if !seen[r.File] { // faults name a file and a line; they are shown once
			rep.Faults = byFile[r.File]
			seen[r.File] = true
		}
		out = append(out, rep)
	}
	for file, faults := range byFile {
		if !seen[file] {
			out = append(out, RuleReport{File: file, Origin: origin, Faults: faults})
		}
	}
	slices.SortStableFunc(out, func(a, b RuleReport) int { return strings.Compare(a.File, b.File) })
	return out
}

// fileOf cuts line and column off a place. A file may have a colon in its name, so only numbers at the end go.
func fileOf(where string) string {
	for range 2 {
		i := strings.LastIndexByte(where, ':')
		if i < 0 || strings.Trim(where[i+1:], "0123456789") != "" {
			break
		}
		where = where[:i]
	}
	return where
}

// CheckRules reads rules from files and folders; an error only if a path cannot be read at all. What is wrong with a rule is
// in its report.
func CheckRules(paths []string) ([]RuleReport, error) {
	reports, _, err := loadPaths(paths)
	return reports, err
}

// Rules are those that cfg runs: the shipped ones and the user's folder.
func Rules(cfg config.Config) ([]RuleReport, error) {
	set, _, err := build.Rules(cfg)
	if err != nil {
		return nil, err
	}
	return reportsOf(set, "yours"), nil
}

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
	// Diff are the lines that differ, empty for a test that passed.
	Diff []string
}

// TestRules runs the tests of the rules in paths through the code of live. paths empty: the rules of cfg. A path with nothing
// but mistakes is an error; with some rules that load, those are tested and the others are left to CheckRules.
func TestRules(ctx context.Context, cfg config.Config, paths []string) ([]RuleTest, error) {
	set, lists, err := build.Rules(cfg)
	if err != nil {
		return nil, err
	}
	if len(paths) > 0 { // with the lists of cfg, which their conditions may name
		if _, set, err = loadPaths(paths); err != nil {
			return nil, err
		}
	}
	if rules.HasErrors(set.Faults) && len(set.Rules) == 0 {
		return nil, set.Faults
	}
	factory, err := testFactory(cfg, lists)
	if err != nil {
		return nil, err
	}
	var out []RuleTest
	for _, r := range set.Rules {
		if err := ctx.Err(); err != nil {
			return out, err // half the tests are no result
		}
		out = append(out, ruleTest(r, factory))
	}
	return out, nil
}

// testFactory makes what runs tests: with the enrichment of cfg, because a rule may ask for what only the inventory knows.
func testFactory(cfg config.Config, lists match.Lists) (ruletest.Factory, error) {
	inv, err := build.LoadInventory(cfg)
	if err != nil {
		return nil, err
	}
	class, err := build.Classes(cfg)
	if err != nil {
		return nil, err
	}
	steps := []processors.Step{inv.Enrich, func(e *event.Event, _ *record.Raw) { class(e) }}
	return liverules.New(liverules.Options{Steps: steps, Lists: lists})
}

// ruleTest runs the tests of one rule and puts the outcome into lines for people.
func ruleTest(r *rules.Rule, factory ruletest.Factory) RuleTest {
	t := RuleTest{File: r.File, Rule: r.ID}
	for _, res := range ruletest.Run(r, factory) {
		c := RuleCase{Name: res.Name, Line: res.Line, Miss: !res.Hit, OK: res.Passed}
		for _, p := range res.Problems {
			c.Diff = append(c.Diff, diff(p)...)
		}
		for _, n := range res.Nearest {
			c.Diff = append(c.Diff, "  nearest: "+nearest(n))
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

// nearest says what the event that came nearest to a condition lacked, with the values that it had instead.
func nearest(n ruletest.Near) string {
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

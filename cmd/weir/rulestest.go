package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"weir/internal/app/tools"
	"weir/internal/fault"
	"weir/internal/term"
)

// rulesTest prints one line for a rule that is well and only what differs of one that is not.
// The time of each rule is shown because a slow rule in a test is a slow rule in live.
func (c *cli) rulesTest(cmd *cobra.Command, paths []string) error {
	l, err := c.load()
	if err != nil {
		return err
	}
	start := c.now()
	results, err := c.engine.testRules(cmd.Context(), l.Config, paths)
	if err != nil {
		return err
	}
	tests, failed := 0, 0
	for _, r := range results {
		bad := slices.DeleteFunc(slices.Clone(r.Cases), func(x tools.RuleCase) bool { return x.OK })
		tests, failed = tests+len(r.Cases), failed+len(bad)
		if c.json {
			for _, x := range r.Cases {
				if err := c.line(struct {
					File string   `json:"file"`
					Line int      `json:"line"`
					Rule string   `json:"rule"`
					Name string   `json:"name"`
					OK   bool     `json:"ok"`
					Diff []string `json:"diff"`
				}{r.File, x.Line, r.Rule, x.Name, x.OK, append([]string{}, x.Diff...)}); err != nil {
					return err
				}
			}
			continue
		}
		// Every rule is reported, also behind one that failed: a run of tests that stops early hides the rest.
		if err := c.testResult(r, bad, longestRule(results)); err != nil {
			return err
		}
	}
	if !c.json {
		c.note("%s, %s: %d passed, %d failed; %s", plural(len(results), "rule"), plural(tests, "test"), tests-failed, failed, term.Duration(c.now().Sub(start)))
	}
	if failed > 0 {
		return found{fault.ExitFound}
	}
	return nil
}

// longestRule aligns results; ids are ASCII, so bytes are cells.
// It is asked per rule and counts again: there are a few hundred at the most.
func longestRule(results []tools.RuleTest) int {
	n := 0
	for _, r := range results {
		n = max(n, len(r.Rule))
	}
	return n
}

// testResult prints one rule: a line if all is well, else each failed test with the lines that differ.
// A failed test has its line in the file, in the form that editors jump to.
func (c *cli) testResult(r tools.RuleTest, bad []tools.RuleCase, wide int) error {
	if len(bad) == 0 {
		misses := 0
		for _, x := range r.Cases {
			if x.Miss {
				misses++
			}
		}
		what := "no tests"
		if len(r.Cases) > 0 {
			what = fmt.Sprintf("%s, %s", plural(len(r.Cases)-misses, "hit"), plural(misses, "miss"))
		}
		return c.printf("%s    %-*s   %s   %s\n", c.out.Paint(term.Green, "ok"), wide, term.Escape(r.Rule), what, term.Duration(r.Took.Round(10*time.Microsecond)))
	}
	for _, x := range bad {
		if err := c.printf("%s  %-*s   %s:%d  %q\n", c.out.Paint(term.Red, "FAIL"), wide, term.Escape(r.Rule), term.Escape(r.File), x.Line, x.Name); err != nil {
			return err
		}
		for _, d := range x.Diff {
			if err := c.printf("      %s\n", term.Escape(d)); err != nil {
				return err
			}
		}
	}
	return nil
}

// Package testrun shows what the tests of rules and of formats came to: to people, to programs, and to build servers.
package testrun

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"weir/cmd/weir/ui"
	"weir/internal/app/tools"
	"weir/internal/fault"
	"weir/internal/term"
)

// Kind is what was tested, and how it is called.
type Kind struct {
	One, Many string // rule, rules
	Refused   string // where errors are that kept some from being tested: "rules that were refused"
	// Passed says what tests one has of which all passed.
	Passed func(r tools.RuleTest) string
	// Line is one test as --json shows it.
	Line func(r tools.RuleTest, c tools.RuleCase) any
}

// Show writes the results of a run that began at start, and into the file report too unless that is "". Each is shown, also
// behind one that failed: a run that stops early hides the rest. What was refused comes last, where it is seen below a screen of
// those that are well. The error is ui.Found if anything failed or was refused.
func Show(sh ui.Shell, k Kind, run tools.TestRun, start time.Time, report string) error {
	tests, failed, wide := 0, 0, 0
	for _, r := range run.Rules {
		wide = max(wide, len(r.Rule)) // ids are ASCII, so bytes are cells
	}
	for _, r := range run.Rules {
		bad := slices.DeleteFunc(slices.Clone(r.Cases), func(c tools.RuleCase) bool { return c.OK })
		tests, failed = tests+len(r.Cases), failed+len(bad)
		if err := k.result(sh, r, bad, wide); err != nil {
			return err
		}
	}
	took := sh.Now().Sub(start)
	if report != "" {
		if err := writeJUnit(report, k.Many, run, start, took); err != nil {
			return err
		}
	}
	sh.Warn(run.Warnings...)
	sh.Warn(run.Refused...)
	if !sh.JSON {
		refused := ""
		if n := len(run.Refused); n > 0 {
			refused = fmt.Sprintf(", %s in %s", ui.Plural(n, "error"), k.Refused)
		}
		sh.Note("%s, %s: %d passed, %d failed%s; %s", ui.Plural(len(run.Rules), k.One), ui.Plural(tests, "test"), tests-failed, failed, refused, term.Duration(took))
	}
	if failed > 0 || len(run.Refused) > 0 {
		return ui.Found{Code: fault.ExitFound}
	}
	return nil
}

// result shows one rule or format: each test as an object, or for people a line if all is well, else each failed test with the
// lines that differ. A failed test has its line in the file, in the form that editors jump to.
func (k Kind) result(sh ui.Shell, r tools.RuleTest, bad []tools.RuleCase, wide int) error {
	if sh.JSON {
		for _, c := range r.Cases {
			if err := sh.Line(k.Line(r, c)); err != nil {
				return err
			}
		}
		return nil
	}
	if len(bad) == 0 {
		what := "no tests"
		if len(r.Cases) > 0 {
			what = k.Passed(r)
		}
		return sh.Printf("%s    %-*s   %s   %s\n", sh.Out.Paint(term.Green, "ok"), wide, term.Escape(r.Rule), what, term.Duration(r.Took.Round(10*time.Microsecond)))
	}
	for _, c := range bad {
		if err := sh.Printf("%s  %-*s   %s:%d  %q\n", sh.Out.Paint(term.Red, "FAIL"), wide, term.Escape(r.Rule), term.Escape(r.File), c.Line, c.Name); err != nil {
			return err
		}
		for _, d := range c.Diff {
			if err := sh.Printf("      %s\n", paintDiff(sh.Out, d)); err != nil {
				return err
			}
		}
	}
	return nil
}

// paintDiff colours a line as diffs are: what is missing red, what came instead green. The sign says the same.
func paintDiff(f *term.Face, line string) string {
	switch {
	case strings.HasPrefix(line, "- "):
		return f.Paint(term.Red, term.Escape(line))
	case strings.HasPrefix(line, "+ "):
		return f.Paint(term.Green, term.Escape(line))
	}
	return term.Escape(line)
}

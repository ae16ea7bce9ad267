package rulecmd

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/junit"
	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/app/tools"
	"weir/internal/fault"
	"weir/internal/term"
)

// What test prints is a contract: --json one object a test, --junit a file in the form that build servers read.

// testSpec runs tests through the code that runs live.
func (c *commands) testSpec() pages.Spec {
	var report string
	var watch bool
	return pages.Spec{
		Use: "test [PATH...]", Short: "run the tests that rules bring along",
		Long:     "Events go through the code that runs live: parse, match, correlate. A test that expects alerts is a hit, one that expects none a miss. What differs is shown as a diff: - was expected, + came, with the part of the condition that the nearest event lacked. --watch runs them again whenever a file changes, until Ctrl-C.",
		Examples: []string{"weir rules test", "weir rules test rules/ --watch", "weir rules test rules/ --junit report.xml"},
		Common:   []string{"junit", "watch", "json"},
		Sections: [][]string{{"Results", "junit"}, {"When", "watch"}},
		Exits:    "1 a test failed or a rule was refused", Complete: ui.CompleteFiles,
		Flags: func(f *pflag.FlagSet) {
			f.StringVar(&report, "junit", "", "write the results as JUnit XML into this `file` too")
			f.BoolVar(&watch, "watch", false, "run them again when a file changes")
		},
		Run: func(cmd *cobra.Command, args []string) error {
			sh := c.shell()
			once := func(ctx context.Context) error { return c.test(ctx, sh, args, report) }
			if watch {
				return c.watch(cmd.Context(), sh, args, once)
			}
			return once(cmd.Context())
		},
	}
}

// test prints one line for a rule that is well and only what differs of one that is not.
// The time of each rule is shown because a slow rule in a test is a slow rule in live.
func (c *commands) test(ctx context.Context, sh ui.Shell, paths []string, report string) error {
	l, err := sh.Load()
	if err != nil {
		return err
	}
	start := sh.Now()
	run, err := c.engine.Test(ctx, l.Config, paths)
	if err != nil {
		return err
	}
	// A rule without tests is no failure here: check warns of it, and --strict makes that one.
	tests, failed := 0, 0
	wide := longestRule(run.Rules)
	for _, r := range run.Rules {
		bad := slices.DeleteFunc(slices.Clone(r.Cases), func(x tools.RuleCase) bool { return x.OK })
		tests, failed = tests+len(r.Cases), failed+len(bad)
		// Every rule is reported, also behind one that failed: a run of tests that stops early hides the rest.
		show := testResult
		if sh.JSON {
			show = testLines
		}
		if err := show(sh, r, bad, wide); err != nil {
			return err
		}
	}
	took := sh.Now().Sub(start)
	if report != "" {
		if err := junit.Write(report, "rules", run, start, took); err != nil {
			return err
		}
	}
	// What was refused comes last, where it is seen below a screen of rules that are well.
	sh.Warn(run.Warnings...)
	sh.Warn(run.Refused...)
	if !sh.JSON {
		refused := ""
		if n := len(run.Refused); n > 0 {
			refused = fmt.Sprintf(", %s in rules that were refused", ui.Plural(n, "error"))
		}
		sh.Note("%s, %s: %d passed, %d failed%s; %s", ui.Plural(len(run.Rules), "rule"), ui.Plural(tests, "test"), tests-failed, failed, refused, term.Duration(took))
	}
	if failed > 0 || len(run.Refused) > 0 {
		return ui.Found{Code: fault.ExitFound}
	}
	return nil
}

// testLine is a line of `rules test --json`.
// Diff are lines for people; a program decides by ok.
type testLine struct {
	File string   `json:"file"`
	Line int      `json:"line"`
	Rule string   `json:"rule"`
	Name string   `json:"name"`
	OK   bool     `json:"ok"`
	Diff []string `json:"diff"`
	Hit  bool     `json:"hit"` // it expects alerts
}

// testLines prints each test as an object.
func testLines(sh ui.Shell, r tools.RuleTest, _ []tools.RuleCase, _ int) error {
	for _, x := range r.Cases {
		if err := sh.Line(testLine{r.File, x.Line, r.Rule, x.Name, x.OK, append([]string{}, x.Diff...), !x.Miss}); err != nil {
			return err
		}
	}
	return nil
}

// longestRule aligns results; ids are ASCII, so bytes are cells.
func longestRule(results []tools.RuleTest) int {
	n := 0
	for _, r := range results {
		n = max(n, len(r.Rule))
	}
	return n
}

// testResult prints one rule: a line if all is well, else each failed test with the lines that differ.
// A failed test has its line in the file, in the form that editors jump to.
func testResult(sh ui.Shell, r tools.RuleTest, bad []tools.RuleCase, wide int) error {
	if len(bad) == 0 {
		misses := 0
		for _, x := range r.Cases {
			if x.Miss {
				misses++
			}
		}
		what := "no tests"
		if len(r.Cases) > 0 {
			what = fmt.Sprintf("%s, %s", ui.Plural(len(r.Cases)-misses, "hit"), ui.Plural(misses, "miss"))
		}
		return sh.Printf("%s    %-*s   %s   %s\n", sh.Out.Paint(term.Green, "ok"), wide, term.Escape(r.Rule), what, term.Duration(r.Took.Round(10*time.Microsecond)))
	}
	for _, x := range bad {
		if err := sh.Printf("%s  %-*s   %s:%d  %q\n", sh.Out.Paint(term.Red, "FAIL"), wide, term.Escape(r.Rule), term.Escape(r.File), x.Line, x.Name); err != nil {
			return err
		}
		for _, d := range x.Diff {
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

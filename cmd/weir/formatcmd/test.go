package formatcmd

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
	report := ""
	return pages.Spec{
		Use: "test [PATH...]", Short: "run the tests that formats bring along",
		Long:     "Each line goes through the parser of live, without the enrichment behind it; only the fields that a test names are compared. What differs is shown as a diff: - was expected, + came. Without a path: all formats.",
		Examples: []string{"weir formats test", "weir formats test acme.yaml", "weir formats test acme.yaml --junit report.xml"},
		Common:   []string{"junit", "json"},
		Sections: [][]string{{"Results", "junit"}},
		Exits:    "1 a test failed or a format was refused", Complete: ui.CompleteFiles,
		Flags: func(f *pflag.FlagSet) {
			f.StringVar(&report, "junit", "", "write the results as JUnit XML into this `file` too")
		},
		Run: func(cmd *cobra.Command, args []string) error { return c.test(cmd.Context(), c.shell(), args, report) },
	}
}

// test prints one line for a format that is well and only what differs of one that is not.
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
	tests, failed, wide := 0, 0, 0
	for _, r := range run.Rules {
		wide = max(wide, len(r.Rule))
	}
	for _, r := range run.Rules {
		bad := slices.DeleteFunc(slices.Clone(r.Cases), func(x tools.RuleCase) bool { return x.OK })
		tests, failed = tests+len(r.Cases), failed+len(bad)
		show := testText
		if sh.JSON {
			show = testJSON
		}
		if err := show(sh, r, bad, wide); err != nil {
			return err
		}
	}
	took := sh.Now().Sub(start)
	if report != "" {
		if err := junit.Write(report, "formats", run, start, took); err != nil {
			return err
		}
	}
	// What was refused comes last, where it is seen below a screen of formats that are well.
	sh.Warn(run.Refused...)
	if !sh.JSON {
		refused := ""
		if n := len(run.Refused); n > 0 {
			refused = fmt.Sprintf(", %s in files that were refused", ui.Plural(n, "error"))
		}
		sh.Note("%s, %s: %d passed, %d failed%s; %s", ui.Plural(len(run.Rules), "format"), ui.Plural(tests, "test"), tests-failed, failed, refused, term.Duration(took))
	}
	if failed > 0 || len(run.Refused) > 0 {
		return ui.Found{Code: fault.ExitFound}
	}
	return nil
}

// testText prints one format: a line if all is well, else each failed test with the lines that differ. A failed test has its line
// in the file, in the form that editors jump to.
func testText(sh ui.Shell, r tools.RuleTest, bad []tools.RuleCase, wide int) error {
	if len(bad) == 0 {
		what := "no tests"
		if n := len(r.Cases); n > 0 {
			what = ui.Plural(n, "test")
		}
		return sh.Printf("%s    %-*s   %s   %s\n", sh.Out.Paint(term.Green, "ok"), wide, term.Escape(r.Rule), what, term.Duration(r.Took.Round(10*time.Microsecond)))
	}
	for _, x := range bad {
		if err := sh.Printf("%s  %-*s   %s:%d  %q\n", sh.Out.Paint(term.Red, "FAIL"), wide, term.Escape(r.Rule), term.Escape(r.File), x.Line, x.Name); err != nil {
			return err
		}
		for _, d := range x.Diff {
			style := term.Plain
			switch {
			case strings.HasPrefix(d, "- "):
				style = term.Red
			case strings.HasPrefix(d, "+ "):
				style = term.Green
			}
			if err := sh.Printf("      %s\n", sh.Out.Paint(style, term.Escape(d))); err != nil {
				return err
			}
		}
	}
	return nil
}

// testLine is a line of `formats test --json`. Diff are lines for people; a program decides by ok.
type testLine struct {
	File   string   `json:"file"`
	Line   int      `json:"line"`
	Format string   `json:"format"`
	Name   string   `json:"name"`
	OK     bool     `json:"ok"`
	Diff   []string `json:"diff"`
}

// testJSON prints each test as an object.
func testJSON(sh ui.Shell, r tools.RuleTest, _ []tools.RuleCase, _ int) error {
	for _, x := range r.Cases {
		if err := sh.Line(testLine{r.File, x.Line, r.Rule, x.Name, x.OK, append([]string{}, x.Diff...)}); err != nil {
			return err
		}
	}
	return nil
}

package formatcmd

import (
	"context"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/testrun"
	"weir/cmd/weir/ui"
	"weir/internal/app/tools"
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
	return testrun.Show(sh, tested, run, start, report)
}

// tested is how formats are shown.
var tested = testrun.Kind{
	One: "format", Many: "formats", Refused: "files that were refused",
	Passed: func(r tools.RuleTest) string { return ui.Plural(len(r.Cases), "test") },
	Line: func(r tools.RuleTest, x tools.RuleCase) any {
		return testLine{r.File, x.Line, r.Rule, x.Name, x.OK, append([]string{}, x.Diff...)}
	},
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

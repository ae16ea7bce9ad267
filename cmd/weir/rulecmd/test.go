package rulecmd

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
	return testrun.Show(sh, tested, run, start, report)
}

// tested is how rules are shown: their tests are hits and misses.
var tested = testrun.Kind{
	One: "rule", Many: "rules", Refused: "rules that were refused",
	Passed: func(r tools.RuleTest) string {
		misses := 0
		for _, x := range r.Cases {
			if x.Miss {
				misses++
			}
		}
		return ui.Plural(len(r.Cases)-misses, "hit") + ", " + ui.Plural(misses, "miss")
	},
	Line: func(r tools.RuleTest, x tools.RuleCase) any {
		return testLine{r.File, x.Line, r.Rule, x.Name, x.OK, append([]string{}, x.Diff...), !x.Miss}
	},
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

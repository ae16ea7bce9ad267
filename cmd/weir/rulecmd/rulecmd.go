// Package rulecmd is the commands below weir rules: they check, test, show, explain and write detection rules.
package rulecmd

import (
	"context"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/app/backtest"
	"weir/internal/app/tools"
	"weir/internal/config"
	"weir/internal/control"
	"weir/internal/control/trial"
	"weir/internal/fault"
	"weir/rules"
	"weir/rules/exceptions"
)

// Each subcommand has a file of its own with its row of the table, xSpec, and what it does. A command reads its flags
// into variables of its Spec, takes c.shell() once when it runs, and asks the engine; it writes data through the shell,
// returns its errors, and ends with ui.Found when what it found is an exit code and no error.

// Engine is what the commands ask. It is a struct of functions, because each test sets the one or two that its command
// calls; Live has the real ones.
type Engine struct {
	Check func(cfg config.Config, paths []string) ([]tools.RuleReport, error)
	Rules func(cfg config.Config) ([]tools.RuleReport, error)
	// Exceptions are those of the data folder, with what is wrong with them.
	Exceptions func(cfg config.Config) (*exceptions.List, fault.List, error)
	// Names are what a Sigma rule calls its fields, by our names.
	Names func(cfg config.Config, r *rules.Rule) map[string][]string
	// New writes a rule file; b is asked for events, and nil for a template.
	New  func(ctx context.Context, cfg config.Config, id, kql string, b control.Backend) (tools.Draft, error)
	Test func(ctx context.Context, cfg config.Config, paths []string) (tools.TestRun, error)
	// Explain calls each for every event that is explained.
	Explain func(ctx context.Context, o tools.ExplainOptions, each func(*tools.Explanation) error) error
	// Watch calls changed with the names of what changed, on its own goroutine of the caller, until ctx ends.
	Watch func(ctx context.Context, cfg config.Config, paths []string, changed func(files []string) error) error
	// Backtest calls each for every line of the answer; the end of ctx ends the reading, not the answer.
	Backtest func(ctx context.Context, o backtest.Options, each func(trial.Line) error) (trial.Summary, error)
}

// Live is the engine of the real program.
func Live() Engine {
	return Engine{Check: tools.CheckRules, Rules: tools.Rules, Exceptions: tools.Exceptions, Names: tools.FieldNames, Test: tools.TestRules, Watch: tools.WatchRules, New: tools.NewRule, Explain: tools.Explain, Backtest: backtest.Run}
}

// commands is the commands of one run of the program.
type commands struct {
	shell  func() ui.Shell // as the flags left it; asked once by a command that runs
	engine Engine
}

// Spec is the table of these commands. shell is called when one of them runs, since flags are not known before.
func Spec(shell func() ui.Shell, e Engine) pages.Spec {
	c := &commands{shell: shell, engine: e}
	return pages.Spec{
		Use: "rules", Short: "check, test and show detection rules", Group: "rules",
		Examples: []string{"weir rules list", "weir rules check rules/", "weir rules test rules/"},
		Sub: []pages.Spec{
			c.checkSpec(),
			c.testSpec(),
			c.listSpec(),
			c.showSpec(),
			c.explainSpec(),
			c.newSpec(),
			c.schemaSpec(),
			c.backtestSpec(),
			c.coverageSpec(),
			c.exceptionsSpec(),
			c.memorySpec(),
			c.convertSpec(),
		},
	}
}

// reports reads the rules that run here, without a look at what is doubtful about them.
func (c *commands) reports(sh ui.Shell) ([]tools.RuleReport, error) {
	l, err := sh.Load()
	if err != nil {
		return nil, err
	}
	return c.engine.Rules(l.Config)
}

// gone tells whether nobody reads the output any more.
func gone(err error) bool {
	return errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe)
}

// refused tells whether a rule does not run. Warnings alone without a rule are about something else: a filter, an exception.
func refused(r tools.RuleReport) bool {
	return r.Rule == nil && len(r.Faults) == 0 || slices.ContainsFunc(r.Faults, func(e *fault.Error) bool { return !e.Warn })
}

// completeIDs offers the ids of the rules that run.
// They are read from files, and so offered without a running weir.
func (c *commands) completeIDs(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var ids []string
	if reports, err := c.reports(c.shell()); err == nil && len(args) == 0 {
		for _, r := range reports {
			if r.Rule != nil {
				ids = append(ids, r.ID+"\t"+r.Rule.Title)
			}
		}
	}
	return ids, cobra.ShellCompDirectiveNoFileComp
}

// fmtFloat writes a number with so many places, or fewer where they are 0.
func fmtFloat(n float64, places int) string {
	s := strconv.FormatFloat(n, 'f', places, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}

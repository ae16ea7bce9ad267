// Package formatcmd is the commands below weir formats: they check, test, list and explain the files by which messages are read.
package formatcmd

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/app/formattools"
	"weir/internal/app/tools"
	"weir/internal/config"
	"weir/internal/fault"
	"weir/processors/parse/format"
)

// Engine is what the commands ask. It is a struct of functions, because each test sets the one or two that its command calls; Live
// has the real ones.
type Engine struct {
	Check   func(cfg config.Config, paths []string) ([]formattools.Report, error)
	Test    func(ctx context.Context, cfg config.Config, paths []string) (tools.TestRun, error)
	List    func(cfg config.Config) ([]*format.Format, fault.List)
	Show    func(cfg config.Config, name string) (*formattools.Source, error)
	Explain func(cfg config.Config, name string) ([]formattools.Text, error)
	// View calls each for every event of every line.
	View func(ctx context.Context, cfg config.Config, dataset string, r io.Reader, each func(*tools.LineView) error) error
}

// Live is the engine of the real program.
func Live() Engine {
	return Engine{Check: formattools.Check, Test: formattools.Test, List: formattools.List, Show: formattools.Show, Explain: formattools.Explain, View: tools.ViewLines}
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
		Use: "formats", Short: "check, test and explain how messages are read", Group: "rules",
		Examples: []string{"weir formats list", "weir formats check", "weir formats test"},
		Sub:      []pages.Spec{c.checkSpec(), c.testSpec(), c.listSpec(), c.showSpec(), c.explainSpec(), c.schemaSpec()},
	}
}

// completeDatasets offers the datasets that have a format. They are read from files, and so offered without a running weir.
func (c *commands) completeDatasets(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var names []string
	if l, err := c.shell().Load(); err == nil && len(args) == 0 {
		list, _ := c.engine.List(l.Config)
		for _, f := range list {
			names = append(names, f.Name()+"\t"+f.Title)
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

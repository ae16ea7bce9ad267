package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/alertcmd"
	"weir/cmd/weir/archivecmd"
	"weir/cmd/weir/formatcmd"
	"weir/cmd/weir/lettercmd"
	"weir/cmd/weir/notifycmd"
	"weir/cmd/weir/pages"
	"weir/cmd/weir/reportcmd"
	"weir/cmd/weir/reviewcmd"
	"weir/cmd/weir/rulecmd"
	"weir/cmd/weir/ui"
	"weir/internal/fault"
	"weir/internal/nearest"
)

// The table below is the only list of commands. Help, man pages, completion, docs/reference and the test that runs every
// example are made from it; a command that is not in it does not exist, and one that is in it is documented.

// root builds the command tree.
// It is made anew for each run: flags are variables of cli, and a tree that is used twice would remember them.
func (c *cli) root() *cobra.Command {
	// cobra is kept silent: errors and usage have one form, which report gives them.
	root := &cobra.Command{Use: "weir", SilenceErrors: true, SilenceUsage: true, Args: cobra.ArbitraryArgs,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true}}
	f := root.PersistentFlags()
	f.StringVar(&c.data, "data", "", "data folder (default ./weir-data)")
	f.StringVar(&c.configPath, "config", "", "configuration file")
	f.BoolVarP(&c.quiet, "quiet", "q", false, "leave out all but data and errors")
	f.CountVarP(&c.verbose, "verbose", "v", "say why; twice: debug log")
	f.BoolVar(&c.json, "json", false, "one JSON object a line, errors too")
	f.StringVar(&c.color, "color", "auto", "always, never or auto")
	f.BoolVar(&c.utc, "utc", false, "show times in UTC")
	f.BoolVar(&c.ascii, "ascii", false, "no block characters")
	f.BoolVar(&c.noPager, "no-pager", false, "do not page long output")
	root.PersistentPreRunE = func(*cobra.Command, []string) error {
		if !slices.Contains([]string{"auto", "always", "never"}, c.color) {
			return ui.Usage("--color "+c.color+" is not known", "write --color always, never or auto")
		}
		c.faces()
		return nil
	}
	root.RunE = func(cmd *cobra.Command, args []string) error { return c.noCommand(cmd, args) }
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) {
		if c.help(cmd) != nil {
			return // cobra gives help no way to fail; who closed the pipe has seen enough
		}
	})
	root.SetFlagErrorFunc(flagError)
	// Last, because the specs bind their flags to variables that exist by now.
	c.tree = pages.NewTree(root, c.table(), c.noCommand)
	root.SetHelpCommand(c.helpCommand(root))
	return root
}

// table lists all commands.
func (c *cli) table() []pages.Spec {
	letters := lettercmd.Specs(c.shell, c.completeFields)
	telling := notifycmd.Specs(c.shell, c.engine.notify)
	reviews := reviewcmd.Specs(c.shell, c.engine.review)
	return []pages.Spec{
		c.upSpec(), c.runSpec(), c.searchSpec(), c.tailSpec(), c.ledgerSpec(), alertcmd.Spec(c.shell, alertcmd.Person{Env: c.env}, c.completeAlerts), telling[0], telling[1], c.sourcesSpec(), letters[0], letters[1], archivecmd.Spec(c.shell, c.engine.archive), reviews[0], reviews[1], reportcmd.Spec(c.shell),
		rulecmd.Spec(c.shell, c.engine.rules), formatcmd.Spec(c.shell, c.engine.formats), c.parseSpec(), c.detectSpec(), c.configSpec(), c.doctorSpec(), c.canarySpec(), c.consoleSpec(), c.decryptSpec(), c.topicsSpec(), c.kibanaSpec(), c.importSpec(), c.explainSpec(),
		c.completionSpec(), c.manSpec(), c.versionSpec(),
	}
}

// noCommand answers a command that is only a group, and one that does not exist: with the nearest name, never run.
// Nothing is run that was not asked for, however near its name: the nearest one may delete.
func (c *cli) noCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		if err := c.help(cmd); err != nil || !cmd.HasParent() {
			return err
		}
		return ui.Found{Code: fault.ExitUsage}
	}
	// Hidden ones, such as __complete, are for programs and are never suggested.
	var names []string
	for _, sub := range cmd.Commands() {
		if !sub.Hidden {
			names = append(names, sub.Name())
		}
	}
	do := "all commands: " + cmd.CommandPath()
	if near := nearest.Name(args[0], names); near != "" {
		do = "did you mean `" + cmd.CommandPath() + " " + near + "`?"
	} else if cmd.HasParent() {
		do = "commands: " + strings.Join(names, ", ")
	}
	return ui.Usage(fmt.Sprintf("`%s` has no command `%s`", cmd.CommandPath(), args[0]), do)
}

// flagError gives an unknown flag its nearest name.
// Other mistakes in flags, such as a word where a number belongs, have cobra's own words, which name flag and value.
func flagError(cmd *cobra.Command, err error) error {
	unknown, ok := errors.AsType[*pflag.NotExistError](err)
	if !ok {
		return ui.Usage(err.Error(), "all flags: "+cmd.CommandPath()+" --help")
	}
	var names []string
	collect := func(f *pflag.Flag) { names = append(names, f.Name) }
	cmd.Flags().VisitAll(collect)
	cmd.InheritedFlags().VisitAll(collect)
	name := unknown.GetSpecifiedName()
	do := "all flags: " + cmd.CommandPath() + " --help"
	if near := nearest.Name(name, names); near != "" {
		do = "did you mean `--" + near + "`?"
	}
	if len(name) > 1 {
		name = "-" + name
	}
	return ui.Usage(fmt.Sprintf("`%s` has no flag `-%s`", cmd.CommandPath(), name), do)
}

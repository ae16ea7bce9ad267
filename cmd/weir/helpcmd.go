package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/nearest"
)

// helpCommand is `weir help [COMMAND or TOPIC]`. It takes the place of cobra's own, which knows no topics. Everything
// behind help is found as the commands themselves are, so a command that is added is in it at once. weir help X and
// weir X --help print the same bytes.
func (c *cli) helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use: "help [COMMAND | time | kql]", Short: "show the full help of a command, or a topic", Args: cobra.ArbitraryArgs,
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			var names []string
			if len(args) == 0 {
				for _, t := range pages.Topics {
					names = append(names, t.Name)
				}
			}
			if at, _, err := root.Find(args); err == nil {
				for _, sub := range at.Commands() {
					names = append(names, sub.Name())
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return c.help(root)
			}
			for _, t := range pages.Topics {
				if len(args) == 1 && args[0] == t.Name {
					return c.page([]byte(t.Text))
				}
			}
			at, rest, err := root.Find(args)
			if err == nil && len(rest) == 0 {
				return c.help(at)
			}
			// Topics and commands share one space of names here; a test keeps them apart.
			names := []string{"time", "kql"}
			for _, sub := range root.Commands() {
				names = append(names, sub.Name())
			}
			do := "weir help: all commands; topics: time, kql"
			if near := nearest.Name(args[0], names); near != "" {
				do = "did you mean `weir help " + near + "`?"
			}
			return ui.Usage(fmt.Sprintf("there is no help on `%s`", strings.Join(args, " ")), do)
		},
	}
}

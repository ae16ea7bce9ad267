package main

import (
	"context"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/control"
	"weir/internal/control/consoling"
	"weir/internal/control/question"
	"weir/internal/term"
)

// consoleSpec is the group about the web console.
func (c *cli) consoleSpec() pages.Spec {
	var name string
	return pages.Spec{
		Use: "console", Short: "sign in to the web console", Group: "look",
		Examples: []string{"weir console open", "weir console open --name ana"},
		Sub: []pages.Spec{{
			Use: "open", Short: "make an address that signs somebody in, once",
			Long: "The address is good for one sign-in within 10 minutes. Who may open the data folder may make one, for whomever: everything that is looked at in that session is recorded under the name.",
			Examples: []string{
				"weir console open",
				"weir console open --name ana",
			},
			Common: []string{"name", "json"}, Args: ui.AtMost(0), Exits: "3 no weir runs, or it has no console",
			Flags: func(f *pflag.FlagSet) {
				f.StringVar(&name, "name", "", "`person` whose session it will be (default the user that weir runs as)")
			},
			Run: func(cmd *cobra.Command, _ []string) error { return c.consoleOpen(cmd.Context(), name) },
		}},
	}
}

// consoleOpen asks the running weir for an address. It is data: the only thing on stdout.
func (c *cli) consoleOpen(ctx context.Context, name string) error {
	return c.ask(ctx, func(b control.Backend) error {
		t, err := question.Ask[consoling.Token](ctx, b, consoling.AskToken, consoling.TokenRequest{Name: name}, nil)
		if err != nil {
			return err
		}
		if c.json {
			return c.line(t)
		}
		if err := c.printf("%s\n", term.Escape(t.Address)); err != nil {
			return err
		}
		c.note("good for one sign-in of %s, until %s", term.Escape(t.Name), c.msg.Clock(t.Until))
		return nil
	})
}

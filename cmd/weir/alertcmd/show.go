package alertcmd

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/show"
	"weir/cmd/weir/ui"
	"weir/internal/control"
)

// showSpec has the whole of one alert.
func (c *commands) showSpec() pages.Spec {
	var lang string
	var exception bool
	return pages.Spec{
		Use: "show ID", Short: "show an alert with the events behind it, and what people said of it",
		Examples: []string{"weir alerts show 3f9c", "weir alerts show 3f9c --lang ko", "weir alerts show 3f9c --exception >> weir-data/exceptions.yaml"},
		Common:   []string{"exception", "lang", "json"}, Sections: [][]string{{"What", "exception", "lang"}},
		Exits: "3 the data cannot be read", Args: ui.Exactly("ID"), Complete: c.complete,
		Flags: func(f *pflag.FlagSet) {
			f.BoolVar(&exception, "exception", false, "only an entry for exceptions.yaml, so that its events raise no alert of this rule again")
			langFlag(f, &lang)
		},
		Run: func(cmd *cobra.Command, args []string) error { return c.show(cmd, args[0], lang, exception) },
	}
}

// show goes through the pager: the evidence of an alert may be long.
// The id may be shortened; what it stands for is decided where the alerts are, which knows the others.
func (c *commands) show(cmd *cobra.Command, id, flag string, exception bool) error {
	sh := c.shell()
	lang, err := c.person.language(flag)
	if err != nil {
		return err
	}
	return sh.Ask(cmd.Context(), func(b control.Backend) error {
		d, err := b.Alert(cmd.Context(), id)
		if err != nil {
			return err
		}
		switch {
		case exception:
			return c.exception(&sh, &d)
		case sh.JSON:
			return sh.Line(d)
		}
		d.What = what(&d.Alert, lang)
		return sh.Page([]byte(show.Alert(sh.Out, d, sh.Cmdline)))
	})
}

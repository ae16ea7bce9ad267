package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/show"
	"weir/cmd/weir/ui"
	"weir/internal/alert"
	"weir/internal/control"
	"weir/internal/term"
	"weir/rules"
)

// levels are Sigma's words, as flags take them.
// From the least to the worst, as the message about a wrong one lists them.
var levels = []string{string(rules.Informational), string(rules.Low), string(rules.Medium), string(rules.High), string(rules.Critical)}

// alertFlags narrow a list of alerts.
type alertFlags struct {
	state, level, rule, from, to string
	all                          bool
	size                         int
}

// What alerts prints is a contract: list has a row an alert (pipe: id, level, state, last, count, rule, what), --json the
// object of control.AlertRow; show --json the object of control.AlertDetail, with the documents behind the alert by event
// id. The id is the short one wherever a person reads, the whole one in JSON; every command takes both.

// alertsSpec is what people open first in the morning: the list shows what is open, show tells why.
// Changing the state of an alert is not here: it needs a name behind it, which the console has.
// One set of flags serves list alone: cobra makes the tree once per run, so nothing of one call is left for the next.
func (c *cli) alertsSpec() pages.Spec {
	var o alertFlags
	return pages.Spec{
		Use: "alerts", Short: "list and show alerts", Group: "look",
		Examples: []string{"weir alerts list", "weir alerts list --level high --from -1d", "weir alerts show 3f9c"},
		Sub: []pages.Spec{
			{
				Use: "list", Short: "list open alerts, the latest first",
				Examples: []string{"weir alerts list", "weir alerts list --all --from -30d", "weir alerts list --rule ssh-brute-force --json"},
				Common:   []string{"all", "level", "rule", "from", "json"}, Args: ui.AtMost(0),
				Sections: [][]string{{"What", "all", "state", "level", "rule", "size"}, {"When", "from", "to"}},
				Flags: func(f *pflag.FlagSet) {
					f.BoolVar(&o.all, "all", false, "also those that are closed")
					f.StringVar(&o.state, "state", "", "only this `state`: open, acknowledged or closed")
					f.StringVar(&o.level, "level", "", "this `level` and above: "+strings.Join(levels, ", "))
					f.StringVar(&o.rule, "rule", "", "of this rule `id`")
					f.IntVar(&o.size, "size", 0, "at most this `number` (default all)")
					f.StringVar(&o.from, "from", "", "last hit after this `time`")
					f.StringVar(&o.to, "to", "", "last hit before this `time`")
				},
				Run: func(cmd *cobra.Command, _ []string) error { return c.alertsList(cmd, o) },
			},
			{
				Use: "show ID", Short: "show an alert with the events behind it",
				Examples: []string{"weir alerts show 3f9c", "weir alerts show 3f9c --json"},
				Exits:    "3 the data cannot be read", Args: ui.Exactly("ID"), Complete: c.completeAlerts,
				Run: func(cmd *cobra.Command, args []string) error { return c.alertsShow(cmd, args[0]) },
			},
		},
	}
}

// alertsList filters closed alerts here and not in the request: --all and --state mean different things to a person
// (all of them, or only these) and one field of the request.
func (c *cli) alertsList(cmd *cobra.Command, o alertFlags) error {
	from, to, err := c.times(o.from, o.to)
	if err != nil {
		return err
	}
	if err := oneOf("--level", o.level, levels); err != nil {
		return err
	}
	if err := oneOf("--state", o.state, []string{alert.Open, alert.Acknowledged, alert.Closed}); err != nil {
		return err
	}
	// One request for all of it: only closed ones are left out here.
	r := control.AlertsRequest{State: o.state, Level: o.level, Rule: o.rule, From: from, To: to, Size: o.size}
	return c.ask(cmd.Context(), func(b control.Backend) error {
		rows, err := b.Alerts(cmd.Context(), r)
		if err != nil {
			return err
		}
		if !o.all && o.state == "" {
			rows = slices.DeleteFunc(rows, func(a control.AlertRow) bool { return a.State == alert.Closed })
		}
		if c.json {
			for _, a := range rows {
				if err := c.line(a); err != nil {
					return err
				}
			}
			return nil
		}
		return c.alertTable(rows)
	})
}

// alertTable ends in the command that shows the first row, since that is what follows nine times of ten.
// The level is coloured by its word, so a table without colour says the same. WHAT may be cut, since show has all of it.
func (c *cli) alertTable(rows []control.AlertRow) error {
	t := term.NewTable(c.out, term.Column{Head: "ID"}, term.Column{Head: "LEVEL", Style: show.LevelStyle}, term.Column{Head: "STATE"},
		term.Column{Head: "LAST"}, term.Column{Head: "COUNT", Right: true}, term.Column{Head: "RULE"}, term.Column{Head: "WHAT", Cut: true})
	// Acknowledged ones are in the list and not in the count: somebody works on them.
	open := 0
	for _, a := range rows {
		if a.State == alert.Open {
			open++
		}
		t.Row(a.Short, a.Level, a.State, c.out.Ago(a.Last), c.out.Num(int64(a.Count)), a.Rule, a.What)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if len(rows) == 0 {
		c.note("no alerts; rules that run: %s", c.cmdline("rules list"))
		return nil
	}
	c.note("%d open. Next: %s", open, c.cmdline("alerts show "+rows[0].Short))
	return nil
}

// oneOf checks a flag's value against the words that it takes; empty is always right.
// A level that does not exist would otherwise let every alert through, or none, without a word.
func oneOf(flag, value string, words []string) error {
	if value == "" || slices.Contains(words, value) {
		return nil
	}
	return ui.Usage(fmt.Sprintf("%s %s is not known", flag, value), "one of "+strings.Join(words, ", "))
}

// alertsShow goes through the pager: the evidence of an alert may be long.
// The id may be shortened; what it stands for is decided where the alerts are, which knows the others.
func (c *cli) alertsShow(cmd *cobra.Command, id string) error {
	return c.ask(cmd.Context(), func(b control.Backend) error {
		d, err := b.Alert(cmd.Context(), id)
		if err != nil {
			return err
		}
		if c.json {
			return c.line(d)
		}
		return c.page([]byte(show.Alert(c.out, d, func(q string) string { return c.cmdline("search " + term.ShellWord(q)) })))
	})
}

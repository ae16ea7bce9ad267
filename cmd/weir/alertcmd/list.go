package alertcmd

import (
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

// sorts are the orders of a list.
var sorts = []string{"last", "first", "level", "count"}

// listFlags narrow a list of alerts.
type listFlags struct {
	r              control.AlertsRequest
	from, to, lang string
	all, mine      bool
}

// listSpec is what people open first in the morning: it shows what is not closed.
// One set of flags serves list alone: cobra makes the tree once per run, so nothing of one call is left for the next.
func (c *commands) listSpec() pages.Spec {
	var o listFlags
	return pages.Spec{
		Use: "list", Short: "list alerts that are not closed, the latest first",
		Long:     "Lists alerts that nobody has closed. Alerts for which another one speaks, and those that answer weir canary, are left out unless they are asked for; alerts of the past, which a backtest wrote, are marked. What was closed longer ago than alerts.keep (400 days) is in the archive alone: weir search.",
		Examples: []string{"weir alerts list --mine", "weir alerts list --entity 203.0.113.5 --all", "weir alerts list --rule ssh-brute-force --from -30d --size 0 --json"},
		Common:   []string{"all", "level", "entity", "mine", "from", "json"}, Args: ui.AtMost(0),
		Sections: [][]string{{"What", "all", "state", "level", "rule", "entity", "tag", "mine", "assignee", "suppressed", "canary"}, {"When", "from", "to"}, {"How", "sort", "size", "lang"}},
		Flags: func(f *pflag.FlagSet) {
			f.BoolVar(&o.all, "all", false, "also those that are closed")
			f.StringVar(&o.r.State, "state", "", "only this `state`: open, acknowledged or closed")
			f.StringVar(&o.r.Level, "level", "", "this `level` and above: "+strings.Join(levels, ", "))
			f.StringVar(&o.r.Rule, "rule", "", "of this rule `id`")
			f.StringVar(&o.r.Entity, "entity", "", "about this host, user, address, or other `value` of the group")
			f.StringVar(&o.r.Tag, "tag", "", "of rules with this `tag`, such as attack.t1110")
			f.BoolVar(&o.mine, "mine", false, "only those that are yours")
			f.StringVar(&o.r.Assignee, "assignee", "", "only those that `name` has")
			f.BoolVar(&o.r.Suppressed, "suppressed", false, "also those for which another alert speaks")
			f.BoolVar(&o.r.Canary, "canary", false, "also those that answer weir canary")
			f.StringVar(&o.from, "from", "", "last hit after this `time`")
			f.StringVar(&o.to, "to", "", "last hit before this `time`")
			f.StringVar(&o.r.Sort, "sort", "last", "what comes first, by this `order`: "+strings.Join(sorts, ", "))
			f.IntVar(&o.r.Size, "size", 100, "at most this `number`; 0: all")
			langFlag(f, &o.lang)
		},
		Run: func(cmd *cobra.Command, _ []string) error { return c.list(cmd, o) },
	}
}

// check reads the flags into a request.
func (o *listFlags) check(sh *ui.Shell, name string) (err error) {
	if o.r.From, o.r.To, err = sh.Times(o.from, o.to); err != nil {
		return err
	}
	// A word that is none would otherwise let every alert through, or none, without a word.
	for _, x := range []struct {
		flag, word string
		words      []string
	}{{"level", o.r.Level, levels}, {"state", o.r.State, []string{alert.Open, alert.Acknowledged, alert.Closed}}, {"sort", o.r.Sort, sorts}} {
		if x.word == "" {
			continue
		}
		if err := ui.OneOf(x.flag, x.word, x.words...); err != nil {
			return err
		}
	}
	if o.mine {
		if o.r.Assignee = name; name == "" {
			return ui.Usage("the system does not say who you are", "name yourself with --assignee")
		}
	}
	if o.r.Size < 0 {
		return ui.Usage("--size must be 0 or more", "0 is all")
	}
	o.r.Live = !o.all && o.r.State == ""
	if o.r.Size > 0 {
		o.r.Size++ // one more tells that there are more
	}
	return nil
}

// list asks for alerts and shows them.
func (c *commands) list(cmd *cobra.Command, o listFlags) error {
	sh := c.shell()
	if err := o.check(&sh, c.person.name()); err != nil {
		return err
	}
	lang, err := c.person.language(o.lang)
	if err != nil {
		return err
	}
	if o.lang == "" && !sh.Out.TTY { // what a script reads does not depend on who runs it
		lang = english
	}
	return sh.Ask(cmd.Context(), func(b control.Backend) error {
		rows, err := b.Alerts(cmd.Context(), o.r)
		if err != nil {
			return err
		}
		if o.r.Live { // an older weir answers with all
			rows = slices.DeleteFunc(rows, func(a control.AlertRow) bool { return a.State == alert.Closed })
		}
		more := o.r.Size > 0 && len(rows) >= o.r.Size
		if more {
			rows = rows[:o.r.Size-1]
		}
		if sh.JSON {
			for _, a := range rows {
				if err := sh.Line(a); err != nil {
					return err
				}
			}
			return nil
		}
		return table(&sh, rows, lang, more)
	})
}

// table ends in the command that shows the first row, since that is what follows nine times of ten.
// The level is coloured by its word, so a table without colour says the same. WHAT may be cut, since show has all of it.
func table(sh *ui.Shell, rows []control.AlertRow, lang string, more bool) error {
	columns := []term.Column{{Head: "ID"}, {Head: "LEVEL", Style: show.LevelStyle}, {Head: "STATE"}, {Head: "LAST"}, {Head: "COUNT", Right: true}, {Head: "RULE"}}
	// Whose an alert is takes room that most lists need for something else.
	who := sh.Out.TTY && slices.ContainsFunc(rows, func(a control.AlertRow) bool { return a.Assignee != "" })
	if who {
		columns = append(columns, term.Column{Head: "WHOSE"})
	}
	t := term.NewTable(sh.Out, append(columns, term.Column{Head: "WHAT", Cut: true})...)
	// Acknowledged ones are in the list and not in the count: somebody works on them.
	open := 0
	for i := range rows {
		a := &rows[i]
		state := a.State
		if sh.Out.TTY {
			state = show.State(a)
		}
		if a.State == alert.Open {
			open++
		}
		cells := []string{a.Short, a.Level, state, sh.Out.Ago(a.Last), sh.Out.Num(int64(a.Count)), a.Rule}
		if who {
			cells = append(cells, a.Assignee)
		}
		t.Row(append(cells, what(&a.Alert, lang))...)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	switch {
	case len(rows) == 0:
		sh.Note("no alerts; rules that run: %s", sh.Cmdline("rules list"))
	case more:
		sh.Note("%d open among these %s; there are more: --size 0. Next: %s", open, term.Count(int64(len(rows))), sh.Cmdline("alerts show "+rows[0].Short))
	default:
		sh.Note("%d open. Next: %s", open, sh.Cmdline("alerts show "+rows[0].Short))
	}
	return nil
}

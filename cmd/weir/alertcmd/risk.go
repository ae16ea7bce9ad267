package alertcmd

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/show"
	"weir/cmd/weir/ui"
	"weir/internal/control"
	"weir/internal/control/alerting"
	"weir/internal/term"
)

// riskSpec lists who and what the alerts are about, taken together.
func (c *commands) riskSpec() pages.Spec {
	var r alerting.RiskRequest
	var at string
	return pages.Spec{
		Use: "risk [ENTITY]", Short: "list users, hosts and addresses by what their alerts weigh together",
		Long:     "Each alert adds points to what it is about, by its level, and they decay with time (alerts.risk in the configuration). False positives and duplicates add nothing. With a name, every alert that counts is listed.",
		Examples: []string{"weir alerts risk", "weir alerts risk kim", "weir alerts risk --at 2026-11-20 --size 5 --json"},
		Common:   []string{"size", "at", "json"}, Sections: [][]string{{"What", "size"}, {"When", "at"}}, Args: ui.AtMost(1),
		Flags: func(f *pflag.FlagSet) {
			f.IntVar(&r.Size, "size", 20, "at most this `number`; 0: all")
			f.StringVar(&at, "at", "", "`time` of the scores (default now)")
		},
		Run: func(cmd *cobra.Command, args []string) error {
			sh := c.shell()
			r.Entity = strings.Join(args, "")
			var err error
			if r.At, _, err = sh.Times(at, ""); err != nil {
				return err
			}
			return c.risk(cmd, &sh, r)
		},
	}
}

// risk asks and shows.
func (c *commands) risk(cmd *cobra.Command, sh *ui.Shell, r alerting.RiskRequest) error {
	return sh.Ask(cmd.Context(), func(b control.Backend) error {
		d, err := decider(b)
		if err != nil {
			return err
		}
		list, err := d.Risk(cmd.Context(), r)
		if err != nil {
			return err
		}
		if sh.JSON {
			for i := range list {
				if err := sh.Line(&list[i]); err != nil {
					return err
				}
			}
			return nil
		}
		if r.Entity != "" {
			return parts(sh, list, r.Entity)
		}
		return entities(sh, list)
	})
}

// entities is a row for each.
func entities(sh *ui.Shell, list []alerting.Risk) error {
	t := term.NewTable(sh.Out, term.Column{Head: "KIND"}, term.Column{Head: "ENTITY"}, term.Column{Head: "SCORE", Right: true}, term.Column{Head: "ALERTS", Right: true},
		term.Column{Head: "RULES", Right: true}, term.Column{Head: "ALERT"}, term.Column{Head: "MADE OF", Cut: true})
	for i := range list {
		r := &list[i]
		t.Row(r.Kind, r.Value, points(sh, r.Score), sh.Out.Num(int64(r.Alerts)), sh.Out.Num(int64(r.Rules)), brief(sh, r.Alert), madeOf(r))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if len(list) == 0 {
		sh.Note("no risk; alerts: %s", sh.Cmdline("alerts list"))
		return nil
	}
	sh.Note("Next: %s", sh.Cmdline("alerts risk "+term.ShellWord(list[0].Value)))
	return nil
}

// parts is a row for each alert behind an entity. One name may be that of a user and of a host.
func parts(sh *ui.Shell, list []alerting.Risk, entity string) error {
	t := term.NewTable(sh.Out, term.Column{Head: "ALERT"}, term.Column{Head: "LEVEL", Style: show.LevelStyle}, term.Column{Head: "POINTS", Right: true}, term.Column{Head: "RAISED"},
		term.Column{Head: "RULE"}, term.Column{Head: "WHAT", Cut: true})
	var said []string
	for i := range list {
		r := &list[i]
		for _, p := range r.Parts {
			t.Row(brief(sh, p.Alert), p.Level, points(sh, p.Points), sh.Out.Ago(p.At), p.Rule, p.What)
		}
		text := fmt.Sprintf("%s %s: %s by %s of %s", r.Kind, term.Escape(r.Value), points(sh, r.Score), ui.Plural(r.Alerts, "alert"), ui.Plural(r.Rules, "rule"))
		if more := r.Alerts - len(r.Parts); more > 0 {
			text += fmt.Sprintf(", the largest %d shown", len(r.Parts))
		}
		said = append(said, text)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if len(list) == 0 {
		sh.Note("%s has no risk; alerts about it: %s", term.Escape(entity), sh.Cmdline("alerts list --all --entity "+term.ShellWord(entity)))
		return nil
	}
	sh.Note("%s. Next: %s", strings.Join(said, "; "), sh.Cmdline("alerts list --all --entity "+term.ShellWord(list[0].Value)))
	return nil
}

// madeOf says which rules a score comes from, the most first.
func madeOf(r *alerting.Risk) string {
	type sum struct {
		points float64
		alerts int
	}
	by := map[string]*sum{}
	for _, p := range r.Parts {
		if by[p.Rule] == nil {
			by[p.Rule] = &sum{}
		}
		by[p.Rule].points += p.Points
		by[p.Rule].alerts++
	}
	rules := slices.SortedFunc(maps.Keys(by), func(a, b string) int { return cmp.Or(cmp.Compare(by[b].points, by[a].points), cmp.Compare(a, b)) })
	for i, rule := range rules {
		rules[i] = fmt.Sprintf("%s %.0f", rule, by[rule].points)
		if n := by[rule].alerts; n > 1 {
			rules[i] += fmt.Sprintf(" (%d)", n)
		}
	}
	return strings.Join(rules, ", ")
}

// points writes a score: whole for a person, with one place for a program.
func points(sh *ui.Shell, n float64) string {
	if sh.Out.TTY {
		return strconv.FormatFloat(n, 'f', 0, 64)
	}
	return strconv.FormatFloat(n, 'f', 1, 64)
}

// brief shortens the id of an alert for a person. Whether others begin so is not known here; the commands say it.
func brief(sh *ui.Shell, id string) string {
	if !sh.Out.TTY {
		return id
	}
	return id[:min(len(id), 8)]
}

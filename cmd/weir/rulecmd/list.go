package rulecmd

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/show"
	"weir/cmd/weir/ui"
	"weir/internal/app/tools"
	"weir/internal/control"
	"weir/internal/control/cost"
	"weir/internal/fault"
	"weir/internal/nearest"
	"weir/internal/term"
	"weir/rules"
)

// levels are Sigma's words, least first.
var levels = []string{string(rules.Informational), string(rules.Low), string(rules.Medium), string(rules.High), string(rules.Critical)}

// What list prints with --json is a contract, with and without --cost: one object a rule, keys only get added.

// listFlags are the flags of list.
type listFlags struct {
	level, tag, product string
	cost                bool
}

// listSpec lists what could run here, with the state of each.
func (c *commands) listSpec() pages.Spec {
	var o listFlags
	return pages.Spec{
		Use: "list", Short: "list the rules that run, or what each costs", Args: ui.AtMost(0),
		Long:     "Refused and disabled rules stand there too, and those that are a part of correlations, which say them: weir rules show ID. --cost asks the running weir: the time that each rule takes for an event on average, measured on some and reckoned for all, on how many events its conditions were tried, and how often they held; the costliest first.",
		Examples: []string{"weir rules list", "weir rules list --level high --tag attack.t1110", "weir rules list --cost"},
		Common:   []string{"level", "tag", "product", "cost", "json"},
		Sections: [][]string{{"What", "level", "tag", "product"}, {"Results", "cost"}},
		Exits:    "3 no weir runs on the data folder (--cost)",
		Flags: func(f *pflag.FlagSet) {
			f.StringVar(&o.level, "level", "", "this `level` and above: "+strings.Join(levels, ", "))
			f.StringVar(&o.tag, "tag", "", "with this `tag`, or one that begins with it and a point")
			f.StringVar(&o.product, "product", "", "for events of this `product`, and those for all")
			f.BoolVar(&o.cost, "cost", false, "what each rule costs in the weir that runs")
		},
		Run: func(cmd *cobra.Command, _ []string) error {
			if o.level != "" && !slices.Contains(levels, o.level) {
				return unknownLevel(o.level)
			}
			if o.cost {
				return c.costs(cmd.Context(), c.shell(), o)
			}
			return c.list(c.shell(), o)
		},
	}
}

// unknownLevel names the nearest level.
func unknownLevel(word string) error {
	do := "one of " + strings.Join(levels, ", ")
	if near := nearest.Name(word, levels); near != "" {
		do = "did you mean `" + near + "`?"
	}
	return ui.Usage("--level "+word+" is not known", do)
}

// keeps tells whether a rule is among those that were asked for. A file that gave no rule is, as long as nothing was asked:
// nobody knows what it would have been.
func (o listFlags) keeps(r tools.RuleReport) bool {
	if r.Rule == nil {
		return o.level == "" && o.tag == "" && o.product == ""
	}
	if o.level != "" && slices.Index(levels, string(r.Rule.Level)) < slices.Index(levels, o.level) {
		return false
	}
	if p := r.Rule.LogSource.Product; o.product != "" && p != "" && !strings.EqualFold(p, o.product) {
		return false
	}
	return o.tag == "" || slices.ContainsFunc(r.Rule.Tags, func(t string) bool {
		t = strings.ToLower(t)
		want := strings.ToLower(o.tag)
		return t == want || strings.HasPrefix(t, want+".")
	})
}

// chosen are the rules that run here as far as they were asked for, by id.
func (c *commands) chosen(sh ui.Shell, o listFlags) ([]tools.RuleReport, error) {
	reports, err := c.reports(sh)
	if err != nil {
		return nil, err
	}
	reports = slices.DeleteFunc(slices.Clone(reports), func(r tools.RuleReport) bool { return !o.keeps(r) || r.Rule == nil && !refused(r) })
	slices.SortStableFunc(reports, func(a, b tools.RuleReport) int { return cmp.Compare(a.ID, b.ID) })
	return reports, nil
}

// list has refused and disabled rules too: what does not run is what one looks for.
// They are sorted by id and not by state: who knows the name finds it.
func (c *commands) list(sh ui.Shell, o listFlags) error {
	reports, err := c.chosen(sh, o)
	if err != nil {
		return err
	}
	t := term.NewTable(sh.Out, term.Column{Head: "ID"}, term.Column{Head: "LEVEL", Style: show.LevelStyle}, term.Column{Head: "STATE"},
		term.Column{Head: "FROM"}, term.Column{Head: "ATT&CK"}, term.Column{Head: "TITLE", Cut: true})
	run := 0
	for _, r := range reports {
		row := listLine(r)
		if row.State == "runs" {
			run++
		}
		if sh.JSON {
			if err := sh.Line(row); err != nil {
				return err
			}
			continue
		}
		t.Row(row.ID, row.Level, row.State, row.From, row.Techniques, row.Title)
	}
	if sh.JSON {
		return nil
	}
	if err := t.Flush(); err != nil {
		return err
	}
	sh.Note("%s, %d run. Next: %s", ui.Plural(len(reports), "rule"), run, sh.Cmdline("rules show ID"))
	return nil
}

// ruleLine is a line of `rules list --json`.
// State and origin are words of a fixed set; new ones may be added.
type ruleLine struct {
	ID         string `json:"id"`
	Title      string `json:"title"`
	Level      string `json:"level"`
	State      string `json:"state"` // runs, disabled, refused, part (of correlations, and raises no alerts itself)
	From       string `json:"from"`  // shipped or yours
	File       string `json:"file"`
	Techniques string `json:"attack"`
	// UsedBy are the correlations that a part is of.
	UsedBy []string `json:"used_by,omitempty"`
}

// listLine is the row of a rule, for the table and for --json alike.
// Refused comes before disabled: a rule that cannot run is not one that somebody switched off.
func listLine(r tools.RuleReport) ruleLine {
	out := ruleLine{ID: r.ID, State: "runs", From: r.Origin, File: r.File}
	switch {
	case refused(r):
		out.State = "refused"
	case !r.Rule.Enabled && len(r.Rule.UsedBy) > 0:
		out.State, out.UsedBy = "part", r.Rule.UsedBy
	case !r.Rule.Enabled:
		out.State = "disabled"
	}
	if r.Rule != nil {
		out.Title, out.Level, out.Techniques = r.Rule.Title, string(r.Rule.Level), show.Techniques(r.Rule.Tags)
	}
	return out
}

// costLine is a line of `rules list --cost --json`.
type costLine struct {
	ID         string  `json:"id"`
	Title      string  `json:"title"`
	NSPerEvent float64 `json:"ns_per_event"`
	Candidates int64   `json:"candidates"`
	Hits       int64   `json:"hits"`
	Lacking    int64   `json:"lacking"`
	Events     int64   `json:"events"` // that the set was held against
}

// costs lists the rules that run by what they cost. Titles are of the files here; a rule that was changed since has the
// title of now.
func (c *commands) costs(ctx context.Context, sh ui.Shell, o listFlags) error {
	reports, err := c.chosen(sh, o)
	if err != nil {
		return err
	}
	var counts cost.Counts
	// Counts live in the process and in no file: a weir that stopped has forgotten them.
	err = sh.Ask(ctx, func(b control.Backend) error {
		counter, ok := b.(control.RuleCounter)
		if !ok {
			return &fault.Error{Code: "not-running", What: "what rules cost is only known to a weir that runs", Do: sh.Cmdline("up") + ", or name the folder of one that runs with --data", Exit: fault.ExitMissing}
		}
		counts, err = counter.RuleCounts(ctx)
		return err
	})
	if err != nil {
		return err
	}
	// Filters work on what the files say; a rule of the running weir that is in no file any more is left out with them.
	titles := map[string]string{}
	for _, r := range reports {
		if r.Rule != nil {
			titles[r.ID] = r.Rule.Title
		}
	}
	list := slices.DeleteFunc(slices.Clone(counts.Rules), func(r cost.Rule) bool { _, ok := titles[r.Rule]; return !ok })
	slices.SortStableFunc(list, func(a, b cost.Rule) int {
		return cmp.Or(cmp.Compare(b.TookNS, a.TookNS), cmp.Compare(b.Candidates, a.Candidates), cmp.Compare(a.Rule, b.Rule))
	})
	return costTable(sh, counts, list, titles)
}

// costTable shows the costliest first, with their share of what all rules cost.
func costTable(sh ui.Shell, counts cost.Counts, list []cost.Rule, titles map[string]string) error {
	t := term.NewTable(sh.Out, term.Column{Head: "ID"}, term.Column{Head: "NS/EVENT", Right: true}, term.Column{Head: "SHARE", Right: true}, term.Column{Head: "CANDIDATES", Right: true},
		term.Column{Head: "HITS", Right: true}, term.Column{Head: "TITLE", Cut: true})
	// The share is of all rules, also where filters leave most of them out: it is what one asks it for.
	all := int64(0)
	for _, r := range counts.Rules {
		all += r.TookNS
	}
	sum := 0.0
	for _, r := range list {
		ns := counts.PerEvent(r)
		sum += ns
		if sh.JSON {
			if err := sh.Line(costLine{r.Rule, titles[r.Rule], ns, r.Candidates, r.Hits, r.Lacking, counts.Events}); err != nil {
				return err
			}
			continue
		}
		share := "-"
		if all > 0 {
			share = fmtFloat(100*float64(r.TookNS)/float64(all), 1) + " %"
		}
		t.Row(r.Rule, fmtFloat(ns, 2), share, sh.Out.Num(r.Candidates), sh.Out.Num(r.Hits), titles[r.Rule])
	}
	if sh.JSON {
		return nil
	}
	if err := t.Flush(); err != nil {
		return err
	}
	since := ""
	if !counts.Since.IsZero() {
		since = " since " + sh.Msg.Second(counts.Since)
	}
	sh.Note("%s, %s ns for an event, over %s%s", ui.Plural(len(list), "rule"), fmtFloat(sum, 1), ui.Plural(int(counts.Events), "event"), since)
	return nil
}

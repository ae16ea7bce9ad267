package main

import (
	"cmp"
	"fmt"
	"slices"

	"weir/cmd/weir/show"
	"weir/internal/app/tools"
	"weir/internal/fault"
	"weir/internal/nearest"
	"weir/internal/term"
	"weir/rules"
)

// rulesList has refused and disabled rules too: what does not run is what one looks for.
// They are sorted by id and not by state: who knows the name finds it.
func (c *cli) rulesList() error {
	reports, err := c.ruleReports(nil)
	if err != nil {
		return err
	}
	slices.SortFunc(reports, func(a, b tools.RuleReport) int { return cmp.Compare(a.ID, b.ID) })
	t := term.NewTable(c.out, term.Column{Head: "ID"}, term.Column{Head: "LEVEL", Style: show.LevelStyle}, term.Column{Head: "STATE"},
		term.Column{Head: "FROM"}, term.Column{Head: "ATT&CK"}, term.Column{Head: "TITLE", Cut: true})
	run := 0
	for _, r := range reports {
		row := listLine(r)
		if row.State == "runs" {
			run++
		}
		if c.json {
			if err := c.line(row); err != nil {
				return err
			}
			continue
		}
		t.Row(row.ID, row.Level, row.State, row.From, row.Techniques, row.Title)
	}
	if c.json {
		return nil
	}
	if err := t.Flush(); err != nil {
		return err
	}
	c.note("%s, %d run. Next: %s", plural(len(reports), "rule"), run, c.cmdline("rules show ID"))
	return nil
}

// ruleLine is a line of `rules list --json`.
// State and origin are words of a fixed set; new ones may be added.
type ruleLine struct {
	ID         string `json:"id"`
	Title      string `json:"title"`
	Level      string `json:"level"`
	State      string `json:"state"` // runs, disabled, refused
	From       string `json:"from"`  // shipped or yours
	File       string `json:"file"`
	Techniques string `json:"attack"`
}

// listLine is the row of a rule, for the table and for --json alike.
// Refused comes before disabled: a rule that cannot run is not one that somebody switched off.
func listLine(r tools.RuleReport) ruleLine {
	out := ruleLine{ID: r.ID, State: "runs", From: r.Origin, File: r.File}
	switch {
	case refused(r):
		out.State = "refused"
	case !r.Rule.Enabled:
		out.State = "disabled"
	}
	if r.Rule != nil {
		out.Title, out.Level, out.Techniques = r.Rule.Title, string(r.Rule.Level), show.Techniques(r.Rule.Tags)
	}
	return out
}

// rulesShow takes the exact id: a rule shown by mistake is worse than one more key.
func (c *cli) rulesShow(id string) error {
	reports, err := c.ruleReports(nil)
	if err != nil {
		return err
	}
	var ids []string
	for _, r := range reports {
		if r.ID == id {
			if c.json {
				return c.line(struct {
					ruleLine
					Rule  *rules.Rule       `json:"rule"`
					Exprs map[string]string `json:"exprs,omitempty"`
				}{listLine(r), r.Rule, r.Exprs})
			}
			for _, e := range r.Faults {
				_ = c.msg.FaultLine(e) // beside the page, on stderr, as warnings are
			}
			return c.page([]byte(show.Rule(c.out, r, listLine(r).State)))
		}
		ids = append(ids, r.ID)
	}
	// Where nothing is near, the way to look it up is better than a guess.
	do := "all rules: " + c.cmdline("rules list")
	if near := nearest.Name(id, ids); near != "" {
		do = "did you mean `" + near + "`?"
	}
	return &fault.Error{Code: "rule-unknown", What: fmt.Sprintf("no rule has the id `%s`", id), Do: do, Exit: fault.ExitUsage}
}

package rulecmd

import (
	"slices"

	"github.com/spf13/cobra"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/show"
	"weir/cmd/weir/ui"
	"weir/internal/app/tools"
	"weir/rules"
)

// showSpec shows what runs, not what was written.
func (c *commands) showSpec() pages.Spec {
	return pages.Spec{
		Use: "show ID", Short: "show a rule and what its conditions became", Args: ui.Exactly("ID"),
		Long:     "Of a Sigma rule: the expression that it became, for which log source it is, which of its fields are which of ours, and its author and licence. What is printed below When can be pasted into a native rule and matches the same events of that log source.",
		Examples: []string{"weir rules show ssh-brute-force", "weir rules show ssh-brute-force --json"},
		Complete: c.completeIDs,
		Run:      func(_ *cobra.Command, args []string) error { return c.show(c.shell(), args[0]) },
	}
}

// shownLine is what `rules show --json` prints: the row of list with all that was read of the rule.
type shownLine struct {
	ruleLine
	Rule  *rules.Rule         `json:"rule"`
	Exprs map[string]string   `json:"exprs,omitempty"`
	Names map[string][]string `json:"names,omitempty"` // what a Sigma rule calls its fields, by our names
}

// show takes the exact id: a rule shown by mistake is worse than one more key.
func (c *commands) show(sh ui.Shell, id string) error {
	l, err := sh.Load()
	if err != nil {
		return err
	}
	reports, err := c.engine.Rules(l.Config)
	if err != nil {
		return err
	}
	// The first of several rules of one id is the one that runs.
	at := slices.IndexFunc(reports, func(r tools.RuleReport) bool { return r.ID == id })
	if at < 0 {
		var known []*rules.Rule
		for _, r := range reports {
			known = append(known, &rules.Rule{ID: r.ID})
		}
		return tools.UnknownRule(id, known)
	}
	r := reports[at]
	// The names stand in the file alone: a rule that runs knows only our fields. So the file is read once more, for one rule.
	var names map[string][]string
	if r.Rule != nil && r.Rule.Sigma && c.engine.Names != nil {
		names = c.engine.Names(l.Config, r.Rule)
	}
	if sh.JSON {
		return sh.Line(shownLine{listLine(r), withoutTrees(r.Rule), r.Exprs, names})
	}
	for _, e := range r.Faults {
		_ = sh.Msg.FaultLine(e) // beside the page, on stderr, as warnings are
	}
	return sh.Page([]byte(show.Rule(sh.Out, r, listLine(r).State, names)))
}

// withoutTrees leaves out what the expressions say already, in a form that is nobody's contract.
func withoutTrees(r *rules.Rule) *rules.Rule {
	if r == nil {
		return nil
	}
	out := *r
	out.When = slices.Clone(r.When)
	for i := range out.When {
		out.When[i].Tree = nil
	}
	return &out
}

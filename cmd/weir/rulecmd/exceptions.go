package rulecmd

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/control"
	"weir/internal/fault"
	"weir/internal/term"
)

// exceptionsSpec lists what people took out of rules, so that somebody can ask them about it.
func (c *commands) exceptionsSpec() pages.Spec {
	return pages.Spec{
		Use: "exceptions", Short: "list what is excepted from rules, by whom and until when", Args: ui.AtMost(0),
		Long: "Exceptions stand in exceptions.yaml of the data folder: a list of rule (an id, or a pattern such as ssh-*), when (a condition), owner, reason and until (a day). An event that satisfies one makes no match for that rule; no other event is touched by it. " +
			"After its day an exception does nothing. The file is watched. HITS is what the running weir has taken out since the rules were read.",
		Examples: []string{"weir rules exceptions", "weir rules exceptions --json"},
		Exits:    "1 the file has a mistake",
		Run:      func(cmd *cobra.Command, _ []string) error { return c.exceptions(cmd.Context(), c.shell()) },
	}
}

// exceptionLine is a line of `rules exceptions --json`.
type exceptionLine struct {
	ID      string    `json:"id"`
	Rule    string    `json:"rule"`
	When    string    `json:"when"`
	Owner   string    `json:"owner"`
	Reason  string    `json:"reason"`
	Until   time.Time `json:"until"`
	Expired bool      `json:"expired"`
	Hits    *int64    `json:"hits"` // null where no weir runs that could tell
	File    string    `json:"file"`
	Line    int       `json:"line"`
}

// exceptions lists all of them, those that are over too: who wrote them may want to know.
func (c *commands) exceptions(ctx context.Context, sh ui.Shell) error {
	l, err := sh.Load()
	if err != nil {
		return err
	}
	list, faults, err := c.engine.Exceptions(l.Config)
	if err != nil {
		return err
	}
	// Counts live in the process that runs, and in no file.
	hits := exceptionHits(ctx, sh)
	t := term.NewTable(sh.Out, term.Column{Head: "ID"}, term.Column{Head: "RULE"}, term.Column{Head: "OWNER"}, term.Column{Head: "UNTIL"}, term.Column{Head: "STATE"},
		term.Column{Head: "HITS", Right: true}, term.Column{Head: "REASON", Cut: true})
	expired := 0
	for _, x := range list.Items {
		row := exceptionLine{ID: x.ID, Rule: x.Rule, When: x.When, Owner: x.Owner, Reason: x.Reason, Until: x.Until.UTC(), Expired: !x.Live(sh.Out.Now()), File: x.File, Line: x.Line}
		state, count := "holds", "-"
		if n, ok := hits[x.ID]; ok {
			row.Hits, count = &n, sh.Out.Num(n)
		}
		if row.Expired {
			state = "expired"
			expired++
		}
		if sh.JSON {
			if err := sh.Line(row); err != nil {
				return err
			}
			continue
		}
		// The last moment of it: a day that is written means its end.
		t.Row(x.ID, x.Rule, x.Owner, x.Until.Add(-time.Second).UTC().Format("2006-01-02 15:04Z"), state, count, x.Reason)
	}
	// Warnings too: an exception from a rule that is gone is one that somebody relies on.
	broken := false
	for _, f := range faults {
		broken = broken || !f.Warn
		_ = sh.Msg.FaultLine(f)
	}
	if !sh.JSON {
		if err := t.Flush(); err != nil {
			return err
		}
		sh.Note("%s, %d expired", ui.Plural(len(list.Items), "exception"), expired)
	}
	if broken {
		return ui.Found{Code: fault.ExitFound}
	}
	return nil
}

// exceptionHits asks the running weir what exceptions took out; without one nobody knows.
func exceptionHits(ctx context.Context, sh ui.Shell) map[string]int64 {
	out := map[string]int64{}
	// Why nobody could be asked is of no interest here: the list is the answer.
	_ = sh.Ask(ctx, func(b control.Backend) error {
		counter, ok := b.(control.RuleCounter)
		if !ok {
			return nil
		}
		counts, err := counter.RuleCounts(ctx)
		for _, x := range counts.Exceptions {
			out[x.ID] = x.Hits
		}
		return err
	})
	return out
}

package archivecmd

import (
	"bufio"
	"context"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/control"
	"weir/internal/control/question"
	"weir/internal/control/retaining"
	"weir/internal/retention"
	"weir/internal/term"
)

// What the commands about holds print is a contract: hold the id alone, holds a row a hold (pipe: id, state, owner, until, keeps,
// beyond, from, to, query, reason), --json the objects of retention.HoldFacts.

// holdSpec places a hold. It asks nothing: to keep something can be undone.
func (c *commands) holdSpec() pages.Spec {
	var r retaining.HoldRequest
	var from, to, until string
	return pages.Spec{
		Use: "hold ['KQL']", Short: "keep what a query finds, whatever the policy says", Args: ui.AtMost(1),
		Long: "Each sealed file in which the query finds an event of that time stays, and each that cannot be read. A hold wins over the policy, over delete_by too, until it is released or over. " +
			"Without a query everything of that time is held, without a time everything. The order is a line of the manifest and a leaf of the transparency log.",
		Examples: []string{"weir archive hold 'user.name: kim' --from 2026-01-01 --to 2026-07-01 --owner lee --reason 'case 12'", "weir archive hold --owner lee --reason 'audit 2026' --until 2027-01-01"},
		Common:   []string{"owner", "reason", "from", "to", "until"}, Sections: [][]string{{"What", "owner", "reason"}, {"When", "from", "to", "until"}},
		Exits: "2 the query or the order cannot be used; 3 nobody can write to the archive",
		Flags: func(f *pflag.FlagSet) {
			f.StringVar(&r.Owner, "owner", "", "`who` answers for it")
			f.StringVar(&r.Reason, "reason", "", "`why`")
			f.StringVar(&from, "from", "", "only events from this `time` on (forms: weir help time)")
			f.StringVar(&to, "to", "", "only events before this `time`")
			f.StringVar(&until, "until", "", "the hold is over at this `time`; without it, when it is released")
		},
		Run: func(cmd *cobra.Command, args []string) error {
			sh := c.shell()
			r.Query = strings.Join(args, "")
			var err error
			if r.From, r.To, err = sh.Times(from, to); err != nil {
				return err
			}
			if _, r.Until, err = sh.Times("", until); err != nil {
				return err
			}
			return sh.Ask(cmd.Context(), func(b control.Backend) error {
				a, err := question.Ask[retaining.HoldAnswer](cmd.Context(), b, retaining.AskHold, r, nil)
				if err != nil {
					return err
				}
				if sh.JSON {
					return sh.Line(a)
				}
				// What is true now, and how to undo it.
				sh.Note("%s in its time, line %d of the manifest; what it finds stays %s. Undo it: %s", ui.Plural(a.Segments, "segment"), a.Seq, untilText(sh, a.Hold),
					sh.Cmdline("archive release "+term.ShellWord(a.Hold.ID)+" --reason WHY"))
				return sh.Printf("%s\n", term.Escape(a.Hold.ID))
			})
		},
	}
}

// untilText says when a hold ends.
func untilText(sh ui.Shell, h retention.HoldFacts) string {
	if h.Until.IsZero() {
		return "until it is released"
	}
	return "until " + sh.Msg.Second(h.Until)
}

// holdsSpec lists the holds in force; what is over explains what went.
func (c *commands) holdsSpec() pages.Spec {
	var r retaining.HoldsRequest
	return pages.Spec{
		Use: "holds", Short: "list holds with what they keep", Args: ui.AtMost(0),
		Long:     "KEEPS counts sealed files whose time is over and that only the hold keeps; BEYOND those of them that had to be gone by the policy.",
		Examples: []string{"weir archive holds", "weir archive holds --all --json"}, Common: []string{"all"},
		Flags: func(f *pflag.FlagSet) { f.BoolVar(&r.All, "all", false, "those too that are released or over") },
		Run: func(cmd *cobra.Command, _ []string) error {
			sh := c.shell()
			return sh.Ask(cmd.Context(), func(b control.Backend) error {
				a, err := question.Ask[retaining.HoldsAnswer](cmd.Context(), b, retaining.AskHolds, r, nil)
				if err != nil {
					return err
				}
				return holdRows(sh, a.Holds)
			})
		},
	}
}

// holdRows shows holds.
func holdRows(sh ui.Shell, list []retention.HoldFacts) error {
	if sh.JSON {
		for _, h := range list {
			if err := sh.Line(h); err != nil {
				return err
			}
		}
		return nil
	}
	t := term.NewTable(sh.Out, term.Column{Head: "HOLD"}, term.Column{Head: "STATE"}, term.Column{Head: "OWNER"}, term.Column{Head: "UNTIL " + sh.Out.Offset()}, term.Column{Head: "KEEPS", Right: true},
		term.Column{Head: "BEYOND", Right: true, Style: badStyle}, term.Column{Head: "FROM"}, term.Column{Head: "TO"}, term.Column{Head: "QUERY", Cut: true}, term.Column{Head: "REASON", Cut: true})
	active := 0
	for i := range list {
		h := &list[i]
		// Over by its time, or released by somebody: two answers to the same question.
		state, until := "over", h.Until
		switch {
		case h.Active:
			state = "active"
			active++
		case !h.Released.IsZero():
			state, until = "released", h.Released
		}
		moment := func(at bool, text string) string {
			if !at {
				return "-"
			}
			return text
		}
		t.Row(h.ID, state, h.Owner, moment(!until.IsZero(), sh.Out.Second(until)), sh.Out.Num(int64(h.Keeps)), sh.Out.Num(int64(h.Beyond)),
			moment(!h.From.IsZero(), sh.Out.Second(h.From)), moment(!h.To.IsZero(), sh.Out.Second(h.To)), dash(h.Query), h.Reason)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if len(list) == 0 {
		sh.Note("no holds; those that are over: %s", sh.Cmdline("archive holds --all"))
		return nil
	}
	sh.Note("%d active. What would go without them: %s", active, sh.Cmdline("archive policy show --plan"))
	return nil
}

// releaseSpec ends a hold. What it kept may go within the hour and comes never back, so a person is asked.
func (c *commands) releaseSpec() pages.Spec {
	var r retaining.ReleaseRequest
	yes := false
	return pages.Spec{
		Use: "release HOLD", Short: "end a hold before its time", Args: ui.Exactly("HOLD"),
		Long:     "What only this hold kept goes with the next run of expiry and cannot be brought back. On a terminal it is asked first; elsewhere --yes is needed.",
		Examples: []string{"weir archive release H20261121-3f9c0a1b --reason 'case 12 is closed'", "weir archive release H20261121-3f9c0a1b --reason 'case 12 is closed' --yes"},
		Common:   []string{"reason", "yes"}, Exits: "1 it was not confirmed; 2 there is no such hold", Complete: c.completeHolds,
		Flags: func(f *pflag.FlagSet) {
			f.StringVar(&r.Reason, "reason", "", "`why`")
			f.BoolVar(&yes, "yes", false, "do not ask")
		},
		Run: func(cmd *cobra.Command, args []string) error {
			sh := c.shell()
			r.ID = args[0]
			if strings.TrimSpace(r.Reason) == "" {
				return ui.Usage("the release has no reason", "say it with --reason")
			}
			return sh.Ask(cmd.Context(), func(b control.Backend) error {
				if err := confirm(cmd.Context(), sh, b, r.ID, yes); err != nil {
					return err
				}
				a, err := question.Ask[retaining.ReleaseAnswer](cmd.Context(), b, retaining.AskRelease, r, nil)
				if err != nil {
					return err
				}
				if sh.JSON {
					return sh.Line(a)
				}
				sh.Note("hold %s is released, line %d of the manifest; due now: %s with %s", term.Escape(a.Hold.ID), a.Seq, ui.Plural(a.Due, "segment"), ui.Plural(int(a.DueEvents), "event"))
				return nil
			})
		},
	}
}

// confirm shows what ends and asks. Who is no terminal has said --yes.
func confirm(ctx context.Context, sh ui.Shell, b control.Backend, id string, yes bool) error {
	if yes {
		return nil
	}
	if !sh.InTTY || sh.In == nil {
		return ui.Usage("to release a hold has to be confirmed", "write --yes")
	}
	a, err := question.Ask[retaining.HoldsAnswer](ctx, b, retaining.AskHolds, retaining.HoldsRequest{}, nil)
	if err != nil {
		return err
	}
	for _, h := range a.Holds {
		if strings.HasPrefix(h.ID, id) {
			sh.Note("hold %s of %s (%s) keeps %s whose time is over", term.Escape(h.ID), term.Escape(h.Owner), term.Escape(h.Reason), ui.Plural(h.Keeps, "segment"))
		}
	}
	sh.Note("release it? What it kept may go within the hour, for good. Type yes:")
	line, _ := bufio.NewReader(sh.In).ReadString('\n')
	if strings.TrimSpace(strings.ToLower(line)) != "yes" {
		sh.Note("nothing was changed")
		return ui.Found{Code: 1}
	}
	return nil
}

// completeHolds offers the holds in force, with what they are for.
func (c *commands) completeHolds(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var ids []string
	if len(args) == 0 {
		// A shell shows no errors: what cannot be asked is not offered.
		_ = c.shell().Ask(cmd.Context(), func(b control.Backend) error {
			a, err := question.Ask[retaining.HoldsAnswer](cmd.Context(), b, retaining.AskHolds, retaining.HoldsRequest{}, nil)
			for _, h := range a.Holds {
				ids = append(ids, h.ID+"\t"+h.Owner+": "+h.Reason)
			}
			return err
		})
	}
	return ids, cobra.ShellCompDirectiveNoFileComp
}

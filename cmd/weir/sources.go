package main

import (
	"cmp"
	"slices"

	"github.com/spf13/cobra"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/control"
	"weir/internal/term"
)

// A source is what the front door calls one: input and address, or input and file. Its name is that of the inventory, or
// what its own events say. --json prints control.LedgerRow.

// sourcesSpec is the ledger from the side of the senders: who spoke last, who stopped.
// It answers the question of the morning: which device has gone silent.
func (c *cli) sourcesSpec() pages.Spec {
	return pages.Spec{
		Use: "sources", Short: "show who sends", Group: "look",
		Examples: []string{"weir sources list", "weir sources list --json"},
		Sub: []pages.Spec{{
			Use: "list", Short: "list sources, the latest first",
			Examples: []string{"weir sources list", "weir sources list --json"}, Args: ui.AtMost(0),
			Run: func(cmd *cobra.Command, _ []string) error {
				return c.ask(cmd.Context(), func(b control.Backend) error {
					l, err := b.Ledger(cmd.Context(), control.LedgerRequest{})
					if err != nil {
						return err
					}
					return c.sourceRows(l.Rows)
				})
			},
		}},
	}
}

// sourceRows is the ledger by who spoke last.
// Ties go by name, so that two calls give one order.
func (c *cli) sourceRows(rows []control.LedgerRow) error {
	slices.SortStableFunc(rows, func(a, b control.LedgerRow) int {
		return cmp.Or(b.Last.Compare(a.Last), cmp.Compare(a.Source, b.Source))
	})
	if c.json {
		for _, r := range rows {
			if err := c.line(r); err != nil {
				return err
			}
		}
		return nil
	}
	t := term.NewTable(c.out, term.Column{Head: "SOURCE"}, term.Column{Head: "NAME", Cut: true}, term.Column{Head: "LAST"},
		term.Column{Head: "FIRST"}, term.Column{Head: "RECEIVED", Right: true}, term.Column{Head: "SIZE", Right: true},
		term.Column{Head: "REFUSED", Right: true}, term.Column{Head: "DEAD", Right: true})
	for _, r := range rows {
		// A program gets bytes; a dash for no name keeps the columns of cut -f apart.
		name, size := r.Name, c.out.Num(r.Bytes)
		if name == "" {
			name = "-"
		}
		if c.out.TTY {
			size = term.Bytes(r.Bytes)
		}
		t.Row(r.Source, name, c.out.Ago(r.Last), c.out.Ago(r.First), c.out.Num(r.Received), size, c.out.Num(r.Refused), c.out.Num(r.Dead))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if len(rows) == 0 {
		c.note("nobody has sent anything yet")
		return nil
	}
	c.note("%s. Next: %s", ui.Plural(len(rows), "source"), c.cmdline("ledger --source "+term.ShellWord(rows[0].Source)))
	return nil
}

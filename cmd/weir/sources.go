package main

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/control"
	"weir/internal/control/watching"
	"weir/internal/fault"
	"weir/internal/term"
)

// A source is what the front door calls one: input and address, or input and file. Its name is that of the inventory, or
// what its own events say. --json prints control.LedgerRow.

// sourcesSpec is the ledger from the side of the senders: who spoke last, who stopped.
// It answers the question of the morning: which device has gone silent.
func (c *cli) sourcesSpec() pages.Spec {
	from := ""
	return pages.Spec{
		Use: "sources", Short: "show who sends, who has stopped, and who is new", Group: "look",
		Examples: []string{"weir sources list", "weir sources missing", "weir sources new --from -30d"},
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
		}, {
			Use: "missing", Short: "list sources that are silent, and expected devices that never spoke",
			Long: "A source is silent when it has not been heard for longer than its own rhythm of hours and weekdays explains. Devices that the inventory expects are listed too, " +
				"with `never` where nobody has heard of them.",
			Examples: []string{"weir sources missing", "weir sources missing --json"}, Args: ui.AtMost(0),
			Exits: "3 no weir runs, or it watches no sources",
			Run:   func(cmd *cobra.Command, _ []string) error { return c.sourcesMissing(cmd.Context()) },
		}, {
			Use: "new", Short: "list sources that were first heard of late",
			Examples: []string{"weir sources new", "weir sources new --from -30d"}, Common: []string{"from", "json"}, Args: ui.AtMost(0),
			Flags: func(f *pflag.FlagSet) { f.StringVar(&from, "from", "-7d", "first heard after this `time`") },
			Run:   func(cmd *cobra.Command, _ []string) error { return c.sourcesNew(cmd.Context(), from) },
		}},
	}
}

// sourcesMissing asks the weir that runs: what is usual of a source is known to it alone.
func (c *cli) sourcesMissing(ctx context.Context) error {
	return c.ask(ctx, func(b control.Backend) error {
		w, ok := b.(watching.Watcher)
		if !ok {
			return &fault.Error{Code: "not-running", What: "no weir runs here that knows who should be heard", Do: "start it with `weir up`; weir sources list shows who was heard when", Exit: fault.ExitMissing}
		}
		got, err := w.Sources(ctx, watching.SourcesRequest{Missing: true})
		if err != nil {
			return err
		}
		return c.missingRows(got.Rows)
	})
}

// missingRows shows who is silent, those first that have been for longest.
func (c *cli) missingRows(rows []watching.Source) error {
	if c.json {
		for _, r := range rows {
			if err := c.line(r); err != nil {
				return err
			}
		}
		return nil
	}
	t := term.NewTable(c.out, term.Column{Head: "STATE"}, term.Column{Head: "SOURCE"}, term.Column{Head: "NAME", Cut: true}, term.Column{Head: "LAST"},
		term.Column{Head: "SILENT", Right: true}, term.Column{Head: "EXPECTED", Right: true})
	many := 0
	for _, r := range rows {
		last, quiet, missed := "-", "-", "-"
		if !r.Last.IsZero() {
			last = c.out.Ago(r.Last)
		}
		if r.Quiet > 0 {
			quiet, missed = c.out.Num(r.Quiet), c.out.Num(int64(r.Missed))
			if c.out.TTY {
				quiet = term.Duration(time.Duration(r.Quiet) * time.Millisecond)
			}
		}
		if r.Many {
			many++
		}
		t.Row(r.State, cmp.Or(r.Source, "-"), cmp.Or(r.Device, "-"), last, quiet, missed)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	switch {
	case len(rows) == 0:
		c.note("nobody is missing")
	case many > 0:
		c.note("%s, %s of them at once: look for what they share", ui.Plural(len(rows), "source"), term.Count(int64(many)))
	default:
		c.note("%s. Next: %s", ui.Plural(len(rows), "source"), c.cmdline("alerts list --rule weir-source-silent"))
	}
	return nil
}

// sourcesNew lists who is in the ledger since a time.
func (c *cli) sourcesNew(ctx context.Context, from string) error {
	begin, _, err := c.times(from, "")
	if err != nil {
		return err
	}
	return c.ask(ctx, func(b control.Backend) error {
		l, err := b.Ledger(ctx, control.LedgerRequest{})
		if err != nil {
			return err
		}
		fresh := slices.DeleteFunc(l.Rows, func(r control.LedgerRow) bool { return r.First.IsZero() || r.First.Before(begin) })
		if len(fresh) == 0 && !c.json {
			c.note("no source was first heard after %s", begin.Format("2006-01-02 15:04"))
			return nil
		}
		slices.SortStableFunc(fresh, func(a, b control.LedgerRow) int { return b.First.Compare(a.First) })
		return c.newRows(fresh)
	})
}

// newRows shows who is new, the newest first. Who has no name is not in the inventory.
func (c *cli) newRows(rows []control.LedgerRow) error {
	if c.json {
		for _, r := range rows {
			if err := c.line(r); err != nil {
				return err
			}
		}
		return nil
	}
	t := term.NewTable(c.out, term.Column{Head: "FIRST"}, term.Column{Head: "SOURCE"}, term.Column{Head: "NAME", Cut: true}, term.Column{Head: "LAST"}, term.Column{Head: "RECEIVED", Right: true})
	unknown := 0
	for _, r := range rows {
		name := r.Name
		if name == "" || name == r.Source { // a source without a name is called as it is
			name = "-"
			unknown++
		}
		t.Row(c.out.Ago(r.First), r.Source, name, c.out.Ago(r.Last), c.out.Num(r.Received))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	c.note("%s, %s without a name in the inventory", ui.Plural(len(rows), "new source"), term.Count(int64(unknown)))
	return nil
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

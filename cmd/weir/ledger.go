package main

import (
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/show"
	"weir/cmd/weir/ui"
	"weir/internal/control"
	"weir/internal/fault"
)

// What ledger prints is a contract: a pipe gets source, received, split, stored, duplicate, dead, refused, filtered, in
// flight and difference; --json one object for each source and hop, and a last one that begins with "balanced".
// Differences come as faults on stderr, after the rows, with exit code 1.

// ledgerSpec is the command that makes the others trustworthy: a difference is an error with exit code 1, so that a timer
// can watch it.
// A running weir is asked, else the counts on disk are read; both give the same rows.
func (c *cli) ledgerSpec() pages.Spec {
	var source, from, to string
	return pages.Spec{
		Use: "ledger", Short: "show that nothing was lost: what came in and what became of it", Group: "evidence",
		Long:     "Adds up what every hop counted. received + split = stored + duplicate + dead + refused + filtered + in flight, per source; a difference is named, with exit code 1.",
		Examples: []string{"weir ledger", "weir ledger --source syslog/192.0.2.1", "weir ledger --json"},
		Common:   []string{"source", "from", "to", "json"}, Exits: "1 it does not balance", Args: ui.AtMost(0),
		Sections: [][]string{{"What", "source"}, {"When", "from", "to"}},
		Flags: func(f *pflag.FlagSet) {
			f.StringVar(&source, "source", "", "only this `source`")
			f.StringVar(&from, "from", "", "counted after this `time`")
			f.StringVar(&to, "to", "", "counted before this `time`")
		},
		Run: func(cmd *cobra.Command, _ []string) error {
			a, b, err := c.times(from, to)
			if err != nil {
				return err
			}
			return c.ledger(cmd, control.LedgerRequest{Source: source, From: a, To: b})
		},
	}
}

// ledger shows all rows before the faults: who reads a fault wants to see the row it names.
// A source that never was is an error of the question, exit 2; a source that lost something is one of the answer, exit 1.
func (c *cli) ledger(cmd *cobra.Command, r control.LedgerRequest) error {
	return c.ask(cmd.Context(), func(b control.Backend) error {
		l, err := b.Ledger(cmd.Context(), r)
		if err != nil {
			return err
		}
		// An empty ledger and a source that never was look alike in the answer; only the question tells.
		if r.Source != "" && len(l.Rows) == 0 {
			return &fault.Error{Code: "source-unknown", What: fmt.Sprintf("no record ever came from `%s`", r.Source),
				Do: "all sources: " + c.cmdline("sources list"), Exit: fault.ExitUsage}
		}
		if c.json {
			err = show.LedgerLines(l, c.line)
		} else {
			err = show.LedgerTable(c.out, c.msg, l, c.note)
		}
		if err != nil {
			return err
		}
		c.warn(l.Faults...)
		if !l.Balanced {
			return ui.Found{Code: fault.ExitFound}
		}
		return nil
	})
}

package main

import (
	"bytes"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/show"
	"weir/cmd/weir/ui"
	"weir/internal/control"
	"weir/internal/term"
)

// tailPerSecond is what a person can still follow.
const tailPerSecond = 50

// A tail of a person is a sample when there is much, and says so; a tail of a program is whole. What the server could
// not hand over because the reader was too slow is counted there and shown as dropped: it is stored all the same.

// tailSpec limits what a person sees and never what a program gets.
// Fields complete as in search; a query that is wrong is refused before anything is shown.
func (c *cli) tailSpec() pages.Spec {
	var all bool
	return pages.Spec{
		Use: "tail ['KQL']", Short: "watch events as they are stored", Group: "look",
		Long: "A terminal shows 50 events a second and says how many more there were; a pipe and --json get every one.",
		Examples: []string{
			"weir tail",
			"weir tail 'event.outcome: failure'",
			"weir tail --json 'event.dataset: sshd' > sshd.ndjson",
		},
		Common: []string{"all", "json"}, Exits: "3 no weir runs on the data folder", Args: ui.AtMost(1),
		Flags:    func(f *pflag.FlagSet) { f.BoolVar(&all, "all", false, "show every event, however many there are") },
		Run:      func(cmd *cobra.Command, args []string) error { return c.tail(cmd, strings.Join(args, ""), all) },
		Complete: c.completeFields,
	}
}

// tail ends with Ctrl-C; what was left out is said then, and in each second in which it happened. The server counts
// what matched and what it had to drop, this side what was shown: the three numbers come from where each is known.
func (c *cli) tail(cmd *cobra.Command, query string, all bool) error {
	return c.ask(cmd.Context(), func(b control.Backend) error {
		// The limit is of this side: the server sends all, and counts what this side was too slow for.
		limit := tailPerSecond
		if all || !c.out.TTY || c.json {
			limit = 0
		}
		t := show.NewTail(c.out, c.msg, limit)
		sum, err := b.Tail(cmd.Context(), control.TailRequest{Query: query}, func(raw []byte) error {
			if c.json {
				t.Count()
				return c.write(append(bytes.Clone(raw), '\n'))
			}
			return t.Add(raw)
		})
		if err != nil && cmd.Context().Err() == nil {
			return err
		}
		matched, shown := t.End()
		c.note("%s matched, %s shown, %s dropped", term.Count(max(sum.Matched, matched)), term.Count(shown), term.Count(sum.Dropped))
		return nil
	})
}

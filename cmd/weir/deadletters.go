package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/control"
	"weir/internal/fault"
	"weir/internal/term"
)

// A dead letter is a record that a stage could not use: it keeps its bytes as they came, where it came from, the stage,
// a slug for the reason and a sentence with the detail. --json prints control.DeadLetter, with the bytes in base64,
// because they may be anything. On a terminal they are escaped.

// deadlettersSpec is read only: redriving needs a parser that can do now what it could not do then.
// The default size keeps a listing short; 0 is for programs that want all.
func (c *cli) deadlettersSpec() pages.Spec {
	var r control.DeadLettersRequest
	var from, to string
	return pages.Spec{
		Use: "deadletters", Short: "see what could not be used, and why", Group: "evidence",
		Examples: []string{"weir deadletters list", "weir deadletters list --from -1d --json", "weir deadletters show ID"},
		Sub: []pages.Spec{
			{
				Use: "list", Short: "list dead letters, newest first",
				Examples: []string{"weir deadletters list", "weir deadletters list --source syslog/192.0.2.1", "weir deadletters list --stage normalise --json"},
				Common:   []string{"source", "stage", "reason", "from", "size", "json"}, Args: ui.AtMost(0),
				Sections: [][]string{{"What", "source", "stage", "reason", "size"}, {"When", "from", "to"}},
				Flags: func(f *pflag.FlagSet) {
					f.StringVar(&r.Source, "source", "", "only of this `source`")
					f.StringVar(&r.Stage, "stage", "", "only of this `stage`")
					f.StringVar(&r.Reason, "reason", "", "only with this `reason`")
					f.IntVar(&r.Size, "size", 100, "at most this `number`; 0: all")
					f.StringVar(&from, "from", "", "after this `time`")
					f.StringVar(&to, "to", "", "before this `time`")
				},
				Run: func(cmd *cobra.Command, _ []string) error {
					var err error
					if r.From, r.To, err = c.times(from, to); err != nil {
						return err
					}
					return c.deadLetters(cmd, r)
				},
			},
			{
				Use: "show ID", Short: "show a dead letter with its bytes",
				Examples: []string{"weir deadletters show ID", "weir deadletters show ID --json"}, Args: ui.Exactly("ID"),
				Run: func(cmd *cobra.Command, args []string) error { return c.deadLetter(cmd, args[0]) },
			},
		},
	}
}

// deadLetters shows the beginning of each record beside its reason: most reasons are clear from the bytes.
func (c *cli) deadLetters(cmd *cobra.Command, r control.DeadLettersRequest) error {
	return c.ask(cmd.Context(), func(b control.Backend) error {
		list, err := b.DeadLetters(cmd.Context(), r)
		if err != nil {
			return err
		}
		if c.json {
			for _, d := range list {
				if err := c.line(d); err != nil {
					return err
				}
			}
			return nil
		}
		// The record comes last and is cut first: it may be 64 KiB.
		t := term.NewTable(c.out, term.Column{Head: "TIME " + c.out.Offset()}, term.Column{Head: "ID"}, term.Column{Head: "STAGE"},
			term.Column{Head: "REASON"}, term.Column{Head: "SOURCE"}, term.Column{Head: "DETAIL", Cut: true}, term.Column{Head: "RECORD", Cut: true})
		for _, d := range list {
			t.Row(c.out.Clock(d.Time), d.ID, d.Stage, d.Reason, d.Source, d.Detail, string(d.Raw))
		}
		if err := t.Flush(); err != nil {
			return err
		}
		if len(list) == 0 {
			c.note("no dead letters")
			return nil
		}
		c.note("%s. Next: %s", ui.Plural(len(list), "dead letter"), c.cmdline("deadletters show "+term.ShellWord(list[0].ID)))
		return nil
	})
}

// deadLetter asks for two: the second tells that a shortened id is ambiguous.
// An exact id wins over a longer one that begins with it.
func (c *cli) deadLetter(cmd *cobra.Command, id string) error {
	return c.ask(cmd.Context(), func(b control.Backend) error {
		list, err := b.DeadLetters(cmd.Context(), control.DeadLettersRequest{ID: id, Size: 2})
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return &fault.Error{Code: "deadletter-unknown", What: fmt.Sprintf("no dead letter has the id `%s`", id),
				Do: "all of them: " + c.cmdline("deadletters list"), Exit: fault.ExitUsage}
		}
		d := list[0]
		for _, x := range list {
			if x.ID == id {
				d = x
			}
		}
		if len(list) > 1 && d.ID != id {
			return &fault.Error{Code: "id-ambiguous", What: fmt.Sprintf("more than one dead letter begins with `%s`", id),
				Why: list[0].ID + ", " + list[1].ID, Do: "write more of it", Exit: fault.ExitUsage}
		}
		if c.json {
			return c.line(d)
		}
		var out strings.Builder
		for _, row := range [][2]string{{"id", d.ID}, {"time", c.out.Clock(d.Time)}, {"stage", d.Stage}, {"reason", d.Reason},
			{"detail", d.Detail}, {"source", d.Source}, {"bytes", c.out.Num(int64(len(d.Raw)))}} {
			if row[1] != "" {
				fmt.Fprintf(&out, "%-7s  %s\n", row[0], term.Escape(row[1]))
			}
		}
		fmt.Fprintf(&out, "%-7s  %s\n", "record", term.Escape(string(d.Raw)))
		return c.page([]byte(out.String()))
	})
}

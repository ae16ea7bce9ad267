package lettercmd

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/control"
	"weir/internal/control/redo"
	"weir/internal/fault"
	"weir/internal/term"
)

// Reparse and redrive are one thing to the process that does it, and to who reads what it says: originals that are read
// again. --json prints redo.Example for each example and then redo.Summary.

// dryFlags adds the flags of a run that writes nothing.
func dryFlags(f *pflag.FlagSet, dry *bool, examples *int) {
	f.BoolVar(dry, "dry-run", false, "write nothing, and show what would change")
	f.IntVar(examples, "examples", 5, "with --dry-run, the `number` of examples")
}

// reparseSpec wants its bounds said: a run over everything that is stored is seldom what is meant.
func (c *commands) reparseSpec() pages.Spec {
	var r redo.Request
	var from, to string
	return pages.Spec{
		Use: "reparse 'KQL'", Short: "send stored events through today's formats", Group: "evidence",
		Long: "Reads the kept originals of events again. An event that says something else now gets a new revision, which searches show from then on; the earlier ones stay as they are. " +
			"No rule fires again. A run that was broken off can be repeated: nothing is stored twice.",
		Examples: []string{
			"weir reparse 'event.dataset: plain' --from -7d --dry-run",
			"weir reparse 'event.dataset: cisco_asa.log and weir.parse_errors: *' --from 2026-11-01 --to 2026-11-08",
			"weir reparse '*' --from -1h --dataset plain --as fortinet_fortigate.log",
		},
		Common: []string{"from", "to", "dataset", "dry-run", "json"}, Args: ui.Exactly("KQL"),
		Sections: [][]string{{"What", "dataset", "as"}, {"When", "from", "to"}, {"How", "dry-run", "examples"}},
		Exits:    "1 some could not be read again, 3 no weir runs",
		Flags: func(f *pflag.FlagSet) {
			f.StringVar(&from, "from", "", "`time` of the oldest event (needed; forms: weir help time)")
			f.StringVar(&to, "to", "", "`time` before which (default now)")
			f.StringVar(&r.Dataset, "dataset", "", "only events of this `dataset`")
			f.StringVar(&r.As, "as", "", "read them as this `dataset`, whatever they look like")
			dryFlags(f, &r.DryRun, &r.Examples)
		},
		Run: func(cmd *cobra.Command, args []string) error {
			sh := c.shell()
			if from == "" {
				return ui.Usage("--from is missing", "say from when on, such as --from -7d; all that is stored: --from 1970-01-01")
			}
			r.Query = args[0]
			var err error
			if r.From, r.To, err = sh.Times(from, to); err != nil {
				return err
			}
			if r.To.IsZero() {
				r.To = sh.Now()
			}
			return readAgain(sh, cmd, r)
		},
		Complete: c.complete,
	}
}

// readAgain asks for a run, shows how far it is, and says what became of the originals.
func readAgain(sh ui.Shell, cmd *cobra.Command, r redo.Request) error {
	return sh.Ask(cmd.Context(), func(b control.Backend) error {
		runs, ok := b.(redo.Redoer)
		if !ok {
			return &fault.Error{Code: "not-running", What: "no weir runs here that could read originals again", Do: "start it with `weir up`, then ask again", Exit: fault.ExitMissing}
		}
		var bar *term.Progress
		sum, err := runs.Redo(cmd.Context(), r, func(l redo.Line) error {
			switch {
			case l.Example != nil:
				return example(sh, l.Example)
			case l.Progress != nil && !sh.Quiet && !sh.JSON:
				if bar == nil {
					bar = sh.Msg.NewProgress(float64(l.Progress.Total), "originals")
				}
				bar.At(float64(l.Progress.Done), sh.Msg.Clock(l.Progress.At))
			}
			return nil
		})
		if bar != nil {
			bar.Done()
		}
		if err != nil {
			return err
		}
		sh.Warn(sum.Warnings...)
		if sh.JSON {
			if err := sh.Line(sum); err != nil {
				return err
			}
		} else if err := redone(sh, r, sum); err != nil {
			return err
		}
		if sum.Failed > 0 {
			return ui.Found{Code: fault.ExitFound}
		}
		return nil
	})
}

// shownChanges bounds the lines of an example on a terminal.
const shownChanges = 12

// example shows what would become of one original.
func example(sh ui.Shell, e *redo.Example) error {
	if sh.JSON {
		return sh.Line(e)
	}
	var out strings.Builder
	fmt.Fprintf(&out, "%s  %s  %s\n", sh.Out.Clock(e.Time), term.Escape(e.ID), term.Escape(cmp.Or(e.Dataset, "fails: "+e.Failed)))
	width := 0
	for _, x := range e.Changes[:min(len(e.Changes), shownChanges)] {
		width = max(width, len(term.Escape(x.Field)))
	}
	for i, x := range e.Changes {
		if i == shownChanges {
			fmt.Fprintf(&out, "  ... %d more; all of them: --json\n", len(e.Changes)-i)
			break
		}
		what := "+ " + x.After
		switch {
		case x.After == "":
			what = "- " + x.Before
		case x.Before != "":
			what = x.Before + " -> " + x.After
		}
		field := term.Escape(x.Field)
		line := "  " + field + strings.Repeat(" ", width-len(field)) + "  " + term.Escape(what)
		if sh.Out.TTY {
			line = sh.Out.Cut(line, sh.Out.Width)
		}
		fmt.Fprintf(&out, "%s\n", line)
	}
	return sh.Printf("%s", out.String())
}

// redone says what became of the originals: the counts first, then why, then what to do next.
func redone(sh ui.Shell, r redo.Request, s redo.Summary) error {
	verb, stored, unchanged := "reparsed", "revised", "unchanged"
	if r.Redrive {
		verb, stored, unchanged = "redriven", "stored", "already stored"
	}
	if s.DryRun {
		verb = "tried without writing"
	}
	parts := []string{fmt.Sprintf("%s %s", sh.Out.Num(s.Tried), verb), fmt.Sprintf("%s %s", sh.Out.Num(s.Stored), stored)}
	if s.Unchanged > 0 || !r.Redrive {
		parts = append(parts, fmt.Sprintf("%s %s", sh.Out.Num(s.Unchanged), unchanged))
	}
	parts = append(parts, sh.Out.Num(s.Failed)+" failed"+by(sh.Out, s.FailedBy))
	if s.Filtered > 0 {
		parts = append(parts, sh.Out.Num(s.Filtered)+" filtered")
	}
	parts = append(parts, sh.Out.Num(s.Skipped)+" skipped"+by(sh.Out, s.SkippedBy))
	if err := sh.Printf("%s\n", strings.Join(parts, ", ")); err != nil {
		return err
	}
	switch {
	case s.Stopped:
		sh.Note("stopped; what was read is stored. The same command goes on with the rest")
	case s.DryRun || s.Stored == 0:
	default:
		sh.Note("Next: %s", sh.Cmdline("search 'weir.revised.run: "+s.Run+"'"))
	}
	return nil
}

// by lists counts by their reasons, most first.
func by(f *term.Face, counts map[string]int64) string {
	if len(counts) == 0 {
		return ""
	}
	var rows []*reasonCount
	for _, reason := range slices.Sorted(maps.Keys(counts)) {
		rows = append(rows, &reasonCount{Reason: reason, Count: counts[reason]})
	}
	sortByCount(rows)
	parts := make([]string, len(rows))
	for i, row := range rows {
		parts[i] = term.Escape(row.Reason) + " " + f.Num(row.Count)
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// sortByCount puts the most first; equal counts stay in their order.
func sortByCount(rows []*reasonCount) {
	slices.SortStableFunc(rows, func(a, b *reasonCount) int { return cmp.Compare(b.Count, a.Count) })
}

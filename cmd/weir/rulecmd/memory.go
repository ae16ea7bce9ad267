package rulecmd

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
	"weir/internal/control/memory"
	"weir/internal/fault"
	"weir/internal/term"
)

// What memory prints is a contract: --json the objects of memory.Rule, one a line, with --late those of memory.Late.

// memorySpec tells what rules hold of the events that they combine: whether they have room, and what came too late.
func (c *commands) memorySpec() pages.Spec {
	late := false
	return pages.Spec{
		Use: "memory", Short: "what the running rules remember, and what came too late for them", Args: ui.AtMost(0),
		Long: "A rule that combines events keeps groups of them until time has passed them by. GROUPS and MEMORY are bounded (correlate.max_groups, correlate.max_bytes); LET GO counts what a full rule has forgotten, those furthest from firing first. " +
			"LATE counts events behind the lateness of their dataset (correlate.lateness, correlate.dataset_lateness): they count where that is still possible. LACKS counts events without a value to group or compare by, NO NUMBER those without a number to compute with.",
		Examples: []string{"weir rules memory", "weir rules memory --late"},
		Common:   []string{"late", "json"}, Sections: [][]string{{"Results", "late"}},
		Exits: "3 no weir runs on the data folder",
		Flags: func(f *pflag.FlagSet) { f.BoolVar(&late, "late", false, "list the last events that came too late") },
		Run:   func(cmd *cobra.Command, _ []string) error { return c.memory(cmd.Context(), c.shell(), late) },
	}
}

// memory asks the weir that runs: what rules hold is in no file that anybody else could read.
func (c *commands) memory(ctx context.Context, sh ui.Shell, late bool) error {
	var state memory.State
	err := sh.Ask(ctx, func(b control.Backend) (err error) {
		teller, ok := b.(memory.Teller)
		if !ok {
			return &fault.Error{Code: "not-running", What: "what rules remember is only known to a weir that runs", Do: sh.Cmdline("up") + ", or name the folder of one that runs with --data", Exit: fault.ExitMissing}
		}
		state, err = teller.RuleMemory(ctx)
		return err
	})
	switch {
	case err != nil:
		return err
	case late:
		return lateTable(sh, state.Late)
	}
	return memoryTable(sh, state)
}

// memoryTable shows the largest first. Rules that have met nothing yet are left out for people.
func memoryTable(sh ui.Shell, state memory.State) error {
	list := slices.Clone(state.Rules)
	slices.SortStableFunc(list, func(a, b memory.Rule) int {
		return cmp.Or(cmp.Compare(b.Bytes, a.Bytes), cmp.Compare(b.Matches, a.Matches), cmp.Compare(a.Rule, b.Rule))
	})
	right := func(head string) term.Column { return term.Column{Head: head, Right: true} }
	t := term.NewTable(sh.Out, term.Column{Head: "RULE"}, right("GROUPS"), right("ALERTS"), right("MEMORY"), right("MATCHES"), right("LET GO"), right("LATE"), right("LACKS"), right("NO NUMBER"))
	var bytes int64
	for _, r := range list {
		bytes += r.Bytes
		if sh.JSON {
			if err := sh.Line(r); err != nil {
				return err
			}
			continue
		}
		if r.Matches+r.Groups+r.Alerts+r.Lacking == 0 {
			continue
		}
		n := sh.Out.Num
		t.Row(r.Rule, n(r.Groups), n(r.Alerts), term.Bytes(r.Bytes), n(r.Matches), n(r.Evicted), n(r.Late), n(r.Lacking), n(r.NotANumber))
	}
	if sh.JSON {
		return nil
	}
	if err := t.Flush(); err != nil {
		return err
	}
	sh.Note("%s, %s in memory", ui.Plural(len(list), "rule"), term.Bytes(bytes))
	if state.Held > 0 {
		sh.Note("%s of alerts waited because too many came at once", ui.Plural(int(state.Held), "revision"))
	}
	return nil
}

// lateTable lists events that came too late, the newest first.
func lateTable(sh ui.Shell, list []memory.Late) error {
	t := term.NewTable(sh.Out, term.Column{Head: "TIME"}, term.Column{Head: "LATE", Right: true}, term.Column{Head: "DATASET"}, term.Column{Head: "RULE"}, term.Column{Head: "EVENT"})
	for _, m := range list {
		if sh.JSON {
			if err := sh.Line(m); err != nil {
				return err
			}
			continue
		}
		t.Row(sh.Out.Second(m.At), term.Duration(time.Duration(m.LateMS)*time.Millisecond), m.Dataset, m.Rule, m.EventID)
	}
	if sh.JSON {
		return nil
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if len(list) == 0 {
		sh.Note("nothing came too late for a rule since the weir was started")
	}
	return nil
}

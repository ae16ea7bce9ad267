// Package lettercmd has the commands about originals that are kept: dead letters, which could not be used, and events that
// are read again by today's formats.
package lettercmd

import (
	"fmt"
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

// A dead letter is a record that a stage could not use: it keeps its bytes as they came, where it came from, the stage,
// a slug for the reason and a sentence with the detail. --json prints control.DeadLetter, with the bytes in base64,
// because they may be anything. On a terminal they are escaped.

// letterFlags narrow dead letters. Each command of the group has its own.
type letterFlags struct {
	r        control.DeadLettersRequest
	from, to string
	count    bool
	dry      bool
	as       string
	examples int
}

// narrow adds the flags that say which dead letters are meant.
func (o *letterFlags) narrow(f *pflag.FlagSet) {
	f.StringVar(&o.r.Source, "source", "", "only of this `source`, or of those that begin so")
	f.StringVar(&o.r.Reason, "reason", "", "only with this `reason`")
	f.StringVar(&o.r.Input, "input", "", "only of this `input`")
	f.StringVar(&o.r.Dataset, "dataset", "", "only those that the format of this `dataset` gave up")
	f.StringVar(&o.r.Query, "query", "", "only those that fulfil this `KQL`")
	f.StringVar(&o.from, "from", "", "received after this `time`")
	f.StringVar(&o.to, "to", "", "received before this `time`")
}

// narrowing are the names of those flags.
var narrowing = []string{"source", "reason", "input", "dataset", "query"}

// commands are those of one run. The flags are variables of their specs.
type commands struct {
	shell    func() ui.Shell
	complete Completer
}

// Completer offers the fields of a query to a shell.
type Completer = func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective)

// Specs are weir deadletters and weir reparse. shell is asked for when a command runs, since the flags decide most of it.
func Specs(shell func() ui.Shell, fields Completer) []pages.Spec {
	c := &commands{shell, fields}
	return []pages.Spec{c.deadlettersSpec(), c.reparseSpec()}
}

// deadlettersSpec is the group. The default size keeps a listing short; 0 is for programs that want all.
func (c *commands) deadlettersSpec() pages.Spec {
	return pages.Spec{
		Use: "deadletters", Short: "see what could not be used, and why, and try it again", Group: "evidence",
		Examples: []string{"weir deadletters list --count", "weir deadletters show ID", "weir deadletters redrive --reason parser-panic"},
		Sub:      []pages.Spec{c.lettersListSpec(), c.lettersShowSpec(), c.redriveSpec()},
	}
}

func (c *commands) lettersListSpec() pages.Spec {
	var o letterFlags
	return pages.Spec{
		Use: "list", Short: "list dead letters that are open, newest first",
		Examples: []string{"weir deadletters list", "weir deadletters list --count", "weir deadletters list --source syslog/192.0.2.1 --all --json"},
		Common:   []string{"source", "reason", "count", "all", "from", "size", "json"}, Args: ui.AtMost(0),
		Sections: [][]string{append([]string{"What", "stage", "count", "all", "size"}, narrowing...), {"When", "from", "to"}},
		Flags: func(f *pflag.FlagSet) {
			o.narrow(f)
			f.StringVar(&o.r.Stage, "stage", "", "only of this `stage`")
			f.IntVar(&o.r.Size, "size", 100, "at most this `number`; 0: all")
			f.BoolVar(&o.r.All, "all", false, "those too that were redriven, with what became of them")
			f.BoolVar(&o.count, "count", false, "how many there are of each reason")
		},
		Run: func(cmd *cobra.Command, _ []string) error {
			sh := c.shell()
			var err error
			if o.r.From, o.r.To, err = sh.Times(o.from, o.to); err != nil {
				return err
			}
			if o.count {
				o.r.Size = 0
				return countLetters(sh, cmd, o.r)
			}
			return deadLetters(sh, cmd, o.r)
		},
	}
}

func (c *commands) lettersShowSpec() pages.Spec {
	return pages.Spec{
		Use: "show ID", Short: "show a dead letter with its bytes",
		Examples: []string{"weir deadletters show ID", "weir deadletters show ID --json"}, Args: ui.Exactly("ID"),
		Run: func(cmd *cobra.Command, args []string) error { return deadLetter(c.shell(), cmd, args[0]) },
	}
}

// redriveSpec has no default: which dead letters are meant is said, if only by --all.
func (c *commands) redriveSpec() pages.Spec {
	var o letterFlags
	return pages.Spec{
		Use: "redrive [ID]", Short: "send dead letters through today's formats",
		Long: "Reads the kept bytes of open dead letters again. What can be read now is stored as an event under the id of its record, once; what cannot stays a dead letter, with the new reason. " +
			"A run that was broken off can be repeated: nothing is stored twice.",
		Examples: []string{"weir deadletters redrive --all --dry-run", "weir deadletters redrive --reason parser-panic --from -1d", "weir deadletters redrive ID"},
		Common:   []string{"all", "reason", "source", "dry-run", "json"}, Args: ui.AtMost(1),
		Sections: [][]string{append([]string{"What", "all", "as"}, narrowing...), {"When", "from", "to"}, {"How", "dry-run", "examples"}},
		Exits:    "1 some failed again, 3 no weir runs",
		Flags: func(f *pflag.FlagSet) {
			o.narrow(f)
			f.BoolVar(&o.r.All, "all", false, "every open dead letter")
			f.StringVar(&o.as, "as", "", "read them as this `dataset`, whatever they look like")
			dryFlags(f, &o.dry, &o.examples)
		},
		Run: func(cmd *cobra.Command, args []string) error {
			sh := c.shell()
			r := redo.Request{Redrive: true, ID: strings.Join(args, ""), Query: o.r.Query, Dataset: o.r.Dataset, As: o.as, Source: o.r.Source, Reason: o.r.Reason, Input: o.r.Input,
				DryRun: o.dry, Examples: o.examples}
			var err error
			if r.From, r.To, err = sh.Times(o.from, o.to); err != nil {
				return err
			}
			named := r.ID+r.Query+r.Dataset+r.Source+r.Reason+r.Input+o.from+o.to != ""
			switch {
			case !named && !o.r.All:
				return ui.Usage("which dead letters are meant is not said", "name one, narrow them by --reason, --source, --input, --dataset, --query, --from or --to, or write --all")
			case r.ID != "":
				if r.ID, err = wholeID(sh, cmd, r.ID); err != nil {
					return err
				}
			}
			return readAgain(sh, cmd, r)
		},
	}
}

// wholeID returns the id of the one dead letter that begins with id.
func wholeID(sh ui.Shell, cmd *cobra.Command, id string) (whole string, err error) {
	err = sh.Ask(cmd.Context(), func(b control.Backend) error {
		d, err := oneLetter(sh, cmd, b, id)
		whole = d.ID
		return err
	})
	return whole, err
}

// deadLetters shows the beginning of each record beside its reason: most reasons are clear from the bytes.
func deadLetters(sh ui.Shell, cmd *cobra.Command, r control.DeadLettersRequest) error {
	return sh.Ask(cmd.Context(), func(b control.Backend) error {
		list, err := b.DeadLetters(cmd.Context(), r)
		if err != nil {
			return err
		}
		if sh.JSON {
			for _, d := range list {
				if err := sh.Line(d); err != nil {
					return err
				}
			}
			return nil
		}
		// The record comes last and is cut first: it may be 64 KiB.
		columns := []term.Column{{Head: "TIME " + sh.Out.Offset()}, {Head: "ID"}, {Head: "STAGE"}, {Head: "REASON"}, {Head: "SOURCE"}}
		if r.All {
			columns = append(columns, term.Column{Head: "STATE"})
		}
		t := term.NewTable(sh.Out, append(columns, term.Column{Head: "DETAIL", Cut: true}, term.Column{Head: "RECORD", Cut: true})...)
		for _, d := range list {
			row := []string{sh.Out.Clock(d.Time), d.ID, d.Stage, d.Reason, d.Source}
			if r.All {
				row = append(row, d.State)
			}
			t.Row(append(row, d.Detail, string(d.Raw))...)
		}
		if err := t.Flush(); err != nil {
			return err
		}
		if len(list) == 0 {
			sh.Note("no dead letters")
			return nil
		}
		sh.Note("%s. Next: %s", ui.Plural(len(list), "dead letter"), sh.Cmdline("deadletters show "+term.ShellWord(list[0].ID)))
		return nil
	})
}

// reasonCount is how many dead letters have one reason.
type reasonCount struct {
	Stage  string `json:"stage"`
	Reason string `json:"reason"`
	Count  int64  `json:"count"`
	Last   string `json:"last"` // receipt of the newest
	lastAt string
}

// countLetters counts dead letters by stage and reason, most first.
func countLetters(sh ui.Shell, cmd *cobra.Command, r control.DeadLettersRequest) error {
	return sh.Ask(cmd.Context(), func(b control.Backend) error {
		list, err := b.DeadLetters(cmd.Context(), r)
		if err != nil {
			return err
		}
		rows := byReason(sh.Out, list)
		if sh.JSON {
			for _, row := range rows {
				if err := sh.Line(row); err != nil {
					return err
				}
			}
			return nil
		}
		t := term.NewTable(sh.Out, term.Column{Head: "REASON"}, term.Column{Head: "STAGE"}, term.Column{Head: "COUNT", Right: true}, term.Column{Head: "LAST " + sh.Out.Offset()})
		for _, row := range rows {
			t.Row(row.Reason, row.Stage, sh.Out.Num(row.Count), row.lastAt)
		}
		if err := t.Flush(); err != nil {
			return err
		}
		if len(list) == 0 {
			sh.Note("no dead letters")
			return nil
		}
		sh.Note("%s. Next: %s", ui.Plural(len(list), "dead letter"), sh.Cmdline("deadletters redrive --reason "+term.ShellWord(rows[0].Reason)+" --dry-run"))
		return nil
	})
}

// byReason counts a list that is newest first.
func byReason(f *term.Face, list []control.DeadLetter) []*reasonCount {
	var rows []*reasonCount
	at := map[[2]string]*reasonCount{}
	for i := range list {
		d := &list[i]
		k := [2]string{d.Stage, d.Reason}
		if at[k] == nil {
			at[k] = &reasonCount{Stage: d.Stage, Reason: d.Reason, Last: d.Time.UTC().Format("2006-01-02T15:04:05.000Z"), lastAt: f.Clock(d.Time)}
			rows = append(rows, at[k])
		}
		at[k].Count++
	}
	sortByCount(rows)
	return rows
}

// oneLetter asks for two: the second tells that a shortened id is ambiguous. An exact id wins over a longer one that begins
// with it. One that was redriven is found too: it says what became of it.
func oneLetter(sh ui.Shell, cmd *cobra.Command, b control.Backend, id string) (control.DeadLetter, error) {
	list, err := b.DeadLetters(cmd.Context(), control.DeadLettersRequest{ID: id, Size: 2, All: true})
	if err != nil {
		return control.DeadLetter{}, err
	}
	if len(list) == 0 {
		return control.DeadLetter{}, &fault.Error{Code: "deadletter-unknown", What: fmt.Sprintf("no dead letter has the id `%s`", id),
			Do: "all of them: " + sh.Cmdline("deadletters list"), Exit: fault.ExitUsage}
	}
	d := list[0]
	for _, x := range list {
		if x.ID == id {
			d = x
		}
	}
	if len(list) > 1 && d.ID != id {
		return control.DeadLetter{}, &fault.Error{Code: "id-ambiguous", What: fmt.Sprintf("more than one dead letter begins with `%s`", id),
			Why: list[0].ID + ", " + list[1].ID, Do: "write more of it", Exit: fault.ExitUsage}
	}
	return d, nil
}

// deadLetter shows one.
func deadLetter(sh ui.Shell, cmd *cobra.Command, id string) error {
	return sh.Ask(cmd.Context(), func(b control.Backend) error {
		d, err := oneLetter(sh, cmd, b, id)
		if err != nil {
			return err
		}
		if sh.JSON {
			return sh.Line(d)
		}
		var out strings.Builder
		tries := ""
		if d.Revision > 1 {
			tries = sh.Out.Num(d.Revision)
		}
		for _, row := range [][2]string{{"id", d.ID}, {"time", sh.Out.Clock(d.Time)}, {"stage", d.Stage}, {"reason", d.Reason},
			{"detail", d.Detail}, {"source", d.Source}, {"state", d.State}, {"tries", tries}, {"bytes", sh.Out.Num(int64(len(d.Raw)))}} {
			if row[1] != "" {
				fmt.Fprintf(&out, "%-7s  %s\n", row[0], term.Escape(row[1]))
			}
		}
		fmt.Fprintf(&out, "%-7s  %s\n", "record", term.Escape(string(d.Raw)))
		return sh.Page([]byte(out.String()))
	})
}

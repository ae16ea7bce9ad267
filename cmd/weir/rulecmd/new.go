package rulecmd

import (
	"context"
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/app/tools"
	"weir/internal/control"
	"weir/internal/term"
)

// What new writes is the author's from then on: no other command changes a rule file. The file is made by the engine, so
// that it is there in one piece or not at all; this command says what it holds and runs the two that come next anyway.

// newSpec is the shortest way from a search that found something to a rule that finds it again.
func (c *commands) newSpec() pages.Spec {
	var kql string
	return pages.Spec{
		Use: "new ID", Short: "write a rule to fill in, of a query if one is given", Args: ui.Exactly("ID"),
		Long: "Writes rules/ID.yaml in the data folder and never writes over a file. --from takes the query that found the events: it becomes the condition, the newest event that it finds becomes the test that must hit, and the nearest event of the same dataset that it does not find the one that must not. " +
			"What a rule cannot say is refused with the reason; where a rule says more than the query, a note says so. Then check and test run on the file. The rule is switched off until `enabled: false` is taken out. Without --from: a template with comments.",
		Examples: []string{"weir rules new root-login --from 'process.name: sshd and user.name: root and event.outcome: success'", "weir rules new vpn-at-night"},
		Common:   []string{"from", "data"},
		Sections: [][]string{{"What", "from"}},
		Exits:    "1 what was written does not pass its own tests; 3 the data cannot be read",
		Flags: func(f *pflag.FlagSet) {
			f.StringVar(&kql, "from", "", "`query` (KQL) that finds what the rule is to find")
		},
		Run: func(cmd *cobra.Command, args []string) error { return c.new(cmd.Context(), c.shell(), args[0], kql) },
	}
}

// newLine is what `rules new --json` prints.
type newLine struct {
	File  string   `json:"file"`
	Notes []string `json:"notes"`
	Hit   string   `json:"hit"`  // event.id of the event that a test is made of, "" if there was none
	Miss  string   `json:"miss"` // of the one that must not match
}

// new writes the file, then looks at it as its author would.
func (c *commands) new(ctx context.Context, sh ui.Shell, id, kql string) error {
	l, err := sh.Load()
	if err != nil {
		return err
	}
	var d tools.Draft
	write := func(b control.Backend) error {
		d, err = c.engine.New(ctx, l.Config, id, kql, b)
		return err
	}
	// A template needs no events, and so no weir that has any.
	if kql == "" {
		err = write(nil)
	} else {
		err = sh.Ask(ctx, write)
	}
	if err != nil {
		return err
	}
	if sh.JSON {
		if err := sh.Line(newLine{d.File, append([]string{}, d.Notes...), d.Hit, d.Miss}); err != nil {
			return err
		}
	} else if err := sh.Printf("wrote %s\n", term.Escape(d.File)); err != nil {
		return err
	}
	// Notes go to stderr: they are about the file and no part of the answer. They stand in the file as comments too.
	for _, n := range d.Notes {
		sh.Note("note: %s", n)
	}
	// Which of the two tests is missing: a rule without a miss looks well and may find everything.
	switch {
	case kql == "":
	case d.Hit == "":
		sh.Note("note: no event of the archive matches the query, so the rule has no test yet")
	case d.Miss == "":
		sh.Note("note: no event of the archive comes near without matching: write a miss yourself")
	}
	// The next step is said also after a test that failed: the file is there, and is where to go on.
	err = c.tried(ctx, sh, d.File)
	sh.Note("Next: fill in title, level, tags and explain in %s, take out `enabled: false`, and keep beside it: %s", term.Escape(d.File),
		sh.Cmdline("rules test "+term.ShellWord(d.File)+" --watch"))
	return err
}

// tried runs check and test on the new file. That a draft lacks tags is what the next step is about, so warnings do not
// end the command; a test that fails does.
func (c *commands) tried(ctx context.Context, sh ui.Shell, file string) error {
	if sh.JSON {
		return nil // one object is the answer; whoever wants more asks check and test
	}
	if err := c.check(sh, []string{file}, checkFlags{}); err != nil {
		if _, ok := errors.AsType[ui.Found](err); !ok {
			return err
		}
	}
	return c.test(ctx, sh, []string{file}, "")
}

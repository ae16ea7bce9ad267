package archivecmd

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/app/auditing"
	"weir/internal/archive/evidence"
	"weir/internal/control"
	"weir/internal/control/archiving"
	"weir/internal/control/question"
	"weir/internal/fault"
	"weir/internal/term"
)

// exportFlags are the flags of export.
type exportFlags struct{ from, to, reason, out string }

// exportSpec wants a reason: that records were handed on is itself recorded, and a record without why is worth little.
func (c *commands) exportSpec() pages.Spec {
	var o exportFlags
	return pages.Spec{
		Use: "export ['KQL']", Short: "hand events on with the proof that nothing was changed", Args: ui.AtMost(1),
		Long: "Writes a package that needs nothing else: the events, the sealed files that hold them, the proofs, the signed checkpoint, a list of all files that the log's key signs, a report and a README for people, and a program of one page that checks it." +
			" Everything that came until now is sealed first. The export is recorded with its reason. The sealed files also hold events that the search does not find.",
		Examples: []string{"weir archive export 'user.name: kim' --from -30d --reason 'case 12' --out case-12.zip", "weir archive verify case-12.zip --key log.pub"},
		Common:   []string{"from", "to", "reason", "out"}, Sections: [][]string{{"What", "reason", "out"}, {"When", "from", "to"}},
		Exits: "1 the archive is not as it was written; 3 it cannot be read, or the package not be written",
		Flags: func(f *pflag.FlagSet) {
			f.StringVar(&o.from, "from", "", "`time` of the oldest (default everything; forms: weir help time)")
			f.StringVar(&o.to, "to", "", "`time` before which (default now)")
			f.StringVar(&o.reason, "reason", "", "`why`: a case, an order; it is recorded and printed in the package")
			f.StringVar(&o.out, "out", "", "`FILE.zip`, or a folder that is not there yet")
		},
		Run: func(cmd *cobra.Command, args []string) error {
			return c.export(cmd.Context(), c.shell(), o, strings.Join(args, ""))
		},
	}
}

// export seals, makes the package and records it.
func (c *commands) export(ctx context.Context, sh ui.Shell, o exportFlags, query string) error {
	switch {
	case strings.TrimSpace(o.reason) == "":
		return ui.Usage("the reason is missing", "--reason 'case 12': it is recorded and printed in the package")
	case o.out == "":
		return ui.Usage("where to is not said", "--out case-12.zip")
	}
	from, to, err := sh.Times(o.from, o.to)
	if err != nil {
		return err
	}
	cfg, err := c.config(sh)
	if err != nil {
		return err
	}
	began := sh.Now()
	// What came a moment ago is meant too. Where no weir runs there is nothing to seal.
	if err := sh.Ask(ctx, func(b control.Backend) error {
		_, err := question.Ask[archiving.SealedAll](ctx, b, archiving.AskSeal, struct{}{}, nil)
		return err
	}); err != nil {
		return err
	}
	host, err := os.Hostname()
	if err != nil {
		host = "" // the report leaves it out
	}
	tell, done := exportProgress(sh)
	sum, err := c.engine.Export(ctx, cfg, evidence.Options{Query: query, From: from, To: to, Reason: strings.TrimSpace(o.reason), By: auditing.Self(), Host: host,
		Version: c.engine.Version, Out: o.out, Zone: sh.Out.Zone, Now: began, Progress: tell})
	done()
	if errors.Is(err, context.Canceled) {
		sh.Note("stopped: no package was made")
		return err
	}
	if noted := c.noteExport(ctx, sh, o, query, sum, err); err == nil {
		err = noted
	}
	if err != nil {
		return err
	}
	return showExport(sh, sum)
}

// noteExport records the export, also one that failed.
func (c *commands) noteExport(ctx context.Context, sh ui.Shell, o exportFlags, query string, sum *evidence.Summary, failed error) error {
	e := archiving.Exported{Query: query, Reason: strings.TrimSpace(o.reason), Where: o.out}
	if abs, err := filepath.Abs(o.out); err == nil {
		e.Where = abs
	}
	if sum != nil {
		e.From, e.To, e.SHA256, e.Events = sum.From, sum.To, sum.SHA256, sum.Events
		e.TookMS = sh.Now().Sub(sum.Made).Milliseconds()
	}
	if failed != nil {
		e.Failed = failed.Error()
	}
	err := sh.Ask(ctx, func(b control.Backend) error {
		_, err := question.Ask[struct{}](ctx, b, archiving.AskExported, e, nil)
		return err
	})
	if err != nil {
		return &fault.Error{Code: "export-unrecorded", What: "the package is made, and that it was made could not be recorded", Where: o.out, Why: fault.Innermost(err), Do: "record by hand who exported what, and why", Exit: fault.ExitMissing, Cause: err}
	}
	return nil
}

// exportProgress shows how far the package is: a bar a step.
func exportProgress(sh ui.Shell) (tell func(evidence.Progress), done func()) {
	if sh.Quiet || sh.Msg == nil {
		return nil, func() {}
	}
	step, bar := "", (*term.Progress)(nil)
	return func(p evidence.Progress) {
			if p.Step != step {
				if bar != nil {
					bar.Done()
				}
				unit := "bytes"
				if p.Step == "writing" {
					unit = "events"
				}
				step, bar = p.Step, sh.Msg.NewProgress(float64(p.Total), unit)
			}
			bar.At(float64(p.Done), p.Step+", "+ui.Plural(int(p.Events), "event"))
		}, func() {
			if bar != nil {
				bar.Done()
			}
		}
}

// showExport says what is there now, and what to do with it.
func showExport(sh ui.Shell, s *evidence.Summary) error {
	if sh.JSON {
		short := *s
		short.Files = nil // package.json has them
		return sh.Line(short)
	}
	if err := sh.Printf("%s: %s in %s, %s\n    package.json has the SHA-256 %s: write it down where the package is handed over\n", term.Escape(s.Out), ui.Plural(int(s.Events), "event"),
		ui.Plural(len(s.Segments), "segment"), term.Bytes(s.Bytes), term.Escape(s.SHA256)); err != nil {
		return err
	}
	if s.Events == 0 {
		sh.Note("nothing was found: try the query with %s", sh.Cmdline("search"))
	}
	if s.Log == (evidence.Log{}) {
		return sh.Printf("    the archive has no transparency log: nothing in the package is signed\n")
	}
	if s.Unsigned != "" {
		sh.Note("package.json is not signed, what is in archive/ is: %s. To have it signed run this as the user who may read the folder of keys", term.Escape(s.Unsigned))
	}
	return sh.Printf("    whoever gets it checks it with: %s\n", "weir archive verify "+term.ShellWord(filepath.Base(s.Out))+" --key "+term.ShellWord(s.Log.Key))
}

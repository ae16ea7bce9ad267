package main

import (
	"cmp"
	"context"
	"os/user"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/control"
	"weir/internal/control/intake"
	"weir/internal/fault"
	"weir/internal/rightsfile"
	"weir/internal/term"
)

// importFlags are what the command line says of a file.
type importFlags struct {
	system, zone     string
	snapshot, dryRun bool
}

// importSpec brings files that people keep into the archive. A file is read and checked here, so that what is wrong with it
// is said even where no weir runs; the running weir takes its rows through the front door.
func (c *cli) importSpec() pages.Spec {
	var f importFlags
	return pages.Spec{
		Use: "import", Short: "bring files that people keep into the archive", Group: "evidence",
		Examples: []string{"weir import rights rights.csv"},
		Sub: []pages.Spec{{
			Use: "rights FILE", Short: "import access rights: changes, or who holds what",
			Long: "Reads a table of values between commas, semicolons or tabs, in UTF-8 or CP949 (EUC-KR), with the names of its columns in the first row, in English or Korean. " +
				"Each row becomes an event of access_rights.log with the importer and the file's SHA-256. A file with a mistake is not imported; the same file twice stores nothing new.",
			Examples: []string{"weir import rights rights.csv", "weir import rights crm-users.csv --system crm", "weir import rights rights.csv --dry-run"},
			Common:   []string{"system", "snapshot", "timezone", "dry-run", "json"}, Args: ui.Exactly("FILE"),
			Exits: "2 the file has mistakes, 3 no weir runs",
			Flags: func(s *pflag.FlagSet) {
				s.StringVar(&f.system, "system", "", "`name` of the system, where the file has no column for it")
				s.BoolVar(&f.snapshot, "snapshot", false, "the file lists who holds what, whatever columns it has")
				s.StringVar(&f.zone, "timezone", "", "time `zone` of times without one (default this machine's)")
				s.BoolVar(&f.dryRun, "dry-run", false, "only check the file")
			},
			Run: func(cmd *cobra.Command, args []string) error { return c.importRights(cmd.Context(), args[0], f) },
		}},
	}
}

// importRights checks a file and hands its rows to the running weir.
func (c *cli) importRights(ctx context.Context, name string, f importFlags) error {
	zone := c.zone
	if f.zone != "" {
		var err error
		if zone, err = time.LoadLocation(f.zone); err != nil {
			return ui.Usage("there is no time zone "+f.zone, "write one as in --timezone Asia/Seoul")
		}
	}
	file, faults := rightsfile.Read(name, rightsfile.Options{By: importer(c.env), System: f.system, Zone: zone, Snapshot: f.snapshot, Now: c.now()})
	if len(faults) > 0 {
		return faults
	}
	if f.dryRun {
		return c.importDone(file, intake.Summary{}, true)
	}
	return c.ask(ctx, func(b control.Backend) error {
		door, ok := b.(control.Importer)
		if !ok {
			return &fault.Error{Code: "not-running", What: "no weir runs here that could take the file", Do: "start it with `weir up`, then import again", Exit: fault.ExitMissing}
		}
		sum, err := sendRows(ctx, door, file, f.system)
		if err != nil {
			return err
		}
		return c.importDone(file, sum, false)
	})
}

// sendRows sends the rows in parts that a question may have.
func sendRows(ctx context.Context, door control.Importer, file *rightsfile.File, scope string) (intake.Summary, error) {
	total := intake.Summary{}
	for from := 0; from < len(file.Rows); {
		r := intake.Request{File: file.Name, SHA256: file.SHA256, Scope: scope, By: file.By, First: from == 0, Total: len(file.Rows)}
		size := 0
		for from < len(file.Rows) && len(r.Rows) < intake.MaxRows && (size == 0 || size+len(file.Rows[from].Doc) <= intake.MaxBytes) {
			row := file.Rows[from]
			r.Rows = append(r.Rows, intake.Row{Line: row.Line, Doc: row.Doc})
			size += len(row.Doc)
			from++
		}
		r.Last = from == len(file.Rows)
		sum, err := door.Import(ctx, r)
		if err != nil || sum.Before != nil {
			return sum, err
		}
		total.Stored += sum.Stored
	}
	return total, nil
}

// importer names who imports: the user of this machine, and who that was before sudo.
func importer(env []string) string {
	name := ""
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	for _, v := range env {
		if before, ok := strings.CutPrefix(v, "SUDO_USER="); ok && before != "" && before != name {
			return before + " as " + name
		}
	}
	return cmp.Or(name, "unknown")
}

// importedFile is what --json prints.
type importedFile struct {
	File     string         `json:"file"`
	SHA256   string         `json:"sha256"`
	Charset  string         `json:"charset"`
	Snapshot bool           `json:"snapshot"`
	Rows     int            `json:"rows"`
	Stored   int            `json:"stored"`
	Before   *intake.Before `json:"before,omitempty"`
	DryRun   bool           `json:"dry_run,omitempty"`
}

// importDone says what became of the file.
func (c *cli) importDone(file *rightsfile.File, sum intake.Summary, dry bool) error {
	if c.json {
		return c.line(importedFile{file.Name, file.SHA256, file.Charset, file.Snapshot, len(file.Rows), sum.Stored, sum.Before, dry})
	}
	if len(file.Unknown) > 0 {
		c.note("columns kept under their own names: %s", term.Escape(strings.Join(file.Unknown, ", ")))
	}
	what := "change"
	if file.Snapshot {
		what = "right"
	}
	rows := ui.Plural(len(file.Rows), what)
	name := term.Escape(file.Name)
	switch {
	case dry:
		c.note("%s: %s, %s, nothing wrong; nothing was imported", name, rows, file.Charset)
	case sum.Before != nil:
		c.note("%s: %s imported the same file %s as %s: nothing new", name, term.Escape(sum.Before.By), c.out.Ago(sum.Before.At), term.Escape(sum.Before.File))
	default:
		c.note("%s: %s imported, SHA-256 %s. Next: %s", name, rows, file.SHA256, c.cmdline("search "+term.ShellWord("weir.import.sha256: "+file.SHA256)))
	}
	return nil
}

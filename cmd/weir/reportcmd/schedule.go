package reportcmd

import (
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/control"
	"weir/internal/control/question"
	"weir/internal/control/reporting"
	"weir/internal/fault"
	"weir/internal/report"
	"weir/internal/report/mapping"
	"weir/internal/report/schedule"
	"weir/internal/term"
	"weir/rules/yamlfile"
)

// schedule is what runs by itself: a row for each line of reports.yaml. A pipe gets report, name, every, next, last, month,
// attempts, error.
func (c *commands) schedule() pages.Spec {
	check := ""
	return pages.Spec{
		Use: "schedule", Short: "what is made by itself, when next, and how it went", Args: ui.AtMost(0),
		Long:     "The schedule is reports.yaml in the data folder: see docs/reports.md. --check reads a file before it is put in place.",
		Examples: []string{"weir report schedule", "weir report schedule --check reports.yaml"}, Exits: "1 a report failed and is tried again; 2 the file has mistakes", Common: []string{"check"},
		Flags: func(f *pflag.FlagSet) {
			f.StringVar(&check, "check", "", "read this `file` and say what is wrong with it")
		},
		Run: func(cmd *cobra.Command, _ []string) error {
			sh := c.shell()
			if check != "" {
				return c.check(sh, check)
			}
			return sh.Ask(cmd.Context(), func(b control.Backend) error {
				st, err := question.Ask[reporting.Schedule](cmd.Context(), b, reporting.List, struct{}{}, nil)
				if err != nil {
					return err
				}
				return showSchedule(sh, st)
			})
		},
	}
}

// check reads a file as the schedule would.
func (c *commands) check(sh ui.Shell, path string) error {
	f, err := os.Open(path)
	var b []byte
	if err == nil {
		b, err = io.ReadAll(io.LimitReader(f, yamlfile.MaxSize+1))
		_ = f.Close() // it was only read
	}
	if err != nil {
		return &fault.Error{Code: "report-schedule", What: "the file cannot be read", Where: path, Why: fault.Innermost(err), Exit: fault.ExitUsage, Cause: err}
	}
	dir, err := sh.Data()
	if err != nil {
		return err
	}
	list, _, err := mapping.Load(mapping.Options{Folder: filepath.Join(dir, "reports", "mapping"), Sections: report.Sections})
	if err != nil {
		return err
	}
	o := schedule.FileOptions{Name: path}
	for _, m := range list {
		o.Mappings = append(o.Mappings, m.ID)
	}
	entries, faults := schedule.Read(b, o)
	if err := sh.Faults(faults); err != nil {
		return err
	}
	for _, f := range faults {
		if !f.Warn {
			sh.Note("%s. A running weir keeps what it has", ui.Plural(len(faults), "error"))
			return ui.Found{Code: fault.ExitUsage}
		}
	}
	sh.Note("ok: %s", ui.Plural(len(entries), "report"))
	return nil
}

// showSchedule prints the rows. One that failed is a finding: scripts look at the exit code.
func showSchedule(sh ui.Shell, st reporting.Schedule) error {
	failed := 0
	for _, e := range st.Entries {
		if e.Error != "" {
			failed++
		}
	}
	if sh.JSON {
		if err := sh.Line(st); err != nil {
			return err
		}
	} else if err := rows(sh, st); err != nil {
		return err
	}
	if failed > 0 || len(st.Faults) > 0 {
		return ui.Found{Code: fault.ExitFound}
	}
	return nil
}

// rows is the table.
func rows(sh ui.Shell, st reporting.Schedule) error {
	t := term.NewTable(sh.Out, term.Column{Head: "REPORT"}, term.Column{Head: "NAME"}, term.Column{Head: "EVERY"}, term.Column{Head: "NEXT"}, term.Column{Head: "LAST"}, term.Column{Head: "MONTH"}, term.Column{Head: "ATTEMPTS", Right: true}, term.Column{Head: "ERROR", Cut: true})
	dash := func(s string) string {
		if s == "" {
			return "-"
		}
		return s
	}
	at := func(x time.Time) string {
		if x.IsZero() {
			return "-"
		}
		return sh.Out.Second(x)
	}
	for _, e := range st.Entries {
		t.Row(e.Report, dash(e.Name), e.Every, at(e.Next), at(e.Last), dash(e.Month), sh.Out.Num(int64(e.Attempts)), dash(e.Error))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, f := range st.Faults {
		sh.Note("not in use: %s", term.Escape(f))
	}
	if len(st.Entries) == 0 {
		sh.Note("nothing is made by itself: write %s, see docs/reports.md", term.Escape(st.File))
	}
	return nil
}

// Package reportcmd has the commands that make reports: weir report, for auditors, reviewers and whoever runs weir.
package reportcmd

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/control"
	"weir/internal/control/question"
	"weir/internal/control/reporting"
	"weir/internal/report"
	"weir/internal/report/mapping"
	"weir/internal/term"
)

// A report is made by whoever has the records, a weir that runs or its files, and comes over in pieces. The command puts the
// pieces together, holds them against their hash, and only then gives the file its name: one that is there is whole.

// commands are those of one run of the program.
type commands struct {
	shell func() ui.Shell // as the flags left it; asked once by a command that runs
}

// Spec is weir report. shell is asked for when a command runs, since the flags decide most of it.
func Spec(shell func() ui.Shell) pages.Spec {
	c := &commands{shell}
	return pages.Spec{
		Use: "report", Short: "make reports: access review, retention, sources, incidents, controls", Group: "evidence",
		Examples: []string{"weir report access-review --month 2026-10 --lang ko", "weir report mapping isms-p --format html --out -", "weir report schedule"},
		Sub: []pages.Spec{
			c.kind(reporting.AccessReview, "who had access to personal data, and what was found", "The newest revision of the month's review, with comments and signatures. Where nobody opened one it is a preview, which says so: a report opens and changes nothing.", "weir report access-review --month 2026-10 --timezone Asia/Seoul --lang ko"),
			c.kind(reporting.Retention, "what is kept by which law, how long, and what goes when", "As of now, as it says itself; the month is the name under which it is filed.", "weir report retention --lang ko --format pdf"),
			c.kind(reporting.Sources, "what each source sent, its silences, its clock, and the ledger", "It reads four columns of all events of the month.", "weir report sources --format csv --out reports"),
			c.kind(reporting.Incidents, "the alerts of a month and what became of them", "Alerts are of the month in which they were made, in the state that they had at its end; risk is as of now.", "weir report incidents --month 2026-10"),
			c.mapping(), c.schedule(),
		},
	}
}

// options are the flags that every report has.
type options struct {
	month, zone, lang, out string
	formats                []string
	noBOM                  bool
}

// flags declares them.
func (o *options) flags(f *pflag.FlagSet) {
	f.StringVar(&o.month, "month", "", "`YYYY-MM` (default the month before this)")
	f.StringVar(&o.zone, "timezone", "", "`zone` whose days and hours count, such as Asia/Seoul (default that of the configuration)")
	f.StringVar(&o.lang, "lang", "en", "of the report: `en` or ko")
	f.StringSliceVar(&o.formats, "format", []string{"pdf"}, "`forms`, comma-separated: html, pdf, csv, json")
	f.StringVar(&o.out, "out", ".", "`where`: a folder, a file, or - for stdout")
	f.BoolVar(&o.noBOM, "no-bom", false, "CSV without the mark by which spreadsheets know UTF-8")
}

// check finds mistakes before anything is asked: a report of a month takes its time.
func (o *options) check() error {
	if err := ui.OneOf("lang", o.lang, "en", "ko"); err != nil {
		return err
	}
	for _, f := range o.formats {
		if err := ui.OneOf("format", f, reporting.Formats()...); err != nil {
			return err
		}
	}
	if len(o.formats) == 0 {
		return ui.Usage("no form is named", "write --format pdf")
	}
	if len(o.formats) > 1 && o.out == "-" {
		return ui.Usage("stdout takes one file", "name one form with --format, or a folder with --out")
	}
	return nil
}

// kind is the command of one kind of report.
func (c *commands) kind(kind, short, long, example string) pages.Spec {
	o := &options{}
	return pages.Spec{
		Use: kind, Short: short, Long: long + " A table of a CSV is a file of its own in a zip; JSON has the facts, alike in every language.", Args: ui.AtMost(0),
		Examples: []string{example}, Common: []string{"month", "timezone", "lang", "format", "out"},
		Sections: [][]string{{"What", "month", "timezone", "lang"}, {"Form", "format", "out", "no-bom"}}, Exits: "3 the part of weir that knows it runs elsewhere",
		Flags: o.flags,
		Run: func(cmd *cobra.Command, _ []string) error {
			return c.make(cmd.Context(), o, reporting.Request{Kind: kind})
		},
	}
}

// mapping is the command of the report about a standard.
func (c *commands) mapping() pages.Spec {
	o := &options{}
	return pages.Spec{
		Use: "mapping [NAME]", Short: "evidence for the controls of a standard", Args: ui.AtMost(1),
		Long:     "Without a name it lists the mappings that there are: those of weir, and files of your own in DATA/reports/mapping.",
		Examples: []string{"weir report mapping", "weir report mapping pci-dss-10 --month 2026-10", "weir report mapping isms-p --lang ko --format html"}, Common: []string{"month", "timezone", "lang", "format", "out"},
		Sections: [][]string{{"What", "month", "timezone", "lang"}, {"Form", "format", "out", "no-bom"}}, Exits: "1 a file of a mapping has mistakes; 3 the part of weir that knows it runs elsewhere",
		Flags: o.flags, Complete: c.completeMappings,
		Run: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return c.list()
			}
			return c.make(cmd.Context(), o, reporting.Request{Kind: reporting.Mapping, Name: args[0]})
		},
	}
}

// mappings reads what mappings there are, in the data folder of this command.
func (c *commands) mappings(sh ui.Shell) (list []*mapping.Mapping, bad int, err error) {
	dir, err := sh.Data()
	if err != nil {
		return nil, 0, err
	}
	list, faults, err := mapping.Load(mapping.Options{Folder: filepath.Join(dir, "reports", "mapping"), Sections: report.Sections})
	if err != nil {
		return nil, 0, err
	}
	sh.Warn(faults...)
	return list, len(faults), nil
}

// list shows the mappings that there are.
func (c *commands) list() error {
	sh := c.shell()
	list, bad, err := c.mappings(sh)
	if err != nil {
		return err
	}
	if sh.JSON {
		for _, m := range list {
			if err := sh.Line(m); err != nil {
				return err
			}
		}
	} else {
		t := term.NewTable(sh.Out, term.Column{Head: "NAME"}, term.Column{Head: "CONTROLS", Right: true}, term.Column{Head: "FILE"}, term.Column{Head: "TITLE", Cut: true})
		for _, m := range list {
			t.Row(m.ID, sh.Out.Num(int64(len(m.Controls))), m.File, m.Title.In("en"))
		}
		if err := t.Flush(); err != nil {
			return err
		}
		sh.Note("Next: %s", sh.Cmdline("report mapping "+list[0].ID))
	}
	if bad > 0 {
		return ui.Found{Code: 1}
	}
	return nil
}

// completeMappings offers the names.
func (c *commands) completeMappings(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var names []string
	if len(args) == 0 {
		sh := c.shell()
		sh.Warn = func(...*faultError) {} // a shell shows no errors
		list, _, _ := c.mappings(sh)
		for _, m := range list {
			names = append(names, m.ID+"\t"+m.Title.In("en"))
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// make has a report made and brings its files to where they are wanted.
func (c *commands) make(ctx context.Context, o *options, r reporting.Request) error {
	if err := o.check(); err != nil {
		return err
	}
	r.Month, r.Zone, r.Lang, r.Formats, r.NoBOM = o.month, o.zone, o.lang, slices.Compact(o.formats), o.noBOM
	sh := c.shell()
	w := &writer{out: o.out, stdout: sh.Write}
	defer w.drop()
	bar := sh.Msg.NewProgress(0, "events")
	var a reporting.Answer
	err := sh.Ask(ctx, func(b control.Backend) error {
		var err error
		a, err = question.Ask[reporting.Answer](ctx, b, reporting.Make, r, func(doc []byte) error {
			var d reporting.Document
			if err := json.Unmarshal(doc, &d); err != nil {
				return fmt.Errorf("reading a piece of the report: %w", err)
			}
			if d.File != "" {
				return w.piece(d.File, d.Body)
			}
			if !sh.Quiet {
				bar.At(d.Done, d.Step)
			}
			return nil
		})
		return err
	})
	bar.Done()
	if err != nil {
		return err
	}
	paths, err := w.finish(a.Files)
	if err != nil {
		return err
	}
	return c.show(sh, o, a, paths)
}

// show says what was written. On stdout the report itself is, and nothing else.
func (c *commands) show(sh ui.Shell, o *options, a reporting.Answer, paths []string) error {
	if o.out == "-" {
		return nil
	}
	if sh.JSON {
		type file struct {
			reporting.File
			Path string `json:"path"`
		}
		line := struct {
			Kind  string   `json:"kind"`
			Title string   `json:"title"`
			Month string   `json:"month"`
			Files []file   `json:"files"`
			Notes []string `json:"notes,omitempty"`
		}{Kind: a.Kind, Title: a.Title, Month: a.Month, Notes: a.Notes}
		for i, f := range a.Files {
			line.Files = append(line.Files, file{f, paths[i]})
		}
		return sh.Line(line)
	}
	t := term.NewTable(sh.Out, term.Column{Head: "FILE"}, term.Column{Head: "BYTES", Right: true}, term.Column{Head: "SHA-256", Cut: true})
	for i, f := range a.Files {
		t.Row(paths[i], sh.Out.Num(f.Bytes), f.SHA256)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, n := range a.Notes[:min(len(a.Notes), 5)] {
		sh.Note("note: %s", term.Escape(n))
	}
	if n := len(a.Notes) - 5; n > 0 {
		sh.Note("and %s more, in the report", ui.Plural(n, "note"))
	}
	return nil
}

// isFolder tells where files go: to a folder that is there, or to what is written like one.
func isFolder(out string) bool {
	if strings.HasSuffix(out, string(filepath.Separator)) {
		return true
	}
	st, err := os.Stat(out)
	if err == nil {
		return st.IsDir()
	}
	return os.IsNotExist(err) && filepath.Ext(out) == ""
}

// mode is that of files: reports have names of people in them.
const mode fs.FileMode = 0o640

package formatcmd

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/app/formattools"
	"weir/internal/fault"
	"weir/internal/term"
)

// What check prints is a contract: --json one object a file, {"file", "dataset", "id", "status": "loaded" or "refused", "faults"}.
// It ends with 1 when something is wrong, so that it can stand in a pipeline that publishes formats.

// checkSpec works on files and needs no running weir.
func (c *commands) checkSpec() pages.Spec {
	strict := false
	return pages.Spec{
		Use: "check [PATH...]", Short: "read formats and say what is wrong or doubtful",
		Long: "Without a path: the shipped formats and those of the folder formats in the data folder. A file with a mistake is left out and does not keep the others from being used. " +
			"Warnings are about formats that are used: values that ECS does not have, a format without tests or without a way to be recognised, a line that another format takes for its own. -v lists the formats that are well too.",
		Examples: []string{"weir formats check", "weir formats check acme.yaml", "weir formats check --strict --json"},
		Common:   []string{"strict", "json"},
		Sections: [][]string{{"Results", "strict"}},
		Exits:    "1 a format was refused, or with --strict warned of", Complete: ui.CompleteFiles,
		Flags: func(f *pflag.FlagSet) {
			f.BoolVar(&strict, "strict", false, "a warning ends with exit code 1 too")
		},
		Run: func(_ *cobra.Command, args []string) error { return c.check(c.shell(), args, strict) },
	}
}

// check prints findings in the form of compilers on stdout: they are what it is for. Errors come before warnings.
func (c *commands) check(sh ui.Shell, paths []string, strict bool) error {
	l, err := sh.Load()
	if err != nil {
		return err
	}
	reports, err := c.engine.Check(l.Config, paths)
	if err != nil {
		return err
	}
	refused, warnings := 0, 0
	for _, r := range reports {
		if isRefused(r) {
			refused++
		}
		for _, e := range r.Faults {
			if e.Warn {
				warnings++
			}
		}
	}
	show := checkText
	if sh.JSON {
		show = checkJSON
	}
	if err := show(sh, reports); err != nil {
		return err
	}
	if !sh.JSON {
		others := ""
		if refused > 0 {
			others = " (the others are used)"
		}
		sh.Note("%s: %d loaded, %d refused%s, %s", ui.Plural(len(reports), "file"), len(reports)-refused, refused, others, ui.Plural(warnings, "warning"))
	}
	if refused > 0 || strict && warnings > 0 {
		return ui.Found{Code: fault.ExitFound}
	}
	return nil
}

// isRefused tells whether a file is left out.
func isRefused(r formattools.Report) bool {
	for _, e := range r.Faults {
		if !e.Warn {
			return true
		}
	}
	return false
}

// checkText prints what is well with -v, then errors, then warnings.
func checkText(sh ui.Shell, reports []formattools.Report) error {
	if sh.Verbose > 0 {
		for _, r := range reports {
			if len(r.Faults) == 0 && r.Format != nil {
				if err := sh.Printf("%s    %s   %s\n", sh.Out.Paint(term.Green, "ok"), term.Escape(r.File), term.Escape(r.Format.Name())); err != nil {
					return err
				}
			}
		}
	}
	var faults fault.List
	for _, r := range reports {
		faults = append(faults, r.Faults...)
	}
	return sh.Faults(faults)
}

// checkLine is a line of `formats check --json`. Faults are for people; a program decides by status.
type checkLine struct {
	File    string      `json:"file"`
	Dataset string      `json:"dataset"`
	ID      string      `json:"id"`
	Status  string      `json:"status"`
	Faults  []faultLine `json:"faults"`
}

// faultLine is one fault of a file.
type faultLine struct {
	Code    string `json:"code"`
	Warning bool   `json:"warning"`
	What    string `json:"what"`
	Where   string `json:"where"`
	Why     string `json:"why"`
	Do      string `json:"do"`
}

// checkJSON prints one object a file.
func checkJSON(sh ui.Shell, reports []formattools.Report) error {
	for _, r := range reports {
		line := checkLine{File: r.File, Status: "loaded", Faults: []faultLine{}}
		if isRefused(r) {
			line.Status = "refused"
		}
		if r.Format != nil {
			line.Dataset, line.ID = r.Format.Dataset, r.Format.ID
		}
		for _, e := range r.Faults {
			line.Faults = append(line.Faults, faultLine{e.Code, e.Warn, e.What, e.Where, e.Why, e.Do})
		}
		if err := sh.Line(line); err != nil {
			return err
		}
	}
	return nil
}

package rulecmd

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/fault"
	"weir/internal/term"
	"weir/rules"
	"weir/rules/convert"
	"weir/rules/yamlfile"
)

// convertFlags are the flags of convert.
type convertFlags struct {
	write    bool
	timespan string
}

// convertSpec brings rules of an older Sigma to the one that is read here.
func (c *commands) convertSpec() pages.Spec {
	var o convertFlags
	return pages.Spec{
		Use: "convert FILE...", Short: "turn old Sigma rules that count into correlations", Args: func(args []string) error {
			if len(args) == 0 {
				return ui.Usage("no FILE is named", "weir rules convert FILE...")
			}
			return nil
		},
		Long: "Rules whose condition counts (`selection | count() by src_ip > 50`, also count(field), min, max, avg, sum, and `a | near b`) become a rule about one event and a Sigma correlation of it, which has the id and all that is said about the old one. " +
			"They are printed, or with --write take the place of the old file; documents of other forms stay as they are. What cannot be converted is said, with the reason.",
		Examples: []string{"weir rules convert old.yml > DATA/rules/new.yml", "weir rules convert --write --timespan 1h sigma/unsupported/network/*.yml"},
		Sections: [][]string{{"What", "timespan"}, {"Results", "write"}},
		Exits:    "1 a rule of the old form could not be converted; 3 a file cannot be read or written",
		Flags: func(f *pflag.FlagSet) {
			f.BoolVar(&o.write, "write", false, "write the files instead of printing them")
			f.StringVar(&o.timespan, "timespan", "", "`time` for rules that have no timeframe, such as 1h")
		},
		Run: func(_ *cobra.Command, args []string) error {
			if o.timespan != "" && !regexp.MustCompile(`^[1-9][0-9]{0,6}[smhdw]$`).MatchString(o.timespan) {
				return ui.Usage("--timespan "+o.timespan+" is no time", "write 30s, 10m, 2h or 1d")
			}
			return c.convert(c.shell(), args, o)
		},
	}
}

// convertLine is a line of `rules convert --json`.
type convertLine struct {
	File      string   `json:"file"`
	Converted int      `json:"converted"`
	Text      string   `json:"text,omitempty"`
	Loads     bool     `json:"loads"` // what came out is read without an error
	Errors    []string `json:"errors"`
}

// convert converts each file by itself. One that cannot be read ends it: what comes after would be taken for all.
func (c *commands) convert(sh ui.Shell, files []string, o convertFlags) error {
	// Files are converted one after the other: what is printed can be read again as one file of rules.
	converted, failed, printed := 0, 0, 0
	for _, name := range files {
		doc, err := readRules(name)
		if err != nil {
			return err
		}
		r := convert.File(name, doc, convert.Options{Timespan: o.timespan})
		line := convertLine{File: name, Converted: r.Converted, Text: string(r.Text), Loads: true, Errors: []string{}}
		// What comes out is tried at once: who converts a hundred files does not look at each.
		if r.Converted > 0 {
			_, faults := rules.Parse(name, r.Text, rules.Options{})
			for _, f := range faults {
				// Placeholders have their values in the data folder, which a file elsewhere does not know of.
				if !f.Warn && f.Code != "sigma-placeholder" {
					line.Loads = false
					r.Faults = append(r.Faults, f)
				}
			}
		}
		for _, f := range r.Faults {
			if !f.Warn {
				failed++
				line.Errors = append(line.Errors, f.What)
			}
			_ = sh.Msg.FaultLine(f)
		}
		converted += r.Converted
		switch {
		case sh.JSON:
			err = sh.Line(line)
		case r.Converted == 0:
		case o.write:
			err = replace(name, r.Text)
		default:
			sep := ""
			if printed > 0 {
				sep = "---\n"
			}
			printed++
			err = sh.Printf("%s%s", sep, shown(sh, r.Text))
		}
		if err != nil {
			return err
		}
	}
	// Said at the end, and on stderr: stdout is rules and nothing else.
	sh.Note("%s converted, %d could not be", ui.Plural(converted, "rule"), failed)
	if failed > 0 {
		return ui.Found{Code: fault.ExitFound}
	}
	return nil
}

// shown is a file as it goes out: to a pipe as it is, to a terminal without what would steer it. A rule of somebody else may
// have any letters in its texts.
func shown(sh ui.Shell, text []byte) string {
	if !sh.Out.TTY {
		return string(text)
	}
	var b strings.Builder
	for line := range strings.Lines(string(text)) {
		line, end := strings.CutSuffix(line, "\n")
		b.WriteString(term.Escape(line))
		if end {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// readRules reads a rule file, up to what one may have.
func readRules(name string) ([]byte, error) {
	// Not read at all if it is no rule file: somebody may have named a recording.
	info, err := os.Stat(name)
	if err == nil && info.Size() > yamlfile.MaxSize {
		err = errors.New("it is larger than a rule file may be")
	}
	var doc []byte
	if err == nil {
		doc, err = os.ReadFile(name)
	}
	if err != nil {
		return nil, &fault.Error{Code: "rules-unreadable", What: "this rule file cannot be read", Where: term.Escape(name), Why: fault.Innermost(err), Exit: fault.ExitMissing, Cause: err}
	}
	return doc, nil
}

// replace puts a file in place of the old one at once: the folder may be one that a running weir watches.
func replace(name string, text []byte) error {
	// Beside it, since a rename within a folder happens at once; hidden, so that no watcher takes it for a rule.
	f, err := os.CreateTemp(filepath.Dir(name), ".weir-convert-*")
	if err == nil {
		_, err = f.Write(text)
		err = errors.Join(err, f.Sync(), f.Close())
		if info, serr := os.Stat(name); err == nil && serr == nil {
			err = os.Chmod(f.Name(), info.Mode().Perm())
		}
		if err == nil {
			err = os.Rename(f.Name(), name)
		}
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}
	if err != nil {
		return &fault.Error{Code: "folder-unusable", What: "the file cannot be written", Where: name, Why: fault.Innermost(err), Do: "chmod u+w " + filepath.Dir(name), Exit: fault.ExitMissing, Cause: err}
	}
	return nil
}

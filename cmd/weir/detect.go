package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/app/tools"
	"weir/internal/term"
)

// What detect prints is a contract, the same as that of a live alert: rule.id, weir.alert.group, .lines (numbers of the
// input lines behind it, from 1), .first, .last, .count. With --matches {"line": N, "rule": "ID"}, before any folding:
// this is what other engines are compared with. Refused rules and lines that cannot be read are warnings on stderr; the
// rest goes on.

// detectSpec runs the engine of live over a file: the same matches, the same alerts, with the logged time as the clock.
// Lines are numbered from 1 in the order of stdin, so that a match can be compared with another engine's over the same
// file.
func (c *cli) detectSpec() pages.Spec {
	var o tools.DetectOptions
	var source string
	return pages.Spec{
		Use: "detect --rules PATH...", Short: "run rules over events on stdin, print alerts", Group: "rules",
		Long: `Reads ECS JSON lines, Windows events as JSON with --winevent, or raw lines with --raw. Prints one alert a line as JSON; --matches prints every single match without folding or correlation: {"line": N, "rule": "ID"}. The logged time counts, not the clock. Rules may be files, folders, or all of SigmaHQ; one that is refused is a warning, and the others run. An event is tried against the rules for its log source, which is the event's own or the one that --logsource gives; with neither, against every rule. -v ends with what was loaded, read and found.`,
		Examples: []string{
			"weir detect --rules rules/ --raw system.auth < /var/log/auth.log",
			"weir detect --rules sigma/rules sigma/rules-emerging-threats --winevent --matches < events.ndjson",
			"weir detect --rules rule.yml --logsource product=linux,category=process_creation < events.ndjson",
		},
		Common:   []string{"rules", "matches", "winevent"},
		Sections: [][]string{{"What", "rules", "winevent", "raw", "logsource"}, {"Results", "matches"}},
		Args:     func([]string) error { return nil },
		Flags: func(f *pflag.FlagSet) {
			f.StringSliceVar(&o.Rules, "rules", nil, "rule `files` and folders (required)")
			f.BoolVar(&o.Matches, "matches", false, "every match instead of alerts")
			f.BoolVar(&o.WinEvent, "winevent", false, "input is Windows events as JSON: flat, Event.System, or winlog.event_data")
			f.StringVar(&o.Raw, "raw", "", "input is raw lines of this `dataset`; auto: recognised")
			f.StringVar(&source, "logsource", "", "of events that name none: `product=P,category=C,service=S`")
		},
		Run: func(cmd *cobra.Command, args []string) error {
			var err error
			o.Rules = append(o.Rules, args...) // --rules a b c, as a shell expands --rules *.yaml
			if len(o.Rules) == 0 {
				return ui.Usage("--rules is missing", "name a rule file or a folder: weir detect --rules rules/")
			}
			if o.WinEvent && o.Raw != "" {
				return ui.Usage("--winevent and --raw are two forms of lines", "leave one of them out")
			}
			if o.LogSource, err = ui.LogSource(source); err != nil {
				return err
			}
			// Mistakes in flags are said first: a person at a terminal sees them too.
			if c.inTTY {
				return c.needsPipe(cmd)
			}
			l, err := c.load()
			if err != nil {
				return err
			}
			o.Config, o.Warn, o.Done = l.Config, c.warnOne(), c.detected(o.Matches)
			return c.withProgress(c.in, func(r io.Reader) error { return c.engine.detect(cmd.Context(), o, r, c.world.out) })
		},
		Complete: ui.CompleteFiles,
	}
}

// detected says in the end what a run came to, to stderr and only with -v: output is for programs, mostly.
func (c *cli) detected(matches bool) func(tools.DetectSummary) {
	if c.verbose == 0 {
		return nil
	}
	return func(s tools.DetectSummary) {
		found := fmt.Sprintf("%s matches", term.Count(int64(s.Matches)))
		if !matches {
			found += fmt.Sprintf(", %s alerts", term.Count(int64(s.Alerts)))
		}
		c.note("%s rules loaded, %s refused, in %s", term.Count(int64(s.Loaded)), term.Count(int64(s.Refused)), term.Duration(s.Load))
		c.note("%s lines, %s events, %s unusable; %s; in %s", term.Count(int64(s.Lines)), term.Count(int64(s.Events)), term.Count(int64(s.Unusable)), found, term.Duration(s.Took))
	}
}

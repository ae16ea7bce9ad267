package main

import (
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/internal/app/tools"
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
		Long: "Reads ECS JSON lines, or raw lines with --raw. Prints one alert a line as JSON; --matches prints every single match without folding or correlation: {\"line\": N, \"rule\": \"ID\"}. The logged time counts, not the clock.",
		Examples: []string{
			"weir parse < /var/log/auth.log | weir detect --rules rules/",
			"weir detect --rules rules/ --raw system.auth < /var/log/auth.log",
			"weir detect --rules rules/ --matches < events.ndjson",
		},
		Common:   []string{"rules", "matches", "raw"},
		Sections: [][]string{{"What", "rules", "raw", "logsource"}, {"Results", "matches"}},
		Args:     func([]string) error { return nil },
		Flags: func(f *pflag.FlagSet) {
			f.StringSliceVar(&o.Rules, "rules", nil, "rule `files` and folders (required)")
			f.BoolVar(&o.Matches, "matches", false, "every match instead of alerts")
			f.StringVar(&o.Raw, "raw", "", "input is raw lines of this `dataset`; auto: recognised")
			f.StringVar(&source, "logsource", "", "of events that name none: `product=P,category=C,service=S`")
		},
		Run: func(cmd *cobra.Command, args []string) error {
			var err error
			o.Rules = append(o.Rules, args...) // --rules a b c, as a shell expands --rules *.yaml
			if len(o.Rules) == 0 {
				return usage("--rules is missing", "name a rule file or a folder: weir detect --rules rules/")
			}
			if o.LogSource, err = logSource(source); err != nil {
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
			o.Config, o.Warn = l.Config, c.warnOne()
			return c.withProgress(c.in, func(r io.Reader) error { return c.engine.detect(cmd.Context(), o, r, c.world.out) })
		},
		Complete: completeFiles,
	}
}

// logSource reads product=P,category=C,service=S.
// Only the three keys of Sigma are known; a fourth would be a rule that never matches.
func logSource(s string) (map[string]string, error) {
	if s == "" {
		return nil, nil
	}
	out := map[string]string{}
	for part := range strings.SplitSeq(s, ",") {
		k, v, ok := strings.Cut(part, "=")
		if !ok || v == "" || k != "product" && k != "category" && k != "service" {
			return nil, usage("--logsource "+s+" cannot be read", "write --logsource product=linux,service=sshd")
		}
		out[k] = v
	}
	return out, nil
}

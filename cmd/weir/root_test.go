package main

import (
	"strings"
	"testing"

	"weir/internal/fault"
)

func TestUsageErrors(t *testing.T) {
	for args, want := range map[string]string{
		"serach":                           "`weir` has no command `serach`\n  do     did you mean `weir search`?",
		"alerts shwo":                      "`weir alerts` has no command `shwo`\n  do     did you mean `weir alerts show`?",
		"alerts bananas":                   "`weir alerts` has no command `bananas`\n  do     commands: ack, assign, close, list, note, open, risk, show",
		"search --form -1h":                "`weir search` has no flag `--form`\n  do     did you mean `--from`?",
		"search -z":                        "`weir search` has no flag `-z`",
		"search a b":                       "too much: b\n  do     put what has blanks in it into quotes",
		"search --size many":               "invalid argument \"many\" for \"--size\" flag",
		"search --size -1":                 "--size must be 0 or more",
		"search --export x.csv --size 3":   "--export writes everything that is found",
		"search --from 25:99":              "\"25:99\" is no time",
		"search --from now --to -1h":       "--from is not before --to",
		"alerts show":                      "missing: ID",
		"alerts list --level hihg":         "--level hihg is not known",
		"alerts list --state x":            "--state x is not known",
		"version --color pink":             "--color pink is not known",
		"completion tcsh":                  "there is no completion for `tcsh`",
		"detect":                           "--rules is missing",
		"detect --rules x --logsource a=b": "--logsource a=b cannot be read",
		"help nothing":                     "there is no help on `nothing`",
		"help serach":                      "did you mean `weir help search`?",
		"explain prot-in-use":              "did you mean `port-in-use`?",
		"up --listen 0.0.0.0:1":            "--listen takes an address without a port",
	} {
		t.Run(args, func(t *testing.T) {
			out, msg, code := shell{b: &fake{}}.run(t, strings.Fields(args)...)
			if code != fault.ExitUsage || !strings.Contains(msg, want) || out != "" {
				t.Errorf("exit %d, stdout %q, stderr\n%s\nwant\n%s", code, out, msg, want)
			}
			if !strings.HasPrefix(msg, "error[") {
				t.Errorf("not in the form of errors: %s", msg)
			}
		})
	}
}

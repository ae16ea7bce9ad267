package main

import (
	"weir/cmd/weir/rulecmd"
	"weir/internal/app/tools"
	"weir/internal/config"
	"weir/internal/fault"
	"weir/rules"
)

// reports are rules for the tests that hold for every command: one that runs, one that is warned of and one that is
// refused. What the commands make of rules is tested in their own package.
func reports() []tools.RuleReport {
	good := &rules.Rule{ID: "ssh-brute-force", Title: "Many failed logins", Level: rules.High, Enabled: true,
		When: []rules.Condition{{Name: "event", Expr: `event.outcome == "failure"`}}, Explain: "{{source.ip}} guessed"}
	warned := &rules.Rule{ID: "vpn", Title: hostile, Author: hostile, Level: rules.Low, When: []rules.Condition{{Name: "event", Expr: "1 == 1"}}}
	return []tools.RuleReport{
		{File: "rules/vpn.yaml", Origin: "yours", Rule: warned, ID: "vpn", Faults: fault.List{{Code: "rule-unknown-field", What: "no format fills the field `user.nmae`",
			Where: "rules/vpn.yaml:9:36", Text: `  failed: event.dataset == "asa" and user.nmae != ""`, Mark: 38, Width: 9, Do: "did you mean `user.name`?", Warn: true}}},
		{File: "rules/bad.yaml", Origin: "yours", ID: "bad", Faults: fault.List{{Code: "rule-unknown-key", What: hostile, Where: "rules/bad.yaml:12:5", Exit: fault.ExitUsage}}},
		{File: "shipped/ssh.yaml", Origin: "shipped", Rule: good, ID: "ssh-brute-force"},
	}
}

// ruleShell has these rules, in folders and shipped.
func ruleShell(terminal int) shell {
	return shell{terminal: terminal, engine: engine{rules: rulecmd.Engine{
		Check: func(config.Config, []string) ([]tools.RuleReport, error) { return reports(), nil },
		Rules: func(config.Config) ([]tools.RuleReport, error) { return reports(), nil },
	}}}
}

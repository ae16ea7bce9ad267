package rulecmd

import (
	"strings"
	"testing"

	"weir/internal/app/tools"
	"weir/internal/config"
	"weir/internal/match/tree"
	"weir/rules"
)

func TestRulesShow(t *testing.T) {
	s := ruleWorld(100)
	s.engine.Rules = func(config.Config) ([]tools.RuleReport, error) { return reports(), nil }
	out, _, _ := s.run(t, "show", "ssh-brute-force")
	same(t, "show", out, ""+
		"high, runs   Many failed logins, then one that works\n"+
		"Rule        ssh-brute-force, shipped, shipped/ssh.yaml\n"+
		"Author      weir\n"+
		"ATT&CK      T1110.001\n"+
		"When        failed: event.outcome == \"failure\"\n"+
		"            login: event.outcome == \"success\" and true\n"+
		"Correlate   failed 5 times, then login once; per source.ip; within 10 min\n"+
		"Folds       one alert per source.ip for 1 h after its last hit\n"+
		"Alert       {{source.ip}} guessed\n"+
		"Tests       2 tests\n")
	out, _, _ = s.run(t, "show", "vpn", "--json")
	if !strings.HasPrefix(out, `{"id":"vpn","title":"VPN\u001b[31m","level":"low","state":"disabled"`) {
		t.Errorf("--json: %s", out)
	}
	if _, msg, code := s.run(t, "show", "ssh-brute-froce"); code != 2 || !strings.Contains(msg, "did you mean `ssh-brute-force`?") {
		t.Errorf("exit %d, %s", code, msg)
	}
	if out, msg, _ := s.run(t, "show", "bad"); out != "refused   bad\nRule        yours, rules/bad.yaml\n" || !strings.Contains(msg, "unknown key `withn`") {
		t.Errorf("a refused rule: %s%s", out, msg)
	}
}

// TestRulesShow_sigma: a Sigma rule has its log source and the names of its fields, and no tree in --json.
func TestRulesShow_sigma(t *testing.T) {
	s := ruleWorld(100)
	r := &rules.Rule{ID: "9f-5", Title: "Zip", Level: rules.Medium, Enabled: true, Sigma: true, Author: "frack113", LogSource: rules.LogSource{Product: "windows", Category: "process_creation"},
		When: []rules.Condition{{Name: "event", Expr: `ieq(process.executable, "x")`, Tree: tree.Truth(true)}}}
	s.engine.Rules = func(config.Config) ([]tools.RuleReport, error) {
		return []tools.RuleReport{{ID: r.ID, File: "zip.yml", Origin: "yours", Rule: r}}, nil
	}
	s.engine.Names = func(config.Config, *rules.Rule) map[string][]string {
		return map[string][]string{"process.executable": {"Image"}, "process.command_line": {"CommandLine", "ProcessCommandLine"}}
	}
	out, _, _ := s.run(t, "show", "9f-5")
	for _, want := range []string{
		"Author      frack113\n", "Licence     not named in the file", "Events      of windows/process_creation/* (product/category/service)\n",
		"When        event: ieq(process.executable, \"x\")\n", "Fields      CommandLine, ProcessCommandLine is process.command_line\n            Image is process.executable\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	out, _, _ = s.run(t, "show", "9f-5", "--json")
	if !strings.Contains(out, `"names":{"process.command_line":["CommandLine"`) || !strings.Contains(out, `"Tree":null`) || r.When[0].Tree == nil {
		t.Errorf("--json: %s", out)
	}
}

package main

import (
	"strings"
	"testing"

	"weir/internal/app/tools"
	"weir/internal/config"
)

func TestRulesListShow(t *testing.T) {
	s := ruleShell(100)
	s.engine.rules = func(config.Config) ([]tools.RuleReport, error) { return reports(), nil }
	out, msg, _ := s.run(t, "rules", "list")
	same(t, "list", out, ""+
		"ID               LEVEL  STATE     FROM     ATT&CK     TITLE\n"+
		"bad                     refused   yours\n"+
		"ssh-brute-force  high   runs      shipped  T1110.001  Many failed logins, then one that works\n"+
		"vpn              low    disabled  yours               VPN\\x1b[31m\n")
	same(t, "list summary", msg, "3 rules, 1 run. Next: weir rules show ID\n")
	out, _, _ = s.run(t, "rules", "show", "ssh-brute-force")
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
	out, _, _ = s.run(t, "rules", "show", "vpn", "--json")
	if !strings.HasPrefix(out, `{"id":"vpn","title":"VPN\u001b[31m","level":"low","state":"disabled"`) {
		t.Errorf("--json: %s", out)
	}
	if _, msg, code := s.run(t, "rules", "show", "ssh-brute-froce"); code != 2 || !strings.Contains(msg, "did you mean `ssh-brute-force`?") {
		t.Errorf("exit %d, %s", code, msg)
	}
}

package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"weir/internal/app/tools"
	"weir/internal/config"
)

func TestRulesTest(t *testing.T) {
	s := ruleShell(100)
	s.engine.testRules = func(_ context.Context, _ config.Config, paths []string) ([]tools.RuleTest, error) {
		if len(paths) != 1 || paths[0] != "rules/" {
			return nil, errors.New("wrong paths")
		}
		return []tools.RuleTest{
			{Rule: "ssh-brute-force", File: "rules/ssh.yaml", Took: 3 * time.Millisecond, Cases: []tools.RuleCase{{OK: true}, {OK: true}, {OK: true, Miss: true}}},
			{Rule: "vpn-new-country", File: "rules/vpn-new.yaml", Cases: []tools.RuleCase{{OK: true}, {Name: "a login from a second country", Line: 31,
				Diff: []string{"- alerts: 1   expected", "+ alerts: 0   got; nearest: `second`"}}}},
		}, nil
	}
	out, msg, code := s.run(t, "rules", "test", "rules/")
	same(t, "stdout", out, ""+
		"ok    ssh-brute-force   2 hits, 1 miss   3 ms\n"+
		"FAIL  vpn-new-country   rules/vpn-new.yaml:31  \"a login from a second country\"\n"+
		"      - alerts: 1   expected\n"+
		"      + alerts: 0   got; nearest: `second`\n")
	same(t, "stderr", msg, "2 rules, 5 tests: 4 passed, 1 failed; 0 s\n")
	if code != 1 {
		t.Errorf("exit %d", code)
	}
	out, _, _ = s.run(t, "rules", "test", "rules/", "--json")
	if lines := strings.Split(out, "\n"); len(lines) != 6 || !strings.HasPrefix(lines[4], `{"file":"rules/vpn-new.yaml","line":31,"rule":"vpn-new-country","name":"a login from a second country","ok":false,"diff":["- alerts`) {
		t.Errorf("--json: %s", out)
	}
}

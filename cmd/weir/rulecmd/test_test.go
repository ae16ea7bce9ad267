package rulecmd

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/internal/app/tools"

	"weir/internal/config"
	"weir/internal/fault"
)

// outcome is a run with a rule that is well, one that failed and one that was refused.
func outcome() tools.TestRun {
	return tools.TestRun{Rules: []tools.RuleTest{
		{Rule: "ssh-brute-force", File: "rules/ssh.yaml", Took: 3 * time.Millisecond, Cases: []tools.RuleCase{{Name: "hit", Line: 5, OK: true, Took: time.Millisecond}, {OK: true, Miss: true}}},
		{Rule: "vpn", File: "rules/vpn.yaml", Cases: []tools.RuleCase{{Name: "a \"second\" <country>\x1b", Line: 31, Diff: []string{"- alerts: 1   expected", "+ alerts: 0   got"}}}},
	}, Refused: fault.List{{Code: "rule-unknown-key", What: "unknown key `withn`", Where: "rules/bad.yaml:12:5", Do: "did you mean `within`?"}}}
}

// testWorld runs two rules, one of which fails.
func testWorld() world {
	s := ruleWorld(100)
	s.engine.Test = func(_ context.Context, _ config.Config, paths []string) (tools.TestRun, error) {
		if len(paths) != 1 || paths[0] != "rules/" {
			return tools.TestRun{}, errors.New("wrong paths")
		}
		return tools.TestRun{Rules: []tools.RuleTest{
			{Rule: "ssh-brute-force", File: "rules/ssh.yaml", Took: 3 * time.Millisecond, Cases: []tools.RuleCase{{OK: true}, {OK: true}, {OK: true, Miss: true}}},
			{Rule: "vpn-new-country", File: "rules/vpn-new.yaml", Cases: []tools.RuleCase{{OK: true}, {Name: "a login from a second country", Line: 31,
				Diff: []string{"- alerts: 1   expected", "+ alerts: 0   got; nearest: `second`"}}}},
		}}, nil
	}
	return s
}

func TestRulesTest(t *testing.T) {
	s := testWorld()
	out, msg, code := s.run(t, "test", "rules/")
	same(t, "stdout", out, ""+
		"ok    ssh-brute-force   2 hits, 1 miss   3 ms\n"+
		"FAIL  vpn-new-country   rules/vpn-new.yaml:31  \"a login from a second country\"\n"+
		"      - alerts: 1   expected\n"+
		"      + alerts: 0   got; nearest: `second`\n")
	same(t, "stderr", msg, "2 rules, 5 tests: 4 passed, 1 failed; 0 s\n")
	if code != 1 {
		t.Errorf("exit %d", code)
	}
	out, _, _ = s.run(t, "test", "rules/", "--json")
	if lines := strings.Split(out, "\n"); len(lines) != 6 || !strings.HasPrefix(lines[4], `{"file":"rules/vpn-new.yaml","line":31,"rule":"vpn-new-country","name":"a login from a second country","ok":false,"diff":["- alerts`) {
		t.Errorf("--json: %s", out)
	}
}

// TestRulesTest_color: a diff is coloured as diffs are, and reads the same without.
func TestRulesTest_color(t *testing.T) {
	s := testWorld()
	plain, _, _ := s.run(t, "test", "rules/")
	s.color = "always"
	out, _, _ := s.run(t, "test", "rules/")
	if !strings.Contains(out, "\x1b[31m- alerts: 1") || !strings.Contains(out, "\x1b[32m+ alerts: 0") {
		t.Errorf("%q", out)
	}
	if got := strings.NewReplacer("\x1b[31m", "", "\x1b[32m", "", "\x1b[0m", "").Replace(out); got != plain {
		t.Errorf("colour changes the text: %q", got)
	}
}

// TestRulesTest_refused: rules that cannot run are no passed tests.
func TestRulesTest_refused(t *testing.T) {
	s := ruleWorld(100)
	s.engine.Test = func(context.Context, config.Config, []string) (tools.TestRun, error) {
		run := outcome()
		run.Rules = run.Rules[:1]
		return run, nil
	}
	name := filepath.Join(t.TempDir(), "report.xml")
	out, msg, code := s.run(t, "test", "--junit", name)
	same(t, "stdout", out, "ok    ssh-brute-force   1 hit, 1 miss   3 ms\n")
	same(t, "stderr", msg, "error[rule-unknown-key]: unknown key `withn`\n  where  rules/bad.yaml:12:5\n  do     did you mean `within`?\n"+
		"1 rule, 2 tests: 2 passed, 0 failed, 1 error in rules that were refused; 0 s\n")
	if code != 1 {
		t.Errorf("exit %d", code)
	}
	if b, err := os.ReadFile(name); err != nil || !strings.Contains(string(b), `errors="1"`) {
		t.Errorf("--junit: %s, %v", b, err)
	}
	if _, msg, code := s.run(t, "test", "--junit", "/no/such/folder/x.xml"); code != 2 || !strings.Contains(msg, "error[folder-unusable]") {
		t.Errorf("a file that cannot be written: exit %d, %s", code, msg)
	}
}

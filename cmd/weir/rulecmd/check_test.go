package rulecmd

import (
	"strings"
	"testing"

	"weir/internal/app/tools"
	"weir/internal/config"
	"weir/internal/fault"
)

func TestRulesCheck(t *testing.T) {
	out, msg, code := ruleWorld(100).run(t, "check", "rules/")
	same(t, "stdout", out, ""+
		"rules/bad.yaml:12:5: error: unknown key `withn`\n"+
		" 12 |     withn: 10m\n"+
		"    |     ^^^^^ did you mean `within`?\n"+
		"rules/vpn.yaml:9:36: warning: no format fills the field `user.nmae`\n"+
		"  9 |   failed: event.dataset == \"asa\" and user.nmae != \"\"\n"+
		"    |                                      ^^^^^^^^^ did you mean `user.name`?\n")
	same(t, "stderr", msg, "3 files: 2 loaded, 1 refused (the others run), 1 warning\n")
	if code != 1 {
		t.Errorf("exit %d", code)
	}
	if _, msg, code := ruleWorld(100).run(t, "check"); code != 0 || msg != "1 file: 1 loaded, 0 refused, 0 warnings\n" {
		t.Errorf("without a path: exit %d, %s", code, msg)
	}
	out, _, code = ruleWorld(0).run(t, "check", "--json", "rules/")
	same(t, "--json", out, `{"file":"rules/vpn.yaml","id":"vpn","status":"loaded","reason":"","warnings":["rules/vpn.yaml:9:36: no format fills the field `+"`user.nmae`"+`"]}`+"\n"+
		`{"file":"rules/bad.yaml","id":"bad","status":"refused","reason":"rules/bad.yaml:12:5: unknown key `+"`withn`"+`","warnings":[]}`+"\n"+
		`{"file":"shipped/ssh.yaml","id":"ssh-brute-force","status":"loaded","reason":"","warnings":[]}`+"\n")
	if code != 1 {
		t.Errorf("--json: exit %d", code)
	}
}

// TestRulesCheck_strict: with --strict a warning is a finding.
func TestRulesCheck_strict(t *testing.T) {
	s := ruleWorld(100)
	s.engine.Check = func(config.Config, []string) ([]tools.RuleReport, error) { return reports()[:1], nil }
	if _, _, code := s.run(t, "check"); code != 0 {
		t.Errorf("exit %d", code)
	}
	if _, _, code := s.run(t, "check", "--strict"); code != 1 {
		t.Errorf("--strict: exit %d", code)
	}
}

// TestRulesCheck_many: of a folder of hundreds the reasons are counted, and what is well is listed with -v alone.
func TestRulesCheck_many(t *testing.T) {
	s := ruleWorld(100)
	s.engine.Check = func(config.Config, []string) ([]tools.RuleReport, error) {
		out := reports()[2:]
		for range 12 {
			out = append(out, tools.RuleReport{File: "a.yml", ID: "x", Rule: out[0].Rule, Faults: fault.List{{Code: "rule-unproduced-field", What: "no format fills `a`", Warn: true}}})
		}
		return append(out, reports()[1]), nil
	}
	out, msg, _ := s.run(t, "check")
	if strings.Contains(out, "ok  ") {
		t.Errorf("lists what is well: %s", out)
	}
	same(t, "stderr", msg, "3 files: 13 loaded (12 with fields that no format fills), 1 refused (the others run), 12 warnings\n"+
		"        1 error    rule-unknown-key        a rule has a key that weir does not know\n"+
		"       12 warning  rule-unproduced-field   a rule asks for a field that no format of weir's fills in such events\n")
	if out, _, _ = s.run(t, "check", "-v"); !strings.HasPrefix(out, "ok    shipped/ssh.yaml   ssh-brute-force\n") {
		t.Errorf("-v: %s", out)
	}
}

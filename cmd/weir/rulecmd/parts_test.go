package rulecmd

import (
	"strings"
	"testing"

	"weir/internal/app/tools"
	"weir/internal/config"
	"weir/internal/fault"
	"weir/rules"
)

// TestParts: a rule that is a part of correlations is neither switched off nor one that runs, and warnings about what is no
// rule are no refused rule.
func TestParts(t *testing.T) {
	s := ruleWorld(100)
	part := &rules.Rule{ID: "base", Title: "Base", Level: rules.Low, Sigma: true, UsedBy: []string{"many", "more"}}
	odd := tools.RuleReport{File: "exceptions.yaml", Origin: "yours", Faults: fault.List{{Code: "exception-rule", What: "no rule is called `x`", Where: "exceptions.yaml:1", Warn: true}}}
	list := []tools.RuleReport{{ID: "base", File: "b.yml", Origin: "yours", Rule: part}, odd}
	s.engine.Rules = func(config.Config) ([]tools.RuleReport, error) { return list, nil }
	s.engine.Check = func(config.Config, []string) ([]tools.RuleReport, error) { return list, nil }
	out, msg, _ := s.run(t, "list")
	same(t, "list", out, "ID    LEVEL  STATE  FROM   ATT&CK  TITLE\nbase  low    part   yours          Base\n")
	same(t, "list summary", msg, "1 rule, 0 run. Next: weir rules show ID\n")
	out, msg, code := s.run(t, "check")
	if code != 0 || !strings.Contains(out, "no rule is called `x`") || msg != "2 files: 1 loaded, 0 refused, 1 warning\n" {
		t.Errorf("exit %d\n%s%s", code, out, msg)
	}
	s.terminal = 0
	if out, _, _ := s.run(t, "list", "--json"); !strings.Contains(out, `"state":"part"`) || !strings.Contains(out, `"used_by":["many","more"]`) {
		t.Error(out)
	}
	if out, _, _ := s.run(t, "show", "base"); !strings.Contains(out, "low, part   Base\n") || !strings.Contains(out, "Used by     many, more; it raises no alerts by itself\n") {
		t.Error(out)
	}
}

package rulecmd

import (
	"context"
	"strings"
	"testing"

	"weir/internal/app/tools"
	"weir/internal/config"
	"weir/internal/control"
	"weir/internal/fault"
)

// newWorld writes a rule, and looks at it afterwards.
func newWorld(d tools.Draft, err error, asked *string) world {
	s := ruleWorld(100)
	s.backend = struct{ control.Backend }{}
	s.engine.New = func(_ context.Context, _ config.Config, id, kql string, b control.Backend) (tools.Draft, error) {
		*asked = id + " from " + kql
		if (b == nil) != (kql == "") {
			*asked += ", and the events of nobody"
		}
		return d, err
	}
	s.engine.Check = func(_ config.Config, paths []string) ([]tools.RuleReport, error) {
		return []tools.RuleReport{{File: paths[0], Rule: reports()[2].Rule}}, nil
	}
	s.engine.Test = func(_ context.Context, _ config.Config, paths []string) (tools.TestRun, error) {
		return tools.TestRun{Rules: []tools.RuleTest{{Rule: "x", File: paths[0], Cases: []tools.RuleCase{{OK: true}}}}}, nil
	}
	return s
}

func TestRulesNew(t *testing.T) {
	var asked string
	s := newWorld(tools.Draft{File: "weir-data/rules/x.yaml", Notes: []string{"words are parts"}, Hit: "1"}, nil, &asked)
	out, msg, code := s.run(t, "new", "x", "--from", "user.name: root")
	same(t, "stdout", out, "wrote weir-data/rules/x.yaml\nok    x   1 hit, 0 misses   0 s\n")
	same(t, "stderr", msg, "note: words are parts\nnote: no event of the archive comes near without matching: write a miss yourself\n"+
		"1 file: 1 loaded, 0 refused, 0 warnings\n1 rule, 1 test: 1 passed, 0 failed; 0 s\n"+
		"Next: fill in title, level, tags and explain in weir-data/rules/x.yaml, take out `enabled: false`, and keep beside it: weir rules test weir-data/rules/x.yaml --watch\n")
	if code != 0 || asked != "x from user.name: root" {
		t.Errorf("exit %d, asked for %s", code, asked)
	}
	out, _, _ = s.run(t, "new", "x", "--from", "user.name: root", "--json")
	same(t, "--json", out, `{"file":"weir-data/rules/x.yaml","notes":["words are parts"],"hit":"1","miss":""}`+"\n")
}

// TestRulesNew_template: without a query no weir is asked for anything.
func TestRulesNew_template(t *testing.T) {
	var asked string
	s := newWorld(tools.Draft{File: "r/x.yaml"}, nil, &asked)
	s.backend = nil
	if _, msg, code := s.run(t, "new", "x"); code != 0 || asked != "x from " || strings.Contains(msg, "note:") {
		t.Errorf("exit %d, asked for %s, %s", code, asked, msg)
	}
	if _, msg, code := s.run(t, "new", "x", "--from", "user.name: root"); code != 2 || !strings.Contains(msg, "no-data") {
		t.Errorf("a query without a weir: exit %d, %s", code, msg)
	}
}

func TestRulesNew_Failures(t *testing.T) {
	var asked string
	s := newWorld(tools.Draft{}, &fault.Error{Code: "rule-exists", What: "there is one", Exit: fault.ExitUsage}, &asked)
	if out, msg, code := s.run(t, "new", "x", "--from", "a: b"); code != 2 || out != "" || !strings.Contains(msg, "error[rule-exists]") {
		t.Errorf("exit %d, %s%s", code, out, msg)
	}
	s = newWorld(tools.Draft{File: "r/x.yaml"}, nil, &asked)
	_, msg, _ := s.run(t, "new", "x", "--from", "a: b")
	if !strings.Contains(msg, "note: no event of the archive matches the query") {
		t.Errorf("no event: %s", msg)
	}
	s.engine.Test = func(context.Context, config.Config, []string) (tools.TestRun, error) { return outcome(), nil }
	if _, msg, code := s.run(t, "new", "x"); code != 1 || !strings.Contains(msg, "Next: ") {
		t.Errorf("a test that fails: exit %d, %s", code, msg)
	}
	if _, _, code := s.run(t, "new"); code != 2 {
		t.Errorf("without an id: exit %d", code)
	}
}

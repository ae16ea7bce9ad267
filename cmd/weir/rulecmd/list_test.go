package rulecmd

import (
	"context"
	"strings"
	"testing"

	"weir/internal/app/tools"
	"weir/internal/config"
	"weir/internal/control"
	"weir/internal/control/cost"
	"weir/internal/fault"
	"weir/rules"
)

func TestRulesList(t *testing.T) {
	s := ruleWorld(100)
	s.engine.Rules = func(config.Config) ([]tools.RuleReport, error) { return reports(), nil }
	out, msg, _ := s.run(t, "list")
	same(t, "list", out, ""+
		"ID               LEVEL  STATE     FROM     ATT&CK     TITLE\n"+
		"bad                     refused   yours\n"+
		"ssh-brute-force  high   runs      shipped  T1110.001  Many failed logins, then one that works\n"+
		"vpn              low    disabled  yours               VPN\\x1b[31m\n")
	same(t, "list summary", msg, "3 rules, 1 run. Next: weir rules show ID\n")
}

// TestRulesList_chosen: filters leave out what was not asked for, and files that gave no rule, of which nobody knows.
func TestRulesList_chosen(t *testing.T) {
	s := ruleWorld(0)
	s.engine.Rules = func(config.Config) ([]tools.RuleReport, error) {
		return append(reports(), tools.RuleReport{ID: "win", Rule: &rules.Rule{ID: "win", Level: rules.Critical, Tags: []string{"attack.t1110"}, LogSource: rules.LogSource{Product: "windows"}}}), nil
	}
	for args, want := range map[string]string{
		"":                                        "bad ssh-brute-force vpn win",
		"--level high":                            "ssh-brute-force win",
		"--level informational":                   "ssh-brute-force vpn win",
		"--tag attack.t1110":                      "ssh-brute-force win",
		"--tag attack.T1110.001":                  "ssh-brute-force",
		"--tag attack.t11":                        "",
		"--product Windows":                       "ssh-brute-force vpn win",
		"--product linux":                         "ssh-brute-force vpn",
		"--product linux --level high":            "ssh-brute-force",
		"--tag attack.t1110 --level critical":     "win",
		"--tag attack.t1110.001 --level critical": "",
	} {
		out, _, code := s.run(t, append([]string{"list"}, strings.Fields(args)...)...)
		var ids []string
		for line := range strings.Lines(out) {
			id, _, _ := strings.Cut(line, "\t")
			ids = append(ids, id)
		}
		if got := strings.Join(ids, " "); got != want || code != 0 {
			t.Errorf("%q: %q, want %q", args, got, want)
		}
	}
	if _, msg, code := s.run(t, "list", "--level", "hihg"); code != 2 || !strings.Contains(msg, "did you mean `high`?") {
		t.Errorf("a level that is none: exit %d, %s", code, msg)
	}
}

// counter is a weir that runs.
type counter struct {
	control.Backend
	counts cost.Counts
	err    error
}

func (c counter) RuleCounts(context.Context) (cost.Counts, error) { return c.counts, c.err }

func TestRulesList_cost(t *testing.T) {
	s := ruleWorld(100)
	s.engine.Rules = func(config.Config) ([]tools.RuleReport, error) { return reports(), nil }
	s.backend = counter{counts: cost.Counts{Events: 1000, Rules: []cost.Rule{
		{Rule: "vpn", Candidates: 10, TookNS: 500}, {Rule: "ssh-brute-force", Candidates: 900, Hits: 5, TookNS: 12500}, {Rule: "renamed-since", TookNS: 7000},
	}}}
	out, msg, code := s.run(t, "list", "--cost")
	same(t, "--cost", out, ""+
		"ID               NS/EVENT   SHARE  CANDIDATES  HITS  TITLE\n"+
		"ssh-brute-force      12.5  62.5 %         900     5  Many failed logins, then one that works\n"+
		"vpn                   0.5   2.5 %          10     0  VPN\\x1b[31m\n")
	if same(t, "summary", msg, "2 rules, 13 ns for an event, over 1,000 events\n"); code != 0 {
		t.Errorf("exit %d", code)
	}
	out, _, _ = s.run(t, "list", "--cost", "--json", "--level", "high")
	same(t, "--json", out, `{"id":"ssh-brute-force","title":"Many failed logins, then one that works","ns_per_event":12.5,"candidates":900,"hits":5,"lacking":0,"events":1000}`+"\n")
	s.backend = counter{err: &fault.Error{Code: "stage-elsewhere", What: "not here", Exit: fault.ExitUsage}}
	if _, msg, code := s.run(t, "list", "--cost"); code != 2 || !strings.Contains(msg, "stage-elsewhere") {
		t.Errorf("exit %d, %s", code, msg)
	}
	s.backend = struct{ control.Backend }{}
	if _, msg, code := s.run(t, "list", "--cost"); code != 3 || !strings.Contains(msg, "error[not-running]") {
		t.Errorf("files alone: exit %d, %s", code, msg)
	}
}

// TestCompleteIDs: ids come with their titles, and only for the first argument.
func TestCompleteIDs(t *testing.T) {
	s := ruleWorld(0)
	c := &commands{engine: s.engine}
	c.shell = s.shellFor(t)
	if ids, _ := c.completeIDs(nil, nil, ""); len(ids) != 1 || ids[0] != "ssh-brute-force\tMany failed logins, then one that works" {
		t.Errorf("%q", ids)
	}
	if ids, _ := c.completeIDs(nil, []string{"x"}, ""); len(ids) != 0 {
		t.Errorf("a second id: %q", ids)
	}
}

package main

import (
	"context"
	"errors"
	"strings"
	"testing"

	"weir/cmd/weir/rulecmd"
	"weir/internal/app/tools"
	"weir/internal/config"
	"weir/internal/control"
)

// TestEmpty: a weir that has nothing yet says so on stderr, with what to do, and prints no data.
func TestEmpty(t *testing.T) {
	for args, want := range map[string]string{
		"search x":         "no hit; under 1 ms, 0 of 0 segments read\n",
		"tail":             "0 matched, 0 shown, 0 dropped\n",
		"ledger":           "nothing received yet\n",
		"alerts list":      "no alerts; rules that run: weir rules list\n",
		"sources list":     "nobody has sent anything yet\n",
		"deadletters list": "no dead letters\n",
		"topics list":      "no topics yet\n",
		"rules list":       "0 rules, 0 run. Next: weir rules show ID\n",
		"rules check":      "0 files: 0 loaded, 0 refused, 0 warnings\n",
		"rules test":       "0 rules, 0 tests: 0 passed, 0 failed; 0 s\n",
	} {
		for _, terminal := range []int{0, 100} {
			s := shell{b: &fake{ledger: control.Ledger{Balanced: true}, status: control.Status{Running: true}}, terminal: terminal, engine: engine{rules: rulecmd.Engine{
				Check: func(config.Config, []string) ([]tools.RuleReport, error) { return nil, nil },
				Rules: func(config.Config) ([]tools.RuleReport, error) { return nil, nil },
				Test:  func(context.Context, config.Config, []string) (tools.TestRun, error) { return tools.TestRun{}, nil },
			}}}
			out, msg, code := s.run(t, strings.Fields(args)...)
			if out != "" || msg != want || code != 0 {
				t.Errorf("%s: exit %d, stdout %q, stderr %q, want %q", args, code, out, msg, want)
			}
			if out, _, code := s.run(t, append(strings.Fields(args), "--json")...); code != 0 || out != "" && args != "ledger" {
				t.Errorf("%s --json: exit %d, %q", args, code, out)
			}
		}
	}
}

// TestEngine_Failures: what the engine cannot do ends the command with its error and with nothing half printed.
func TestEngine_Failures(t *testing.T) {
	broken := errors.New("the folder is on fire")
	s := shell{in: "x", engine: engine{rules: rulecmd.Engine{
		Rules: func(config.Config) ([]tools.RuleReport, error) { return nil, broken },
		Check: func(config.Config, []string) ([]tools.RuleReport, error) { return nil, broken },
		Test:  func(context.Context, config.Config, []string) (tools.TestRun, error) { return tools.TestRun{}, broken },
	}}}
	for _, args := range []string{"rules list", "rules show x", "rules check", "rules check x", "rules test"} {
		out, msg, code := s.run(t, strings.Fields(args)...)
		if code != 2 || out != "" || msg != "error[internal]: the folder is on fire\n" {
			t.Errorf("%s: exit %d, %q, %q", args, code, out, msg)
		}
	}
	file(t, "weir.yaml", "buss: x\n")
	for _, args := range []string{"rules list", "rules test", "doctor", "config show", "parse", "detect --rules x", "search x", "up"} {
		_, msg, code := s.run(t, append(strings.Fields(args), "--config", "weir.yaml")...)
		if code != 2 || !strings.HasPrefix(msg, "error[config-unknown-key]: unknown key `buss`\n  where  weir.yaml:1:1\n") {
			t.Errorf("%s with a broken configuration: exit %d, %s", args, code, msg)
		}
	}
}

// TestTimes_Refused: a time that cannot be read is refused by every command that takes one, before anybody is asked.
func TestTimes_Refused(t *testing.T) {
	for _, args := range []string{"search x --from soon", "search x --to soon", "ledger --from soon", "alerts list --to soon", "deadletters list --from soon"} {
		b := &fake{}
		if _, msg, code := (shell{b: b}).run(t, strings.Fields(args)...); code != 2 || b.asked != nil || !strings.HasPrefix(msg, "error[time-unknown]") {
			t.Errorf("%s: exit %d, asked %v, %s", args, code, b.asked, msg)
		}
	}
}

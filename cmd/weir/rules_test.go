package main

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"weir/internal/app/tools"
	"weir/internal/config"
	"weir/internal/fault"
	"weir/rules"
)

// reports are the rules of a folder with a good rule, a warned one and a refused one.
func reports() []tools.RuleReport {
	good := &rules.Rule{ID: "ssh-brute-force", Title: "Many failed logins, then one that works", Level: rules.High, Enabled: true, Author: "weir",
		Tags: []string{"attack.t1110.001"}, When: []rules.Condition{{Name: "failed", Expr: `event.outcome == "failure"`}, {Name: "login", Expr: `event.outcome == "success"`}},
		Correlate: &rules.Correlate{Kind: rules.Sequence, Steps: []rules.Step{{When: "failed", AtLeast: 5}, {When: "login", AtLeast: 1}}, By: []string{"source.ip"}, Within: 10 * time.Minute},
		Fold:      rules.Fold{By: []string{"source.ip"}, For: time.Hour}, Explain: "{{source.ip}} guessed", Tests: make([]rules.Test, 2)}
	warned := &rules.Rule{ID: "vpn", Title: "VPN\x1b[31m", Level: rules.Low, When: []rules.Condition{{Name: "event", Expr: "1 == 1"}}}
	return []tools.RuleReport{
		{File: "rules/vpn.yaml", Origin: "yours", Rule: warned, ID: "vpn", Faults: fault.List{{Code: "rule-unknown-field", What: "no format fills the field `user.nmae`",
			Where: "rules/vpn.yaml:9:36", Text: `  failed: event.dataset == "asa" and user.nmae != ""`, Mark: 38, Width: 9, Do: "did you mean `user.name`?", Warn: true}}},
		{File: "rules/bad.yaml", Origin: "yours", ID: "bad", Faults: fault.List{{Code: "rule-unknown-key", What: "unknown key `withn`", Where: "rules/bad.yaml:12:5",
			Text: "    withn: 10m", Mark: 5, Width: 5, Do: "did you mean `within`?", Exit: fault.ExitUsage}}},
		{File: "shipped/ssh.yaml", Origin: "shipped", Rule: good, ID: "ssh-brute-force", Exprs: map[string]string{"login": `event.outcome == "success" and true`}},
	}
}

// ruleShell has these rules, in folders and shipped.
func ruleShell(terminal int) shell {
	return shell{terminal: terminal, engine: engine{
		checkRules: func([]string) ([]tools.RuleReport, error) { return reports(), nil },
		rules:      func(config.Config) ([]tools.RuleReport, error) { return reports()[2:], nil },
	}}
}

func TestRulesCheck(t *testing.T) {
	out, msg, code := ruleShell(100).run(t, "rules", "check", "rules/")
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
	if _, msg, code := ruleShell(100).run(t, "rules", "check"); code != 0 || msg != "1 file: 1 loaded, 0 refused, 0 warnings\n" {
		t.Errorf("without a path: exit %d, %s", code, msg)
	}
	out, _, code = ruleShell(0).run(t, "rules", "check", "--json", "rules/")
	same(t, "--json", out, `{"file":"rules/vpn.yaml","id":"vpn","status":"loaded","reason":"","warnings":["rules/vpn.yaml:9:36: no format fills the field `+"`user.nmae`"+`"]}`+"\n"+
		`{"file":"rules/bad.yaml","id":"bad","status":"refused","reason":"rules/bad.yaml:12:5: unknown key `+"`withn`"+`","warnings":[]}`+"\n"+
		`{"file":"shipped/ssh.yaml","id":"ssh-brute-force","status":"loaded","reason":"","warnings":[]}`+"\n")
	if code != 1 {
		t.Errorf("--json: exit %d", code)
	}
}

func TestParseDetect(t *testing.T) {
	var got tools.DetectOptions
	s := shell{in: "line\n", engine: engine{
		parse: func(_ context.Context, _ config.Config, dataset string, r io.Reader, w io.Writer) error {
			raw, err := io.ReadAll(r)
			_, _ = io.WriteString(w, dataset+":"+string(raw))
			return err
		},
		detect: func(_ context.Context, o tools.DetectOptions, r io.Reader, w io.Writer) error {
			got = o
			o.Warn(&fault.Error{Code: "x", What: "a bad line", Warn: true})
			_, err := io.Copy(w, r)
			return err
		},
	}}
	if out, _, code := s.run(t, "parse", "--dataset", "cisco_asa.log"); out != "cisco_asa.log:line\n" || code != 0 {
		t.Errorf("parse: exit %d, %s", code, out)
	}
	out, msg, code := s.run(t, "detect", "--rules", "a.yaml", "b.yaml", "--matches", "--raw", "auto", "--logsource", "product=linux,service=sshd")
	if out != "line\n" || code != 0 || msg != "warning[x]: a bad line\n" {
		t.Errorf("detect: exit %d, %s, %s", code, out, msg)
	}
	if strings.Join(got.Rules, " ") != "a.yaml b.yaml" || !got.Matches || got.Raw != "auto" || got.LogSource["service"] != "sshd" || got.Config.Data == "" {
		t.Errorf("asked %+v", got)
	}
	s.inTTY = true
	for _, args := range []string{"parse", "detect --rules x"} {
		if out, _, code := s.run(t, strings.Fields(args)...); code != 2 || !strings.Contains(out, "more: weir "+args[:5]) {
			t.Errorf("%s on a terminal: exit %d, %s", args, code, out)
		}
	}
}

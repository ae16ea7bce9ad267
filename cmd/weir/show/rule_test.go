package show

import (
	"strings"
	"testing"
	"time"

	"weir/internal/app/tools"
	"weir/internal/term"
	"weir/rules"
)

func TestRule(t *testing.T) {
	full := &rules.Rule{ID: "vpn", Title: "VPN\x1b[31m", Level: rules.Medium, Description: "says\u202e", Status: "test", Author: "ana", Tags: []string{"attack.t1078", "x"}, Explain: "{{user.name}}",
		When: []rules.Condition{{Name: "a", Expr: "1"}, {Name: "b", Expr: "2"}}, Fold: rules.Fold{For: time.Hour}, Tests: make([]rules.Test, 1),
		FalsePositives: []string{"travel", "proxies"}, References: []string{"https://example.net/vpn"}}
	for name, c := range map[string]struct {
		r     tools.RuleReport
		state string
		want  string
	}{
		"all that a rule can say": {tools.RuleReport{ID: "vpn", Origin: "yours", File: "rules/vpn.yaml", Rule: full, Exprs: map[string]string{"b": "2 and 3"}}, "runs", "" +
			"medium, runs   VPN\\x1b[31m\n" +
			"Rule        vpn, yours, rules/vpn.yaml\n" +
			"Says        says\\u202e\n" +
			"Status      test\n" +
			"Author      ana\n" +
			"ATT&CK      T1078\n" +
			"When        a: 1\n" +
			"            b: 2 and 3\n" +
			"Folds       one alert for 1 h after its last hit\n" +
			"Alert       {{user.name}}\n" +
			"Tests       1 test\n" +
			"False       travel\n" +
			"False       proxies\n" +
			"See         https://example.net/vpn\n"},
		"hardly anything": {tools.RuleReport{ID: "x", Origin: "shipped", File: "x.yaml", Rule: &rules.Rule{Title: "X", Level: rules.Low}}, "disabled", "" +
			"low, disabled   X\nRule        x, shipped, x.yaml\nTests       0 tests\n"},
		"a file that cannot be read": {tools.RuleReport{ID: "bad", Origin: "yours", File: "rules/bad.yaml"}, "refused", "" +
			"refused   bad\nRule        yours, rules/bad.yaml\n"},
	} {
		if got := Rule(&term.Face{}, c.r, c.state, nil); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, c.want)
		}
		painted := Rule(&term.Face{Color: true}, c.r, c.state, nil)
		if got := strings.NewReplacer("\x1b[1m", "", "\x1b[33m", "", "\x1b[0m", "").Replace(painted); got != c.want || painted == c.want {
			t.Errorf("%s: colour changes the text: %q", name, painted)
		}
	}
}

func TestFoldWords(t *testing.T) {
	for want, x := range map[string]rules.Fold{
		"": {By: []string{"source.ip"}},
		"one alert for 10 min after its last hit":                       {For: 10 * time.Minute},
		"one alert per source.ip, user.name for 1 h after its last hit": {By: []string{"source.ip", "user.name"}, For: time.Hour},
	} {
		if got := foldWords(x); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

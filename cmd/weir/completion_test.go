package main

import (
	"strings"
	"testing"
)

func TestCompletion(t *testing.T) {
	for shellName, want := range map[string]string{"bash": "__start_weir", "zsh": "#compdef weir", "fish": "complete -c weir", "powershell": "Register-ArgumentCompleter"} {
		if out, _, code := (shell{}).run(t, "completion", shellName); code != 0 || !strings.Contains(out, want) {
			t.Errorf("%s: exit %d, no %q", shellName, code, want)
		}
	}
	out, _, _ := shell{}.run(t, "__complete", "search", "user.name: root and (source.i")
	if !strings.HasPrefix(out, "user.name: root and (source.ip:\n") {
		t.Errorf("fields: %s", out)
	}
	if out, _, _ = (shell{}).run(t, "__complete", "explain", "port-"); !strings.Contains(out, "port-in-use\t") {
		t.Errorf("codes: %s", out)
	}
	if out, _, _ = ruleShell(0).run(t, "__complete", "rules", "show", ""); !strings.HasPrefix(out, "ssh-brute-force\tMany failed") {
		t.Errorf("rules: %s", out)
	}
	if out, _, _ = (shell{}).run(t, "__complete", "alerts", "show", "--data", t.TempDir(), ""); !strings.HasPrefix(out, ":4") {
		t.Errorf("alerts without a weir: %s", out)
	}
}

package main

import (
	"context"
	"errors"
	"strings"
	"testing"

	"weir/internal/control"
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
	if out, _, _ = ruleShell(0).run(t, "__complete", "rules", "show", ""); !strings.Contains(out, "\nssh-brute-force\tMany failed") {
		t.Errorf("rules: %s", out)
	}
	if out, _, _ = (shell{}).run(t, "__complete", "alerts", "show", "--data", t.TempDir(), ""); !strings.HasPrefix(out, ":4") {
		t.Errorf("alerts without a weir: %s", out)
	}
}

// TestCompletion_Alerts: ids come from the weir that runs on the folder, with what they say.
func TestCompletion_Alerts(t *testing.T) {
	dir := t.TempDir()
	l, err := control.Listen(dir)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	b := &fake{alerts: []control.AlertRow{bruteForce()}}
	go func() { done <- control.Serve(ctx, l, b) }() // ends with ctx; waited for below
	out, msg, _ := shell{}.run(t, "__complete", "alerts", "show", "--data", dir, "")
	if !strings.HasPrefix(out, "3f9c\tssh-brute-force: 203.0.113.5 guessed root's password on web-1\n:4\n") || strings.Contains(msg, "error") {
		t.Errorf("%s%s", out, msg)
	}
	if r := b.asked.(control.AlertsRequest); r.Size != 100 {
		t.Errorf("a key press asks for %+v", r)
	}
	if out, _, _ = (shell{}).run(t, "__complete", "alerts", "show", "3f9c", "--data", dir, ""); strings.Contains(out, "3f9c\t") {
		t.Errorf("a second id is offered: %s", out)
	}
	b.err = errors.New("locked")
	if out, _, _ = (shell{}).run(t, "__complete", "alerts", "show", "--data", dir, ""); !strings.HasPrefix(out, "3f9c") && !strings.HasPrefix(out, ":4") {
		t.Errorf("a weir that fails: %s", out)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// TestCompletion_Words: what each argument takes. ":4" tells the shell to offer no files, ":0" to offer them, ":16"
// folders.
func TestCompletion_Words(t *testing.T) {
	for args, want := range map[string]string{
		"completion":             "bash\nzsh\nfish\npowershell\n:4",
		"help":                   "time\nkql\n",
		"help alerts":            "ack\nassign\nclose\nlist\nnote\nopen\nrisk\nshow\n",
		"rules check":            ":0",
		"config check":           ":0",
		"man":                    ":16",
		"version":                ":4",
		"rules show x":           ":4",
		"search x":               ":4",
		"search not=an-argument": ":4",
	} {
		out, _, code := ruleShell(0).run(t, append(append([]string{"__complete"}, strings.Fields(args)...), "")...)
		if code != 0 || !strings.HasPrefix(out, want) {
			t.Errorf("%s: exit %d, %q, want %q", args, code, out, want)
		}
	}
}

package rulecmd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/app/tools"
	"weir/internal/config"
	"weir/internal/control"
	"weir/internal/fault"
	"weir/internal/term"
	"weir/rules"
	"weir/rules/correlation"
)

// now is the clock of these tests.
var now = time.Date(2026, 11, 21, 16, 52, 30, 0, time.FixedZone("KST", 9*3600))

// world runs the commands as the program does, with an engine that a test fills.
type world struct {
	engine   Engine
	terminal int // width; 0: a pipe
	color    string
	in       string
	data     string
	backend  control.Backend
	ctx      context.Context //nolint:containedctx // of one call of a test
	out      io.Writer       // in place of a buffer
	msg      io.Writer
}

// run returns stdout, stderr and the exit code.
func (w world) run(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, msg bytes.Buffer
	stdoutTo, stderrTo := io.Writer(&out), io.Writer(&msg)
	if w.out != nil {
		stdoutTo = w.out
	}
	if w.msg != nil {
		stderrTo = w.msg
	}
	asJSON, quiet, verbose := false, false, 0
	root := &cobra.Command{Use: "weir", SilenceErrors: true, SilenceUsage: true}
	root.PersistentFlags().BoolVar(&asJSON, "json", false, "")
	root.PersistentFlags().BoolVarP(&quiet, "quiet", "q", false, "")
	root.PersistentFlags().CountVarP(&verbose, "verbose", "v", "")
	color := "never"
	if w.color != "" {
		color = w.color
	}
	o := term.Options{Env: []string{"LANG=en_US.UTF-8"}, Color: color, Now: func() time.Time { return now }, Terminal: w.terminal, Zone: now.Location()}
	report := func(err error) int {
		if f, ok := errors.AsType[ui.Found](err); ok {
			return f.Code
		}
		if err == nil {
			return fault.ExitOK
		}
		for _, e := range term.Faults(err) {
			term.Detect(stderrTo, o).Fault(e, false)
		}
		return fault.Exit(err)
	}
	shell := func() ui.Shell {
		sh := ui.Shell{In: strings.NewReader(w.in), Out: term.Detect(stdoutTo, o), Msg: term.Detect(stderrTo, o), Stdout: stdoutTo, JSON: asJSON, Quiet: quiet, Verbose: verbose,
			Now: func() time.Time { return now }, Data: func() (string, error) { return w.data, nil }}
		sh.Write = func(b []byte) error { _, err := stdoutTo.Write(b); return err }
		sh.Page = sh.Write
		sh.Line = func(v any) error {
			enc := json.NewEncoder(stdoutTo)
			enc.SetEscapeHTML(false)
			return enc.Encode(v)
		}
		sh.Note = func(format string, args ...any) {
			if !quiet {
				fmt.Fprintf(stderrTo, format+"\n", args...)
			}
		}
		sh.Warn = func(list ...*fault.Error) {
			for _, e := range list {
				sh.Msg.Fault(e, false)
			}
		}
		sh.Load = func() (*config.Loaded, error) {
			l, err := config.Load("", nil)
			if err == nil && w.data != "" {
				l.Config.Data = w.data
			}
			return l, err
		}
		sh.Ask = func(_ context.Context, f func(control.Backend) error) error {
			if w.backend == nil {
				return &fault.Error{Code: "no-data", What: "no data folder", Exit: fault.ExitUsage}
			}
			return f(w.backend)
		}
		sh.Times = func(from, to string) (a, b time.Time, err error) {
			if from != "" {
				a, err = term.ParseTime(from, now, now.Location())
			}
			if to != "" && err == nil {
				b, err = term.ParseTime(to, now, now.Location())
			}
			return a, b, err
		}
		sh.Cmdline = func(rest string) string { return "weir " + rest }
		sh.Help = func(cmd *cobra.Command) error { return sh.Write([]byte("help of " + cmd.CommandPath() + "\n")) }
		sh.Report = func(_ context.Context, err error) { report(err) }
		return sh
	}
	pages.NewTree(root, []pages.Spec{Spec(shell, w.engine)}, func(*cobra.Command, []string) error { return nil })
	root.SetArgs(append([]string{"rules"}, args...))
	root.SetOut(io.Discard)
	root.SetErr(io.Discard)
	ctx := w.ctx
	if ctx == nil {
		ctx = t.Context()
	}
	code = report(root.ExecuteContext(ctx))
	return out.String(), msg.String(), code
}

// same compares an output with what is wanted.
func same(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got\n%s\nwant\n%s", what, got, want)
	}
}

// reports are the rules of a folder with a good rule, a warned one and a refused one.
func reports() []tools.RuleReport {
	good := &rules.Rule{ID: "ssh-brute-force", Title: "Many failed logins, then one that works", Level: rules.High, Enabled: true, Author: "weir",
		Tags: []string{"attack.t1110.001"}, When: []rules.Condition{{Name: "failed", Expr: `event.outcome == "failure"`}, {Name: "login", Expr: `event.outcome == "success"`}},
		Correlate: &rules.Correlate{Kind: correlation.Sequence, Steps: []rules.Step{{When: "failed", AtLeast: 5}, {When: "login", AtLeast: 1}}, By: []string{"source.ip"}, Within: 10 * time.Minute},
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

// ruleWorld has these rules, in folders and shipped.
func ruleWorld(terminal int) world {
	return world{terminal: terminal, engine: Engine{
		Check: func(_ config.Config, paths []string) ([]tools.RuleReport, error) {
			if len(paths) == 0 {
				return reports()[2:], nil
			}
			return reports(), nil
		},
		Rules: func(config.Config) ([]tools.RuleReport, error) { return reports()[2:], nil },
	}}
}

// shellFor is a shell for tests of parts of commands.
func (w world) shellFor(t *testing.T) func() ui.Shell {
	t.Helper()
	return func() ui.Shell {
		return ui.Shell{In: strings.NewReader(w.in), Load: func() (*config.Loaded, error) { return config.Load("", nil) }}
	}
}

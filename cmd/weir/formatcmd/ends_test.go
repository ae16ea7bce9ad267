package formatcmd

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"syscall"
	"testing"
	"time"

	"weir/cmd/weir/ui"
	"weir/internal/app/formattools"
	"weir/internal/app/tools"
	"weir/internal/config"
	"weir/internal/fault"
	"weir/internal/term"
	"weir/processors/parse/format"
)

// broken is an engine that cannot do anything.
func broken() Engine {
	err := &fault.Error{Code: "file-unreadable", What: "a format cannot be read", Exit: fault.ExitUsage}
	return Engine{
		Check:   func(config.Config, []string) ([]formattools.Report, error) { return nil, err },
		Test:    func(context.Context, config.Config, []string) (tools.TestRun, error) { return tools.TestRun{}, err },
		List:    func(config.Config) ([]*format.Format, fault.List) { return nil, fault.List{err} },
		Show:    func(config.Config, string) (*formattools.Source, error) { return nil, err },
		Explain: func(config.Config, string) ([]formattools.Text, error) { return nil, err },
		View: func(context.Context, config.Config, string, io.Reader, func(*tools.LineView) error) error {
			return err
		},
	}
}

// TestEngineFails: what the engine says ends the command, with its exit code.
func TestEngineFails(t *testing.T) {
	for _, args := range []string{"check", "test", "show acme.log", "explain acme.log"} {
		out, msg, code := world{engine: broken(), in: "-"}.run(t, strings.Fields(args)...)
		if code != fault.ExitUsage || out != "" || !strings.Contains(msg, "error[file-unreadable]") {
			t.Errorf("%s: %d %s%s", args, code, out, msg)
		}
	}
	// A format that is known, and lines that cannot be read.
	e := explains(t)
	e.View = broken().View
	if _, msg, code := (world{engine: e, in: "x\n"}).run(t, "explain", "acme.log"); code != fault.ExitUsage || !strings.Contains(msg, "file-unreadable") {
		t.Errorf("explain of lines: %d %s", code, msg)
	}
}

// TestArguments: each command says how it is called.
func TestArguments(t *testing.T) {
	for args, want := range map[string]string{
		"explain":       "missing: DATASET",
		"explain a b":   "b",
		"show":          "missing: DATASET",
		"list a b":      "b",
		"schema x":      "x",
		"check --stric": "unknown flag",
		"test --junit":  "flag needs an argument",
	} {
		_, msg, code := world{engine: broken(), in: "-"}.run(t, strings.Fields(args)...)
		if code != fault.ExitUsage || !strings.Contains(msg, want) {
			t.Errorf("%s: %d %s", args, code, msg)
		}
	}
}

// errFull is what a writer says of which nobody reads the other end.
var errFull = errors.Join(errors.New("writing"), syscall.EPIPE)

// closed is a shell whose stdout is closed after some bytes.
func closed(left int) ui.Shell {
	o := term.Options{Env: []string{"LANG=C"}, Color: "never"}
	var out bytes.Buffer
	sh := ui.Shell{Out: term.Detect(&out, o), Msg: term.Detect(io.Discard, o), Now: func() time.Time { return now }, Verbose: 1}
	sh.Write = func(b []byte) error {
		if left -= len(b); left < 0 {
			return errFull
		}
		return nil
	}
	sh.Page = sh.Write
	sh.Line = func(any) error { return sh.Write([]byte("{}\n")) }
	sh.Note = func(string, ...any) {}
	sh.Warn = func(...*fault.Error) {}
	sh.Load = func() (*config.Loaded, error) { return config.Load("", nil) }
	sh.Cmdline = func(rest string) string { return rest }
	return sh
}

// TestClosedPipe: who stops reading ends the command, and its error is the one of the pipe, which is none for the program.
func TestClosedPipe(t *testing.T) {
	f := gate(t)
	run := tools.TestRun{Rules: []tools.RuleTest{{Rule: "acme.log", File: "x", Cases: []tools.RuleCase{{Name: "one", OK: true}}}, {Rule: "acme.b", File: "x", Cases: []tools.RuleCase{{Name: "two", Diff: []string{"- a", "+ b"}}}}}}
	reports := []formattools.Report{{File: "a", Format: f}, {File: "b", Format: f}}
	e := Engine{
		Check: func(config.Config, []string) ([]formattools.Report, error) { return reports, nil },
		Test:  func(context.Context, config.Config, []string) (tools.TestRun, error) { return run, nil },
		List:  func(config.Config) ([]*format.Format, fault.List) { return []*format.Format{f, f}, nil },
	}
	e.Explain = explains(t).Explain
	c := &commands{engine: e}
	for name, call := range map[string]func(sh ui.Shell) error{
		"check":   func(sh ui.Shell) error { return c.check(sh, nil, false) },
		"test":    func(sh ui.Shell) error { return c.test(t.Context(), sh, nil, "") },
		"explain": func(sh ui.Shell) error { sh.InTTY = true; return c.explain(t.Context(), sh, "acme.log") },
	} {
		for _, asJSON := range []bool{false, true} {
			sh := closed(1)
			sh.JSON = asJSON
			if err := call(sh); !errors.Is(err, syscall.EPIPE) {
				t.Errorf("%s, --json %v: %v", name, asJSON, err)
			}
		}
	}
	sh := closed(1)
	sh.JSON = true
	if err := c.list(sh, ""); !errors.Is(err, syscall.EPIPE) {
		t.Errorf("list --json: %v", err)
	}
}

// TestNothing: an empty folder and a format without anything are no failure.
func TestNothing(t *testing.T) {
	e := Engine{
		Check: func(config.Config, []string) ([]formattools.Report, error) { return nil, nil },
		Test:  func(context.Context, config.Config, []string) (tools.TestRun, error) { return tools.TestRun{}, nil },
		List:  func(config.Config) ([]*format.Format, fault.List) { return nil, nil },
		Explain: func(config.Config, string) ([]formattools.Text, error) {
			return []formattools.Text{{Format: &format.Format{Dataset: "a.b", Title: "A", Whole: true}}, {Format: &format.Format{Dataset: "a.b", ID: "c"}}}, nil
		},
	}
	for args, want := range map[string]string{
		"check": "0 files: 0 loaded, 0 refused, 0 warnings", "test": "0 formats, 0 tests: 0 passed, 0 failed", "list": "0 formats, 0 of them yours",
	} {
		if _, msg, code := (world{engine: e, in: "-"}).run(t, args); code != 0 || !strings.Contains(msg, want) {
			t.Errorf("%s: %d %s", args, code, msg)
		}
	}
	out, _, code := world{engine: e, in: "-"}.run(t, "explain", "a.b")
	for _, want := range []string{"a.b   A\n", "\na.b/c   \n", "nothing: only by a setting", "the whole record: it has no syslog header", "what follows the syslog header"} {
		if code != 0 || !strings.Contains("\n"+out, want) {
			t.Errorf("%d, no %q in\n%s", code, want, out)
		}
	}
}

package notifycmd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/config"
	"weir/internal/control"
	"weir/internal/control/notifying"
	"weir/internal/fault"
	"weir/internal/term"
	"weir/sinks/notify"
)

// now is the clock of these tests.
var now = time.Date(2026, 11, 21, 16, 52, 30, 0, time.FixedZone("KST", 9*3600))

// backend answers with what a test gave it, and notes what it was asked.
type backend struct {
	control.Backend
	status   notifying.Status
	route    notifying.Route
	silences []notifying.Silence
	asked    any
	err      error
	closed   bool
}

func (b *backend) NotifyStatus(context.Context) (notifying.Status, error) { return b.status, b.err }

func (b *backend) NotifyTest(_ context.Context, r notifying.TestRequest) (notifying.TestAnswer, error) {
	b.asked = r
	return notifying.TestAnswer{Channel: r.Channel, Type: "email", Said: "250 ok", Ticket: "<x@y>", TookMS: 120}, b.err
}

func (b *backend) NotifyRoute(_ context.Context, r notifying.RouteRequest) (notifying.Route, error) {
	b.asked = r
	return b.route, b.err
}

func (b *backend) NotifyRetry(_ context.Context, r notifying.RetryRequest) (notifying.Retried, error) {
	b.asked = r
	return notifying.Retried{Messages: 3}, b.err
}

func (b *backend) Silences(_ context.Context, r notifying.SilencesRequest) ([]notifying.Silence, error) {
	b.asked = r
	return b.silences, b.err
}

func (b *backend) AddSilence(_ context.Context, r notifying.NewSilence) (notifying.Silence, error) {
	b.asked = r
	return notifying.Silence{ID: "4be1c2d3", Match: r.Match, Owner: r.Owner, Reason: r.Reason, Until: r.Until, Active: true}, b.err
}

func (b *backend) EndSilence(_ context.Context, r notifying.EndRequest) (notifying.Silence, error) {
	b.asked = r
	return notifying.Silence{ID: r.ID, By: r.By, Held: 4, Ended: now}, b.err
}

func (b *backend) Close() error {
	b.closed = true
	return nil
}

// filesOnly is a backend of a weir that does not run: it knows nothing of notifications.
type filesOnly struct{ control.Backend }

// world runs the commands as the program does.
type world struct {
	backend  control.Backend
	engine   Engine
	terminal int
	data     string
}

// run returns stdout, stderr and the exit code.
func (w world) run(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, msg bytes.Buffer
	asJSON := false
	root := &cobra.Command{Use: "weir", SilenceErrors: true, SilenceUsage: true}
	root.PersistentFlags().BoolVar(&asJSON, "json", false, "")
	o := term.Options{Env: []string{"LANG=en_US.UTF-8"}, Color: "never", Now: func() time.Time { return now }, Terminal: w.terminal, Zone: now.Location()}
	shell := func() ui.Shell {
		sh := ui.Shell{Out: term.Detect(&out, o), Msg: term.Detect(&msg, o), Stdout: &out, JSON: asJSON, Now: func() time.Time { return now }, Data: func() (string, error) { return w.data, nil }}
		sh.Write = func(b []byte) error { _, err := out.Write(b); return err }
		sh.Page = sh.Write
		sh.Line = func(v any) error { return json.NewEncoder(&out).Encode(v) }
		sh.Note = func(format string, args ...any) { fmt.Fprintf(&msg, format+"\n", args...) }
		sh.Warn = func(list ...*fault.Error) {
			for _, e := range list {
				sh.Msg.Fault(e, false)
			}
		}
		sh.Load = func() (*config.Loaded, error) { return config.Load("", nil) }
		sh.Ask = func(_ context.Context, f func(control.Backend) error) error { return f(w.backend) }
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
		return sh
	}
	pages.NewTree(root, Specs(shell, w.engine), func(*cobra.Command, []string) error { return nil })
	root.SetArgs(args)
	root.SetOut(io.Discard)
	root.SetErr(io.Discard)
	err := root.ExecuteContext(t.Context())
	if f, ok := errors.AsType[ui.Found](err); ok {
		return out.String(), msg.String(), f.Code
	}
	if err == nil {
		return out.String(), msg.String(), fault.ExitOK
	}
	for _, e := range term.Faults(err) {
		term.Detect(&msg, o).Fault(e, false)
	}
	return out.String(), msg.String(), fault.Exit(err)
}

func same(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got\n%s\nwant\n%s", what, got, want)
	}
}

// TestSpecs: each command has examples that begin with its name, and flags that its sections name.
func TestSpecs(t *testing.T) {
	leaves := 0
	var each func(prefix string, s pages.Spec)
	each = func(prefix string, s pages.Spec) {
		word, _, _ := strings.Cut(s.Use, " ")
		name := prefix + " " + word
		if s.Short == "" || len(s.Examples) == 0 {
			t.Errorf("%s has no help", name)
		}
		for _, x := range s.Sub {
			each(name, x)
		}
		if s.Run == nil {
			return
		}
		leaves++
		f := pflag.NewFlagSet(name, pflag.ContinueOnError)
		if s.Flags != nil {
			s.Flags(f)
		}
		for _, section := range s.Sections {
			for _, flag := range section[1:] {
				if f.Lookup(flag) == nil {
					t.Errorf("%s has no flag %s", name, flag)
				}
			}
		}
		for _, ex := range s.Examples {
			if !strings.HasPrefix(ex, name) {
				t.Errorf("%s: the example %q is of another command", name, ex)
			}
		}
	}
	for _, s := range Specs(func() ui.Shell { return ui.Shell{} }, Engine{}) {
		each("weir", s)
	}
	if leaves != 9 {
		t.Errorf("%d commands", leaves)
	}
}

func TestTest(t *testing.T) {
	b := &backend{}
	out, msg, code := world{backend: b, terminal: 100}.run(t, "notify", "test", "mail", "--lang", "ko")
	same(t, "stdout", out, "mail answered in 120 ms: 250 ok (<x@y>)\n")
	if code != 0 || msg != "" || b.asked != (notifying.TestRequest{Channel: "mail", Lang: "ko"}) {
		t.Errorf("exit %d, stderr %q, asked %+v", code, msg, b.asked)
	}
	out, _, _ = world{backend: b}.run(t, "notify", "test", "mail", "--json")
	same(t, "json", out, `{"channel":"mail","type":"email","said":"250 ok","ticket":"\u003cx@y\u003e","took_ms":120}`+"\n")
	for _, args := range [][]string{{"notify", "test"}, {"notify", "test", "a", "b"}, {"notify", "test", "mail", "--lang", "fr"}} {
		if _, _, code := (world{backend: b}).run(t, args...); code != fault.ExitUsage {
			t.Errorf("%q: exit %d", args, code)
		}
	}
	b.err = &fault.Error{Code: "notify-refused", What: "it did not arrive", Exit: fault.ExitFound}
	if _, _, code := (world{backend: b}).run(t, "notify", "test", "mail"); code != fault.ExitFound {
		t.Errorf("exit %d", code)
	}
}

func TestRetry(t *testing.T) {
	b := &backend{}
	_, msg, code := world{backend: b}.run(t, "notify", "retry", "mail")
	if code != 0 || msg != "3 messages to be tried again. Next: weir notify status\n" || b.asked != (notifying.RetryRequest{Channel: "mail"}) {
		t.Errorf("exit %d, %q, asked %+v", code, msg, b.asked)
	}
	if _, _, code := (world{backend: b}).run(t, "notify", "retry", "--all"); code != 0 || b.asked != (notifying.RetryRequest{}) {
		t.Errorf("exit %d, asked %+v", code, b.asked)
	}
	for _, args := range [][]string{{"notify", "retry"}, {"notify", "retry", "mail", "--all"}} {
		if _, msg, code := (world{backend: b}).run(t, args...); code != fault.ExitUsage || !strings.Contains(msg, "which messages are meant") {
			t.Errorf("%q: exit %d, %s", args, code, msg)
		}
	}
}

func TestCheck(t *testing.T) {
	asked := ""
	w := world{data: "weir-data", engine: Engine{Check: func(_ config.Config, path string) (notify.Checked, fault.List, error) {
		if asked = path; path == "bad.yaml" {
			return notify.Checked{}, fault.List{{Code: "notify-value", What: "there is no channel `boss`", Where: "bad.yaml:3:8", Text: "  to: [boss]", Mark: 8, Width: 4, Do: "channels: mail", Exit: fault.ExitUsage}}, nil
		}
		return notify.Checked{Channels: []string{"mail", "sms"}, Routes: 3, Windows: 1}, nil, nil
	}}}
	_, msg, code := w.run(t, "notify", "check")
	if code != 0 || msg != "ok: 2 channels, 3 routes, 1 window of maintenance\n" || asked != filepath.Join("weir-data", "notify.yaml") {
		t.Errorf("exit %d, %q, asked %s", code, msg, asked)
	}
	out, msg, code := w.run(t, "notify", "check", "bad.yaml")
	same(t, "stdout", out, "bad.yaml:3:8: error: there is no channel `boss`\n  3 |   to: [boss]\n    |        ^^^^ channels: mail\n")
	if code != fault.ExitUsage || msg != "1 error. A running weir keeps what it has\n" {
		t.Errorf("exit %d, %q", code, msg)
	}
	out, _, code = w.run(t, "notify", "check", "bad.yaml", "--json")
	var line map[string]any
	if err := json.Unmarshal([]byte(out), &line); err != nil || line["ok"] != false || code != fault.ExitUsage {
		t.Errorf("exit %d, %s, %v", code, out, err)
	}
}

// TestLive: the real engine reads real files.
func TestLive(t *testing.T) {
	dir := t.TempDir()
	w := world{backend: filesOnly{}, data: dir, engine: Live()}
	if _, msg, code := w.run(t, "notify", "status"); code != fault.ExitUsage || !strings.Contains(msg, "there is no notify.yaml") {
		t.Errorf("exit %d, %s", code, msg)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("a look left %v behind", left)
	}
	file := filepath.Join(dir, "notify.yaml")
	if err := os.WriteFile(file, []byte("channels: {hook: {type: webhook, url: 'https://example.org/x'}}\nroute: {to: hook}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, msg, code := w.run(t, "notify", "check"); code != 0 || out != "" || !strings.HasPrefix(msg, "ok: 1 channel, 1 route") {
		t.Errorf("exit %d, %s%s", code, out, msg)
	}
	out, msg, code := w.run(t, "silences", "add", "--match", "rule=ssh-*", "--owner", "ana", "--reason", "test", "--until", "2099-01-01")
	if code != fault.ExitUsage || !strings.Contains(msg, "longer than a year") {
		t.Errorf("exit %d, %s%s", code, out, msg)
	}
	until := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	if out, msg, code = w.run(t, "silences", "add", "--match", "rule=ssh-*", "--owner", "ana", "--reason", "test", "--until", until); code != 0 || len(out) != 9 {
		t.Errorf("exit %d, %s%s", code, out, msg)
	}
	if out, _, code = w.run(t, "silences", "list"); code != 0 || !strings.Contains(out, "rule=ssh-*") {
		t.Errorf("exit %d, %s", code, out)
	}
	if out, _, code = w.run(t, "notify", "route", "--rule", "ssh-x"); code != 0 || !strings.Contains(out, "held by   silence") || !strings.Contains(out, "goes to   hook") {
		t.Errorf("exit %d, %s", code, out)
	}
	if out, _, code = w.run(t, "notify", "schema"); code != 0 || !json.Valid([]byte(out)) || !strings.Contains(out, "snmptrap") {
		t.Errorf("exit %d, %s", code, out)
	}
}

// TestAsk_Closes: what was opened for a question is closed after it.
func TestAsk_Closes(t *testing.T) {
	b := &backend{}
	w := world{backend: filesOnly{}, data: "d", engine: Engine{Open: func(_ config.Config, dir string) (notifying.Notifier, io.Closer, error) {
		if dir != "d" {
			t.Errorf("opened %s", dir)
		}
		return b, b, nil
	}}}
	if _, _, code := w.run(t, "silences", "list"); code != 0 || !b.closed {
		t.Errorf("exit %d, closed %v", code, b.closed)
	}
}

func TestComplete(t *testing.T) {
	b := &backend{status: notifying.Status{Channels: []notifying.Channel{{Name: "mail", Type: "email", State: "up"}}}, silences: []notifying.Silence{{ID: "4be1", Match: []string{"rule=x"}}}}
	shell := func() ui.Shell {
		return ui.Shell{Ask: func(_ context.Context, f func(control.Backend) error) error { return f(b) }}
	}
	c := &commands{shell: shell}
	cmd := &cobra.Command{}
	cmd.SetContext(t.Context())
	if got, _ := c.completeChannels(cmd, nil, ""); !slices.Equal(got, []string{"mail\temail, up"}) {
		t.Errorf("channels %q", got)
	}
	if got, _ := c.completeChannels(cmd, []string{"mail"}, ""); got != nil {
		t.Errorf("a second one: %q", got)
	}
	if got, _ := c.completeSilences(cmd, nil, ""); !slices.Equal(got, []string{"4be1\trule=x"}) {
		t.Errorf("silences %q", got)
	}
}

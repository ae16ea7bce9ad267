package reviewcmd

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
	"weir/internal/app/auditing"
	desks "weir/internal/app/reviewing"
	"weir/internal/archive"
	"weir/internal/control"
	"weir/internal/control/question"
	"weir/internal/control/reviewing"
	"weir/internal/fault"
	"weir/internal/record"
	"weir/internal/retention/policy"
	"weir/internal/term"
)

// now is the clock of these tests.
var now = time.Date(2026, 11, 3, 10, 0, 0, 0, time.FixedZone("KST", 9*3600))

// backend answers questions by name.
type backend struct {
	control.Backend
	question.Table
}

// world runs the commands as the program does.
type world struct {
	table    question.Table
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
		sh := ui.Shell{In: strings.NewReader(""), Out: term.Detect(&out, o), Msg: term.Detect(&msg, o), Stdout: &out, JSON: asJSON, Now: func() time.Time { return now }, Data: func() (string, error) { return w.data, nil }}
		sh.Write = func(b []byte) error { _, err := out.Write(b); return err }
		sh.Page = sh.Write
		sh.Line = func(v any) error { return json.NewEncoder(&out).Encode(v) }
		sh.Note = func(format string, args ...any) { fmt.Fprintf(&msg, format+"\n", args...) }
		sh.Ask = func(_ context.Context, f func(control.Backend) error) error { return f(&backend{Table: w.table}) }
		sh.Cmdline = func(rest string) string { return "weir " + rest }
		return sh
	}
	pages.NewTree(root, Specs(shell, Live()), func(*cobra.Command, []string) error { return nil })
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

const systems = `
systems:
  - {name: crm, title: {en: Customers, ko: 고객관리}, owner: sales, reviewers: [jung, park]}
`

// newWorld has a small archive and a desk, as a weir that runs.
func newWorld(t *testing.T) world {
	t.Helper()
	w := world{data: filepath.Join(t.TempDir(), "data")}
	ar, err := archive.Open(filepath.Join(w.data, "archive"), archive.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ar.Close() })
	var rows []archive.Row
	for i, action := range []string{"view", "download", "download"} {
		reason := ""
		if i == 1 {
			reason = `,"reason":"audit"`
		}
		doc := fmt.Sprintf(`{"@timestamp":"2026-10-%02dT03:00:00Z","event":{"id":"e%d","dataset":"privacy_access.log"},"user":{"name":"park03"},"source":{"ip":"10.1.0.1"},"weir":{"privacy":{"system":"crm","action":%q,"subject":{"count":3}%s},"time":"2026-10-%02dT03:00:00Z"}}`, i+5, i, action, reason, i+5)
		rows = append(rows, archive.Row{Doc: []byte(doc), Account: "a", Consumed: record.Pos{Topic: "weir.events", Offset: int64(i)}})
	}
	if err := ar.Append(t.Context(), rows, nil); err != nil {
		t.Fatal(err)
	}
	p, faults := policy.Parse(policy.Options{Zone: time.UTC}, nil, []byte(systems))
	if p == nil {
		t.Fatal(faults)
	}
	w.table = desks.Questions(desks.New(desks.Deps{
		Archive: func() (*archive.Archive, error) { return ar, nil }, Data: w.data, Policy: func() (*policy.Policy, error) { return p, nil },
		Note: func(context.Context, auditing.Look) {}, Now: func() time.Time { return now },
	}))
	return w
}

// TestSpecs: each command has examples that begin with its name, at most three of them.
func TestSpecs(t *testing.T) {
	var names []string
	var each func(prefix string, s pages.Spec)
	each = func(prefix string, s pages.Spec) {
		word, _, _ := strings.Cut(s.Use, " ")
		name := prefix + " " + word
		if s.Short == "" || len(s.Examples) == 0 || len(s.Examples) > 3 {
			t.Errorf("%s has no help, or too much", name)
		}
		for _, ex := range s.Examples {
			if !strings.HasPrefix(ex, name) {
				t.Errorf("%s: the example %q is of another command", name, ex)
			}
		}
		if s.Run != nil {
			names = append(names, name)
		}
		if s.Flags != nil {
			s.Flags(pflag.NewFlagSet(name, pflag.ContinueOnError))
		}
		for _, x := range s.Sub {
			each(name, x)
		}
	}
	for _, s := range Specs(func() ui.Shell { return ui.Shell{} }, Engine{}) {
		each("weir", s)
	}
	want := []string{"weir review open", "weir review show", "weir review comment", "weir review explain", "weir review sign", "weir review status", "weir keys add", "weir keys list", "weir keys revoke"}
	if !slices.Equal(names, want) {
		t.Errorf("%q", names)
	}
}

// TestMonth: the whole life of a review, by its commands.
func TestMonth(t *testing.T) {
	w := newWorld(t)
	t.Setenv("REVIEW_PASS", "a long passphrase")
	good := func(args ...string) (string, string) {
		t.Helper()
		out, msg, code := w.run(t, args...)
		if code != 0 {
			t.Fatalf("%q: exit %d\n%s%s", args, code, out, msg)
		}
		return out, msg
	}
	bad := func(code int, text string, args ...string) {
		t.Helper()
		out, msg, got := w.run(t, args...)
		if got != code || !strings.Contains(out+msg, text) {
			t.Errorf("%q: exit %d, want %d and %q\n%s%s", args, got, code, text, out, msg)
		}
	}
	if _, msg := good("keys", "list"); !strings.Contains(msg, "nobody can sign reviews yet") {
		t.Errorf("%s", msg)
	}
	out, msg := good("keys", "add", "jung", "--accounts", "jung01", "--passphrase", "env:REVIEW_PASS")
	if len(strings.TrimSpace(out)) != 44 || !strings.Contains(msg, "data.keys") {
		t.Errorf("%s%s", out, msg)
	}
	good("keys", "add", "park", "--accounts", "park03", "--passphrase", "env:REVIEW_PASS")
	bad(2, "already registered", "keys", "add", "jung", "--passphrase", "env:REVIEW_PASS")
	bad(2, "never written on the command line", "keys", "add", "lee", "--passphrase", "my secret words")
	bad(2, "nobody can be asked", "keys", "add", "lee")

	if out, _ := good("review", "open", "--month", "2026-10"); out != "2026-10\topen\t1\t3\t2\t1\n" {
		t.Errorf("%q", out)
	}
	if _, msg := good("review", "open", "--month", "2026-10"); !strings.Contains(msg, "drafted at") {
		t.Errorf("%q", msg)
	}
	good("review", "comment", "2026-10", "--system", "crm", "--finding", "downloads", "월말 확인")
	bad(1, "somebody else changed", "review", "comment", "2026-10", "--if-version", "1", "late")
	bad(2, "is not said", "review", "explain", "2026-10", "--download", "e2")
	bad(2, "is not said", "review", "explain", "2026-10", "--download", "e2", "--approve", "--ask", "x")
	bad(2, "no reason yet", "review", "explain", "2026-10", "--download", "e2", "--approve")
	if _, msg := good("review", "explain", "2026-10", "--download", "e2", "--reason", "letter 12"); msg != "e2: reason entered\n" {
		t.Errorf("%q", msg)
	}
	good("review", "explain", "2026-10", "--download", "e2", "--ask", "park03")
	good("review", "explain", "2026-10", "--download", "e2", "--answer", "audit")
	good("review", "explain", "2026-10", "--download", "e2", "--approve")

	bad(1, "nobody reviews their own access", "review", "sign", "2026-10", "--key", "park", "--passphrase", "env:REVIEW_PASS")
	bad(2, "with which key", "review", "sign", "2026-10")
	bad(2, "no key is registered", "review", "sign", "2026-10", "--key", "lee", "--passphrase", "env:REVIEW_PASS")
	file := filepath.Join(t.TempDir(), "pass")
	if err := os.WriteFile(file, []byte("a wrong passphrase\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	bad(2, "cannot be opened", "review", "sign", "2026-10", "--key", "jung", "--passphrase", "file:"+file)
	if _, msg := good("review", "sign", "2026-10", "--key", "jung", "--passphrase", "env:REVIEW_PASS"); !strings.Contains(msg, "in the archive as reviews/2026-10.json") {
		t.Errorf("%s", msg)
	}
	bad(2, "nothing of it changes", "review", "comment", "2026-10", "late")
	out, _ = good("review", "show", "2026-10", "--lang", "ko")
	for _, want := range []string{"접속기록 점검 2026-10", "고객관리", "월말 확인", "approved", "서명이 유효하며"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not shown:\n%s", want, out)
		}
	}
	out, _ = good("review", "show", "2026-10", "--json")
	var v reviewing.View
	if err := json.Unmarshal([]byte(out), &v); err != nil || v.Check == nil || !v.Check.OK || v.Facts.System("crm").Downloads[1].Status() != "approved" {
		t.Errorf("%v %s", err, out)
	}
	if out, _ := good("review", "status"); !strings.HasPrefix(out, "2026-10\t2026-10\tsigned\t") {
		t.Errorf("%s", out)
	}
	good("review", "open", "--correct", "2026-10", "--why", "a host was missing")
	good("keys", "revoke", "jung", "--why", "left")
	bad(2, "is revoked", "review", "sign", "2026-10.2", "--key", "jung", "--passphrase", "env:REVIEW_PASS")
	if out, _ := good("keys", "list"); !strings.Contains(out, "jung\trevoked\t") || !strings.Contains(out, "park\tactive\t") {
		t.Errorf("%s", out)
	}
	// Somebody edits the copy of the archive: show says so.
	copied := filepath.Join(w.data, "archive", "reviews", "2026-10.json")
	b, err := os.ReadFile(copied)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(copied, bytes.Replace(b, []byte("월말"), []byte("월초"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	bad(1, "the archive's copy was changed", "review", "show", "2026-10")
}

func TestKeys_Public(t *testing.T) {
	w := newWorld(t)
	file := filepath.Join(t.TempDir(), "lee.pub")
	if err := os.WriteFile(file, []byte("O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik=\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, msg, code := w.run(t, "keys", "add", "lee", "--public", file, "--json"); code != 0 || !strings.Contains(out, `"name":"lee"`) {
		t.Errorf("exit %d %s%s", code, out, msg)
	}
	if _, err := os.Stat(w.data + ".keys"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a private key was made: %v", err)
	}
	if _, msg, code := w.run(t, "keys", "add", "ana", "--public", file+"x"); code != 2 || !strings.Contains(msg, "cannot be read") {
		t.Errorf("exit %d %s", code, msg)
	}
}

// TestStatus_Overdue: a period that is overdue is a finding, for scripts.
func TestStatus_Overdue(t *testing.T) {
	w := world{table: question.Table{reviewing.AskStatus: question.Typed(func(context.Context, reviewing.StatusRequest) (reviewing.Status, error) {
		return reviewing.Status{Rows: []reviewing.Row{{Period: "2026-09", State: "overdue", Due: now, Waits: []string{"crm", "x\x1b[31m"}}}}, nil
	})}}
	out, msg, code := w.run(t, "review", "status")
	if code != 1 || !strings.Contains(out, "2026-09\t-\toverdue") || strings.Contains(out, "\x1b") || !strings.Contains(msg, "1 period overdue") {
		t.Errorf("exit %d %q %q", code, out, msg)
	}
	if out, _, code := w.run(t, "review", "status", "--json"); code != 1 || !strings.Contains(out, `"state":"overdue"`) {
		t.Errorf("exit %d %q", code, out)
	}
}

// TestShow_Hostile: what attackers and colleagues wrote cannot steer the terminal.
func TestShow_Hostile(t *testing.T) {
	w := newWorld(t)
	w.terminal = 100
	_, _, _ = w.run(t, "review", "open", "--month", "2026-10")
	if _, msg, code := w.run(t, "review", "comment", "2026-10", "\x1b[2J\u202e<script>"); code != 0 {
		t.Fatal(msg)
	}
	out, _, _ := w.run(t, "review", "show", "2026-10")
	if strings.ContainsAny(out, "\x1b\u202e") || !strings.Contains(out, `\x1b[2J`) {
		t.Errorf("%q", out)
	}
}

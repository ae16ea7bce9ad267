package alertcmd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/alert"
	"weir/internal/control"
	"weir/internal/control/alerting"
	"weir/internal/fault"
	"weir/internal/term"
	"weir/internal/testkit"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// backend is a weir that has these alerts and changes none: it answers a decision with the alert as it would be.
type backend struct {
	control.Backend
	rows  []control.AlertRow
	risks []alerting.Risk
	// fails are errors by the id that is asked for.
	fails   map[string]error
	waiting bool
	asked   []any
}

func (b *backend) Alerts(_ context.Context, r control.AlertsRequest) ([]control.AlertRow, error) {
	b.asked = append(b.asked, r)
	return append([]control.AlertRow(nil), b.rows...), nil
}

func (b *backend) Alert(_ context.Context, id string) (control.AlertDetail, error) {
	b.asked = append(b.asked, id)
	return control.AlertDetail{Row: b.rows[0]}, b.fails[id]
}

func (b *backend) Decide(_ context.Context, d alerting.Decision) (alerting.Outcome, error) {
	b.asked = append(b.asked, d)
	if err := b.fails[d.ID]; err != nil {
		return alerting.Outcome{}, err
	}
	row := b.rows[0]
	row.Short = d.ID
	if d.Kind == alert.ToState {
		row.State, row.Verdict = d.State, d.Verdict
	}
	if d.Kind == alert.Assign {
		row.Assignee = d.Assignee
	}
	return alerting.Outcome{Row: row, Waiting: b.waiting}, nil
}

func (b *backend) Risk(_ context.Context, r alerting.RiskRequest) ([]alerting.Risk, error) {
	b.asked = append(b.asked, r)
	return b.risks, nil
}

// reader is a backend that keeps no alerts.
type reader struct{ control.Backend }

// guessed is the alert of the transcripts.
func guessed() control.AlertRow {
	return control.AlertRow{Short: "3f9c", State: alert.Open, Alert: alert.Alert{
		ID: "3f9cab7e00000001", Revision: 3, Rule: "ssh-brute-force", Version: 3, Level: "high", What: "203.0.113.5 guessed root's password on web-1", WhatKo: "203.0.113.5이(가) web-1의 root 비밀번호를 알아냈습니다",
		Group: map[string]string{"source.ip": "203.0.113.5"}, First: noon.Add(-2 * time.Minute), Last: noon.Add(-time.Minute), Count: 17,
		Evidence: []alert.Evidence{
			{EventID: "e1", Time: noon, When: "failed", Values: map[string]string{"user.name": "root", "host.name": "web-1", "source.port": "40117", "message": "Failed"}},
			{EventID: "e2", Time: noon, When: "login", Values: map[string]string{"user.name": "root", "host.name": "web-1", "source.port": "40121", "message": "Accepted"}},
		},
	}}
}

// run runs a command as a person at a terminal of 100 columns does, or a pipe with terminal false.
type terminal struct {
	b     control.Backend
	env   []string
	pipe  bool
	json  bool
	quiet bool
	user  string
}

// run returns what is on stdout and on stderr, and the error.
func (s terminal) run(t *testing.T, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var out, msg bytes.Buffer
	o := term.Options{Env: s.env, Now: func() time.Time { return noon }, Zone: time.FixedZone("KST", 9*3600), Terminal: 100, Color: "never"}
	if s.pipe {
		o.Terminal = 0
	}
	sh := ui.Shell{Out: term.Detect(&out, o), Msg: term.Detect(&msg, o), Stdout: &out, JSON: s.json, Quiet: s.quiet, Now: func() time.Time { return noon }}
	sh.Write = func(b []byte) error { _, err := out.Write(b); return err }
	sh.Page = sh.Write
	sh.Line = func(v any) error { b, err := json.Marshal(v); out.Write(append(b, '\n')); return err }
	sh.Note = func(format string, args ...any) {
		if !s.quiet {
			fmt.Fprintf(&msg, format+"\n", args...)
		}
	}
	sh.Report = func(_ context.Context, err error) { fmt.Fprintf(&msg, "error[%s]: %v\n", fault.Code(err), err) }
	sh.Cmdline = func(rest string) string { return "weir " + rest }
	sh.Times = func(from, to string) (a, b time.Time, err error) {
		for text, at := range map[string]*time.Time{from: &a, to: &b} {
			if text == "-1h" {
				*at = noon.Add(-time.Hour)
			} else if text != "" {
				return a, b, errors.New("no time")
			}
		}
		return a, b, nil
	}
	sh.Ask = func(_ context.Context, f func(control.Backend) error) error { return f(s.b) }
	user := s.user
	if user == "" {
		user = "ana"
	}
	root := &cobra.Command{Use: "weir", SilenceErrors: true, SilenceUsage: true}
	pages.NewTree(root, []pages.Spec{Spec(func() ui.Shell { return sh }, Person{Env: s.env, Name: func() string { return strings.TrimPrefix(user, "nobody") }}, nil)}, nil)
	root.SetArgs(append([]string{"alerts"}, args...))
	err = root.ExecuteContext(t.Context())
	return out.String(), msg.String(), err
}

func same(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got\n%s\nwant\n%s", what, got, want)
	}
}

var (
	inC       = []string{"LC_ALL=C"}
	inKorean  = []string{"LANG=ko_KR.UTF-8"}
	inEnglish = []string{"LANG=en_US.UTF-8"}
)

// TestSpec: each command has help, at most three examples that begin with its name, and the flags that its sections name.
func TestSpec(t *testing.T) {
	s := Spec(func() ui.Shell { return ui.Shell{} }, Person{}, nil)
	var names []string
	for _, x := range s.Sub {
		word, _, _ := strings.Cut(x.Use, " ")
		names = append(names, word)
		if x.Short == "" || len(x.Examples) == 0 || len(x.Examples) > 3 || x.Run == nil || x.Args == nil {
			t.Errorf("%s is not whole", word)
		}
		for _, ex := range x.Examples {
			if !strings.HasPrefix(ex, "weir alerts "+word) {
				t.Errorf("%s: the example %q is of another command", word, ex)
			}
		}
		f := pflag.NewFlagSet(word, pflag.ContinueOnError)
		if x.Flags != nil {
			x.Flags(f)
		}
		for _, section := range x.Sections {
			for _, name := range section[1:] {
				if f.Lookup(name) == nil {
					t.Errorf("%s has no flag %s", word, name)
				}
			}
		}
	}
	same(t, "commands", strings.Join(names, " "), "list show ack close open assign note risk")
}

// TestPerson_name: an account that many use is nobody's name where somebody took it with sudo.
func TestPerson_name(t *testing.T) {
	for _, tc := range []struct{ user, sudo, want string }{
		{"ana", "", "ana"}, {"ana", "ben", "ana"}, {"root", "", "root"}, {"root", "ben", "ben"}, {"weir", "ben", "ben"}, {"weir", "", "weir"}, {"", "ben", ""},
	} {
		p := Person{Name: func() string { return tc.user }}
		if tc.sudo != "" {
			p.Env = []string{"SUDO_USER=other", "SUDO_USER=" + tc.sudo}
		}
		if got := p.name(); got != tc.want {
			t.Errorf("%+v: %q", tc, got)
		}
	}
	if system() == "" {
		testkit.Skip(t, "machine", "this system has no name for the user of this test")
	}
}

// TestPerson_language: the flag, then the first variable that is set.
func TestPerson_language(t *testing.T) {
	for _, tc := range []struct {
		flag string
		env  []string
		want string
	}{
		{"", nil, "en"}, {"", []string{"LANG=ko_KR.UTF-8"}, "ko"}, {"", []string{"LANG=ko_KR.UTF-8", "LC_ALL=C"}, "en"}, {"", []string{"LANG=C", "LC_MESSAGES=ko"}, "ko"},
		{"", []string{"LANG=kok_IN"}, "en"}, {"ko", []string{"LC_ALL=C"}, "ko"}, {"en", inKorean, "en"}, {"fr", nil, ""},
	} {
		p := Person{Env: tc.env}
		got, err := p.language(tc.flag)
		if got != tc.want || (err != nil) != (tc.want == "") {
			t.Errorf("%+v: %q, %v", tc, got, err)
		}
	}
}

func TestWhat(t *testing.T) {
	for _, tc := range []struct {
		a    alert.Alert
		lang string
		want string
	}{
		{alert.Alert{What: "w", WhatKo: "무엇"}, english, "w"}, {alert.Alert{What: "w", WhatKo: "무엇"}, korean, "무엇"}, {alert.Alert{What: "w", TitleKo: "제목"}, korean, "제목"}, {alert.Alert{What: "w"}, korean, "w"},
	} {
		if got := what(&tc.a, tc.lang); got != tc.want {
			t.Errorf("%+v: %q", tc, got)
		}
	}
}

// TestNoDecider: a backend that keeps no alerts says so, with what to do.
func TestNoDecider(t *testing.T) {
	for _, args := range [][]string{{"ack", "3f9c"}, {"risk"}} {
		_, _, err := terminal{b: reader{}}.run(t, args...)
		if fault.Code(err) != "not-running" || fault.Exit(err) != fault.ExitMissing {
			t.Errorf("%v: %v", args, err)
		}
	}
}

package archivecmd

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
	"weir/internal/config"
	"weir/internal/control"
	"weir/internal/control/question"
	"weir/internal/control/retaining"
	"weir/internal/fault"
	"weir/internal/retention"
	"weir/internal/term"
)

// keeper is a backend that answers the questions about retention, and remembers what it was asked.
type keeper struct {
	control.Backend
	holds  []retention.HoldFacts
	policy retaining.PolicyAnswer
	err    error
	asked  []string
	raw    string // of the last question
}

func (k *keeper) Answer(_ context.Context, name string, raw []byte, _ func([]byte) error) (json.RawMessage, error) {
	k.asked, k.raw = append(k.asked, name), string(raw)
	if k.err != nil {
		return nil, k.err
	}
	switch name {
	case retaining.AskHold:
		return json.Marshal(retaining.HoldAnswer{Hold: k.holds[0], Seq: 7, Segments: 3})
	case retaining.AskHolds:
		return json.Marshal(retaining.HoldsAnswer{Holds: k.holds})
	case retaining.AskRelease:
		return json.Marshal(retaining.ReleaseAnswer{Hold: k.holds[0], Seq: 8, Due: 1, DueEvents: 1200})
	case retaining.AskPolicy:
		return json.Marshal(k.policy)
	}
	return nil, question.Unknown(name)
}

// desk is a run of one command.
type desk struct {
	b     *keeper
	json  bool
	tty   bool
	types string // on the terminal
}

// noon is when tests run.
var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// run runs a command with its flags and returns what it wrote.
func (d desk) run(t *testing.T, spec func(*commands) pages.Spec, args ...string) (out, notes string, err error) {
	t.Helper()
	var stdout, msg bytes.Buffer
	face := func(w *bytes.Buffer) *term.Face {
		return &term.Face{W: w, TTY: d.tty, Width: 200, Zone: time.UTC, Now: func() time.Time { return noon }}
	}
	sh := ui.Shell{JSON: d.json, InTTY: d.tty, In: strings.NewReader(d.types), Out: face(&stdout), Msg: face(&msg), Now: func() time.Time { return noon }}
	sh.Write = func(p []byte) error { _, err := stdout.Write(p); return err }
	sh.Line = func(v any) error { return json.NewEncoder(&stdout).Encode(v) }
	sh.Note = func(format string, args ...any) { fmt.Fprintf(&msg, format+"\n", args...) }
	sh.Warn = func(list ...*fault.Error) {
		for _, f := range list {
			fmt.Fprintf(&msg, "%s: %s\n", f.Code, f.What)
		}
	}
	sh.Cmdline = func(rest string) string { return "weir " + rest }
	sh.Ask = func(_ context.Context, f func(control.Backend) error) error { return f(d.b) }
	sh.Times = func(from, to string) (a, b time.Time, err error) {
		if from != "" {
			if a, err = term.ParseTime(from, noon, time.UTC); err != nil {
				return a, b, err
			}
		}
		if to != "" {
			b, err = term.ParseTime(to, noon, time.UTC)
		}
		return a, b, err
	}
	data := t.TempDir()
	sh.Data = func() (string, error) { return data, nil }
	sh.Load = func() (*config.Loaded, error) { return &config.Loaded{Config: config.Default()}, nil }
	s := spec(&commands{shell: func() ui.Shell { return sh }})
	flags := pflag.NewFlagSet("x", pflag.ContinueOnError)
	if s.Flags != nil {
		s.Flags(flags)
	}
	if err := flags.Parse(args); err != nil {
		return "", "", err
	}
	if s.Args != nil {
		if err := s.Args(flags.Args()); err != nil {
			return "", "", err
		}
	}
	cmd := &cobra.Command{}
	cmd.SetContext(t.Context())
	err = s.Run(cmd, flags.Args())
	return stdout.String(), msg.String(), err
}

// two are a hold in force and one that was released.
func two() []retention.HoldFacts {
	return []retention.HoldFacts{
		{ID: "H20261121-00000001", Query: "user.name: kim\x1b[31m", Owner: "lee", Reason: "case 12", Active: true, Keeps: 1200, Beyond: 2, From: noon.AddDate(0, 0, -1), Until: noon.Add(time.Hour)},
		{ID: "H20261101-00000002", Owner: "park", Reason: "audit", Released: noon.Add(-time.Hour), ReleasedBy: "ana"},
	}
}

func TestHold(t *testing.T) {
	b := &keeper{holds: two()}
	out, notes, err := desk{b: b}.run(t, (*commands).holdSpec, "user.name: kim", "--owner", "lee", "--reason", "case 12", "--from", "2026-01-01", "--until", "2027-01-01")
	if err != nil || out != "H20261121-00000001\n" || !strings.Contains(notes, "3 segments in its time, line 7 of the manifest; what it finds stays until") || !strings.Contains(notes, "weir archive release H20261121-00000001 --reason WHY") {
		t.Errorf("%q %q %v", out, notes, err)
	}
	for _, want := range []string{`"query":"user.name: kim"`, `"from":"2026-01-01T00:00:00Z"`, `"until":"2027-01-01T00:00:00Z"`, `"owner":"lee"`} {
		if !strings.Contains(b.raw, want) {
			t.Errorf("asked %s, without %s", b.raw, want)
		}
	}
	if strings.Contains(b.raw, `"to"`) {
		t.Errorf("a time that nobody gave: %s", b.raw)
	}
	if out, _, err = (desk{b: b, json: true}).run(t, (*commands).holdSpec, "--owner", "lee", "--reason", "x"); err != nil || !strings.Contains(out, `"seq":7`) {
		t.Errorf("%q %v", out, err)
	}
	if _, _, err = (desk{b: b}).run(t, (*commands).holdSpec, "--until", "someday"); err == nil {
		t.Error("a time that is none was taken")
	}
	b.err = &fault.Error{Code: "hold-invalid", What: "no"}
	if out, _, err = (desk{b: b}).run(t, (*commands).holdSpec); fault.Code(err) != "hold-invalid" || out != "" {
		t.Errorf("%q %v", out, err)
	}
}

func TestHolds(t *testing.T) {
	b := &keeper{holds: two()}
	out, notes, err := desk{b: b, tty: true}.run(t, (*commands).holdsSpec, "--all")
	if err != nil || !strings.Contains(b.raw, `"all":true`) || !strings.Contains(notes, "1 active") || strings.Contains(out, "\x1b[31m") {
		t.Errorf("%q %q %v", out, notes, err)
	}
	for _, want := range []string{"HOLD", "KEEPS", "H20261121-00000001  active    lee", "1,200", "H20261101-00000002  released  park", "case 12"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if out, _, _ = (desk{b: b, json: true}).run(t, (*commands).holdsSpec); strings.Count(out, "\n") != 2 || !strings.Contains(out, `"keeps":1200`) {
		t.Errorf("%q", out)
	}
	b.holds = nil
	if _, notes, _ = (desk{b: b}).run(t, (*commands).holdsSpec); notes != "no holds; those that are over: weir archive holds --all\n" {
		t.Errorf("%q", notes)
	}
}

// TestRelease: what cannot be undone is asked, and only yes is yes.
func TestRelease(t *testing.T) {
	id := "H20261121-00000001"
	for _, tc := range []struct {
		name     string
		tty      bool
		types    string
		args     []string
		released bool
		code     int
	}{
		{"confirmed", true, "yes\n", nil, true, 0},
		{"no", true, "y\n", nil, false, 1},
		{"end of input", true, "", nil, false, 1},
		{"no terminal", false, "yes\n", nil, false, 2},
		{"said before", false, "", []string{"--yes"}, true, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := &keeper{holds: two()}
			_, notes, err := desk{b: b, tty: tc.tty, types: tc.types}.run(t, (*commands).releaseSpec, append([]string{id, "--reason", "closed"}, tc.args...)...)
			released := len(b.asked) > 0 && b.asked[len(b.asked)-1] == retaining.AskRelease
			code := 0
			if found, is := errors.AsType[ui.Found](err); is {
				code = found.Code
			} else if err != nil {
				code = fault.Exit(err)
			}
			if released != tc.released || code != tc.code {
				t.Errorf("released %v, exit %d, %v", released, code, err)
			}
			if tc.released && !strings.Contains(notes, "due now: 1 segment with 1,200 events") {
				t.Errorf("%q", notes)
			}
			if tc.types != "" && tc.tty && !strings.Contains(notes, "of lee (case 12) keeps 1,200 segments") {
				t.Errorf("%q", notes)
			}
		})
	}
	b := &keeper{holds: two()}
	if _, _, err := (desk{b: b}).run(t, (*commands).releaseSpec, id, "--yes"); err == nil || len(b.asked) != 0 {
		t.Errorf("released without a reason: %v", err)
	}
	if out, _, err := (desk{b: b, json: true}).run(t, (*commands).releaseSpec, id, "--yes", "--reason", "x"); err != nil || !strings.Contains(out, `"due":1`) {
		t.Errorf("%q %v", out, err)
	}
}

func TestCompleteHolds(t *testing.T) {
	b := &keeper{holds: two()}
	sh := ui.Shell{Ask: func(_ context.Context, f func(control.Backend) error) error { return f(b) }}
	cmd := &cobra.Command{}
	cmd.SetContext(t.Context())
	ids, _ := (&commands{shell: func() ui.Shell { return sh }}).completeHolds(cmd, nil, "")
	if len(ids) != 2 || ids[0] != "H20261121-00000001\tlee: case 12" {
		t.Errorf("%q", ids)
	}
}

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

	"weir/cmd/weir/ui"
	"weir/internal/archive/anchor"
	"weir/internal/archive/logkey"
	"weir/internal/control"
	"weir/internal/control/question"
	"weir/internal/fault"
	"weir/internal/term"
)

// answers is a backend that answers one question.
type answers struct {
	control.Backend
	name   string
	answer any
	err    error
	asked  string
}

func (a *answers) Answer(_ context.Context, name string, _ []byte, _ func([]byte) error) (json.RawMessage, error) {
	a.asked = name
	if a.err != nil || name != a.name {
		return nil, errors.Join(a.err, question.Unknown(name))
	}
	return json.Marshal(a.answer)
}

// ran runs a command of the log against a backend and returns what it wrote.
func ran(t *testing.T, b control.Backend, asJSON bool, spec func(c *commands) func(cmd *cobra.Command, args []string) error) (out, notes string, err error) {
	t.Helper()
	var stdout, msg bytes.Buffer
	sh := ui.Shell{JSON: asJSON, Out: &term.Face{W: &stdout}, Now: func() time.Time { return time.Date(2026, 11, 21, 7, 0, 0, 0, time.UTC) }}
	sh.Write = func(p []byte) error { _, err := stdout.Write(p); return err }
	sh.Line = func(v any) error { return json.NewEncoder(&stdout).Encode(v) }
	sh.Note = func(format string, args ...any) { fmt.Fprintf(&msg, format+"\n", args...) }
	sh.Ask = func(_ context.Context, f func(control.Backend) error) error { return f(b) }
	cmd := &cobra.Command{}
	cmd.SetContext(t.Context())
	err = spec(&commands{shell: func() ui.Shell { return sh }})(cmd, nil)
	return stdout.String(), msg.String(), err
}

func rotate(c *commands) func(*cobra.Command, []string) error { return c.rotateKeySpec().Run }

func publishing(c *commands) func(*cobra.Command, []string) error { return c.publishSpec().Run }

func TestRotateKey(t *testing.T) {
	const older = "weir.log/x+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
	b := &answers{name: anchor.AskRotate, answer: logkey.Rotated{Seq: 12, Old: older, New: "NEW", Folder: "/srv/keys"}}
	out, notes, err := ran(t, b, false, rotate)
	if err != nil || out != "NEW\n" || !strings.Contains(notes, "line 12 of the manifest") || !strings.Contains(notes, "/srv/keys") {
		t.Errorf("%q %q %v", out, notes, err)
	}
	out, notes, err = ran(t, b, true, rotate)
	if err != nil || !strings.Contains(out, `"new":"NEW"`) || notes != "" {
		t.Errorf("%q %q %v", out, notes, err)
	}
	b.err = &fault.Error{Code: "archive-log-key", What: "no"}
	if out, _, err = ran(t, b, false, rotate); fault.Code(err) != "archive-log-key" || out != "" {
		t.Errorf("%q %v", out, err)
	}
}

func TestPublish(t *testing.T) {
	ok := anchor.Record{How: anchor.HowMail, Where: "audit\x1b[31m", OK: true, Said: "250 ok"}
	bad := anchor.Record{How: anchor.HowStamp, Where: "http://tsa/", Err: "the time-stamp server answered 503"}
	for _, tc := range []struct {
		name  string
		p     anchor.Published
		out   []string
		notes string
		code  int
	}{
		{"arrived", anchor.Published{Name: "2026-11-21", Size: 6, Ways: 1, Records: []anchor.Record{ok}}, []string{"mail     ok      audit", "250 ok"}, "checkpoint 2026-11-21, 6 entries", 0},
		{"not everywhere", anchor.Published{Name: "2026-11-21", Size: 6, Ways: 2, Records: []anchor.Record{ok, bad}}, []string{"stamp    failed  http://tsa/  the time-stamp server answered 503"}, "6 entries", 1},
		{"nothing new", anchor.Published{Name: "2026-11-21", Size: 6, Ways: 2}, nil, "had arrived everywhere already", 0},
		{"no way", anchor.Published{Name: "2026-11-21", Size: 6}, nil, "set archive.log.publish", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			out, notes, err := ran(t, &answers{name: anchor.AskPublish, answer: tc.p}, false, publishing)
			found, is := errors.AsType[ui.Found](err)
			if is != (tc.code > 0) || is && found.Code != tc.code || !is && err != nil {
				t.Errorf("error %v", err)
			}
			for _, want := range tc.out {
				if !strings.Contains(out, want) {
					t.Errorf("no %q in %q", want, out)
				}
			}
			if strings.Contains(out, "\x1b") || !strings.Contains(notes, tc.notes) {
				t.Errorf("%q %q", out, notes)
			}
			if out, _, _ = ran(t, &answers{name: anchor.AskPublish, answer: tc.p}, true, publishing); !strings.Contains(out, `"size":6`) {
				t.Errorf("json: %q", out)
			}
		})
	}
	if _, _, err := ran(t, &answers{name: "other"}, false, publishing); fault.Code(err) != "version-mismatch" {
		t.Errorf("nobody answers: %v", err)
	}
}

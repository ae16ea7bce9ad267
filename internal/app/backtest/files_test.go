package backtest

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/internal/app/tools"
	"weir/internal/control/trial"
	"weir/internal/fault"
)

// lines writes files of a text each.
func lines(t *testing.T, texts ...string) []string {
	t.Helper()
	dir := t.TempDir()
	var names []string
	for i, text := range texts {
		name := filepath.Join(dir, string(rune('a'+i))+".log")
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	return names
}

const sshd = "<38>Oct 11 22:14:15 web-1 sshd[1]: Failed password for root from 203.0.113.5 port 5 ssh2\n" +
	"<38>Oct 11 22:14:16 web-1 sshd[1]: Failed password for ana from 203.0.113.5 port 6 ssh2\n"

const windows = `{"Event":{"System":{"Channel":"Security","EventID":4625,"Computer":"pc-1","TimeCreated":{"SystemTime":"2026-11-01T08:00:00Z"}},"EventData":{"TargetUserName":"kim"}}}` + "\n"

func TestFiles_Forms(t *testing.T) {
	t.Parallel()
	week := string(bytes.Join(week(), []byte("\n")))
	tests := []struct {
		name, when      string
		form            Form
		texts           []string
		events, matches int64
		warnings        int
	}{
		{"documents", `event.outcome == "failure"`, Form{}, []string{week}, 217, 49, 0},
		{"several files", `event.outcome == "failure"`, Form{}, []string{week, "\n\n", week}, 434, 98, 0},
		{"raw lines", `event.outcome == "failure"`, Form{Raw: "auto"}, []string{sshd, sshd}, 4, 4, 0},
		{"raw lines of a dataset", `user.name == "ana"`, Form{Raw: "system.auth"}, []string{sshd}, 2, 1, 0},
		{"windows", `event.code == "4625" and winlog.channel == "Security"`, Form{WinEvent: true}, []string{windows}, 1, 1, 0},
		{"some that are none", `event.outcome == "failure"`, Form{}, []string{"nonsense\n" + week, "{\n"}, 217, 49, 2},
		{"many that are none", `event.outcome == "failure"`, Form{}, []string{strings.Repeat("nonsense\n", 30) + week}, 217, 49, 11},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			names := lines(t, tt.texts...)
			b, err := New(place(t, nil), file("id: r\ntitle: R\nlevel: low\nwhen: '"+tt.when+"'\n"), func(trial.Line) error { return nil })
			if err != nil {
				t.Fatal(err)
			}
			got, err := b.Files(t.Context(), names, tt.form)
			if err != nil || got.Events != tt.events || got.Rules[0].Matches != tt.matches || len(got.Warnings) != tt.warnings {
				t.Errorf("%+v, %v", got, err)
			}
			if tt.warnings > 0 && !strings.HasPrefix(got.Warnings[0].Where, names[0]+", line 1") {
				t.Errorf("where is it? %+v", got.Warnings[0])
			}
		})
	}
}

// TestFiles_EqualsDetect: over one file the alerts and their ids are those of weir detect.
func TestFiles_EqualsDetect(t *testing.T) {
	t.Parallel()
	p := place(t, nil)
	text := bytes.Join(append(week(), eventsOf(t, p)...), []byte("\n"))
	rule := filepath.Join(t.TempDir(), "r.yaml")
	if err := os.WriteFile(rule, []byte(failed), 0o600); err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	o := tools.DetectOptions{Config: p.Config, Rules: []string{rule}, Warn: func(e *fault.Error) { t.Error(e) }}
	if err := tools.Detect(t.Context(), o, bytes.NewReader(text), &want); err != nil {
		t.Fatal(err)
	}
	var got answer
	var err error
	if got.sum, err = Run(t.Context(), Options{Config: p.Config, Rule: rule, Files: lines(t, string(text))}, got.line); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(want.String(), "\n"); n != len(got.alerts) || n < 14 {
		t.Fatalf("%d alerts, detect has %d", len(got.alerts), n)
	}
	for _, a := range got.alerts {
		if !strings.Contains(want.String(), `"`+a.ID+`"`) {
			t.Errorf("detect has no alert %s", briefOf(&a.Alert))
		}
	}
}

func TestFiles_BoundsAndStop(t *testing.T) {
	t.Parallel()
	names := lines(t, string(bytes.Join(week(), []byte("\n"))))
	req := file(failed)
	req.From, req.To = start.Add(24*3600e9), start.Add(48*3600e9)
	b, err := New(place(t, nil), req, func(trial.Line) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	if got, err := b.Files(t.Context(), names, Form{}); err != nil || got.Events != 31 || got.Rules[0].Alerts != 2 || got.Stopped != "" {
		t.Errorf("%+v, %v", got, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if b, err = New(place(t, nil), file(failed), func(trial.Line) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if got, err := b.Files(ctx, names, Form{}); err != nil || got.Stopped != trial.Interrupted {
		t.Errorf("%+v, %v", got, err)
	}
}

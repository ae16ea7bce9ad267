package tools

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/event"
	"weir/internal/app/apptest"
	"weir/internal/fault"
	"weir/rules/pipelines"
)

func TestLines(t *testing.T) {
	t.Parallel()
	const raw = "<38>Oct 11 22:14:15 web-1 sshd[1]: Failed password for root from 203.0.113.5 port 5 ssh2\n"
	tests := []struct {
		name  string
		form  Form
		texts []string
		want  []string // line, id and code or outcome of each event
		warns int
	}{
		{"documents", Form{}, []string{`{"event":{"outcome":"failure"}}` + "\n\n" + `{"event":{"id":"mine","outcome":"success"}}`}, []string{"1 line-1 failure", "3 mine success"}, 0},
		{"numbers go on", Form{}, []string{"{}\n{}\n", "{}\n"}, []string{"1 line-1 ", "2 line-2 ", "3 line-3 "}, 0},
		{"what is none", Form{}, []string{"nonsense\n{}\n{"}, []string{"2 line-2 "}, 2},
		{"raw", Form{Raw: "auto"}, []string{raw, raw}, []string{"1 line-1 failure", "2 line-2 failure"}, 0},
		{"windows", Form{WinEvent: true}, []string{`{"Channel":"Security","EventID":4625,"EventTime":"2026-11-01 08:00:00","Hostname":"pc-1"}` + "\nnonsense\n"}, []string{"1 line-1 4625"}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l, err := NewLines(apptest.Data(t, nil), pipelines.Shipped(), tt.form)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			warns := 0
			for _, text := range tt.texts {
				err := l.Read(t.Context(), strings.NewReader(text), func(n int, e *event.Event) error {
					got = append(got, fmt.Sprintf("%d %s %s%s", n, e.Str(event.EventID), e.Str(event.EventOutcome), e.Str(event.EventCode)))
					if e.Get(event.WeirTime).Kind() != event.Time {
						t.Errorf("line %d has no time", n)
					}
					return nil
				}, func(*fault.Error) { warns++ })
				if err != nil {
					t.Fatal(err)
				}
			}
			if !slices.Equal(got, tt.want) || warns != tt.warns {
				t.Errorf("got %q and %d warnings, want %q and %d", got, warns, tt.want, tt.warns)
			}
		})
	}
}

// TestLines_LoggedTime: what a document says of its own time counts, whatever time it was stored by.
func TestLines_LoggedTime(t *testing.T) {
	t.Parallel()
	l, err := NewLines(apptest.Data(t, nil), pipelines.Shipped(), Form{})
	if err != nil {
		t.Fatal(err)
	}
	doc := `{"@timestamp":"2026-11-01T08:00:00Z","weir":{"time":"2026-11-02T08:00:00Z"}}`
	err = l.Read(t.Context(), strings.NewReader(doc), func(_ int, e *event.Event) error {
		if at := e.Get(event.WeirTime).Time(); !at.Equal(time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC)) {
			t.Errorf("the time is %s", at)
		}
		return nil
	}, func(e *fault.Error) { t.Error(e) })
	if err != nil {
		t.Fatal(err)
	}
}

func TestNewLines_Mistakes(t *testing.T) {
	t.Parallel()
	cfg := apptest.Data(t, nil)
	if _, err := NewLines(cfg, pipelines.Shipped(), Form{Raw: "auto", WinEvent: true}); fault.Code(err) != "usage" {
		t.Errorf("two forms: %v", err)
	}
	if _, err := NewLines(cfg, pipelines.Shipped(), Form{Raw: "nothing"}); fault.Code(err) != "dataset-unknown" {
		t.Errorf("an unknown dataset: %v", err)
	}
}

package topics

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"weir/internal/bus/topicadmin"
	"weir/internal/config"
	"weir/internal/fault"
	"weir/internal/term"
)

// kafka answers with what it is given.
type kafka struct {
	list    []topicadmin.Info
	made    []string
	changes []topicadmin.Change
	err     error
}

func (k kafka) List(context.Context) ([]topicadmin.Info, error) { return k.list, k.err }
func (k kafka) Ensure(context.Context) (map[string]int, []string, error) {
	return map[string]int{"a": 2, "b": 3}, k.made, k.err
}
func (k kafka) Resize(context.Context, int, bool) ([]topicadmin.Change, error) {
	return k.changes, k.err
}

// page is a pipe of 100 columns, and what was noted.
func page(t *testing.T) (p Page, out, notes *bytes.Buffer) {
	t.Helper()
	out, notes = &bytes.Buffer{}, &bytes.Buffer{}
	return Page{Out: term.Detect(out, term.Options{Env: []string{"LANG=C"}, Now: time.Now}), Note: func(f string, a ...any) { fmt.Fprintf(notes, f+"\n", a...) }}, out, notes
}

func TestKept(t *testing.T) {
	for _, tc := range []struct {
		name string
		x    topicadmin.Info
		want string
	}{
		{"by time", topicadmin.Info{Cleanup: "delete", Retention: 36 * time.Hour, MaxSize: -1}, "1d12h"},
		{"by time and size", topicadmin.Info{Cleanup: "delete", Retention: 7 * 24 * time.Hour, MaxSize: 1 << 30}, "7d, 1 GiB a partition"},
		{"compacted", topicadmin.Info{Cleanup: "compact", MaxSize: -1}, "last of each key"},
		{"compacted and deleted", topicadmin.Info{Cleanup: "compact,delete", Retention: 24 * time.Hour, MaxSize: -1}, "1d, last of each key"},
		{"neither", topicadmin.Info{Cleanup: "delete", MaxSize: -1}, "for ever"},
	} {
		if got := kept(tc.x); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

func TestErrorsOfKafkaComeThrough(t *testing.T) {
	gone := errors.New("gone")
	p, _, _ := page(t)
	for name, err := range map[string]error{
		"list": List(t.Context(), kafka{err: gone}, p), "create": Create(t.Context(), kafka{err: gone}, p), "resize": Resize(t.Context(), kafka{err: gone}, p, "3", true),
	} {
		if !errors.Is(err, gone) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCreate_SaysWhatItMade(t *testing.T) {
	p, out, notes := page(t)
	if err := Create(t.Context(), kafka{made: []string{"a"}}, p); err != nil || notes.String() != "made a with 2 partitions\n" {
		t.Errorf("%v: %s", err, notes)
	}
	notes.Reset()
	if err := Create(t.Context(), kafka{}, p); err != nil || notes.String() != "nothing to do: 2 topics there\n" {
		t.Errorf("%v: %s", err, notes)
	}
	p.JSON = out
	if err := Create(t.Context(), kafka{made: []string{"b"}}, p); err != nil || out.String() != `{"topic":"b","from":0,"to":3}`+"\n" {
		t.Errorf("%v: %s", err, out)
	}
}

func TestResize_SaysWhatItDoesBeforeItDoesIt(t *testing.T) {
	p, out, notes := page(t)
	if err := Resize(t.Context(), kafka{changes: []topicadmin.Change{{Name: "weir.events", From: 2, To: 5}}}, p, "5", false); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "weir.events") || strings.Count(notes.String(), "\n") != len(topicadmin.Effects())+1 {
		t.Errorf("%s%s", out, notes)
	}
	notes.Reset()
	if err := Resize(t.Context(), kafka{}, p, "5", true); err != nil || !strings.Contains(notes.String(), "nothing to do") {
		t.Errorf("%v: %s", err, notes)
	}
	for _, wrong := range []string{"", "0", "-1", "x", "99999999999999999999"} {
		if err := Resize(t.Context(), kafka{}, p, wrong, true); fault.Code(err) != "usage" {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}

func TestConnect_WithoutBrokers(t *testing.T) {
	_, _, err := Connect(t.Context(), config.Default().Bus, slog.New(slog.DiscardHandler))
	if fault.Code(err) != "usage" || fault.Exit(err) != fault.ExitUsage {
		t.Errorf("%v", err)
	}
}

package watchdog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/internal/alert"
	"weir/internal/keep"
	"weir/internal/testkit"
)

// site is a watchdog with a clock, a folder and a Kafka of its own.
type site struct {
	t      *testing.T
	opts   Options
	w      *Watchdog
	now    time.Time
	up     time.Duration
	raised []*alert.Alert
	away   bool // Kafka is
}

var start = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)

// newSite makes a site; change may set what it likes.
func newSite(t *testing.T, change func(*Options)) *site {
	s := &site{t: t, now: start, up: time.Second}
	s.opts = Options{
		Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return s.now }, Up: func() time.Duration { return s.up },
		Dir: t.TempDir(), Write: keep.WriteFile, Host: "weir-1",
		Raise: func(_ context.Context, a *alert.Alert) error {
			if s.away {
				return errors.New("Kafka is away")
			}
			s.raised = append(s.raised, a)
			return nil
		},
	}
	if change != nil {
		change(&s.opts)
	}
	s.restart()
	return s
}

// restart makes a new watchdog on the same folder.
func (s *site) restart() {
	s.t.Helper()
	s.up = time.Second
	var err error
	if s.w, err = New(s.opts); err != nil {
		s.t.Fatal(err)
	}
}

// look looks every ten seconds for a while.
func (s *site) look(span time.Duration) {
	for end := s.now.Add(span); s.now.Before(end); {
		s.now, s.up = s.now.Add(lookEvery), s.up+lookEvery
		s.w.Look(s.t.Context())
	}
}

// said returns what was raised since it was last asked, as rule, revision and whether it is over.
func (s *site) said() string {
	var out []string
	for _, a := range s.raised {
		text := fmt.Sprintf("%s/%d", a.Rule, a.Revision)
		if a.Ended != nil {
			text += " over"
		}
		out = append(out, text)
	}
	s.raised = nil
	return strings.Join(out, ", ")
}

// TestAnAlertOfItsOwn: it is opened when something is wrong, counted, and ends by itself; over restarts it stays the same.
func TestAnAlertOfItsOwn(t *testing.T) {
	bad := false
	s := newSite(t, func(o *Options) {
		o.Reading.Refusals = func() []Refusal {
			if bad {
				return []Refusal{{"rules/vpn.yaml", "unknown key `withn`"}}
			}
			return nil
		}
	})
	s.look(time.Minute)
	bad = true
	s.look(50 * time.Second)
	if got := s.said(); got != "" {
		t.Fatalf("said before it was wrong for a minute: %s", got)
	}
	s.look(30 * time.Second)
	if len(s.raised) != 1 {
		t.Fatalf("%d alerts", len(s.raised))
	}
	a := s.raised[0]
	want := alert.Alert{ID: a.ID, Revision: 1, Rule: "weir-rules-refused", Version: 1, Title: "Rules are not used", TitleKo: "사용되지 않는 탐지 규칙", Level: "medium",
		Group: map[string]string{"host.name": "weir-1"}, Count: 1, First: start.Add(70 * time.Second), Last: a.Last, Created: a.Created}
	if a.What != "a rule is not used: rules/vpn.yaml: unknown key `withn`. weir rules check names every mistake" || !strings.Contains(a.WhatKo, "규칙이 사용되지 않습니다") {
		t.Errorf("%s / %s", a.What, a.WhatKo)
	}
	if len(a.ID) != 16 || a.Rule != want.Rule || a.Title != want.Title || a.TitleKo != want.TitleKo || a.Level != want.Level || a.Group["host.name"] != "weir-1" || !a.First.Equal(want.First) || a.Count != 1 || a.Ended != nil || a.Labels["from"] != "weir" {
		t.Errorf("%+v", a)
	}
	s.said()
	s.restart()
	s.look(time.Minute)
	if got := s.said(); got != "" {
		t.Errorf("said again after a restart: %s", got)
	}
	s.look(2 * time.Hour)
	if got := s.said(); got != "" {
		t.Errorf("in two hours: %s", got)
	}
	bad = false
	s.restart()
	s.look(20 * time.Second)
	last := s.raised[len(s.raised)-1]
	if got := s.said(); got != "weir-rules-refused/2 over" || last.ID != a.ID || last.What != a.What || last.Ended.Before(last.Last) {
		t.Errorf("%s %+v", got, last)
	}
	bad = true
	s.look(2 * time.Minute)
	if s.raised[0].ID == a.ID || s.raised[0].Revision != 1 {
		t.Errorf("what is wrong again is another alert: %+v", s.raised[0])
	}
}

// TestKafkaAway: what cannot be raised is raised later, under the id that it would have had, over a restart too.
func TestKafkaAway(t *testing.T) {
	bad := []Refusal{{"a.yaml", "x"}, {"b.yaml", "y"}}
	s := newSite(t, func(o *Options) { o.Reading.Refusals = func() []Refusal { return bad } })
	s.away = true
	s.look(3 * time.Minute)
	s.restart()
	s.look(time.Minute)
	s.away = false
	s.look(time.Minute)
	if got := s.said(); got != "weir-rules-refused/1, weir-rules-refused/1" {
		t.Errorf("%s", got)
	}
	s.away = true
	bad = nil
	s.look(time.Minute)
	s.restart()
	s.away = false
	s.look(time.Minute)
	if got := s.said(); got != "weir-rules-refused/2 over, weir-rules-refused/2 over" {
		t.Errorf("%s", got)
	}
	if len(s.w.keep.list) != 0 {
		t.Errorf("%d are kept", len(s.w.keep.list))
	}
}

// TestKafkaHangs: a Kafka that does not answer does not keep the watchdog from looking.
func TestKafkaHangs(t *testing.T) {
	s := newSite(t, func(o *Options) {
		o.Reading.Refusals = func() []Refusal { return []Refusal{{"a.yaml", "x"}} }
		o.Raise = func(ctx context.Context, _ *alert.Alert) error {
			if _, ok := ctx.Deadline(); !ok {
				t.Error("there is no limit to how long it may take")
			}
			return context.DeadlineExceeded
		}
	})
	s.look(5 * time.Minute)
	if due := s.w.keep.due(); len(due) != 1 {
		t.Errorf("%d are due", len(due))
	}
}

func TestDisabled(t *testing.T) {
	s := newSite(t, func(o *Options) { o.Reading.Refusals = func() []Refusal { return []Refusal{{"a.yaml", "x"}} } })
	s.look(2 * time.Minute)
	s.said()
	s.opts.Disable = []string{"weir-rules-refused"}
	s.restart()
	s.look(2 * time.Minute)
	if got := s.said(); got != "weir-rules-refused/2 over" {
		t.Errorf("%s", got)
	}
}

// TestFolderInTheWay: a state file that is damaged is put aside; a folder that cannot be read is said.
func TestFolderInTheWay(t *testing.T) {
	s := newSite(t, nil)
	for _, name := range []string{alertsFile, rhythmsFile} {
		if err := keep.WriteFile(filepath.Join(s.opts.Dir, name), []byte("{")); err != nil {
			t.Fatal(err)
		}
	}
	s.opts.Sources = quietSources(s)
	s.restart()
	for _, name := range []string{alertsFile, rhythmsFile} {
		if _, err := os.Stat(filepath.Join(s.opts.Dir, name+".bad")); err != nil {
			t.Error(err)
		}
	}
	if err := os.Mkdir(filepath.Join(s.opts.Dir, alertsFile), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := New(s.opts); err == nil || !strings.Contains(err.Error(), "watchdog keeps") {
		t.Errorf("got %v", err)
	}
}

// TestRun: it looks at once, and writes down what it knows when it ends.
func TestRun(t *testing.T) {
	s := newSite(t, func(o *Options) { o.Every = time.Millisecond })
	s.opts.Sources = quietSources(s)
	s.restart()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); s.w.Run(ctx) }()
	cancel()
	<-done
	if _, err := os.Stat(filepath.Join(s.opts.Dir, rhythmsFile)); err != nil {
		t.Error(err)
	}
}

// TestRules: each alert of weir itself can be explained, in both languages, and has an id of its own.
func TestRules(t *testing.T) {
	levels := []string{"low", "medium", "high"}
	seen := map[string]bool{}
	for _, r := range Rules() {
		if !strings.HasPrefix(r.ID, "weir-") || seen[r.ID] || r.Title == "" || r.TitleKo == "" || r.About == "" || r.Do == "" || r.DoKo == "" || !slices.Contains(levels, r.Level) {
			t.Errorf("%+v", r)
		}
		seen[r.ID] = true
	}
	if len(seen) < 14 {
		t.Errorf("%d rules", len(seen))
	}
}

// TestDocumented: docs/silence.md has every alert of weir itself, with what raises it.
func TestDocumented(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(testkit.Root(t), "docs", "silence.md"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range checks {
		if r := &checks[i].Rule; !strings.Contains(string(page), "| `"+r.ID+"` |") || !strings.Contains(strings.ReplaceAll(string(page), "`", ""), r.About) {
			t.Errorf("%s: %s", r.ID, r.About)
		}
	}
	for _, r := range silenceRules {
		if !strings.Contains(string(page), "| `"+r.ID+"` |") {
			t.Errorf("%s is not there", r.ID)
		}
	}
}

package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/internal/alert"
	"weir/internal/config"
	"weir/internal/control"
	"weir/internal/control/alerting"
	"weir/internal/control/cost"
	"weir/internal/control/intake"
	"weir/internal/control/memory"
	"weir/internal/control/redo"
	"weir/internal/control/watching"
	"weir/internal/fault"
	"weir/rules/coverage"
)

var (
	seoul = time.FixedZone("KST", 9*3600)
	now   = time.Date(2026, 11, 21, 16, 52, 30, 0, seoul)
)

// clock returns a time of that day.
func clock(hour, minute int, second float64) time.Time {
	return time.Date(2026, 11, 21, hour, minute, 0, 0, seoul).Add(time.Duration(second * float64(time.Second)))
}

// fake is a backend with fixed answers; it keeps what it was asked.
type fake struct {
	// named are answers to questions by name, streams the documents before them; wanted is what was asked so.
	named   map[string]any
	streams map[string][]string
	wanted  []string

	docs    []string
	search  control.SearchSummary
	tail    control.TailSummary
	ledger  control.Ledger
	alerts  []control.AlertRow
	detail  control.AlertDetail
	outcome alerting.Outcome
	risk    []alerting.Risk
	letters []control.DeadLetter
	redone  redo.Summary
	lines   []redo.Line
	status  control.Status
	err     error
	asked   any
	closed  bool
	parts   []intake.Request
	before  *intake.Before
	missing watching.Sources
	hops    []watching.Hop
	ended   watching.CanaryResult
}

func (f *fake) Search(_ context.Context, r control.SearchRequest, each func([]byte) error) (control.SearchSummary, error) {
	f.asked = r
	for _, d := range f.docs {
		if err := each([]byte(d)); err != nil {
			return f.search, err
		}
	}
	return f.search, f.err
}

func (f *fake) Tail(_ context.Context, r control.TailRequest, each func([]byte) error) (control.TailSummary, error) {
	f.asked = r
	for _, d := range f.docs {
		if err := each([]byte(d)); err != nil {
			return f.tail, err
		}
	}
	return f.tail, f.err
}

func (f *fake) Ledger(_ context.Context, r control.LedgerRequest) (control.Ledger, error) {
	f.asked = r
	return f.ledger, f.err
}

func (f *fake) Alerts(_ context.Context, r control.AlertsRequest) ([]control.AlertRow, error) {
	f.asked = r
	return slices.Clone(f.alerts), f.err
}

func (f *fake) Alert(_ context.Context, id string) (control.AlertDetail, error) {
	f.asked = id
	return f.detail, f.err
}

// Decide answers each decision with the same alert, in the state that was asked for.
func (f *fake) Decide(_ context.Context, d alerting.Decision) (alerting.Outcome, error) {
	f.asked = d
	return f.outcome, f.err
}

func (f *fake) Risk(_ context.Context, r alerting.RiskRequest) ([]alerting.Risk, error) {
	f.asked = r
	return f.risk, f.err
}

func (f *fake) DeadLetters(_ context.Context, r control.DeadLettersRequest) ([]control.DeadLetter, error) {
	f.asked = r
	return f.letters, f.err
}

func (f *fake) Redo(_ context.Context, r redo.Request, each func(redo.Line) error) (redo.Summary, error) {
	f.asked = r
	if f.err != nil {
		return f.redone, f.err
	}
	for _, l := range f.lines {
		if err := each(l); err != nil {
			return f.redone, err
		}
	}
	return f.redone, f.err
}

func (f *fake) Status(context.Context) (control.Status, error) { return f.status, f.err }

// Coverage, RuleMemory and RuleCounts are what a weir that runs answers besides.
func (f *fake) Coverage(_ context.Context, r coverage.Request) (*coverage.Report, error) {
	f.asked = r
	return &coverage.Report{From: now.AddDate(0, -1, 0), To: now, Rules: []coverage.RuleRow{{ID: hostile, Title: hostile}}, Techniques: []coverage.Technique{{ID: hostile}}, Seen: []string{hostile}}, f.err
}

func (f *fake) RuleMemory(context.Context) (memory.State, error) {
	return memory.State{Rules: []memory.Rule{{Rule: hostile, Groups: 1, Matches: 1}}, Late: []memory.Late{{Rule: hostile, EventID: hostile, Dataset: hostile, At: now}}}, f.err
}

func (f *fake) RuleCounts(context.Context) (cost.Counts, error) {
	return cost.Counts{}, f.err
}

// Import keeps the parts of a file.
func (f *fake) Import(_ context.Context, r intake.Request) (intake.Summary, error) {
	f.parts = append(f.parts, r)
	return intake.Summary{Stored: len(r.Rows), Before: f.before}, f.err
}

// Sources and Canary are what a weir that watches answers besides.
func (f *fake) Sources(_ context.Context, r watching.SourcesRequest) (watching.Sources, error) {
	f.asked = r
	return f.missing, f.err
}

func (f *fake) Canary(_ context.Context, r watching.CanaryRequest, each func(watching.Hop) error) (watching.CanaryResult, error) {
	f.asked = r
	if f.err != nil && f.ended.ID == "" {
		return f.ended, f.err
	}
	for _, h := range f.hops {
		if err := each(h); err != nil {
			return f.ended, err
		}
	}
	return f.ended, f.err
}

// Close tells that the command let go.
func (f *fake) Close() error { f.closed = true; return nil }

// shell runs commands as a person or a pipe would.
type shell struct {
	b        *fake
	terminal int
	env      []string
	in       string
	inTTY    bool
	out      io.Writer
	engine   engine
	ctx      context.Context //nolint:containedctx // of one call of a test
}

// run returns stdout, stderr and the exit code.
func (s shell) run(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, msg bytes.Buffer
	w := world{in: strings.NewReader(s.in), inTTY: s.inTTY, out: &out, err: &msg, env: append([]string{"LANG=en_US.UTF-8", "NO_COLOR=1"}, s.env...),
		now: func() time.Time { return now }, name: "weir", terminal: s.terminal, zone: seoul,
		engine: s.engine}
	w.engine.open = func(_ context.Context, cfg config.Config, _ *slog.Logger) (control.Backend, io.Closer, error) {
		if s.b == nil {
			return nil, nil, &fault.Error{Code: "no-data", What: "no data folder", Where: cfg.Data, Exit: fault.ExitUsage}
		}
		return s.b, s.b, nil
	}
	if s.out != nil {
		w.out = s.out
	}
	ctx := s.ctx
	if ctx == nil {
		ctx = t.Context()
	}
	code = run(ctx, args, w)
	if s.b != nil && s.b.asked != nil && !s.b.closed {
		t.Error("the backend was not closed")
	}
	return out.String(), msg.String(), code
}

// same compares an output with what is wanted, line by line in the message.
func same(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got\n%s\nwant\n%s", what, got, want)
	}
}

func TestFault_ExitCode(t *testing.T) {
	for _, exit := range []int{1, 2, 3} {
		b := &fake{err: errors.Join(&fault.Error{Code: "x", What: "y", Exit: exit})}
		if _, _, code := (shell{b: b}).run(t, "search", "x"); code != exit {
			t.Errorf("exit %d, want %d", code, exit)
		}
	}
}

func TestStartedAs(t *testing.T) {
	for arg, want := range map[string]string{"weir": "weir", "./weir": "./weir", "/usr/bin/weir": "/usr/bin/weir", "/tmp/go-build123/b001/exe/weir": "go run ./cmd/weir",
		"/home/a b/weir": "'/home/a b/weir'"} {
		if got := startedAs(arg); got != want {
			t.Errorf("%s: %s, want %s", arg, got, want)
		}
	}
}

// TestCmdline: printed commands name the data folder where it is not the usual one.
func TestCmdline(t *testing.T) {
	b := &fake{alerts: []control.AlertRow{{Short: "3f9c", State: alert.Open}}}
	for args, want := range map[string]string{
		"alerts list":                      "Next: weir alerts show 3f9c\n",
		"alerts list --data ./weir-data":   "Next: weir alerts show 3f9c\n",
		"alerts list --data weir-demo":     "Next: weir alerts show 3f9c --data weir-demo\n",
		"alerts list --data /srv/a\u00a0b": "Next: weir alerts show 3f9c --data '/srv/a\u00a0b'\n",
	} {
		if _, msg, _ := (shell{b: b, terminal: 100}).run(t, strings.Split(args, " ")...); !strings.HasSuffix(msg, want) {
			t.Errorf("%s: %s", args, msg)
		}
	}
	if _, msg, _ := (shell{b: b, terminal: 100, env: []string{"WEIR_DATA=/srv/weir"}}).run(t, "alerts", "list"); !strings.HasSuffix(msg, "3f9c --data /srv/weir\n") {
		t.Errorf("from the environment: %s", msg)
	}
}

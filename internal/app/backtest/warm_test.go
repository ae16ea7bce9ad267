package backtest

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/internal/alert"
	"weir/internal/control/trial"
	"weir/internal/fault"
	"weir/internal/signal"
	"weir/rules"
	"weir/rules/correlation"
)

func TestRemembers(t *testing.T) {
	day := 24 * time.Hour
	for _, c := range []struct {
		name string
		rule rules.Rule
		want time.Duration
	}{
		{"a single event", rules.Rule{Fold: rules.Fold{For: time.Hour}}, 0},
		{"a window", rules.Rule{Correlate: &rules.Correlate{Within: 10 * time.Minute}}, 10 * time.Minute},
		{"alerts fold for longer", rules.Rule{Fold: rules.Fold{For: time.Hour}, Correlate: &rules.Correlate{Within: time.Minute}}, time.Hour},
		{"values are learnt", rules.Rule{Correlate: &rules.Correlate{Within: 30 * day, Learn: day}}, 31 * day},
		{"sessions", rules.Rule{Correlate: &rules.Correlate{Within: time.Minute, Window: correlation.Session}}, 10 * time.Minute},
		{"a chain", rules.Rule{Correlate: &rules.Correlate{Within: time.Hour, Inner: []*rules.Correlate{{Within: 2 * time.Hour, Inner: []*rules.Correlate{{Within: day}}}, {Within: time.Minute}}}}, 27 * time.Hour},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := remembers([]*rules.Rule{&c.rule}); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// TestOutlet: what a backtest finds goes where it was asked to go, once each, and an error ends it.
func TestOutlet(t *testing.T) {
	t.Parallel()
	cfg := data(t, map[string]string{"rules/mine.yaml": failed})
	a := stored(t, filepath.Join(cfg.Data, "archive"), week())
	t.Cleanup(func() { _ = a.Close() })
	p, err := PlaceOf(cfg)
	if err != nil {
		t.Fatal(err)
	}
	try := func(t *testing.T, req trial.Request, o Outlet) (trial.Summary, error) {
		t.Helper()
		req.Rules = []trial.Source{{ID: "failed"}}
		tt, err := New(p, req, func(trial.Line) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		tt.To(o)
		return tt.Archive(t.Context(), a)
	}
	t.Run("written", func(t *testing.T) {
		seen := map[string]int{}
		sum, err := try(t, trial.Request{Write: true}, Outlet{Alert: func(a *alert.Alert) (bool, error) {
			seen[a.ID]++
			if !a.Historic || a.Evidence[0].Values == nil {
				t.Errorf("alert %s is not marked as historic, or lacks what it shows", a.ID)
			}
			return len(seen) > 1, nil
		}})
		if err != nil || sum.Present != 1 || sum.Written != int64(len(seen)-1) || sum.Written+sum.Present != sum.Rules[0].Alerts || len(seen) < 3 {
			t.Errorf("%+v, %v; %d alerts came", sum, err, len(seen))
		}
	})
	t.Run("not written unless asked", func(t *testing.T) {
		if sum, err := try(t, trial.Request{}, Outlet{Alert: func(*alert.Alert) (bool, error) { t.Error("it came"); return true, nil }}); err != nil || sum.Written != 0 {
			t.Errorf("%+v, %v", sum, err)
		}
	})
	t.Run("warm", func(t *testing.T) {
		n, last := int64(0), time.Time{}
		sum, err := try(t, trial.Request{Warm: true, From: time.Unix(0, 0)}, Outlet{Match: func(s *signal.Signal) error {
			if s.Kind != signal.Match || s.Rule != "failed" {
				t.Errorf("%+v", s)
			}
			n, last = n+1, s.Time
			return nil
		}})
		if err != nil || n == 0 || sum.Warmed != n || sum.Rules[0].Matches != n || last.IsZero() {
			t.Errorf("%+v, %v; %d matches came", sum, err, n)
		}
	})
	t.Run("it cannot be kept", func(t *testing.T) {
		broken := errors.New("no room")
		if _, err := try(t, trial.Request{Warm: true, From: time.Unix(0, 0)}, Outlet{Match: func(*signal.Signal) error { return broken }}); !errors.Is(err, broken) {
			t.Errorf("matches: %v", err)
		}
		if _, err := try(t, trial.Request{Write: true}, Outlet{Alert: func(*alert.Alert) (bool, error) { return false, broken }}); !errors.Is(err, broken) {
			t.Errorf("alerts: %v", err)
		}
	})
}

// TestRun_KeepsNothingAlone: without a weir that runs there is nobody who could take what is found.
func TestRun_KeepsNothingAlone(t *testing.T) {
	t.Parallel()
	cfg := data(t, map[string]string{"rules/mine.yaml": failed})
	for _, o := range []Options{
		{Request: trial.Request{Warm: true}}, {Request: trial.Request{Write: true}},
		{Request: trial.Request{Write: true}, Files: []string{"events.ndjson"}},
	} {
		o.Config, o.Rule = cfg, "failed"
		_, err := run(t, o)
		f, ok := errors.AsType[*fault.Error](err)
		if !ok || !strings.Contains(f.Do, "--warm and --write") {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

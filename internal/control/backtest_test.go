package control

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"weir/internal/alert"
	"weir/internal/control/trial"
	"weir/internal/fault"
)

// trier is a backend that has an archive.
type trier struct {
	*fake
	forever bool // reads until it is stopped
}

func (b *trier) Backtest(ctx context.Context, r trial.Request, each func(trial.Line) error) (trial.Summary, error) {
	b.note(r)
	sum := trial.Summary{Rules: []trial.Rule{{Rule: "vpn", Alerts: 1, Gone: 2}}, Events: 7, Skipped: 5, Tried: 2, CostNS: 1.5, Columns: []string{"a"}, From: at, To: at.Add(time.Hour),
		Warnings: []*fault.Error{{Code: "segment-unreadable", What: "a part cannot be read", Warn: true}}}
	if err := each(trial.Line{Progress: &trial.Progress{Done: 1, Total: 7, At: at}}); err != nil {
		return sum, err
	}
	if b.forever {
		<-ctx.Done()
		sum.Stopped, sum.Reached = trial.Interrupted, at
	}
	if err := each(trial.Line{Alert: &trial.Alert{Alert: alert.Alert{ID: "00ff", What: "a\nb", First: at, Group: map[string]string{"user.name": "김민수"}}, Change: trial.New}}); err != nil {
		return sum, err
	}
	return sum, b.err
}

func TestBacktest(t *testing.T) {
	b := &trier{fake: &fake{}}
	c, _ := serve(t, b)
	req := trial.Request{Rules: []trial.Source{{ID: "vpn", File: "r.yaml", Text: strings.Repeat("x", 2<<20)}}, Against: []trial.Source{{ID: "old"}}, From: at, Values: true}
	var lines []trial.Line
	sum, err := c.Backtest(t.Context(), req, func(l trial.Line) error { lines = append(lines, l); return nil })
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(b.question(), req) {
		t.Error("the question did not arrive as it was asked")
	}
	if len(lines) != 2 || !lines[0].Progress.At.Equal(at) || lines[1].Alert.Group["user.name"] != "김민수" || lines[1].Alert.What != "a\nb" || lines[1].Alert.Change != trial.New {
		t.Errorf("lines %+v", lines)
	}
	if sum.Events != 7 || sum.CostNS != 1.5 || sum.Rules[0].Gone != 2 || !sum.To.Equal(at.Add(time.Hour)) || len(sum.Warnings) != 1 || sum.Warnings[0].Code != "segment-unreadable" {
		t.Errorf("summary %+v", sum)
	}
}

// TestBacktest_Stopped: the end of the context ends the reading, and what was found by then still comes.
func TestBacktest_Stopped(t *testing.T) {
	c, _ := serve(t, &trier{fake: &fake{}, forever: true})
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	sum, err := c.Backtest(ctx, trial.Request{}, func(l trial.Line) error {
		if l.Progress != nil {
			cancel()
		}
		n++
		return nil
	})
	cancel()
	if err != nil || sum.Stopped != trial.Interrupted || !sum.Reached.Equal(at) || n != 2 {
		t.Errorf("%d lines, %+v, %v", n, sum, err)
	}
}

func TestBacktest_NoArchive(t *testing.T) {
	c, _ := serve(t, &fake{})
	if _, err := c.Backtest(t.Context(), trial.Request{}, nil); fault.Code(err) != "version-mismatch" || fault.Exit(err) != fault.ExitMissing {
		t.Errorf("%v", err)
	}
	failing := &trier{fake: &fake{err: &fault.Error{Code: "rule-unknown", What: "no such rule", Exit: fault.ExitUsage}}}
	c, _ = serve(t, failing)
	if _, err := c.Backtest(t.Context(), trial.Request{}, func(trial.Line) error { return nil }); fault.Code(err) != "rule-unknown" {
		t.Errorf("%v", err)
	}
}

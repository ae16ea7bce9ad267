package control

import (
	"context"
	"reflect"
	"testing"

	"weir/internal/alert"
	"weir/internal/control/alerting"
	"weir/internal/fault"
)

// keeper is a backend that keeps alerts.
type keeper struct {
	*fake
}

func (b *keeper) Decide(_ context.Context, d alerting.Decision) (alerting.Outcome, error) {
	b.note(d)
	return alerting.Outcome{Row: AlertRow{Short: "3f9c", State: d.State, Alert: alert.Alert{ID: d.ID, What: "김민수"}}, Was: alert.Open, Waiting: true}, b.err
}

func (b *keeper) Risk(_ context.Context, r alerting.RiskRequest) ([]alerting.Risk, error) {
	b.note(r)
	return []alerting.Risk{{Kind: "user", Value: "김민수", Score: 119.75, At: at, Parts: []alerting.Part{{Alert: "00ff", Points: 40}}}}, b.err
}

// TestDecide: a decision arrives as it was made, with the version or without, and the alert comes back.
func TestDecide(t *testing.T) {
	b := &keeper{fake: &fake{}}
	c, _ := serve(t, b)
	zero := 0
	for _, d := range []alerting.Decision{
		{ID: "3f9c", Kind: alert.ToState, State: alert.Closed, Verdict: alert.Benign, Note: "두 줄\nof text", By: "김민수", Version: &zero},
		{ID: "3f9c", Kind: alert.Assign, By: "ana"},
	} {
		out, err := c.Decide(t.Context(), d)
		if err != nil || out.State != d.State || out.ID != "3f9c" || out.Short != "3f9c" || out.What != "김민수" || !out.Waiting || out.Was != alert.Open {
			t.Errorf("%+v, %v", out, err)
		}
		if !reflect.DeepEqual(b.question(), d) {
			t.Errorf("asked %+v, want %+v", b.question(), d)
		}
	}
	b.err = &fault.Error{Code: "alert-changed", What: "ben closed it", Exit: fault.ExitFound}
	if _, err := c.Decide(t.Context(), alerting.Decision{}); fault.Code(err) != "alert-changed" || fault.Exit(err) != fault.ExitFound {
		t.Errorf("got %v", err)
	}
}

func TestRisk(t *testing.T) {
	b := &keeper{fake: &fake{}}
	c, _ := serve(t, b)
	list, err := c.Risk(t.Context(), alerting.RiskRequest{At: at, Entity: "김민수", Size: 3})
	if err != nil || len(list) != 1 || list[0].Value != "김민수" || list[0].Score != 119.75 || !list[0].At.Equal(at) || list[0].Parts[0].Points != 40 {
		t.Errorf("%+v, %v", list, err)
	}
	if !reflect.DeepEqual(b.question(), alerting.RiskRequest{At: at, Entity: "김민수", Size: 3}) {
		t.Errorf("asked %+v", b.question())
	}
}

// TestDecide_Reader: a weir without alerts says so.
func TestDecide_Reader(t *testing.T) {
	c, _ := serve(t, &fake{})
	_, decide := c.Decide(t.Context(), alerting.Decision{})
	_, risk := c.Risk(t.Context(), alerting.RiskRequest{})
	for _, err := range []error{decide, risk} {
		if fault.Code(err) != "version-mismatch" || fault.Exit(err) != fault.ExitMissing {
			t.Errorf("got %v", err)
		}
	}
}

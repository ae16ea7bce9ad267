package alerting

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"weir/internal/config/unit"
)

func TestAlerts_Check(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*Risk)
		want   []string
	}{
		{"the default", func(*Risk) {}, nil},
		{"off", func(r *Risk) { r.HalfLife = 0 }, nil},
		{"a level that weighs nothing", func(r *Risk) { r.Weights.Informational = 0 }, nil},
		{"a second", func(r *Risk) { r.HalfLife = unit.Duration(time.Second) }, []string{"alerts.risk.half_life"}},
		{"years", func(r *Risk) { r.HalfLife = unit.Duration(10_000 * time.Hour) }, []string{"alerts.risk.half_life"}},
		{"no threshold and no rule", func(r *Risk) { r.Threshold, r.Rules = 0, 0 }, []string{"alerts.risk.threshold", "alerts.risk.rules"}},
		{"less than nothing", func(r *Risk) { r.Weights.Low, r.Weights.Critical = -1, 2_000_000 }, []string{"alerts.risk.weights.low", "alerts.risk.weights.critical"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := Default()
			tt.change(&c.Risk)
			var got []string
			c.Check(func(key, what, _, do string) {
				got = append(got, key)
				if what == "" || do == "" {
					t.Errorf("%s: nothing is said", key)
				}
			})
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// TestAlerts_Keep: an alert is kept for ever, or long enough for hits that still belong to it.
func TestAlerts_Keep(t *testing.T) {
	for keep, good := range map[time.Duration]bool{0: true, 30 * 24 * time.Hour: true, 400 * 24 * time.Hour: true, 29 * 24 * time.Hour: false, -time.Hour: false, 100_000 * 24 * time.Hour: false} {
		c := Default()
		c.Keep = unit.Duration(keep)
		var got []string
		c.Check(func(key, _, _, _ string) { got = append(got, key) })
		if (len(got) == 0) != good || !good && !slices.Equal(got, []string{"alerts.keep"}) {
			t.Errorf("%s: %v", keep, got)
		}
	}
}

// TestWeights_ByLevel: each level of a rule has its weight, and a higher level never a lower one by default.
func TestWeights_ByLevel(t *testing.T) {
	d := Default()
	w, last := d.Risk.Weights.ByLevel(), 0.0
	for _, level := range []string{"informational", "low", "medium", "high", "critical"} {
		if w[level] <= last {
			t.Errorf("%s weighs %v after %v", level, w[level], last)
		}
		last = w[level]
	}
	if got := fmt.Sprint(len(w)); got != "5" {
		t.Errorf("%s levels", got)
	}
}

// Package alerting is the section of the configuration about what becomes of alerts.
package alerting

import (
	"fmt"
	"time"

	"weir/internal/config/unit"
)

// Alerts says what becomes of alerts.
type Alerts struct {
	Keep unit.Duration `yaml:"keep" doc:"how long alerts.db keeps an alert after it was closed and last touched; the archive keeps it as its class says; 0: for ever"`
	Risk Risk          `yaml:"risk" doc:"what the alerts about one user, host or address weigh together"`
}

// Risk adds up alerts.
type Risk struct {
	HalfLife  unit.Duration `yaml:"half_life" doc:"after what time an alert weighs half; 0: no risk is kept"`
	Threshold int           `yaml:"threshold" doc:"score at which an alert weir-risk is raised; it ends below half of it"`
	Rules     int           `yaml:"rules" doc:"different rules that must have contributed to it"`
	Weights   Weights       `yaml:"weights" doc:"what an alert adds, by its level"`
}

// Weights are points by level.
type Weights struct {
	Informational int `yaml:"informational" doc:"points of an informational alert"`
	Low           int `yaml:"low" doc:"points of a low one"`
	Medium        int `yaml:"medium" doc:"points of a medium one"`
	High          int `yaml:"high" doc:"points of a high one"`
	Critical      int `yaml:"critical" doc:"points of a critical one"`
}

// Default is that of a weir without a file.
func Default() Alerts {
	return Alerts{Keep: unit.Duration(400 * 24 * time.Hour), Risk: Risk{HalfLife: unit.Duration(24 * time.Hour), Threshold: 100, Rules: 2, Weights: Weights{Informational: 1, Low: 5, Medium: 15, High: 40, Critical: 80}}}
}

// ByLevel are the weights by the name of the level.
func (w *Weights) ByLevel() map[string]float64 {
	return map[string]float64{"informational": float64(w.Informational), "low": float64(w.Low), "medium": float64(w.Medium), "high": float64(w.High), "critical": float64(w.Critical)}
}

// Bounds of keep.
const (
	minKeep = 30 * 24 * time.Hour
	maxKeep = 36_500 * 24 * time.Hour
)

// Check checks the values. bad gets each mistake.
func (c *Alerts) Check(bad func(key, what, why, do string)) {
	if d := time.Duration(c.Keep); d != 0 && (d < minKeep || d > maxKeep) {
		bad("alerts.keep", fmt.Sprintf("alerts cannot be kept for %s", d), "a closed alert that gets further hits must still be known", "write 30d to 36500d, or 0 to keep them for ever")
	}
	r := &c.Risk
	const key = "alerts.risk."
	if d := time.Duration(r.HalfLife); d != 0 && (d < time.Minute || d > 365*24*time.Hour) {
		bad(key+"half_life", fmt.Sprintf("%s is no half-life of risk", d), "", "write 1m to 365d, or 0 for no risk")
	}
	if r.Threshold < 1 {
		bad(key+"threshold", fmt.Sprintf("%d is too small", r.Threshold), "every alert would cross it", "write 1 or more; to keep no risk write half_life: 0")
	}
	if r.Rules < 1 {
		bad(key+"rules", fmt.Sprintf("%d is too small", r.Rules), "", "write 1 or more")
	}
	w := &r.Weights
	for _, x := range []struct {
		level  string
		points int
	}{{"informational", w.Informational}, {"low", w.Low}, {"medium", w.Medium}, {"high", w.High}, {"critical", w.Critical}} {
		if x.points < 0 || x.points > 1_000_000 {
			bad(key+"weights."+x.level, fmt.Sprintf("%d points cannot be", x.points), "an alert adds to a score and takes nothing off", "write 0 to 1000000")
		}
	}
}

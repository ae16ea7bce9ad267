// Package watching is the section of the configuration about what weir watches: itself, who has fallen silent, and its own
// canaries.
package watching

import (
	"fmt"
	"regexp"
	"time"

	"weir/internal/config/unit"
)

// Watchdog says what weir watches by itself.
type Watchdog struct {
	Enabled bool     `yaml:"enabled" doc:"raise alerts about weir itself and about sources that fall silent"`
	Disable []string `yaml:"disable" doc:"ids of these alerts that are not raised: weir-records-refused"`
	Silence Silence  `yaml:"silence" doc:"sources that stop"`
	// Canary is on where one process does everything: one line in five minutes costs nothing that could be measured, and
	// it is the only check that goes the whole way.
	Canary unit.Duration `yaml:"canary" doc:"how often a marked line is sent through the own front door, where one process does everything; 0: never"`
}

// Silence says when a source is silent.
type Silence struct {
	Enabled   bool          `yaml:"enabled" doc:"learn the rhythm of every source and say who is silent"`
	After     unit.Duration `yaml:"after" doc:"least silence that is ever said"`
	QuietDays []string      `yaml:"quiet_days" doc:"days that are like a Sunday, as 2026-12-25"`
}

// Default is that of a weir without a file.
func Default() Watchdog {
	return Watchdog{Enabled: true, Silence: Silence{Enabled: true, After: unit.Duration(10 * time.Minute)}, Canary: unit.Duration(5 * time.Minute)}
}

// names are ids of alerts of weir itself.
var names = regexp.MustCompile(`^weir-[a-z][a-z0-9-]*$`)

// Check checks the values. bad gets each mistake.
func (w *Watchdog) Check(bad func(key, what, why, do string)) {
	const key = "watchdog."
	if d := time.Duration(w.Silence.After); d < time.Minute || d > 24*time.Hour {
		bad(key+"silence.after", fmt.Sprintf("%s is no least silence", d), "", "write 1m to 24h; to say none write enabled: false")
	}
	for _, day := range w.Silence.QuietDays {
		if _, err := time.Parse(time.DateOnly, day); err != nil {
			bad(key+"silence.quiet_days", fmt.Sprintf("%q is no day", day), "", "write days as 2026-12-25")
		}
	}
	if d := time.Duration(w.Canary); d != 0 && (d < time.Minute || d > 24*time.Hour) {
		bad(key+"canary", fmt.Sprintf("%s between two canaries is too short or too long", d), "", "write 1m to 24h, or 0 for none")
	}
	for _, name := range w.Disable {
		if !names.MatchString(name) {
			bad(key+"disable", fmt.Sprintf("%q is no alert of weir itself", name), "", "their ids begin with weir- and stand in docs/silence.md")
		}
	}
}

package watching

import (
	"strings"
	"testing"
	"time"

	"weir/internal/config/unit"
)

func TestCheck(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*Watchdog)
		key    string // of the mistake; "" if there is none
	}{
		{"the default", func(*Watchdog) {}, ""},
		{"all off", func(w *Watchdog) { w.Enabled, w.Silence.Enabled, w.Canary = false, false, 0 }, ""},
		{"a day", func(w *Watchdog) { w.Silence.QuietDays = []string{"2026-12-25"} }, ""},
		{"no day", func(w *Watchdog) { w.Silence.QuietDays = []string{"25.12.2026"} }, "silence.quiet_days"},
		{"seconds of silence", func(w *Watchdog) { w.Silence.After = unit.Duration(time.Second) }, "silence.after"},
		{"weeks of silence", func(w *Watchdog) { w.Silence.After = unit.Duration(14 * 24 * time.Hour) }, "silence.after"},
		{"a canary a second", func(w *Watchdog) { w.Canary = unit.Duration(time.Second) }, "canary"},
		{"an alert of ours", func(w *Watchdog) { w.Disable = []string{"weir-disk-low"} }, ""},
		{"a rule of yours", func(w *Watchdog) { w.Disable = []string{"ssh-brute-force"} }, "disable"},
	} {
		w := Default()
		tc.change(&w)
		var keys []string
		w.Check(func(key, what, _, do string) {
			keys = append(keys, strings.TrimPrefix(key, "watchdog."))
			if what == "" || do == "" {
				t.Errorf("%s: %s has no words", tc.name, key)
			}
		})
		if strings.Join(keys, " ") != tc.key {
			t.Errorf("%s: %v, want %s", tc.name, keys, tc.key)
		}
	}
}

package settings

import (
	"strings"
	"testing"
	"time"

	"weir/internal/alert"
)

// window reads one window with these times.
func window(t *testing.T, times string) (from, to string, faults []string) {
	t.Helper()
	f, list, _ := read(t, "time_zone: Europe/Berlin\nmaintenance:\n  - name: w\n    owner: o\n    reason: r\n    match: {rule: x}\n"+times)
	for _, e := range list {
		faults = append(faults, e.What+" "+e.Why)
	}
	if f == nil {
		return "", "", faults
	}
	w := f.Maintenance[0]
	return w.From.UTC().Format(time.RFC3339), w.To.UTC().Format(time.RFC3339), faults
}

func TestWindow_Bounds(t *testing.T) {
	for _, tc := range []struct{ name, times, from, to string }{
		{"in the file's zone", "    from: 2026-12-01 02:00\n    to: 2026-12-01 06:00\n", "2026-12-01T01:00:00Z", "2026-12-01T05:00:00Z"},
		{"in a zone of its own", "    time_zone: Asia/Seoul\n    from: 2026-12-01 02:00\n    to: 2026-12-01 06:00\n", "2026-11-30T17:00:00Z", "2026-11-30T21:00:00Z"},
		{"with an offset", "    from: 2026-12-01T02:00:00+05:00\n    to: 2026-12-01T00:00:00Z\n", "2026-11-30T21:00:00Z", "2026-12-01T00:00:00Z"},
		{"days", "    from: 2026-12-01\n    to: 2026-12-02\n", "2026-11-30T23:00:00Z", "2026-12-01T23:00:00Z"},
		// The night in which the clocks are put forward is an hour shorter.
		{"over a change of the clocks", "    from: 2026-03-29 01:00\n    to: 2026-03-29 05:00\n", "2026-03-29T00:00:00Z", "2026-03-29T03:00:00Z"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			from, to, faults := window(t, tc.times)
			if len(faults) > 0 || from != tc.from || to != tc.to {
				t.Errorf("from %s to %s, %q", from, to, faults)
			}
		})
	}
}

// TestWindow_Refused: times that are none, that say something else tomorrow, or that are there twice.
func TestWindow_Refused(t *testing.T) {
	for name, times := range map[string]string{
		"relative":                "    from: -15m\n    to: 2026-12-01 06:00\n",
		"of today":                "    from: 16:36\n    to: 2026-12-01 06:00\n",
		"now":                     "    from: now\n    to: 2026-12-01 06:00\n",
		"no such day":             "    from: 2026-02-30 02:00\n    to: 2026-12-01 06:00\n",
		"an hour that is missing": "    from: 2026-03-29 02:30\n    to: 2026-03-29 06:00\n",
		"an hour that is twice":   "    from: 2026-10-25 02:30\n    to: 2026-10-25 06:00\n",
		"no length":               "    from: 2026-12-01 02:00\n    to: 2026-12-01 02:00\n",
		"a list":                  "    from: [2026-12-01]\n    to: 2026-12-02\n",
		"weekly without days":     "    weekly: 9-18\n",
	} {
		t.Run(name, func(t *testing.T) {
			if from, to, faults := window(t, times); len(faults) != 1 || from != "" {
				t.Errorf("from %s to %s, %q", from, to, faults)
			}
		})
	}
}

// TestWindow_Weekly: the window holds what it is for, in its own zone, and nothing else.
func TestWindow_Weekly(t *testing.T) {
	f, faults, _ := read(t, "maintenance: [{name: w, owner: o, reason: r, time_zone: Asia/Seoul, weekly: 'Sat 22:00-02:00, Sun 10:00-11:00', match: {host.name: 'db-*', level: [low, medium]}}]\n")
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	w := f.Maintenance[0]
	a := &alert.Alert{Rule: "x", Level: "low", Group: map[string]string{"host.name": "db-1"}}
	for at, want := range map[string]bool{
		"2026-11-28T12:59:00Z": false, "2026-11-28T13:00:00Z": true, "2026-11-28T16:59:00Z": true, "2026-11-28T17:00:00Z": false, "2026-11-29T01:30:00Z": true, "2026-11-27T13:00:00Z": false,
	} {
		moment, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := w.Holds(a, moment); got != want {
			t.Errorf("%s: %v", at, got)
		}
		high := *a
		if high.Level = "high"; w.Holds(&high, moment) {
			t.Errorf("%s: holds what it is not for", at)
		}
	}
}

func TestMaintenance_List(t *testing.T) {
	for text, want := range map[string]string{
		"maintenance: {name: w}\n":     "`maintenance` is a list of windows",
		"maintenance: [w]\n":           "a window needs keys",
		"maintenance: [{name: w}]\n":   "a window needs `name`, `owner` and `reason`",
		"maintenance: [{nam: w}]\n":    "unknown key `nam` in maintenance",
		"maintenance: [{digest: 1}]\n": "`digest` is neither true nor false",
	} {
		f, faults, _ := read(t, text)
		if f != nil || !strings.Contains(faults.Error()+faults[len(faults)-1].What, want) {
			t.Errorf("%q: %v", text, faults)
		}
	}
	if f, faults, _ := read(t, "maintenance: []\n"); f == nil || len(faults) > 0 {
		t.Errorf("an empty list: %v", faults)
	}
}

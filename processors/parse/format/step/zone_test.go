package step_test

import (
	"testing"
	"time"

	"weir/processors/parse/format/step"
)

func TestZoneNamed(t *testing.T) {
	at := time.Date(2024, 7, 1, 0, 0, 0, 0, time.UTC)
	for name, want := range map[string]int{
		"Asia/Seoul": 9 * 3600, "UTC": 0, "Z": 0, "GMT": 0, "+09:00": 9 * 3600, "+0530": 5*3600 + 1800, "-3": -3 * 3600, "UTC+9": 9 * 3600, "GMT-03:30": -(3*3600 + 1800), "+530": 5*3600 + 1800, "America/New_York": -4 * 3600, " +01 ": 3600,
	} {
		loc := step.ZoneNamed(name)
		if loc == nil {
			t.Errorf("%q is no zone", name)
			continue
		}
		if _, east := at.In(loc).Zone(); east != want {
			t.Errorf("%q is %d seconds east, want %d", name, east, want)
		}
	}
	for _, name := range []string{"", "Local", "Mars/Base", "+", "+99:00", "+09:75", "+1234567", "../etc/passwd", "+-5", "+٣"} {
		if loc := step.ZoneNamed(name); loc != nil {
			t.Errorf("%q is taken for %s", name, loc)
		}
	}
}

// FuzzZoneNamed: a name from a message never panics, and a zone is within a day of UTC.
func FuzzZoneNamed(f *testing.F) {
	for _, s := range []string{"+09:00", "UTC+9", "Asia/Seoul", "-", "Z", "\x00", "+0000000000000000000000"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if loc := step.ZoneNamed(name); loc != nil {
			if _, east := time.Unix(1_700_000_000, 0).In(loc).Zone(); east < -86400 || east > 86400 {
				t.Fatalf("%q is %d seconds east", name, east)
			}
		}
	})
}

package term

import (
	"strings"
	"testing"
	"time"

	"weir/internal/fault"
	"weir/internal/testkit"
)

func TestParseTime(t *testing.T) {
	for in, want := range map[string]string{
		"now": "2026-11-21T12:00:00+09:00", "-15m": "2026-11-21T11:45:00+09:00", "-2h30m": "2026-11-21T09:30:00+09:00",
		"-30d": "2026-10-22T12:00:00+09:00", "-2w": "2026-11-07T12:00:00+09:00", "-90s": "2026-11-21T11:58:30+09:00",
		"16:36": "2026-11-21T16:36:00+09:00", "16:36:05": "2026-11-21T16:36:05+09:00", "2026-11-01": "2026-11-01T00:00:00+09:00",
		"2026-11-01 16:36": "2026-11-01T16:36:00+09:00", "2026-11-01T16:36:07": "2026-11-01T16:36:07+09:00",
		"2026-11-21T07:36:00Z": "2026-11-21T16:36:00+09:00", "2026-11-21T16:36:00.5+09:00": "2026-11-21T16:36:00.5+09:00", " -1m ": "2026-11-21T11:59:00+09:00",
	} {
		got, err := ParseTime(in, noon, seoul)
		if err != nil || got.In(seoul).Format(time.RFC3339Nano) != want {
			t.Errorf("%q = %v, %v, want %s", in, got, err, want)
		}
	}
	for _, in := range []string{"", "yesterday", "-", "--5m", "-5", "-5y", "25:00", "2026-13-01", "2026-02-30", "16:36 2026-11-01", "-99999999d", "5m"} {
		if got, err := ParseTime(in, noon, seoul); fault.Code(err) != "time-unknown" || fault.Exit(err) != fault.ExitUsage {
			t.Errorf("%q = %v, %v", in, got, err)
		}
	}
}

func TestParseTime_ClockChange(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		testkit.Skip(t, "machine", "no time zones on this machine: "+err.Error())
	}
	now := time.Date(2026, 10, 25, 12, 0, 0, 0, berlin)
	for name, x := range map[string]struct{ in, a, b string }{
		"twice": {"2026-10-25 02:30", "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"},
		"never": {"2026-03-29 02:30", "2026-03-29T01:30:00+01:00", "2026-03-29T03:30:00+02:00"},
		"today": {"02:30", "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"},
	} {
		_, err := ParseTime(x.in, now, berlin)
		if fault.Code(err) != "time-ambiguous" {
			t.Errorf("%s: %v", name, err)
			continue
		}
		do := Faults(err)[0].Do
		if !strings.Contains(do, x.a) || !strings.Contains(do, x.b) {
			t.Errorf("%s: %s, want %s and %s", name, do, x.a, x.b)
		}
	}
	for in, want := range map[string]string{"2026-10-25 01:30": "2026-10-25T01:30:00+02:00", "2026-10-25 03:30": "2026-10-25T03:30:00+01:00", "2026-03-29": "2026-03-29T00:00:00+01:00"} {
		if got, err := ParseTime(in, now, berlin); err != nil || got.Format(time.RFC3339) != want {
			t.Errorf("%s = %v, %v", in, got, err)
		}
	}
}

// FuzzParseTime: what is read shows again what was written, for the forms that name a wall clock.
func FuzzParseTime(f *testing.F) {
	for _, s := range []string{"-15m", "16:36", "2026-11-21", "2026-11-21 16:36", "2026-11-21T07:36:00Z", "now", "-1w"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := ParseTime(s, noon, seoul)
		if err != nil {
			if fault.Code(err) == "" {
				t.Errorf("%q: %v has no code", s, err)
			}
			return
		}
		if wall, err := time.Parse("2006-01-02 15:04", s); err == nil && got.Format("2006-01-02 15:04") != wall.Format("2006-01-02 15:04") {
			t.Errorf("%q = %v", s, got)
		}
	})
}

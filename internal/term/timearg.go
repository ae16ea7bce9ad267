package term

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"weir/internal/fault"
)

// TimeForms says what ParseTime reads, once for all help pages.
const TimeForms = `-15m  -2h  -30d   so long ago (s, m, h, d, w)
16:36  16:36:05   today, in your zone
2026-11-21        that day at 00:00, in your zone
2026-11-21 16:36  in your zone
2026-11-21T07:36:00Z  2026-11-21T16:36:00+09:00   RFC 3339
now               this moment`

// Times without a zone are those of the person, not of the data: --from 16:36 means the clock on the wall. What is
// shown on a terminal is in the same zone, so that a time can be copied from a row into a flag.

// ParseTime reads a time as a person writes it. An hour that a clock change skips or repeats is refused with both
// readings: a search that silently leaves out an hour is worse than one more question.
func ParseTime(s string, now time.Time, zone *time.Location) (time.Time, error) {
	s = strings.TrimSpace(s)
	now = now.In(zone)
	if s == "now" {
		return now, nil
	}
	if ago, ok := strings.CutPrefix(s, "-"); ok {
		d, err := parseAgo(ago)
		if err != nil {
			return time.Time{}, badTime(s)
		}
		return now.Add(-d), nil
	}
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return t, nil
	}
	for _, layout := range []string{"15:04", "15:04:05"} {
		if t, err := time.Parse(layout, s); err == nil {
			return civil(s, zone, now.Year(), now.Month(), now.Day(), t)
		}
	}
	for _, layout := range []string{"2006-01-02", "2006-01-02 15:04", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02T15:04:05"} {
		if t, err := time.Parse(layout, s); err == nil {
			return civil(s, zone, t.Year(), t.Month(), t.Day(), t)
		}
	}
	return time.Time{}, badTime(s)
}

// civil makes an instant of a date and a time of day, if there is exactly one.
// time.Date alone would take one of two readings, or move an hour that never was, without a word.
func civil(s string, zone *time.Location, year int, month time.Month, day int, clock time.Time) (time.Time, error) {
	wall := time.Date(year, month, day, clock.Hour(), clock.Minute(), clock.Second(), 0, time.UTC)
	// Every offset in force around that day is tried: an instant is a reading if its wall clock shows what was written.
	var readings []time.Time
	for _, probe := range []time.Duration{-24 * time.Hour, 24 * time.Hour} {
		_, offset := wall.Add(probe).In(zone).Zone()
		t := wall.Add(-time.Duration(offset) * time.Second).In(zone)
		if sameWall(t, wall) && (len(readings) == 0 || !readings[0].Equal(t)) {
			readings = append(readings, t)
		}
	}
	switch len(readings) {
	case 1:
		return readings[0], nil
	case 2:
		return time.Time{}, clockChange(s, "that time came twice: the clocks were set back", readings[0], readings[1])
	}
	before := time.Date(year, month, day, clock.Hour(), clock.Minute(), clock.Second(), 0, zone)
	_, late := wall.Add(24 * time.Hour).In(zone).Zone()
	_, early := wall.Add(-24 * time.Hour).In(zone).Zone()
	shift := time.Duration(late-early) * time.Second
	if clock.Hour() == 0 && clock.Minute() == 0 && clock.Second() == 0 && !strings.Contains(s, ":") {
		return wall.Add(-time.Duration(early) * time.Second).In(zone), nil // a day that begins at 01:00 still begins
	}
	other := wall.Add(-time.Duration(late) * time.Second).In(zone)
	if other.Equal(before) {
		other = before.Add(shift)
	}
	return time.Time{}, clockChange(s, "that time never was: the clocks were set forward", other, before)
}

// sameWall compares what two clocks show, not the instants.
func sameWall(t, wall time.Time) bool {
	return t.Hour() == wall.Hour() && t.Minute() == wall.Minute() && t.Second() == wall.Second() && t.Day() == wall.Day()
}

// clockChange offers both readings, so that the right one can be pasted.
func clockChange(s, what string, a, b time.Time) error {
	return &fault.Error{Code: "time-ambiguous", What: what, Where: s,
		Do: "write " + a.Format(time.RFC3339) + " or " + b.Format(time.RFC3339), Exit: fault.ExitUsage}
}

// parseAgo reads 15m, 2h30m, 30d, 2w.
// Days and weeks are spans of 24 hours and seven of them: -1d at noon is noon only where no clock changed.
func parseAgo(s string) (time.Duration, error) {
	for unit, size := range map[string]time.Duration{"d": 24 * time.Hour, "w": 7 * 24 * time.Hour} {
		if num, ok := strings.CutSuffix(s, unit); ok {
			n, err := strconv.ParseUint(num, 10, 16)
			if err != nil {
				return 0, fmt.Errorf("reading a number of days: %w", err)
			}
			return time.Duration(n) * size, nil
		}
	}
	if s == "" || s[0] < '0' || s[0] > '9' {
		return 0, fmt.Errorf("%q is no time span", s)
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, fmt.Errorf("reading a time span: %w", err)
	}
	return d, nil
}

// badTime names the common forms, and where the others stand.
func badTime(s string) error {
	return &fault.Error{Code: "time-unknown", What: fmt.Sprintf("%q is no time", s),
		Do: "write -15m, 16:36, 2026-11-21 or RFC 3339; all forms: weir help time", Exit: fault.ExitUsage}
}

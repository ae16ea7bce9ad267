// Package stamp reads the dates of formats that name their values: every writer of such a format has its own.
package stamp

import (
	"strings"
	"time"

	"weir/processors/parse/internal/ends"
)

// timeForms are the forms of dates in key-value formats, besides RFC 3339 and numbers since 1970. All have
// a year: a date without one needs the time of receipt, which only the reader of the syslog header knows.
var timeForms = []string{
	"2006-01-02 15:04:05.999999999", "2006-01-02 15:04:05.999999999-0700", "2006-01-02 15:04:05.999999999 -0700",
	"2006-01-02T15:04:05.999999999", "2006-01-02T15:04:05.999999999-0700", "2006/01/02 15:04:05.999999999",
	"Jan _2 2006 15:04:05.999999999", "Jan _2 2006 15:04:05.999999999 MST", "Jan _2 2006 15:04:05.999999999 -0700",
	"02 Jan 2006 15:04:05.999999999", "02/Jan/2006:15:04:05 -0700", "Mon Jan _2 15:04:05 2006", "Mon Jan _2 15:04:05 MST 2006",
	"Mon, 02 Jan 2006 15:04:05 MST", "Mon, 02 Jan 2006 15:04:05 -0700",
}

// Parse reads a date: RFC 3339, seconds, milliseconds, microseconds or nanoseconds since 1970 by their size, and
// the usual forms with a year. What has no zone is taken as UTC.
func Parse(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
	if len(s) < 9 || len(s) > 48 {
		return time.Time{}, false
	}
	// Numbers first: most machines write those.
	whole, frac, dotted := strings.Cut(s, ".")
	if n, ok := ends.ParseInt(whole); ok && (!dotted || len(frac) <= 9) {
		return epoch(n, frac, dotted)
	}
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return t, true
	}
	// Each form that does not fit costs an error, so the list is short and the commonest come first.
	for _, form := range timeForms {
		if t, err := time.Parse(form, s); err == nil && t.Year() > 1970 && t.Year() < 2200 {
			return t, true
		}
	}
	return time.Time{}, false
}

// epoch takes a number since 1970 in the unit that gives a year between 1990 and 2100.
func epoch(n int64, frac string, dotted bool) (time.Time, bool) {
	var nanos int64
	if dotted {
		f, ok := ends.ParseInt(frac)
		if !ok || f < 0 {
			return time.Time{}, false
		}
		for range 9 - len(frac) {
			f *= 10
		}
		nanos = f
	}
	// Numbers that make no plausible year in any unit are no time: ids and counters come under such names too.
	const from, to = 631152000, 4102444800
	switch {
	case n >= from && n < to:
		return time.Unix(n, nanos).UTC(), true
	case n >= from*1e3 && n < to*1e3:
		return time.UnixMilli(n).Add(time.Duration(nanos / 1e3)).UTC(), true
	case dotted:
		return time.Time{}, false
	case n >= from*1e6 && n < to*1e6:
		return time.UnixMicro(n).UTC(), true
	case n >= from*1e9 && n < to*1e9:
		return time.Unix(0, n).UTC(), true
	}
	return time.Time{}, false
}

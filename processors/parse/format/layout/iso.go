package layout

import (
	"strconv"
	"strings"
	"time"
)

// readISO reads the times of ISO 8601 and RFC 3339 with their usual liberties: a blank for the T or a slash for the
// hyphen, no seconds, a fraction of any length behind a point or a comma, a zone with or without a colon or blank before
// it, the basic form without separators, and a date alone.
func readISO(s string, f *fields) bool {
	n := isoDate(s, f)
	if n < 0 {
		return false
	}
	s = s[n:]
	// A date alone is midnight.
	if s == "" {
		return true
	}
	if s[0] != 'T' && s[0] != 't' && s[0] != ' ' && s[0] != '_' && s[0] != '-' {
		return false
	}
	s = strings.TrimLeft(s[1:], " ")
	if n = isoClock(s, f); n < 0 {
		return false
	}
	if s = strings.TrimLeft(s[n:], " "); s == "" {
		return true
	}
	n = readZone(s, f)
	return n > 0 && n == len(s)
}

// isoDate returns the length of a date, -1 if there is none: 2024-05-01, 2024/05/01 or 20240501.
func isoDate(s string, f *fields) int {
	// Four digits of the year are what tells a date of this kind from most other texts.
	year, ok := digits(s, 4)
	if !ok {
		return -1
	}
	f.year, f.hasYear = year, true
	at, sep := 4, 0
	if len(s) > 4 && (s[4] == '-' || s[4] == '/') {
		at, sep = 5, 1
	}
	if f.month, ok = digits(s[at:], 2); !ok {
		return -1
	}
	if at += 2; sep == 1 {
		if len(s) <= at || s[at] != s[4] {
			return -1
		}
		at++
	}
	if f.day, ok = digits(s[at:], 2); !ok {
		return -1
	}
	return at + 2
}

// isoClock returns the length of a time of day, -1 if there is none: 10:00, 10:00:00, 10:00:00.123 or 100000.
func isoClock(s string, f *fields) int {
	var ok bool
	if f.hour, ok = digits(s, 2); !ok {
		return -1
	}
	at := 2
	colon := len(s) > at && s[at] == ':'
	// next reads two more digits behind a colon, or without one in the basic form.
	next := func() (int, bool) {
		from := at
		if colon {
			if len(s) <= at || s[at] != ':' {
				return 0, false
			}
			from++
		}
		v, ok := digits(s[min(from, len(s)):], 2)
		if ok {
			at = from + 2
		}
		return v, ok
	}
	if f.minute, ok = next(); !ok {
		return -1
	}
	// Seconds may be missing; a zone may follow the minutes.
	if f.second, ok = next(); !ok {
		f.second = 0
		return at
	}
	if len(s) > at+1 && (s[at] == '.' || s[at] == ',') && s[at+1] >= '0' && s[at+1] <= '9' {
		at++
		v, n := 0, 0
		for at < len(s) && s[at] >= '0' && s[at] <= '9' {
			if n < 9 {
				v = v*10 + int(s[at]-'0')
				n++
			}
			at++
		}
		f.nano = fraction(v, n)
	}
	return at
}

// digits reads n digits at the start of s.
func digits(s string, n int) (v int, ok bool) {
	if len(s) < n {
		return 0, false
	}
	for i := range n {
		c := s[i] - '0'
		if c > 9 {
			return 0, false
		}
		v = v*10 + int(c)
	}
	return v, true
}

// maxEpoch is the last year that a count may mean: beyond, the count is of another unit.
const maxEpoch = 253402300799 // the end of the year 9999, in seconds

// readEpoch reads a count since 1970 in units of so many nanoseconds, with a fraction or an exponent if it has one.
func readEpoch(s string, f *fields, unit int64) bool {
	digits, negative := strings.CutPrefix(s, "-")
	whole, frac, _ := strings.Cut(digits, ".")
	n, ok := count(whole)
	part, fits := fractionOf(frac)
	if !ok || !fits {
		if n, ok = exponent(digits); !ok {
			return false
		}
		part = 0
	}
	// Whole seconds and the rest are kept apart: a count of nanoseconds has no room for fractions.
	perSecond := 1_000_000_000 / unit
	seconds := n / perSecond
	if seconds > maxEpoch {
		return false
	}
	nano := n%perSecond*unit + int64(part)/perSecond
	if negative {
		seconds, nano = -seconds, -nano
	}
	f.whole, f.isWhole, f.hasZone = time.Unix(seconds, nano).UTC(), true, true
	return true
}

// count reads a whole number.
func count(s string) (n int64, ok bool) {
	if s == "" || len(s) > 19 {
		return 0, false
	}
	for i := range len(s) {
		c := s[i] - '0'
		if c > 9 {
			return 0, false
		}
		n = n*10 + int64(c)
	}
	return n, n >= 0
}

// fractionOf reads the digits behind a point as billionths.
func fractionOf(s string) (v int, ok bool) {
	n := 0
	for i := range len(s) {
		c := s[i] - '0'
		if c > 9 {
			return 0, false
		}
		if n < 9 {
			v, n = v*10+int(c), n+1
		}
	}
	return fraction(v, n), true
}

// exponent reads 1.7145e+09, as numbers of JSON are printed.
func exponent(s string) (n int64, ok bool) {
	if s == "" || len(s) > 30 || s[0] < '0' || s[0] > '9' || strings.Trim(s, "0123456789.eE+-") != "" {
		return 0, false
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || v > 9.2e18 {
		return 0, false
	}
	return int64(v), true
}

package query

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// moment is what a text means as a date.
type moment struct {
	from, to int64 // nanoseconds since 1970: the span that it names, to not included
	ok       bool
}

// Bound returns the value of the range as a date, in the form in which it is compared: with after, events at or after
// t are in the range, else events before t are. ok is false if the value is no date.
func (r *Range) Bound() (t time.Time, after, ok bool) {
	return time.Unix(0, r.bound()).UTC(), r.Op[0] == '>', r.ok
}

// bound is the moment that divides: the end of the named span for > and <=, its begin for >= and <.
func (r *Range) bound() int64 {
	if r.Op == ">" || r.Op == "<=" {
		return r.to
	}
	return r.from
}

// dateForms are the forms of a date, longest first, and the span that each names.
var dateForms = [...]struct {
	layout string
	span   string
}{
	{"2006-01-02T15:04:05", "s"},
	{"2006-01-02 15:04:05", "s"},
	{"2006-01-02T15:04", "m"},
	{"2006-01-02 15:04", "m"},
	{"2006-01-02T15", "h"},
	{"2006-01-02", "d"},
	{"2006-01", "M"},
	{"2006", "y"},
}

// momentOf reads a date or date math.
// Only what Elasticsearch takes is taken: a query that works here must work there. The one addition is the zone of the
// clock for a date that has none, because people mean their own day.
func momentOf(text string, now time.Time) moment {
	if rest, ok := strings.CutPrefix(text, "now"); ok {
		return dateMath(now, now.Add(time.Nanosecond), rest)
	}
	anchor, math, _ := strings.Cut(text, "||")
	from, to, ok := dateSpan(anchor, now.Location())
	if !ok {
		return moment{}
	}
	return dateMath(from, to, math)
}

// dateSpan reads a date without math.
func dateSpan(s string, zone *time.Location) (from, to time.Time, ok bool) {
	if len(s) >= 5 { // four digits are a year
		if ms, err := strconv.ParseInt(s, 10, 64); err == nil && ms > -1<<43 && ms < 1<<43 {
			from = time.UnixMilli(ms).UTC()
			return from, from.Add(time.Millisecond), true
		}
	}
	for _, f := range dateForms {
		// With a zone first: without one the form would match too, and leave the zone over.
		for _, suffix := range [...]string{"Z07:00", ""} {
			t, err := time.ParseInLocation(f.layout+suffix, s, zone)
			if err != nil {
				continue
			}
			to = addUnit(t, 1, f.span[0])
			if f.span == "s" { // digits of a second name a shorter span
				if _, frac, found := strings.Cut(s, "."); found {
					to = t.Add(fraction(frac))
				}
			}
			return t, to, true
		}
	}
	return from, to, false
}

// fraction returns the span that the digits of a second name: .4 is a tenth, .412 a thousandth.
func fraction(s string) time.Duration {
	span := time.Second
	for i := 0; i < len(s) && '0' <= s[i] && s[i] <= '9' && span > 1; i++ {
		span /= 10
	}
	return span
}

// dateMath applies +1d, -15m and /d to a span; rounding makes it the whole unit.
func dateMath(from, to time.Time, s string) moment {
	// From left to right, as it is written: now/d-1d is yesterday's day, now-1d/d too, but now/M-1d is not now-1d/M.
	for s != "" {
		op := s[0]
		s = s[1:]
		digits := 0
		for digits < len(s) && '0' <= s[digits] && s[digits] <= '9' {
			digits++
		}
		n := 1
		if digits > 0 {
			v, err := strconv.ParseInt(s[:digits], 10, 32)
			if err != nil || op == '/' {
				return moment{}
			}
			n = int(v)
		}
		s = s[digits:]
		if s == "" || strings.IndexByte("yMwdhHms", s[0]) < 0 {
			return moment{}
		}
		unit := s[0]
		s = s[1:]
		switch op {
		case '+', '-':
			if op == '-' {
				n = -n
			}
			from, to = addUnit(from, n, unit), addUnit(to, n, unit)
		case '/':
			from = floorUnit(from, unit)
			to = addUnit(from, 1, unit)
		default:
			return moment{}
		}
	}
	return moment{nanos(from), nanos(to), true}
}

// addUnit adds in the calendar of the time's zone: a day is not always 24 hours long.
func addUnit(t time.Time, n int, unit byte) time.Time {
	switch unit {
	case 'y':
		return t.AddDate(n, 0, 0)
	case 'M':
		return t.AddDate(0, n, 0)
	case 'w':
		return t.AddDate(0, 0, 7*n)
	case 'd':
		return t.AddDate(0, 0, n)
	case 'h', 'H':
		return addSeconds(t, n, 3600)
	case 'm':
		return addSeconds(t, n, 60)
	}
	return addSeconds(t, n, 1)
}

// addSeconds adds without the overflow of a Duration, which holds 292 years.
func addSeconds(t time.Time, n int, each int64) time.Time {
	return time.Unix(t.Unix()+int64(n)*each, int64(t.Nanosecond())).In(t.Location())
}

// floorUnit goes back to the start of the unit in the time's zone.
func floorUnit(t time.Time, unit byte) time.Time {
	y, mo, d := t.Date()
	h, mi, s := t.Clock()
	switch unit {
	case 'y':
		mo, d, h, mi, s = 1, 1, 0, 0, 0
	case 'M':
		d, h, mi, s = 1, 0, 0, 0
	case 'w': // weeks begin on Monday
		d, h, mi, s = d-(int(t.Weekday())+6)%7, 0, 0, 0
	case 'd':
		h, mi, s = 0, 0, 0
	case 'h', 'H':
		mi, s = 0, 0
	case 'm':
		s = 0
	}
	return time.Date(y, mo, d, h, mi, s, 0, t.Location())
}

// nanos returns t in nanoseconds since 1970, the nearest that there is for far years.
func nanos(t time.Time) int64 {
	switch s := t.Unix(); {
	case s < math.MinInt64/1_000_000_000:
		return math.MinInt64
	case s >= math.MaxInt64/1_000_000_000:
		return math.MaxInt64
	}
	return t.UnixNano()
}

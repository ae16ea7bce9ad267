package term

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Count writes a whole number with commas.
func Count(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// Short writes a number for live lines in three significant digits: 214, 12.4 k, 2.1 M.
func Short(n float64) string {
	a := math.Abs(n)
	switch {
	case a >= 999.5e6:
		return digits(n/1e9) + " G"
	case a >= 999_500:
		return digits(n/1e6) + " M"
	case a >= 9_999.5:
		return digits(n/1e3) + " k"
	case a >= 999.5:
		return Count(int64(math.Round(n)))
	}
	return digits(n)
}

// Rate writes a number per second.
func Rate(n float64) string { return Short(n) + "/s" }

// Bytes writes a size.
func Bytes(n int64) string {
	f := float64(n)
	for _, u := range []struct {
		name string
		size float64
	}{{"TiB", 1 << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} {
		if math.Abs(f) >= u.size {
			return digits(f/u.size) + " " + u.name
		}
	}
	return strconv.FormatInt(n, 10) + " B"
}

// Duration writes a span: 3 ms, 6.4 s, 12 s, 10 min, 2 h 5 min, 26 d.
func Duration(d time.Duration) string {
	switch {
	case d < 0:
		return "-" + Duration(-d)
	case d == 0:
		return "0 s"
	case d < time.Millisecond:
		return digits(float64(d)/1e3) + " µs"
	case d < 999500*time.Microsecond:
		return digits(float64(d)/1e6) + " ms"
	case d < time.Minute-50*time.Millisecond:
		return tenths(d.Seconds()) + " s"
	case d < time.Hour:
		return pair(d.Round(time.Second), time.Minute, "min", time.Second, "s")
	case d < 48*time.Hour:
		return pair(d.Round(time.Minute), time.Hour, "h", time.Minute, "min")
	}
	return strconv.Itoa(int((d+12*time.Hour)/(24*time.Hour))) + " d"
}

// pair writes a span in two units and leaves out the smaller one where it is zero.
func pair(d, big time.Duration, bigName string, small time.Duration, smallName string) string {
	s := strconv.Itoa(int(d/big)) + " " + bigName
	if rest := d % big / small; rest > 0 {
		s += " " + strconv.Itoa(int(rest)) + " " + smallName
	}
	return s
}

// Ago writes how long ago t was: 2 min ago.
func (f *Face) Ago(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	if !f.TTY {
		return t.UTC().Format(time.RFC3339Nano)
	}
	d := f.Now().Sub(t)
	switch {
	case d < -time.Second:
		return "in " + coarse(-d)
	case d < time.Second:
		return "now"
	}
	return coarse(d) + " ago"
}

// coarse is a span in one unit.
// It rounds down: 59 s are not yet a minute.
func coarse(d time.Duration) string {
	switch {
	case d < time.Minute:
		return strconv.Itoa(int(d/time.Second)) + " s"
	case d < time.Hour:
		return strconv.Itoa(int(d/time.Minute)) + " min"
	case d < 48*time.Hour:
		return strconv.Itoa(int(d/time.Hour)) + " h"
	}
	return strconv.Itoa(int(d/(24*time.Hour))) + " d"
}

// Num writes a count: with commas for a person, bare for a program.
// Commas are for people alone: a program would have to take them out again.
func (f *Face) Num(n int64) string {
	if f.TTY {
		return Count(n)
	}
	return strconv.FormatInt(n, 10)
}

// Clock writes a time: of day with milliseconds for a person, with the date where it is not today; RFC 3339 UTC for a
// program.
func (f *Face) Clock(t time.Time) string { return f.clock(t, ".000") }

// Second is Clock without milliseconds.
func (f *Face) Second(t time.Time) string { return f.clock(t, "") }

// clock writes a time with the given fraction; a person gets the date only where it is not today.
func (f *Face) clock(t time.Time, fraction string) string {
	if t.IsZero() {
		return "-"
	}
	if !f.TTY {
		return t.UTC().Format(time.RFC3339Nano)
	}
	t = t.In(f.Zone)
	now := f.Now().In(f.Zone)
	switch {
	case t.YearDay() == now.YearDay() && t.Year() == now.Year():
		return t.Format("15:04:05" + fraction)
	case t.Year() == now.Year():
		return t.Format("01-02 15:04:05" + fraction)
	}
	return t.Format("2006-01-02 15:04:05" + fraction)
}

// Offset is the zone that Clock uses, for the head of a column: +09:00.
func (f *Face) Offset() string {
	if !f.TTY {
		return "UTC"
	}
	return f.Now().In(f.Zone).Format("-07:00")
}

// digits writes three significant digits, without zeros after the point.
// More would change too fast to be read, fewer would hide a tenth.
func digits(f float64) string {
	a := math.Abs(f)
	places := 2
	switch {
	case a >= 99.95:
		places = 0
	case a >= 9.995:
		places = 1
	}
	s := strconv.FormatFloat(f, 'f', places, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	if s == "-0" {
		return "0"
	}
	return s
}

// tenths writes one place after the point below ten, if it is not zero, and none from there on.
// It is for spans: 6.4 s, but 31 s.
func tenths(f float64) string {
	if f < 9.95 {
		return strings.TrimSuffix(strconv.FormatFloat(f, 'f', 1, 64), ".0")
	}
	return strconv.FormatFloat(f, 'f', 0, 64)
}

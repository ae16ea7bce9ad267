// Package unit holds the values that weir's configuration is made of beside numbers and texts: sizes, spans of time, rates
// and secrets.
package unit

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Bytes is a size; in the file 64 KiB, 16 MiB, or a plain number of bytes.
type Bytes int64

// Duration is a time span; in the file 90s, 10m, 1h30m, 7d.
type Duration time.Duration

// Rate is a number of records per second; in the file 3000/s, 100/m, or 0 for none.
type Rate float64

// Secret is a text that prints as a mask; in the file the text itself, env:NAME or file:PATH. A type of its own is what
// makes forgetting hard: every way to print a value that the language has ends in one of the three methods below.
type Secret string

// mask is what a secret shows.
const mask = "***"

// Names and sizes of byte units, the largest first. kB and MB are refused rather than guessed at: half of the people
// who write them mean 1024.
var byteUnits = []struct {
	name string
	size int64
}{{"TiB", 1 << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}}

// UnmarshalText reads a size.
func (b *Bytes) UnmarshalText(text []byte) error {
	s := strings.TrimSpace(string(text))
	num, unit := splitUnit(s)
	size := int64(0)
	for _, u := range byteUnits {
		if unit == u.name || unit == "" && u.size == 1 {
			size = u.size
		}
	}
	if size == 0 {
		return fmt.Errorf("%q is no unit of size: KiB, MiB, GiB, TiB or B", unit)
	}
	n, err := amount(num)
	if err != nil {
		return err
	}
	if n*float64(size) >= math.MaxInt64 {
		return errors.New("larger than any disk")
	}
	if size == 1 && n != math.Trunc(n) {
		return errors.New("not a whole number of bytes")
	}
	*b = Bytes(math.Round(n * float64(size)))
	return nil
}

// String writes the size in the largest unit that keeps it exact.
// Rounding would print a limit that is not the one that counts.
func (b Bytes) String() string {
	for _, u := range byteUnits {
		if b != 0 && int64(b)%u.size == 0 && u.size > 1 {
			return strconv.FormatInt(int64(b)/u.size, 10) + " " + u.name
		}
	}
	return strconv.FormatInt(int64(b), 10)
}

// UnmarshalText reads a time span: Go's form, and days.
// A day is 24 hours here, also where clocks change: these are spans of waiting, not of calendars.
func (d *Duration) UnmarshalText(text []byte) error {
	s := strings.TrimSpace(string(text))
	if s == "0" {
		*d = 0
		return nil
	}
	days := time.Duration(0)
	rest := s
	if num, after, ok := strings.Cut(s, "d"); ok {
		n, err := strconv.ParseUint(num, 10, 31)
		if err != nil || n > 36500 {
			return fmt.Errorf("%q is no number of days", num)
		}
		days, rest = time.Duration(n)*24*time.Hour, after
	}
	span := time.Duration(0)
	if rest != "" {
		var err error
		if span, err = time.ParseDuration(rest); err != nil || strings.HasPrefix(rest, "+") {
			return fmt.Errorf("%q is no time span: write 90s, 10m, 1h30m or 7d", s)
		}
	}
	if rest == "" && s == "" || span < 0 {
		return fmt.Errorf("%q is no time span: write 90s, 10m, 1h30m or 7d", s)
	}
	if span > math.MaxInt64-days {
		return errors.New("longer than 290 years")
	}
	*d = Duration(days + span)
	return nil
}

// String writes the span with days and without parts that are zero.
func (d Duration) String() string {
	v := time.Duration(d)
	if v == 0 {
		return "0"
	}
	out := ""
	const day = 24 * time.Hour
	if v >= day {
		out = strconv.FormatInt(int64(v/day), 10) + "d"
		v %= day
	}
	if v == 0 {
		return out
	}
	s := v.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return out + s
}

// UnmarshalText reads a rate.
func (r *Rate) UnmarshalText(text []byte) error {
	s := strings.TrimSpace(string(text))
	num, per, ok := strings.Cut(s, "/")
	if !ok && s != "0" {
		return fmt.Errorf("%q is no rate: write 3000/s, 100/m, 10/h, or 0 for none", s)
	}
	n, err := amount(strings.TrimSpace(num))
	if err != nil {
		return err
	}
	switch strings.TrimSpace(per) {
	case "s", "":
	case "m", "min":
		n /= 60
	case "h":
		n /= 3600
	default:
		return fmt.Errorf("%q is no time of a rate: s, m or h", per)
	}
	if ok && strings.TrimSpace(per) == "" {
		return fmt.Errorf("%q is no rate: write 3000/s, 100/m, 10/h, or 0 for none", s)
	}
	*r = Rate(n)
	return nil
}

// String writes the rate with the time that gives a whole number, else per second.
// A rate that is whole in no unit is a fraction per second: it was written as such.
func (r Rate) String() string {
	if r == 0 {
		return "0"
	}
	for _, u := range []struct {
		per  string
		size float64
	}{{"/s", 1}, {"/m", 60}, {"/h", 3600}} {
		if n := float64(r) * u.size; math.Abs(n-math.Round(n)) < 1e-9*n {
			return strconv.FormatFloat(math.Round(n), 'f', -1, 64) + u.per
		}
	}
	return strconv.FormatFloat(float64(r), 'f', -1, 64) + "/s"
}

// String returns a mask, also for %v, %s, %q and %x. Convert to string where the secret itself is needed.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return mask
}

// GoString returns a mask for %#v.
func (s Secret) GoString() string { return `unit.Secret("` + s.String() + `")` }

// MarshalText returns a mask, so that no encoder writes the secret.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// splitUnit cuts "64 KiB" into number and unit.
// It looks for the last digit, so 1e3 has the number 1e3, which amount refuses, and not the unit e3.
func splitUnit(s string) (num, unit string) {
	i := len(s)
	for i > 0 && (s[i-1] < '0' || s[i-1] > '9') && s[i-1] != '.' {
		i--
	}
	return s[:i], strings.TrimSpace(s[i:])
}

// amount reads a decimal number that is not negative. Digits may be grouped with "_", as YAML allows.
// strconv alone would take 1e3, 0x10, inf and NaN too, and a size of NaN bytes passes every comparison.
func amount(s string) (float64, error) {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && c != '.' && c != '_' {
			return 0, fmt.Errorf("%q is no number", s)
		}
	}
	n, err := strconv.ParseFloat(strings.ReplaceAll(s, "_", ""), 64)
	if err != nil || math.IsInf(n, 0) {
		return 0, fmt.Errorf("%q is no number", s)
	}
	return n, nil
}

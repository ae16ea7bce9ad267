// Package text says what the console says in English and in Korean, and writes times, counts and spans for a reader.
package text

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"weir/internal/term"
)

// The English sentence is the key of the Korean one: templates stay readable, and a sentence that is changed without its
// translation is found by a test, which looks for every key that the templates and the code use.

// Lang is a language that the console speaks.
type Lang string

// Languages.
const (
	En Lang = "en"
	Ko Lang = "ko"
)

// T says a sentence in the language. With args it is a format; Korean ones may name them by number, since their order
// differs.
func (l Lang) T(key string, args ...any) string {
	s := key
	if both, ok := labels[key]; ok {
		if s = both[0]; l == Ko {
			s = both[1]
		}
	} else if k, ok := korean[key]; ok && l == Ko {
		s = k
	} else if rest, ok := unlabelled(key); ok {
		s = rest
	}
	if len(args) == 0 {
		return s
	}
	return fmt.Sprintf(s, args...)
}

// unlabelled is a slug of another part of weir that has no words here yet: it is shown without what tells its kind.
func unlabelled(key string) (string, bool) {
	for _, kind := range []string{"count ", "cycle ", "decision ", "item ", "reason ", "report ", "risk "} {
		if rest, ok := strings.CutPrefix(key, kind); ok && !strings.Contains(rest, " ") {
			return rest, true
		}
	}
	return "", false
}

// Has tells whether a sentence has a Korean form.
func Has(key string) bool {
	_, label := labels[key]
	_, sentence := korean[key]
	return label || sentence
}

// Parse returns the language of a setting, "" if it is none.
func Parse(s string) Lang {
	switch Lang(s) {
	case En, Ko:
		return Lang(s)
	}
	return ""
}

// Accepted is the language that a browser asks for, English where it asks for neither.
// Weights are looked at only as far as their order: browsers send the most wanted first.
func Accepted(header string) Lang {
	for part := range strings.SplitSeq(header, ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		base, _, _ := strings.Cut(strings.ToLower(tag), "-")
		if l := Parse(base); l != "" {
			return l
		}
	}
	return En
}

// Plural writes a count with its noun in the language; Korean nouns have one form.
func (l Lang) Plural(n int64, one, many string) string {
	key := one
	if n != 1 {
		key = many
	}
	if !strings.Contains(key, "%") {
		return l.T(key) // once
	}
	return l.T(key, term.Count(n))
}

// Ago says how long ago something was.
func (l Lang) Ago(t, now time.Time) string {
	if t.IsZero() {
		return "-"
	}
	d := now.Sub(t)
	ahead := d < -time.Second
	if ahead {
		d = -d
	}
	if d < time.Second {
		return l.T("just now")
	}
	s := l.Coarse(d)
	if ahead {
		return l.T("in %s", s)
	}
	return l.T("%s ago", s)
}

// Coarse is a span in one unit, rounded down.
func (l Lang) Coarse(d time.Duration) string {
	switch {
	case d < time.Minute:
		return l.T("%s s", strconv.Itoa(int(d/time.Second)))
	case d < time.Hour:
		return l.T("%s min", strconv.Itoa(int(d/time.Minute)))
	case d < 48*time.Hour:
		return l.T("%s h", strconv.Itoa(int(d/time.Hour)))
	}
	return l.T("%s d", strconv.Itoa(int(d/(24*time.Hour))))
}

// Clock writes a time of day with milliseconds, with its date where that is not the day of now.
func Clock(t, now time.Time, zone *time.Location) string { return clock(t, now, zone, ".000") }

// Second is Clock without milliseconds.
func Second(t, now time.Time, zone *time.Location) string { return clock(t, now, zone, "") }

func clock(t, now time.Time, zone *time.Location, fraction string) string {
	if t.IsZero() {
		return "-"
	}
	t, now = t.In(zone), now.In(zone)
	switch {
	case t.Year() == now.Year() && t.YearDay() == now.YearDay():
		return t.Format("15:04:05" + fraction)
	case t.Year() == now.Year():
		return t.Format("01-02 15:04:05" + fraction)
	}
	return t.Format("2006-01-02 15:04:05" + fraction)
}

// Cut shortens a text from outside to a number of characters, and makes what is left of it harmless to look at. cut tells
// that something is missing.
func Cut(s string, most int) (short string, cut bool) {
	n := 0
	for i := range s {
		if n == most {
			return term.Escape(s[:i]), true
		}
		n++
	}
	return term.Escape(s), false
}

// Package layout reads times by layouts: names of well-known ones, or letters as Java and Elasticsearch have them.
package layout

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"weir/processors/parse/header"
)

// Set is a list of layouts, of which the first that fits counts. It is immutable and safe for many goroutines.
type Set struct {
	layouts []layout
	names   []string
}

// layout reads a whole text. It is no function value, for which what it fills would have to live on the heap.
type layout struct {
	// Letters, unless the layout is one of the others.
	letters ops
	iso     bool
	// Nanoseconds of a count's unit.
	unit int64
}

// read reads a whole text into f. Failures are not explained: the next layout is tried, and in the end what counts is
// that none did.
func (l *layout) read(s string, f *fields) bool {
	switch {
	// A date of ISO 8601 has too many liberties to be written in letters.
	case l.iso:
		return readISO(s, f)
	case l.unit > 0:
		return readEpoch(s, f, l.unit)
	}
	return l.letters.read(s, f)
}

// Compile compiles layouts: ISO8601, UNIX, UNIX_MS, UNIX_US, UNIX_NS, RFC3164, HTTP, or letters such as
// "yyyy-MM-dd HH:mm:ss.SSS Z", in which [parts] may be absent. Without any, ISO8601 is meant. The error names the layout
// and the column.
func Compile(layouts []string) (*Set, error) {
	if len(layouts) == 0 {
		layouts = []string{"ISO8601"}
	}
	s := &Set{names: layouts}
	for _, l := range layouts {
		switch l {
		case "ISO8601":
			s.layouts = append(s.layouts, layout{iso: true})
			continue
		case "UNIX":
			s.layouts = append(s.layouts, layout{unit: 1_000_000_000})
			continue
		case "UNIX_MS":
			s.layouts = append(s.layouts, layout{unit: 1_000_000})
			continue
		case "UNIX_US":
			s.layouts = append(s.layouts, layout{unit: 1_000})
			continue
		case "UNIX_NS":
			s.layouts = append(s.layouts, layout{unit: 1})
			continue
		}
		// What is left are letters, under their own name or another.
		spelled := l
		if letters, ok := named[l]; ok {
			spelled = letters
		}
		variants, err := expand(spelled)
		if err != nil {
			return nil, fmt.Errorf("reading the layout %q: %w", l, err)
		}
		for _, v := range variants {
			letters, err := compile(v)
			if err != nil {
				return nil, fmt.Errorf("reading the layout %q: %w", l, err)
			}
			s.layouts = append(s.layouts, layout{letters: letters})
		}
	}
	return s, nil
}

// named are the layouts with a name that have letters too.
var named = map[string]string{
	"RFC3164": "MMM d HH:mm:ss[.SSS]",
	"HTTP":    "d/MMM/yyyy:HH:mm:ss Z",
}

// Parse reads a time. It makes no memory unless it fails, and may be called by many goroutines. loc is the zone of a time
// that has none (nil: UTC); hasZone tells whether it had one. What the text does not say comes from the time of receipt: no year means the last one in which the time is not of
// the future, no day its day.
func (s *Set) Parse(text string, received time.Time, loc *time.Location) (t time.Time, hasZone bool, err error) {
	// Columns of tables and texts of XML have blanks around them; no layout begins or ends with one.
	text = strings.TrimSpace(text)
	if loc == nil {
		loc = time.UTC
	}
	for i := range s.layouts {
		f := fields{month: -1, day: -1}
		if !s.layouts[i].read(text, &f) {
			continue
		}
		// A text can have the form of a layout and still be no time: the 20th month. Then another layout may be meant.
		if t, ok := f.time(received, loc); ok {
			return t, f.hasZone, nil
		}
	}
	return time.Time{}, false, s.refuse(text)
}

// refuse explains that no layout fits.
func (s *Set) refuse(text string) error {
	if text == "" {
		return errors.New("an empty text is no time")
	}
	// A message that is no time at all must not fill the error with itself.
	if len(text) > 64 {
		text = text[:64] + "..."
	}
	return fmt.Errorf("%q is no time of the layout %s", text, strings.Join(s.names, " or "))
}

// fields is what a layout has read. It lives on the stack of Parse, for one layout and one text. month and day are -1 where the text does not say them.
type fields struct {
	year, month, day           int
	hour, minute, second, nano int
	yearDay                    int
	hasYear, hasZone           bool
	// half is 'a' or 'p' where the hour is of twelve.
	half byte
	// The zone: a location, or seconds east of UTC.
	loc    *time.Location
	offset int
	// The whole time, for counts since 1970.
	whole   time.Time
	isWhole bool
}

// time puts the fields together.
func (f *fields) time(received time.Time, loc *time.Location) (time.Time, bool) {
	if f.isWhole {
		return f.whole, true
	}
	// A zone that stands in the text beats that of its sender; an offset is taken off at the end.
	if f.hasZone {
		if loc = f.loc; loc == nil {
			loc = time.UTC
		}
	}
	// 12 AM is midnight and 12 PM noon, so twelve counts as nought before the half is added.
	if f.half != 0 {
		if f.hour < 1 || f.hour > 12 {
			return time.Time{}, false
		}
		if f.hour %= 12; f.half == 'p' {
			f.hour += 12
		}
	}
	// Second 60 is a leap second, hour 24 the end of a day; time.Date counts both on into what follows.
	if f.hour > 24 || f.minute > 59 || f.second > 60 {
		return time.Time{}, false
	}
	// What day it is, is asked where the clock of the text stands.
	here := received.In(loc)
	if f.yearDay > 0 {
		return f.ordinal(here, loc)
	}
	switch {
	case f.month < 0 && f.day < 0 && !f.hasYear:
		f.year, f.month, f.day, f.hasYear = here.Year(), int(here.Month()), here.Day(), true
	// A year or a month alone means its first day.
	default:
		if f.month < 0 {
			f.month = 1
		}
		if f.day < 0 {
			f.day = 1
		}
	}
	if f.month < 1 || f.month > 12 || f.day < 1 || f.day > 31 {
		return time.Time{}, false
	}
	if f.hasYear {
		return f.inYear(f.year, loc)
	}
	return f.latest(received, here.Year(), loc)
}

// ordinal is the time of a text that counts the days of the year.
func (f *fields) ordinal(here time.Time, loc *time.Location) (time.Time, bool) {
	year := f.year
	if !f.hasYear {
		year = here.Year()
	}
	if f.yearDay > 366 {
		return time.Time{}, false
	}
	t := time.Date(year, 1, f.yearDay, f.hour, f.minute, f.second, f.nano, loc)
	return t.Add(-time.Duration(f.offset) * time.Second), true
}

// inYear is the time in a year; it is false on a day that the year does not have.
func (f *fields) inYear(year int, loc *time.Location) (time.Time, bool) {
	// time.Date would make the 1st of March of the 30th of February.
	if f.day > 28 && time.Date(year, time.Month(f.month), f.day, 0, 0, 0, 0, time.UTC).Day() != f.day {
		return time.Time{}, false
	}
	t := time.Date(year, time.Month(f.month), f.day, f.hour, f.minute, f.second, f.nano, loc)
	return t.Add(-time.Duration(f.offset) * time.Second), true
}

// latest is the time in the last year in which it is not more than a week behind its receipt: a log is not of the future, but
// for clocks and zones that are wrong and for the turn of the year. The years of the 29th of February are up to eight from
// each other.
func (f *fields) latest(received time.Time, year int, loc *time.Location) (time.Time, bool) {
	end := received.Add(header.Ahead)
	if t, ok := f.inYear(year, loc); ok && !t.After(end) && received.Sub(t) < 350*24*time.Hour {
		return t, true // most logs are of now
	}
	for y := year + 1; y >= year-8; y-- {
		if t, ok := f.inYear(y, loc); ok && !t.After(end) {
			return t, true
		}
	}
	return time.Time{}, false
}

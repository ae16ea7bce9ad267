package schedule

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"weir/internal/calendar"
)

// Every is when a report is made: each day, each week on a day, or each month on a day, at a time of the clock.
type Every struct {
	unit    string       // day, week or month
	weekday time.Weekday // of week
	day     int          // of month; 32 is the last one
	minute  int          // of the day
}

// lastDay stands for the last day of a month. Days that a month does not have are its last one too.
const lastDay = 32

// weekdays as they are written, by their first three letters.
var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// parseEvery reads `day 08:00`, `week on mon 08:00`, `month on 3 08:00`, `month on last 08:00`.
func parseEvery(s string) (Every, error) {
	words := strings.Fields(strings.ToLower(s))
	bad := fmt.Errorf("write `month on 3 08:00`, `week on mon 08:00` or `day 08:00`")
	if len(words) != 2 && len(words) != 4 {
		return Every{}, bad
	}
	at, err := time.Parse("15:04", words[len(words)-1])
	if err != nil {
		return Every{}, fmt.Errorf("`%s` is no time of day; write 08:00", words[len(words)-1])
	}
	e := Every{unit: words[0], minute: at.Hour()*60 + at.Minute()}
	if len(words) == 2 {
		if e.unit != "day" {
			return Every{}, bad
		}
		return e, nil
	}
	if words[1] != "on" {
		return Every{}, bad
	}
	switch e.unit {
	case "week":
		i := slices.IndexFunc(weekdays, func(d string) bool { return strings.HasPrefix(words[2], d) })
		if i < 0 {
			return Every{}, fmt.Errorf("`%s` is no day of the week; write mon", words[2])
		}
		e.weekday = time.Weekday(i)
	case "month":
		if words[2] == "last" {
			e.day = lastDay
			break
		}
		if e.day, err = strconv.Atoi(words[2]); err != nil || e.day < 1 || e.day > 31 {
			return Every{}, fmt.Errorf("`%s` is no day of a month; write 1 to 31, or last", words[2])
		}
	default:
		return Every{}, bad
	}
	return e, nil
}

// String writes it as it is read.
func (e Every) String() string {
	at := fmt.Sprintf("%02d:%02d", e.minute/60, e.minute%60)
	switch e.unit {
	case "week":
		return "week on " + weekdays[e.weekday] + " " + at
	case "month":
		if e.day == lastDay {
			return "month on last " + at
		}
		return "month on " + strconv.Itoa(e.day) + " " + at
	}
	return "day " + at
}

// on is the moment of a local day. A time that a clock change leaves out is the one after it.
func (e Every) on(year int, month time.Month, day int, zone *time.Location) time.Time {
	return calendar.At(year, month, day, e.minute, zone)
}

// of is the moment of the unit (day, week, month) that t is in, moved by n of them.
func (e Every) of(t time.Time, n int, zone *time.Location) time.Time {
	l := t.In(zone)
	switch e.unit {
	case "week":
		back := (int(l.Weekday()) - int(e.weekday) + 7) % 7
		return e.on(l.Year(), l.Month(), l.Day()-back+7*n, zone)
	case "month":
		first := time.Date(l.Year(), l.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
		last := first.AddDate(0, 1, -1).Day()
		return e.on(first.Year(), first.Month(), min(e.day, last), zone)
	}
	return e.on(l.Year(), l.Month(), l.Day()+n, zone)
}

// Last is the latest moment that is not after t.
func (e Every) Last(t time.Time, zone *time.Location) time.Time {
	for n := 1; ; n-- {
		if at := e.of(t, n, zone); !at.After(t) {
			return at
		}
	}
}

// Next is the first moment after t.
func (e Every) Next(t time.Time, zone *time.Location) time.Time {
	for n := -1; ; n++ {
		if at := e.of(t, n, zone); at.After(t) {
			return at
		}
	}
}

// Month is the month that a report of a moment is about: that before, of one that is made each month; else the one that
// the day before is in, so that the first of a month still brings all of the last one.
func (e Every) Month(due time.Time, zone *time.Location) string {
	l := due.In(zone)
	if e.unit == "month" {
		return time.Date(l.Year(), l.Month()-1, 1, 0, 0, 0, 0, time.UTC).Format("2006-01")
	}
	return time.Date(l.Year(), l.Month(), l.Day()-1, 0, 0, 0, 0, time.UTC).Format("2006-01")
}

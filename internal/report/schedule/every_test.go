package schedule

import (
	"testing"
	"time"
)

// seoul is 9 hours ahead.
var seoul = time.FixedZone("Asia/Seoul", 9*3600)

// TestParseEvery: what people write, and what is wrong with what they should not.
func TestParseEvery(t *testing.T) {
	for in, want := range map[string]string{
		"month on 3 08:00": "month on 3 08:00", "Month on LAST 23:59": "month on last 23:59", "week on monday 08:00": "week on mon 08:00", "week on Sun 00:00": "week on sun 00:00", "  day   08:00 ": "day 08:00", "day 8:05": "day 08:05",
	} {
		e, err := parseEvery(in)
		if err != nil || e.String() != want {
			t.Errorf("%q: %s, %v", in, e, err)
		}
	}
	for _, in := range []string{"", "day", "month 08:00", "week 08:00", "month on 0 08:00", "month on 32 08:00", "month on 3 24:00", "month on 3 8", "week on x 08:00", "year on 3 08:00", "day on 3 08:00", "month at 3 08:00", "08:00"} {
		if e, err := parseEvery(in); err == nil {
			t.Errorf("%q became %s", in, e)
		}
	}
}

// TestEvery: the moments before and after, over ends of months, weeks and changes of clocks.
func TestEvery(t *testing.T) {
	load := func(name string) *time.Location {
		l, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	berlin, newYork, asuncion := load("Europe/Berlin"), load("America/New_York"), load("America/Asuncion")
	for _, c := range []struct {
		name, every string
		zone        *time.Location
		now         string
		last, next  string
		month       string
	}{
		{"day, before", "day 08:00", seoul, "2026-11-01T07:59:59+09:00", "2026-10-31T08:00:00+09:00", "2026-11-01T08:00:00+09:00", "2026-10"},
		{"day, at", "day 08:00", seoul, "2026-11-01T08:00:00+09:00", "2026-11-01T08:00:00+09:00", "2026-11-02T08:00:00+09:00", "2026-10"},
		{"day, later", "day 08:00", seoul, "2026-11-02T09:00:00+09:00", "2026-11-02T08:00:00+09:00", "2026-11-03T08:00:00+09:00", "2026-11"},
		{"week", "week on mon 08:00", seoul, "2026-11-04T00:00:00+09:00", "2026-11-02T08:00:00+09:00", "2026-11-09T08:00:00+09:00", "2026-11"},
		{"week, the same day before", "week on wed 08:00", seoul, "2026-11-04T00:00:00+09:00", "2026-10-28T08:00:00+09:00", "2026-11-04T08:00:00+09:00", "2026-10"},
		{"month", "month on 3 08:00", seoul, "2026-11-02T00:00:00+09:00", "2026-10-03T08:00:00+09:00", "2026-11-03T08:00:00+09:00", "2026-09"},
		{"month, a day that it does not have", "month on 31 08:00", seoul, "2027-03-01T00:00:00+09:00", "2027-02-28T08:00:00+09:00", "2027-03-31T08:00:00+09:00", "2027-01"},
		{"last day", "month on last 08:00", seoul, "2026-12-31T08:00:00+09:00", "2026-12-31T08:00:00+09:00", "2027-01-31T08:00:00+09:00", "2026-11"},
		{"over the year", "month on 1 00:00", seoul, "2026-12-31T23:00:00+09:00", "2026-12-01T00:00:00+09:00", "2027-01-01T00:00:00+09:00", "2026-11"},
		{"an hour that is left out", "day 02:30", berlin, "2026-03-29T12:00:00+02:00", "2026-03-29T03:30:00+02:00", "2026-03-30T02:30:00+02:00", "2026-03"},
		{"an hour that is left out, west", "day 02:30", newYork, "2026-03-08T12:00:00-04:00", "2026-03-08T03:30:00-04:00", "2026-03-09T02:30:00-04:00", "2026-03"},
		{"an hour that comes twice", "day 02:30", berlin, "2026-10-25T12:00:00+01:00", "2026-10-25T02:30:00+01:00", "2026-10-26T02:30:00+01:00", "2026-10"},
		{"between the two", "day 02:30", berlin, "2026-10-25T02:40:00+02:00", "2026-10-24T02:30:00+02:00", "2026-10-25T02:30:00+01:00", "2026-10"},
		{"no midnight on the first", "month on 1 00:00", asuncion, "2023-10-15T00:15:00-03:00", "2023-10-01T01:00:00-03:00", "2023-11-01T00:00:00-03:00", "2023-09"},
		{"February of a leap year", "month on 31 08:00", seoul, "2028-02-29T08:00:00+09:00", "2028-02-29T08:00:00+09:00", "2028-03-31T08:00:00+09:00", "2028-01"},
		{"the 29th in a year without one", "month on 29 08:00", seoul, "2027-02-28T09:00:00+09:00", "2027-02-28T08:00:00+09:00", "2027-03-29T08:00:00+09:00", "2027-01"},
		{"the 31st in a month of 30", "month on 31 08:00", seoul, "2026-12-01T00:00:00+09:00", "2026-11-30T08:00:00+09:00", "2026-12-31T08:00:00+09:00", "2026-10"},
		{"a week over a change of clocks", "week on sun 02:30", newYork, "2026-03-08T03:29:00-04:00", "2026-03-01T02:30:00-05:00", "2026-03-08T03:30:00-04:00", "2026-02"},
		{"in another zone than the clock", "day 08:00", seoul, "2026-10-31T23:00:00Z", "2026-11-01T08:00:00+09:00", "2026-11-02T08:00:00+09:00", "2026-10"},
	} {
		e, err := parseEvery(c.every)
		if err != nil {
			t.Fatal(err)
		}
		now, _ := time.Parse(time.RFC3339, c.now)
		last, next := e.Last(now, c.zone), e.Next(now, c.zone)
		if last.Format(time.RFC3339) != c.last || next.Format(time.RFC3339) != c.next || e.Month(last, c.zone) != c.month {
			t.Errorf("%s: last %s, next %s, month %s", c.name, last.Format(time.RFC3339), next.Format(time.RFC3339), e.Month(last, c.zone))
		}
	}
}

// FuzzEvery: last is not after now, next is, and nothing lies between.
func FuzzEvery(f *testing.F) {
	f.Add("month on 31 08:00", int64(1_800_000_000))
	f.Add("week on sun 23:59", int64(0))
	f.Add("day 00:00", int64(1_900_000_123))
	f.Fuzz(func(t *testing.T, text string, at int64) {
		e, err := parseEvery(text)
		if err != nil || at < 0 || at > 1<<34 {
			return
		}
		now := time.Unix(at, 0)
		last, next := e.Last(now, seoul), e.Next(now, seoul)
		if last.After(now) || !next.After(now) || !e.Next(last, seoul).Equal(next) || !e.Last(next, seoul).Equal(next) {
			t.Errorf("%s at %s: %s and %s", e, now, last, next)
		}
	})
}

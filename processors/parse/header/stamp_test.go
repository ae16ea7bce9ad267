package header

import (
	"testing"
	"time"
)

// TestTime_Year is the turn of the year and the leap day: the last year wins that is not of the future.
func TestTime_Year(t *testing.T) {
	for _, c := range []struct{ name, stamp, received, want string }{
		{"same day", "Mar  1 10:00:00", "2024-03-01T10:00:05Z", "2024-03-01T10:00:00Z"},
		{"December received in January", "Dec 31 23:59:59", "2025-01-01T00:00:03Z", "2024-12-31T23:59:59Z"},
		{"January received in December", "Jan  1 00:00:01", "2024-12-31T23:59:58Z", "2025-01-01T00:00:01Z"},
		{"five months old", "Oct 11 22:14:15", "2024-03-10T12:00:00Z", "2023-10-11T22:14:15Z"},
		{"leap day in its year", "Feb 29 10:00:00", "2024-03-01T00:00:00Z", "2024-02-29T10:00:00Z"},
		{"leap day a year later", "Feb 29 10:00:00", "2025-03-01T00:00:00Z", "2024-02-29T10:00:00Z"},
		{"seven months old", "May 10 10:00:00", "2026-11-21T12:00:00Z", "2026-05-10T10:00:00Z"},
		{"eleven months old", "Dec 20 10:00:00", "2026-11-21T12:00:00Z", "2025-12-20T10:00:00Z"},
		{"a clock that is six days ahead", "Nov 27 10:00:00", "2026-11-21T12:00:00Z", "2026-11-27T10:00:00Z"},
		{"a clock ahead over the turn of the year", "Jan  3 10:00:00", "2026-12-30T12:00:00Z", "2027-01-03T10:00:00Z"},
		{"leap day two years later", "Feb 29 10:00:00", "2026-03-10T00:00:00Z", "2024-02-29T10:00:00Z"},
		{"leap day behind a century without one", "Feb 29 10:00:00", "1903-03-01T00:00:00Z", "1896-02-29T10:00:00Z"},
		{"leap second", "Dec 31 23:59:60", "2016-12-31T23:59:59Z", "2017-01-01T00:00:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var s Stamp
			if n := s.read(c.stamp); n != len(c.stamp) {
				t.Fatalf("read %d of %q", n, c.stamp)
			}
			at, err := time.Parse(time.RFC3339, c.received)
			if err != nil {
				t.Fatal(err)
			}
			if got := s.Time(at, time.UTC).Format(time.RFC3339); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// TestCivilDays compares with the standard library over every day of 800 years.
func TestCivilDays(t *testing.T) {
	if got, want := civilDays(0, 1, 1), int(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC).Unix()/86400); got != want {
		t.Errorf("year 0: got %d, want %d", got, want)
	}
	for day := time.Date(1600, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2400; day = day.AddDate(0, 0, 1) {
		y, m, d := day.Date()
		if got, want := civilDays(y, int(m), d), int(day.Unix()/86400); got != want {
			t.Fatalf("%v: got %d, want %d", day, got, want)
		}
		if next := day.AddDate(0, 0, 1); next.Day() == 1 && monthDays(y, int(m)) != d {
			t.Fatalf("%v is the last day, monthDays says %d", day, monthDays(y, int(m)))
		}
	}
}

func TestStamp_Refused(t *testing.T) {
	for _, s := range []string{
		"", "Mar", "Mar 1", "Mar  1 10:00", "Mar 32 10:00:00", "Apr 31 10:00:00", "Feb 29 2023 10:00:00", "Foo  1 10:00:00",
		"Mar 1 10:61:00", "Mar 1 1x:00:00", "2024-13-01T10:00:00Z", "2024-02-30T10:00:00Z", "2024-03-01T24:00:00Z", "-001-03-01T10:00:00Z",
		"2024-03-01X10:00:00", "2024-03-01T10:00:00Zx", "Mar 1 10:00:00x", "20240301T100000",
	} {
		var st Stamp
		if n := st.read(s); n != 0 || st.Has {
			t.Errorf("%q was read as %+v", s, st)
		}
	}
}

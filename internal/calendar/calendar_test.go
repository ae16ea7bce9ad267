package calendar

import (
	"testing"
	"time"
	_ "time/tzdata" // the machine may have no list of zones
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	l, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestMonth: a month begins in itself, also where its first midnight does not exist or comes twice.
func TestMonth(t *testing.T) {
	for _, c := range []struct {
		name, zone string
		year       int
		month      time.Month
		want       string
	}{
		{"as everywhere", "Asia/Seoul", 2026, 11, "2026-11-01T00:00:00+09:00"},
		{"beyond December", "Asia/Seoul", 2026, 13, "2027-01-01T00:00:00+09:00"},
		{"before January", "Asia/Seoul", 2026, 0, "2025-12-01T00:00:00+09:00"},
		{"no midnight", "America/Asuncion", 2023, 10, "2023-10-01T01:00:00-03:00"},
		{"midnight twice", "America/Havana", 2026, 11, "2026-11-01T00:00:00-04:00"},
		{"an hour less in it", "Europe/Berlin", 2026, 4, "2026-04-01T00:00:00+02:00"},
	} {
		got := Month(c.year, c.month, zone(t, c.zone))
		if got.Format(time.RFC3339) != c.want {
			t.Errorf("%s: %s, want %s", c.name, got.Format(time.RFC3339), c.want)
		}
	}
}

// TestAt: a time of day that is left out comes later, in zones on both sides of UTC, and never on the day before.
func TestAt(t *testing.T) {
	for _, c := range []struct {
		name, zone string
		y          int
		m          time.Month
		d, minute  int
		want       string
	}{
		{"as everywhere", "Asia/Seoul", 2026, 11, 3, 480, "2026-11-03T08:00:00+09:00"},
		{"left out, east", "Europe/Berlin", 2026, 3, 29, 150, "2026-03-29T03:30:00+02:00"},
		{"left out, west", "America/New_York", 2026, 3, 8, 150, "2026-03-08T03:30:00-04:00"},
		{"midnight left out, west", "America/Asuncion", 2023, 10, 1, 0, "2023-10-01T01:00:00-03:00"},
		{"midnight left out, east", "Africa/Cairo", 2026, 4, 24, 0, "2026-04-24T01:00:00+03:00"},
		{"left out by half an hour", "Australia/Lord_Howe", 2026, 10, 4, 135, "2026-10-04T02:45:00+11:00"},
	} {
		got := At(c.y, c.m, c.d, c.minute, zone(t, c.zone))
		if got.Format(time.RFC3339) != c.want {
			t.Errorf("%s: %s, want %s", c.name, got.Format(time.RFC3339), c.want)
		}
	}
}

// TestStart: every day of some years begins after the one before, and at no moment that another day still follows.
func TestStart(t *testing.T) {
	for _, name := range []string{"Asia/Seoul", "Europe/Berlin", "America/Asuncion", "America/Havana", "Africa/Cairo", "Pacific/Apia", "America/Santiago", "Asia/Beirut", "Australia/Lord_Howe", "UTC"} {
		l := zone(t, name)
		before := time.Time{}
		for day := time.Date(2010, 12, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2028; day = day.AddDate(0, 0, 1) {
			at := Start(day, l)
			if !before.IsZero() && at.Before(before) || Civil(at, l).Before(day) {
				t.Fatalf("%s: %s begins at %s, the day before at %s", name, day.Format(time.DateOnly), at, before)
			}
			if c := Civil(at.Add(-time.Nanosecond), l); !c.Before(day) {
				t.Fatalf("%s: before %s it is %s already", name, at, c.Format(time.DateOnly))
			}
			before = at
		}
	}
}

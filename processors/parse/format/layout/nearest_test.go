package layout

import (
	"testing"
	"time"

	"weir/internal/testkit"
)

// What a text does not say is filled in from the time of receipt, in the zone of the text.
func TestFilledIn(t *testing.T) {
	east := time.FixedZone("east", 9*3600)
	for _, c := range []struct {
		name     string
		layout   string
		text     string
		received string
		loc      *time.Location
		want     string
	}{
		{"the day, where the clock stands", "HH:mm", "08:30", "2024-05-01T23:00:00Z", east, "2024-05-01T23:30:00Z"},
		{"the day in UTC", "HH:mm", "23:30", "2024-05-01T22:00:00Z", nil, "2024-05-01T23:30:00Z"},
		{"the day of a zone in the text", "HH:mm z", "08:30 KST", "2024-05-01T23:00:00Z", nil, "2024-04-30T23:30:00Z"},
		{"no month", "yyyy", "2023", "2024-05-01T00:00:00Z", nil, "2023-01-01T00:00:00Z"},
		{"no day", "MMM yyyy", "Mar 2023", "2024-05-01T00:00:00Z", nil, "2023-03-01T00:00:00Z"},
		{"no year, this year", "dd.MM. HH:mm", "30.04. 23:00", "2024-05-01T00:00:00Z", nil, "2024-04-30T23:00:00Z"},
		{"no year, last year", "dd.MM. HH:mm", "31.12. 23:59", "2024-01-01T00:01:00Z", nil, "2023-12-31T23:59:00Z"},
		{"no year, next year", "dd.MM. HH:mm", "01.01. 00:01", "2023-12-31T23:59:00Z", nil, "2024-01-01T00:01:00Z"},
		{"no year, other zone", "dd.MM. HH:mm", "01.01. 08:00", "2023-12-31T23:30:00Z", east, "2023-12-31T23:00:00Z"},
		{"day of the year without a year", "D HH:mm", "60 10:00", "2024-05-01T00:00:00Z", nil, "2024-02-29T10:00:00Z"},
		{"day of the year", "yyyy-D", "2023-60", "2024-05-01T00:00:00Z", nil, "2023-03-01T00:00:00Z"},
		{"midnight of twelve", "h:mm a", "12:05 AM", "2024-05-01T10:00:00Z", nil, "2024-05-01T00:05:00Z"},
		{"noon of twelve", "h:mm a", "12:05 PM", "2024-05-01T10:00:00Z", nil, "2024-05-01T12:05:00Z"},
		{"end of a day", "yyyy-MM-dd HH:mm", "2024-05-01 24:00", "2024-05-01T10:00:00Z", nil, "2024-05-02T00:00:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := Compile([]string{c.layout})
			if err != nil {
				t.Fatal(err)
			}
			received, err := time.Parse(time.RFC3339, c.received)
			if err != nil {
				t.Fatal(err)
			}
			at, _, err := s.Parse(c.text, received, c.loc)
			if err != nil {
				t.Fatal(err)
			}
			if got := at.UTC().Format(time.RFC3339); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// An hour that a clock skips or has twice is read as time.Date reads it, and never fails.
func TestSummerTime(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		testkit.Skip(t, "machine", "the zone database is missing")
	}
	s, err := Compile([]string{"yyyy-MM-dd HH:mm"})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"2024-03-31 02:30", "2024-10-27 02:30"} {
		at, hasZone, err := s.Parse(text, time.Now(), berlin)
		if err != nil || hasZone {
			t.Errorf("%s: %v, %v, %v", text, at, hasZone, err)
		}
	}
}

// Times of a zone database name change with the season.
func TestSeasons(t *testing.T) {
	s, err := Compile([]string{"yyyy-MM-dd HH:mm VV"})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"2024-01-15 12:00 America/New_York": "2024-01-15T17:00:00Z",
		"2024-07-15 12:00 America/New_York": "2024-07-15T16:00:00Z",
		"2024-07-15 12:00 Asia/Kolkata":     "2024-07-15T06:30:00Z",
	} {
		at, hasZone, err := s.Parse(text, time.Now(), nil)
		if err != nil || !hasZone {
			t.Errorf("%s: %v, %v", text, hasZone, err)
			continue
		}
		if got := at.UTC().Format(time.RFC3339); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

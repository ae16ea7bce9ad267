package header

import (
	"fmt"
	"testing"
	"time"

	"weir/internal/testkit"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		testkit.Skip(t, "machine", fmt.Sprintf("no time zone data: %v", err))
	}
	return loc
}

// TestTime_Zone: the zone in the stamp wins over the one of the source.
func TestTime_Zone(t *testing.T) {
	seoul, chicago := zone(t, "Asia/Seoul"), zone(t, "America/Chicago")
	for _, c := range []struct {
		name, stamp string
		loc         *time.Location
		want        string
		has         bool
	}{
		{"none", "Mar  1 10:00:00", seoul, "2024-03-01T01:00:00Z", false},
		{"none, iso", "2024-03-01T10:00:00", seoul, "2024-03-01T01:00:00Z", false},
		{"Z", "2024-03-01T10:00:00Z", seoul, "2024-03-01T10:00:00Z", true},
		{"offset", "2024-03-01T10:00:00+01:00", seoul, "2024-03-01T09:00:00Z", true},
		{"hours alone", "2024-03-01T10:00:00-05", seoul, "2024-03-01T15:00:00Z", true},
		{"name", "Mar  1 10:00:00 UTC", seoul, "2024-03-01T10:00:00Z", true},
		{"name of several zones", "Mar  1 10:00:00 CST", chicago, "2024-03-01T16:00:00Z", false},
		{"winter", "Jan  5 10:00:00", chicago, "2024-01-05T16:00:00Z", false},
		{"summer", "Jul  5 10:00:00", chicago, "2024-07-05T15:00:00Z", false},
		{"received the day before in another zone", "Jan  1 08:00:00", seoul, "2024-12-31T23:00:00Z", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var s Stamp
			if n := s.read(c.stamp); n != len(c.stamp) {
				t.Fatalf("read %d of %q", n, c.stamp)
			}
			if got := s.Time(received, c.loc).Format(time.RFC3339); got != c.want || s.HasZone != c.has {
				t.Errorf("got %s, zone %v; want %s, zone %v", got, s.HasZone, c.want, c.has)
			}
		})
	}
}

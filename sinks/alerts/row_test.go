package alerts

import (
	"testing"
	"time"
)

// TestNanos: times that no int64 of nanoseconds holds keep their order, with clocks that are set to nonsense.
func TestNanos(t *testing.T) {
	years := []int{1, 1600, 1970, 2026, 2200, 9999}
	for i := range years[1:] {
		before, after := time.Date(years[i], 6, 1, 0, 0, 0, 0, time.UTC), time.Date(years[i+1], 6, 1, 0, 0, 0, 0, time.UTC)
		if a, b := nanos(before), nanos(after); a > b || a == b && years[i] >= 1700 && years[i+1] <= 2200 {
			t.Errorf("%d is %d, %d is %d", years[i], a, years[i+1], b)
		}
	}
	if got := nanos(noon); got != noon.UnixNano() || !moment(got).Equal(noon) {
		t.Errorf("noon is %d", got)
	}
	if nanos(time.Time{}) != 0 || !moment(0).IsZero() {
		t.Error("no time is a time")
	}
}

func TestShorten(t *testing.T) {
	cases := []struct{ id, before, after, want string }{
		{"3f9c00", "", "", "3f9c"},
		{"3f9c00", "3f8c00", "b00000", "3f9c"},
		{"3f9c00", "3f9b00", "3f9c10", "3f9c0"},
		{"3f9c00", "3f9bff", "3f9c01", "3f9c00"},
		{"3f", "", "", "3f"},
	}
	for _, c := range cases {
		if got := shorten(c.id, c.before, c.after); got != c.want {
			t.Errorf("%s between %s and %s: %s, want %s", c.id, c.before, c.after, got, c.want)
		}
	}
}

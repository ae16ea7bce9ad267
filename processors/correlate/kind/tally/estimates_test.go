package tally

import (
	"fmt"
	"testing"
)

// TestSlots holds the estimates to the error that an alert names.
func TestSlots(t *testing.T) {
	s := newSlots(1600)
	for i := range 60_000 {
		s.Add(int64(i%1600), fmt.Sprint("value ", i))
	}
	for _, c := range []struct{ from, to, want int64 }{{0, 1599, 60000}, {0, 799, 30000}, {800, 899, 3750}} {
		if got := float64(s.between(c.from, c.to)); got < float64(c.want)*0.95 || got > float64(c.want)*1.05 {
			t.Errorf("%d to %d: %v, want %d", c.from, c.to, got, c.want)
		}
	}
	if s.Drop(800); len(s.by) != 8 || s.between(0, 799) != 0 {
		t.Errorf("%d slots are left", len(s.by))
	}
	for i := range 1000 {
		s.Add(int64(i)*1600, "x")
	}
	if len(s.by) > maxSlots || s.Bytes() > (maxSlots+1)*slotSize {
		t.Errorf("%d slots", len(s.by))
	}
}

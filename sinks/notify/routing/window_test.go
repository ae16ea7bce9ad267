package routing

import (
	"testing"
	"time"
)

func TestWindow(t *testing.T) {
	night := time.Date(2026, 11, 28, 2, 0, 0, 0, time.UTC) // a Saturday
	weekly, err := ParseHours("Sat 02:00-06:00")
	if err != nil {
		t.Fatal(err)
	}
	once := &Window{Name: "move", From: night, To: night.Add(4 * time.Hour), Match: []Condition{{Name: "host.name", Op: "=", Patterns: []string{"web-*"}}}}
	again := &Window{Name: "patch", Weekly: weekly, Zone: time.UTC, Match: once.Match}
	for _, tc := range []struct {
		name string
		at   time.Time
		want bool
	}{
		{"before", night.Add(-time.Second), false},
		{"at the beginning", night, true},
		{"within", night.Add(time.Hour), true},
		{"at the end", night.Add(4 * time.Hour), false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, w := range []*Window{once, again} {
				if got := w.Holds(subject(), tc.at); got != tc.want {
					t.Errorf("%s holds: %v", w.Name, got)
				}
				other := subject()
				other.Group["host.name"] = "db-1"
				if w.Holds(other, tc.at) {
					t.Errorf("%s holds an alert that it is not for", w.Name)
				}
				if until := w.Until(tc.at); tc.want && !until.Equal(once.To) {
					t.Errorf("%s until %s", w.Name, until)
				}
			}
		})
	}
	if next := night.Add(7 * 24 * time.Hour); once.Active(next) || !again.Active(next) {
		t.Error("one comes once and the other every week")
	}
	always, err := ParseHours("Mon-Sun")
	if err != nil {
		t.Fatal(err)
	}
	if until := (&Window{Weekly: always, Zone: time.UTC}).Until(night); !until.IsZero() {
		t.Errorf("what never ends ends %s", until)
	}
}

package ruletest

import (
	"testing"
	"time"

	"weir/rules"
)

func TestClock(t *testing.T) {
	t.Parallel()
	noon := time.Date(2025, 11, 21, 12, 0, 0, 0, time.UTC)
	type step struct {
		at   time.Duration // -1: none
		said time.Time
		want time.Time
	}
	tests := []struct {
		name  string
		steps []step
	}{
		{"nothing said", []step{{-1, time.Time{}, Base}, {-1, time.Time{}, Base.Add(time.Second)}, {-1, time.Time{}, Base.Add(2 * time.Second)}}},
		{"at counts from the first", []step{{-1, time.Time{}, Base}, {time.Minute, time.Time{}, Base.Add(time.Minute)}, {-1, time.Time{}, Base.Add(61 * time.Second)}, {30 * time.Second, time.Time{}, Base.Add(30 * time.Second)}}},
		{"the events say", []step{{-1, noon, noon}, {-1, noon.Add(time.Hour), noon.Add(time.Hour)}, {-1, time.Time{}, noon.Add(time.Hour + time.Second)}}},
		{"at wins over what an event says", []step{{-1, noon, noon}, {time.Minute, noon.Add(time.Hour), noon.Add(time.Minute)}}},
		{"the first has both", []step{{10 * time.Second, noon, noon}, {20 * time.Second, noon, noon.Add(10 * time.Second)}}},
		{"the first has at alone", []step{{10 * time.Second, time.Time{}, Base.Add(10 * time.Second)}, {20 * time.Second, time.Time{}, Base.Add(20 * time.Second)}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var c Clock
			for i, s := range tt.steps {
				ev := rules.TestEvent{}
				if s.at >= 0 {
					ev.At, ev.HasAt = s.at, true
				}
				if got := c.Set(&ev, s.said); !got.Equal(s.want) {
					t.Errorf("event %d: %v, want %v", i+1, got, s.want)
				}
			}
			if want := tt.steps[len(tt.steps)-1].want; !c.Last().Equal(want) || !c.Now().Equal(want.Add(time.Second)) {
				t.Errorf("last %v, now %v", c.Last(), c.Now())
			}
		})
	}
}

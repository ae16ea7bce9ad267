package normalise

import (
	"slices"
	"testing"
	"time"

	"weir/event"
)

func TestMarksFollowTheNewestTimeOfEachDataset(t *testing.T) {
	m := newMarks()
	at := func(sec int64) event.Value { return event.At(time.Unix(sec, 0)) }
	for _, ev := range []struct {
		dataset string
		time    event.Value
	}{{"a", at(10)}, {"b", at(5)}, {"a", at(8)}, {"a", at(12)}, {"c", event.Str("no time")}, {"", at(1)}} {
		var e event.Event
		e.SetStr(event.EventDataset, ev.dataset)
		e.Set(event.WeirTime, ev.time)
		m.see(&e)
	}
	want := map[string]int64{"a": 12, "b": 5, "": 1}
	for ds, sec := range want {
		if k := m.newest[ds]; k == nil || k.time != sec*int64(time.Second) {
			t.Errorf("%q stands at %+v, want %d", ds, k, sec)
		}
	}
	if len(m.newest) != len(want) {
		t.Errorf("marks of %d datasets", len(m.newest))
	}
}

// TestIdle_GoesOn: a worker that has nothing to read says so ever more rarely, but once a minute at the least.
func TestIdle_GoesOn(t *testing.T) {
	next, said := idleAfter, []time.Duration(nil)
	for quiet := time.Duration(0); quiet < 5*time.Minute; quiet += time.Second {
		if quiet >= next {
			next = afterIdle(next, quiet)
			said = append(said, quiet)
		}
	}
	want := []time.Duration{2 * time.Second, 10 * time.Second, 50 * time.Second, 110 * time.Second, 170 * time.Second, 230 * time.Second, 290 * time.Second}
	if !slices.Equal(said, want) {
		t.Errorf("said after %v, want %v", said, want)
	}
}

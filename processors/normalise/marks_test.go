package normalise

import (
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

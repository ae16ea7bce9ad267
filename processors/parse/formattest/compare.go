package formattest

import (
	"time"

	"weir/event"
	"weir/processors/parse/format"
)

// compare lists the wanted paths of an event that are not as they should be.
func compare(e *event.Event, wants []format.Want, number int) (out []Problem) {
	for _, w := range wants {
		got := event.MakeRef(w.Path).Of(e)
		if same(w.Value, got) {
			continue
		}
		out = append(out, Problem{Event: number, What: w.Path, Want: spell(w.Value), Got: spell(got)})
	}
	return out
}

// absent tells whether nothing is there.
func absent(v event.Value) bool { return v.Kind() == event.Absent || v.Kind() == event.Null }

// same compares what a test wants with what came. A list of one is its item, since ECS has lists where a device has one value;
// numbers are compared by size, and times with the texts of times.
func same(want, got event.Value) bool {
	if absent(want) || absent(got) {
		return absent(want) && absent(got)
	}
	if want.Kind() == event.List || got.Kind() == event.List {
		if want.Len() != got.Len() || want.Kind() == event.Object || got.Kind() == event.Object {
			return want.Kind() == event.Object && got.Len() == 1 && same(want, got.Item(0)) || got.Kind() == event.Object && want.Len() == 1 && same(want.Item(0), got)
		}
		for i := range want.Len() {
			if !same(want.Item(i), got.Item(i)) {
				return false
			}
		}
		return true
	}
	switch {
	case want.Kind() == event.Object && got.Kind() == event.Object:
		return sameMembers(want, got)
	case number(want) && number(got):
		return want.Float() == got.Float() && (want.Kind() != event.Int || got.Kind() != event.Int || want.Int() == got.Int())
	case got.Kind() == event.Time:
		at, err := time.Parse(time.RFC3339Nano, want.Text())
		return err == nil && at.Equal(got.Time())
	}
	return want.Kind() == got.Kind() && want.Text() == got.Text()
}

// sameMembers compares objects; the order of their members does not count.
func sameMembers(want, got event.Value) bool {
	if want.Len() != got.Len() {
		return false
	}
	for i := range want.Len() {
		name, v := want.Member(i)
		if m := got.Get(name); m.Kind() == event.Absent || !same(v, m) {
			return false
		}
	}
	return true
}

// number tells whether a value is one.
func number(v event.Value) bool { return v.Kind() == event.Int || v.Kind() == event.Float }

// spell writes a value so that a text and a number differ.
func spell(v event.Value) string {
	if absent(v) {
		return "absent"
	}
	return string(v.AppendJSON(nil))
}

package step_test

import (
	"testing"

	"weir/event"
	"weir/processors/parse/format/step"
)

// TestMachine_Key: a value as the key of a table: what is written alike is alike, whatever its type.
func TestMachine_Key(t *testing.T) {
	f, faults := compiled(t, "- stop: true")
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	m := step.NewMachine()
	var e event.Event
	if _, err := m.Run(f.Program(), &e, step.Input{}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		v    event.Value
		fold bool
		want string
	}{
		{event.Str("Ab"), false, "Ab"},
		{event.Str("Ab"), true, "ab"},
		{event.Str("ÄB"), true, "äb"},
		{event.Num(7), true, "7"},
		{event.Truth(true), false, "true"},
		{event.Items(event.Str("One")), true, "one"},
		{event.Items(event.Str("a"), event.Str("b")), false, `["a","b"]`},
		{event.Str(""), true, ""},
		{event.Value{}, true, ""},
	} {
		if got := string(m.Key(c.v, c.fold)); got != c.want {
			t.Errorf("%s: %q, want %q", c.v, got, c.want)
		}
	}
	text := event.Str("UPPER")
	m.Key(text, true)
	if text.Str() != "UPPER" {
		t.Error("making a key changes the value")
	}
}

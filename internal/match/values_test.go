package match

import (
	"slices"
	"testing"

	"weir/event"
	"weir/internal/match/fold"
)

func TestValueTests(t *testing.T) {
	t.Parallel()
	isX := func(v event.Value) bool { return v.Kind() == event.String && v.Str() == "x" }
	ref := event.MakeRef("labels.v")
	for _, tc := range []struct {
		name                         string
		value                        event.Value
		any, none, text, equal, true bool
		items                        int
	}{
		{"the text", event.Str("x"), true, false, true, true, false, 1},
		{"another text", event.Str("y"), false, true, false, false, false, 1},
		{"a number", event.Num(1), false, true, false, false, false, 1},
		{"true", event.Truth(true), false, true, false, false, true, 1},
		{"null", event.Nil(), false, false, false, false, false, 1},
		{"a list with it", event.Items(event.Nil(), event.Num(2), event.Str("x")), true, false, true, true, false, 3},
		{"a list with true", event.Items(event.Truth(false), event.Truth(true)), false, true, false, false, true, 2},
		{"a list without it", event.Items(event.Str("y"), event.Nil()), false, true, false, false, false, 2},
		{"a list of nulls", event.Items(event.Nil(), event.Nil()), false, false, false, false, false, 2},
		{"an empty list", event.Items(), false, false, false, false, false, 0},
	} {
		e := &event.Event{}
		e.SetPath("labels.v", tc.value)
		v := new(fold.View)
		v.Reset(e)
		o, x := operand{ref: ref}, func(s string) bool { return s == "x" }
		got := []bool{anyValue(ref, isX)(v), noValue(ref, isX)(v), anyText(o, x)(v), o.anyString(x)(v), anyValue(ref, isTrue)(v)}
		if want := []bool{tc.any, tc.none, tc.text, tc.equal, tc.true}; !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", tc.name, got, want)
		}
	}
	empty, all := new(fold.View), func(string) bool { return true }
	if anyValue(ref, isX)(empty) || noValue(ref, isX)(empty) || (operand{ref: ref}).anyString(all)(empty) || anyText(operand{ref: ref}, all)(empty) || anyFolded(operand{ref: ref}, all)(empty) {
		t.Error("a field that is not there is compared")
	}
}

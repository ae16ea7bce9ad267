package typed

import (
	"math"
	"testing"

	"weir/event"
)

// TestFields compares two fields with several values: any pair will do, and != wants no equal pair.
func TestFields(t *testing.T) {
	t.Parallel()
	values := map[string]event.Value{
		"a": event.Items(event.Str("x"), event.Num(3), event.Nil()), "b": event.Items(event.Real(3), event.Str("y")), "c": event.Str("xyz"), "C": event.Str("XYZ"),
		"d": event.Truth(true), "e": event.Items(), "n": event.Nil(), "nan": event.Real(math.NaN()), "none": {},
	}
	for _, tc := range []struct {
		x, operator, y string
		fx, fy         Form
		want           bool
	}{
		{"a", "==", "b", Plain, Plain, true}, {"a", "!=", "b", Plain, Plain, false}, {"a", "in", "b", Plain, Plain, true}, {"a", "==", "c", Plain, Plain, false}, {"a", "!=", "c", Plain, Plain, true},
		{"c", "startsWith", "a", Plain, Plain, true}, {"c", "endsWith", "a", Plain, Plain, false}, {"c", "contains", "b", Plain, Plain, true}, {"a", "<", "b", Plain, Plain, true}, {"b", "<", "a", Plain, Plain, false},
		{"d", "==", "d", Plain, Plain, true}, {"d", "<", "d", Plain, Plain, false}, {"d", "==", "a", Plain, Plain, false}, {"e", "==", "e", Plain, Plain, false}, {"e", "!=", "a", Plain, Plain, false},
		{"n", "!=", "a", Plain, Plain, false}, {"none", "==", "none", Plain, Plain, false}, {"c", "==", "C", Plain, Plain, false}, {"c", "==", "C", Upper, Plain, true}, {"c", "contains", "C", Plain, Lower, true},
		{"nan", "==", "nan", Plain, Plain, false}, {"nan", "!=", "nan", Plain, Plain, true}, {"nan", "<=", "nan", Plain, Plain, false},
	} {
		if got := Fields(tc.operator, tc.fx, tc.fy)(values[tc.x], values[tc.y]); got != tc.want {
			t.Errorf("%s %s %s: %v", tc.x, tc.operator, tc.y, got)
		}
	}
	if Fields("matches", Plain, Plain) != nil || Fields("==", Len, Plain) != nil || Fields("+", Plain, Plain) != nil {
		t.Error("an operator that two fields cannot have")
	}
	if items(event.Nil()) != 1 || items(event.Items()) != 0 || items(values["a"]) != 3 {
		t.Error("items are counted wrongly")
	}
}

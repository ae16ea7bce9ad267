package match

import (
	"testing"

	"weir/event"
)

// TestPairs compares two fields with several values: any pair will do, and != wants no equal pair.
func TestPairs(t *testing.T) {
	t.Parallel()
	e := &event.Event{}
	e.SetPath("labels.a", event.Items(event.Str("x"), event.Num(3), event.Nil()))
	e.SetPath("labels.b", event.Items(event.Real(3), event.Str("y")))
	e.SetPath("labels.c", event.Str("xyz"))
	e.SetPath("labels.d", event.Truth(true))
	e.SetPath("labels.e", event.Items())
	tests := []struct {
		src  string
		want bool
	}{
		{`labels.a == labels.b`, true},
		{`labels.a != labels.b`, false},
		{`labels.a in labels.b`, true},
		{`labels.a == labels.c`, false},
		{`labels.a != labels.c`, true},
		{`labels.c startsWith labels.a`, true},
		{`labels.c endsWith labels.a`, false},
		{`labels.c contains labels.b`, true},
		{`labels.a < labels.b`, true},
		{`labels.b < labels.a`, false},
		{`labels.d == labels.d`, true},
		{`labels.d < labels.d`, false},
		{`labels.d == labels.a`, false},
		{`labels.e == labels.e`, false},
		{`labels.e != labels.a`, false},
		{`upper(labels.a) == upper(labels.a)`, true},
		{`len(labels.a) == len(labels.a)`, true},
	}
	for _, tt := range tests {
		if got := mustCompile(t, tt.src).Match(e); got != tt.want {
			t.Errorf("%s: %v", tt.src, got)
		}
	}
}

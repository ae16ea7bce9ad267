package match

import (
	"testing"
	"time"

	"weir/event"
)

// TestKinds compares each kind of value with each kind of constant: only alike kinds are ever equal or in order.
func TestKinds(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 21, 7, 50, 8, 0, time.UTC)
	values := []struct {
		name string
		v    event.Value
	}{
		{"text", event.Str("5")}, {"int", event.Num(5)}, {"float", event.Real(5)}, {"bool", event.Truth(true)}, {"time", event.At(at)},
		{"null", event.Nil()}, {"object", event.Members(event.Str("a"), event.Num(5))}, {"big", event.Num(1<<53 + 1)},
	}
	tests := []struct {
		src  string
		want string // names of the values for which it holds
	}{
		{`labels.v == "5"`, "text "},
		{`labels.v == 5`, "int float "},
		{`labels.v == 5.0`, "int float "},
		{`labels.v == true`, "bool "},
		{`labels.v == "2026-11-21T16:50:08+09:00"`, "time "},
		{`labels.v >= "5"`, "text "},
		{`labels.v >= 5`, "int float big "},
		{`labels.v < 5.5`, "int float "},
		{`labels.v <= "2026-11-21T07:50:08Z"`, "time "},
		{`labels.v > "2026-11-21T07:50:07.999Z"`, "text time "},
		{`labels.v == 9007199254740993`, "big "},
		{`labels.v == 9007199254740992`, ""},
		{`labels.v in ["5", 5, true]`, "text int float bool "},
		{`labels.v != "5"`, "int float bool time object big "},
		{`exists(labels.v)`, "text int float bool time object big "},
	}
	for _, tt := range tests {
		t.Run(tt.src, func(t *testing.T) {
			c, got := mustCompile(t, tt.src), ""
			for _, v := range values {
				e := &event.Event{}
				e.SetPath("labels.v", v.v)
				if c.Match(e) {
					got += v.name + " "
				}
			}
			if got != tt.want {
				t.Errorf("holds for %s, want %s", got, tt.want)
			}
		})
	}
}

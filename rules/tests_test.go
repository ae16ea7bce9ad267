package rules

import (
	"fmt"
	"strings"
	"testing"
)

// events parses the events of one test.
func events(t *testing.T, yaml string) []TestEvent {
	t.Helper()
	list, faults := Parse("f.yaml", []byte(small+"tests:\n- name: x\n  events:\n"+yaml+"\n  expect: {alerts: 0}\n"), Options{})
	if len(faults) != 0 {
		t.Fatal(show(faults))
	}
	return list[0].Tests[0].Events
}

func TestEvents(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, yaml, want string }{
		{"a line", `  - "<34>a: b"`, `raw "<34>a: b"`},
		{"a line of a dataset", `  - {raw: " a ", dataset: system.auth}`, `raw " a " system.auth`},
		{"a block keeps its inner lines", "  - raw: |\n      a\n       b\n", `raw "a\n b"`},
		{"nested and dotted keys", `  - {user: {name: kim}, event.outcome: failure}`, `doc {"user":{"name":"kim"},"event.outcome":"failure"}`},
		{"kinds of values", `  - {a: 1, b: -2.5, c: true, d: null, e: "1", f: [1, [x]], g: 18446744073709551615, h: 0x10, i: 2026-01-01, j: ~}`,
			`doc {"a":1,"b":-2.5,"c":true,"d":null,"e":"1","f":[1,["x"]],"g":"18446744073709551615","h":16,"i":"2026-01-01","j":null}`},
		{"time and repetition are not of the document", `  - {user.name: kim, at: +1h30m, repeat: 2}`, `doc {"user.name":"kim"} at 1h30m0s; doc {"user.name":"kim"}`},
		{"an empty document", `  - {}`, `doc {}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, ev := range events(t, tt.yaml) {
				s := fmt.Sprintf("raw %q", ev.Raw)
				if ev.Doc != nil {
					s = "doc " + string(ev.Doc)
				}
				if ev.Dataset != "" {
					s += " " + ev.Dataset
				}
				if ev.HasAt {
					s += " at " + ev.At.String()
				}
				got = append(got, s)
			}
			if strings.Join(got, "; ") != tt.want {
				t.Errorf("got  %s\nwant %s", strings.Join(got, "; "), tt.want)
			}
		})
	}
}

func TestTooManyEvents(t *testing.T) {
	t.Parallel()
	_, faults := Parse("f.yaml", []byte(small+"tests:\n- name: x\n  events: [{raw: a, repeat: 9000}, {raw: b, repeat: 2000}]\n  expect: {alerts: 0}\n"), Options{})
	if len(faults) != 1 || faults[0].Code != "rule-too-large" {
		t.Error(show(faults))
	}
}

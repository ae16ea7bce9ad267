package rules

import (
	"fmt"
	"testing"
)

func TestCorrelate(t *testing.T) {
	t.Parallel()
	const two = "id: a\ntitle: A\nlevel: low\nwhen:\n  a: user.name == \"x\"\n  b: user.name == \"y\"\n"
	tests := []struct{ name, file, want string }{
		{"count of the only condition", small + "correlate: {count: {at_least: 3}, within: 1m}\n", "count [{event 3}] [] 1m0s"},
		{"count of one of two", two + "correlate: {count: {when: b, at_least: 3}, by: user.name, within: 1m}\n", "count [{b 3}] [user.name] 1m0s"},
		{"sequence", two + "correlate:\n  by: [source.ip, host.name]\n  within: 90s\n  sequence:\n  - when: a\n    at_least: 4\n  - when: b\n", "sequence [{a 4} {b 1}] [source.ip host.name] 1m30s"},
		{"before the conditions", "correlate: {count: {at_least: 3}, within: 1m}\n" + small, "count [{event 3}] [] 1m0s"},
		{"the same condition twice", small + "correlate: {sequence: [{when: event}, {when: event, at_least: 2}], within: 1m}\n", "sequence [{event 1} {event 2}] [] 1m0s"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			list, faults := Parse("f.yaml", []byte(tt.file), Options{})
			if len(list) != 1 || HasErrors(faults) {
				t.Fatal(show(faults))
			}
			c := list[0].Correlate
			if got := fmt.Sprint(c.Kind, " ", c.Steps, " ", c.By, " ", c.Within); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if len(c.By) == 0 && len(list[0].Fold.By) != 0 {
				t.Errorf("folds by %v, which the groups do not hold", list[0].Fold.By)
			}
		})
	}
}

// TestCorrelateOnlyOneMistake checks that a refused condition does not make its steps look wrong too.
func TestCorrelateOnlyOneMistake(t *testing.T) {
	t.Parallel()
	_, faults := Parse("f.yaml", []byte("id: a\ntitle: A\nlevel: low\nwhen: {a: user.name = 1, b: user.name == \"y\"}\ncorrelate: {sequence: [{when: a}, {when: b}], by: [user.name], within: 1m}\nfold: {by: [source.ip]}\n"), Options{})
	if len(faults) != 1 || faults[0].Code != "rule-expr" {
		t.Error(show(faults))
	}
}

package rules

import (
	"fmt"
	"testing"
)

func TestCorrelate(t *testing.T) {
	t.Parallel()
	const two = "id: a\ntitle: A\nlevel: low\nwhen:\n  a: user.name == \"x\"\n  b: user.name == \"y\"\n"
	tests := []struct{ name, file, want string }{
		{"count of the only condition", small + "correlate: {count: {at_least: 3}, within: 1m}\n", "count [{event 1}] [{gte 3}] [] 1m0s"},
		{"count of one of two", two + "correlate: {count: {when: b, at_least: 3}, by: user.name, within: 1m}\n", "count [{b 1}] [{gte 3}] [user.name] 1m0s"},
		{"sequence", two + "correlate:\n  by: [source.ip, host.name]\n  within: 90s\n  sequence:\n  - when: a\n    at_least: 4\n  - when: b\n", "sequence [{a 4} {b 1}] [] [source.ip host.name] 1m30s"},
		{"before the conditions", "correlate: {count: {at_least: 3}, within: 1m}\n" + small, "count [{event 1}] [{gte 3}] [] 1m0s"},
		{"the same condition twice", small + "correlate: {sequence: [{when: event}, {when: event, at_least: 2}], within: 1m}\n", "sequence [{event 1} {event 2}] [] [] 1m0s"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			list, faults := Parse("f.yaml", []byte(tt.file), Options{})
			if len(list) != 1 || HasErrors(faults) {
				t.Fatal(show(faults))
			}
			c := list[0].Correlate
			if got := fmt.Sprint(c.Kind, " ", c.Steps, " ", c.Bounds, " ", c.By, " ", c.Within); got != tt.want {
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

// TestLabelsAndSuppress: what is said about alerts beside what makes them.
func TestLabelsAndSuppress(t *testing.T) {
	t.Parallel()
	counted := small + "correlate: {count: {at_least: 3}, by: [user.name, host.name], within: 1m}\n"
	for _, tt := range []struct{ name, file, want string }{
		{"nothing", counted, "map[] <nil>"},
		{"labels", counted + "labels: {team: network, site: 7}\n", "map[site:7 team:network] <nil>"},
		{"suppress by all", counted + "suppress: {for: 4h}\n", "map[] &{[user.name host.name] 4h0m0s}"},
		{"suppress by one", counted + "suppress: {by: host.name, for: 30d}\n", "map[] &{[host.name] 720h0m0s}"},
		{"suppress by what is folded", counted + "fold: {by: [host.name]}\nsuppress: {for: 4h}\n", "map[] &{[host.name] 4h0m0s}"},
		{"without correlation", small + "suppress: {by: source.ip, for: 4h}\n", "map[] &{[source.ip] 4h0m0s}"},
	} {
		list, faults := Parse("f.yaml", []byte(tt.file), Options{})
		if len(list) != 1 || len(faults) != 0 {
			t.Errorf("%s: %s", tt.name, show(faults))
			continue
		}
		if got := fmt.Sprint(list[0].Labels, " ", list[0].Suppress); got != tt.want {
			t.Errorf("%s: %s", tt.name, got)
		}
	}
	for _, tt := range []struct{ name, more, want string }{
		{"no time", "suppress: {by: host.name}\n", "`suppress` has no `for`"},
		{"by what is not folded", "fold: {by: [user.name]}\nsuppress: {by: host.name, for: 4h}\n", "`suppress` names host.name, by which alerts are not folded"},
		{"no keys", "suppress: 4h\n", "`suppress` needs keys"},
		{"twice", "suppress: {by: [host.name, host.name], for: 4h}\n", "`by` names host.name twice"},
		{"no path", "suppress: {by: ['a b'], for: 4h}\n", `"a b" is no field name`},
		{"labels that are none", "labels: [a]\n", "`labels` needs names with texts"},
		{"an empty label", "labels: {team: ''}\n", "`team` needs a text"},
		{"a label twice", "labels: {team: a, team: b}\n", "the label `team` is there twice"},
		{"a label with blanks", "labels: {'a b': c}\n", "`a b` cannot be the name of a label"},
	} {
		if list, faults := Parse("f.yaml", []byte(counted+tt.more), Options{}); len(list) != 0 || len(faults) != 1 || faults[0].What != tt.want {
			t.Errorf("%s: %s", tt.name, show(faults))
		}
	}
}

// TestHashOfNative: what changes which alerts there are changes the hash; what is said about them does not.
func TestHashOfNative(t *testing.T) {
	t.Parallel()
	const file = small + "correlate: {count: {at_least: 3}, by: [user.name], within: 1m}\n"
	hash := func(doc string) string {
		list, faults := Parse("f.yaml", []byte(doc), Options{})
		if len(list) != 1 {
			t.Fatal(show(faults))
		}
		return list[0].Hash
	}
	was := hash(file)
	for name, doc := range map[string]string{"suppress": file + "suppress: {for: 1h}\n", "window": file[:len(file)-2] + ", window: session}\n", "fold": file + "fold: {for: 2h}\n"} {
		if hash(doc) == was {
			t.Errorf("%s changes nothing", name)
		}
	}
	for name, doc := range map[string]string{"labels": file + "labels: {a: b}\n", "notify": file + "notify: mail\n", "what is so anyway": file + "fold: {by: [user.name], for: 1h}\n"} {
		if hash(doc) != was {
			t.Errorf("%s changes the hash", name)
		}
	}
}

// TestAliasesAreNames: what correlate calls a name is no misspelt field elsewhere, wherever it stands.
func TestAliasesAreNames(t *testing.T) {
	t.Parallel()
	const file = "id: a\ntitle: A\nlevel: low\nexplain: '{{switch}} and {{swich}}'\nfold: {by: [switch]}\nsuppress: {by: [switch], for: 1h}\nwhen:\n  a: user.name == \"x\"\n  b: user.name == \"y\"\n" +
		"correlate: {any_order: [{when: a}, {when: b}], by: [{switch: {a: host.ip, b: host.name}}], within: 1m}\n"
	list, faults := Parse("f.yaml", []byte(file), Options{})
	if len(list) != 1 || len(faults) != 1 || faults[0].What != "no format fills the field `swich`" || faults[0].Where != "f.yaml:4:26" {
		t.Error(show(faults))
	}
	if fmt.Sprint(list[0].Fold.By, list[0].ExplainFields()) != "[switch] [switch swich]" {
		t.Error(list[0].Fold.By)
	}
}

// TestSource: which events a condition is for.
func TestSource(t *testing.T) {
	t.Parallel()
	r := &Rule{LogSource: LogSource{Product: "linux"}, When: []Condition{{}, {LogSource: &LogSource{Product: "aws"}}}}
	if r.Source(&r.When[0]).Product != "linux" || r.Source(&r.When[1]).Product != "aws" {
		t.Error(r)
	}
}

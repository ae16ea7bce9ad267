package rules

import (
	"fmt"
	"strings"
	"testing"
)

// TestWrongValues gives every key a value that it cannot take: each is one error, at the value, and refuses the rule.
func TestWrongValues(t *testing.T) {
	t.Parallel()
	tests := []struct{ key, value, what string }{
		{"title", "[a]", "`title` needs a text"},
		{"title", `" "`, "`title` needs a text"},
		{"title.ko", "{a: b}", "`title.ko` needs a text"},
		{"level", "5", "`level` cannot be `5`"},
		{"level", "[high]", "`level` cannot be ``"},
		{"status", "old", "`status` cannot be `old`"},
		{"author", "", "`author` needs a text"},
		{"version", "0", "`version` needs a whole number from 1 to 1000000"},
		{"version", "1.5", "`version` needs a whole number from 1 to 1000000"},
		{"version", "99999999999999999999", "`version` needs a whole number from 1 to 1000000"},
		{"tags", "{a: b}", "`tags` is a list of texts"},
		{"tags", "[a, [b]]", "`tags` is a list of texts"},
		{"references", `[""]`, "`references` is a list of texts"},
		{"enabled", "yes", "`enabled` needs true or false"},
		{"enabled", `"true"`, "`enabled` needs true or false"},
		{"notify", "{}", "`notify` is a list of texts"},
		{"when", "{}", "`when` has no condition"},
		{"when", "[a]", "the condition `event` is no expression"},
		{"when", "{1a: 'true'}", "`1a` cannot be the name of a condition"},
		{"correlate", "count", "`correlate` needs keys"},
		{"correlate", "{count: 5, within: 1m}", "`count` needs keys"},
		{"correlate", "{count: {at_least: 0}, within: 1m}", "`at_least` needs a whole number from 1 to 1000000"},
		{"correlate", "{sequence: {when: event}, within: 1m}", "`sequence` needs 2 to 16 steps"},
		{"correlate", "{sequence: [a, b], within: 1m}", "a step needs keys"},
		{"correlate", "{count: {at_least: 5}, by: [{a: b}], within: 1m}", "`a` needs a field for each condition"},
		{"correlate", "{count: {at_least: 5}, by: [a..b], within: 1m}", `"a..b" is no field name`},
		{"correlate", "{count: {at_least: 5}, within: 0s}", "`within` must be longer than nothing and at most 400d"},
		{"correlate", "{count: {at_least: 5}, within: -5m}", "`within` must be longer than nothing and at most 400d"},
		{"fold", "1h", "`fold` needs keys"},
		{"fold", "{for: [1h]}", "`for` needs a duration"},
		{"explain", "[a]", "`explain` needs a text"},
		{"explain", `"{{}}"`, "a reference is empty or is not closed"},
		{"tests", "{a: b}", "`tests` is a list of at most 200 cases"},
		{"tests", "[a]", "a test needs keys"},
		{"tests", "[{name: a, events: b, expect: {alerts: 0}}]", "`events` is a list"},
		{"tests", "[{name: a, events: [[b]], expect: {alerts: 0}}]", "an event is a line or a document"},
		{"tests", "[{name: a, events: [{raw: [x]}], expect: {alerts: 0}}]", "`raw` needs a text"},
		{"tests", "[{name: a, events: [{raw: x, at: later}], expect: {alerts: 0}}]", "`at` needs a time after the first event"},
		{"tests", "[{name: a, events: [{raw: x, at: -5s}], expect: {alerts: 0}}]", "`at` needs a time after the first event"},
		{"tests", "[{name: a, events: [{raw: x, sourcetype: y}], expect: {alerts: 0}}]", "unknown key `sourcetype` in an event"},
		{"tests", "[{name: a, events: [x], expect: 1}]", "`expect` needs keys"},
		{"tests", "[{name: a, events: [x], expect: {alerts: many}}]", "`alerts` needs a whole number from 0 to 10000"},
		{"tests", "[{name: a, events: [x], expect: {events: [1]}}]", "`expect` has no `alerts`"},
		{"tests", "[{name: a, events: [x], expect: {groups: x}}]", "`groups` is a list"},
		{"tests", "[{name: a, events: [x], expect: {groups: [x]}}]", "a group needs fields"},
		{"tests", "[{name: a, events: [x], expect: {alerts: 1, events: 1}}]", "`events` is a list of numbers, from 1"},
		{"tests", "[{name: a, events: [{a: .inf}], expect: {alerts: 1}}]", "this cannot be a value of a document"},
	}
	for _, tt := range tests {
		t.Run(tt.key+" "+tt.value, func(t *testing.T) {
			var file strings.Builder
			for line := range strings.SplitSeq(strings.TrimSuffix(small, "\n"), "\n") {
				if !strings.HasPrefix(line, tt.key+":") {
					file.WriteString(line + "\n")
				}
			}
			file.WriteString(tt.key + ": " + tt.value + "\n")
			list, faults := Parse("f.yaml", []byte(file.String()), Options{})
			if len(list) != 0 || len(faults) == 0 || faults[0].Warn || faults[0].What != tt.what {
				t.Fatalf("%d rules\n%s", len(list), show(faults))
			}
			if line := strings.Count(file.String(), "\n"); !strings.HasPrefix(faults[0].Where, fmt.Sprintf("f.yaml:%d:", line)) {
				t.Errorf("at %s, the value is in line %d", faults[0].Where, line)
			}
		})
	}
}

// TestKindOfTexts checks that what YAML takes for numbers and truth stays as it is written where a text is asked for.
func TestKindOfTexts(t *testing.T) {
	t.Parallel()
	list, faults := Parse("f.yaml", []byte(small+"author: 1.10\ndate: 2026-01-02\ntags: [true, 007, null_, x]\nreferences: one\n"), Options{})
	if len(faults) != 0 {
		t.Fatal(show(faults))
	}
	r := list[0]
	if r.Author != "1.10" || r.Date != "2026-01-02" || strings.Join(r.Tags, " ") != "true 007 null_ x" || strings.Join(r.References, " ") != "one" {
		t.Errorf("%q %q %q %q", r.Author, r.Date, r.Tags, r.References)
	}
}

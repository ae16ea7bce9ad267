package step_test

import (
	"strings"
	"testing"

	"weir/processors/parse/format/step"
)

// TestWords: only whole texts count, and "" always means nothing.
func TestWords(t *testing.T) {
	long := strings.Repeat("x", 100)
	w := step.NewWords([]string{"-", "N/A", "none", long, "한"})
	for s, want := range map[string]bool{
		"": true, "-": true, "N/A": true, "none": true, long: true, "한": true,
		"--": false, "n/a": false, "None": false, " -": false, "x": false, long + "x": false, long[1:]: false, "a": false,
	} {
		if w.Has(s) != want {
			t.Errorf("%q means nothing: %v", s, !want)
		}
	}
	none := step.NewWords(nil)
	if !none.Has("") || none.Has("-") {
		t.Error("without words only an empty text means nothing")
	}
}

// TestWords_Steps: no step writes a word that means nothing, wherever it comes from.
func TestWords_Steps(t *testing.T) {
	for name, c := range map[string][2]string{
		"set":      {"- set: {user.name: '-'}", "m"},
		"template": {"- set: {user.name: '{{message}}'}", "-"},
		"default":  {"- default: {user.name: '-'}", "m"},
		"copy":     {"- copy: {message: user.name}", "-"},
		"eval":     {"- eval: {user.name: 'trim(message)'}", " - "},
		"append":   {"- append: {user.roles: ['-', '']}", "m"},
		"dissect":  {"- dissect: '%{user.name} %{user.id}'", "- -"},
		"grok":     {"- grok: '^(?<user.name>.*)$'", "-"},
		"kv":       {"- kv: {fields: {a: user.name}, rest: acme.thing}", "a=- b=- c=\"\""},
		"csv":      {"- csv: {columns: [user.name, user.id]}", "-,"},
		"lookup":   {"- lookup: {from: message, to: user.name, table: {m: '-'}}", "m"},
		"choose":   {"- choose: {on: message, cases: {m: {user.name: '-'}}}", "m"},
		"address":  {"- address: {message: source}", "-"},
		"uri":      {"- uri: {from: message}", "-"},
		"trim":     {"- set: {user.name: ' - '}\n- trim: [user.name]", "m"},
		"replace":  {"- set: {user.name: 'x-'}\n- replace: {user.name: [x, '']}", "m"},
		"split":    {"- set: {event.type: '-,'}\n- split: {event.type: ','}", "m"},
		"dump":     {"- json: {}\n- dump: {from: _json, to: acme.thing}", `{"a":"-","b":"","c":{"d":"-"},"e":[],"f":["-"]}`},
		"date":     {"- date: {from: message}", "-"},
	} {
		if got := ran(t, c[0], c[1]); got != "{}" {
			t.Errorf("%s writes %s", name, got)
		}
	}
}

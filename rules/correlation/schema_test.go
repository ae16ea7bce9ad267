package correlation

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// TestSchema: what is read the schema takes, and what the schema refuses is refused. It says less than the reader: names,
// numbers that exclude one another and fields are beyond it.
func TestSchema(t *testing.T) {
	t.Parallel()
	text := object{"type": []string{"string", "number", "boolean"}, "pattern": `\S`}
	texts := object{"anyOf": []object{text, {"type": "array", "items": text}}}
	whole := Schema("#", text, texts, object{"type": "string", "pattern": "^[0-9]+[smhd]$"})
	b, err := json.Marshal(whole)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("c.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("c.json")
	if err != nil {
		t.Fatal(err)
	}
	for doc, ok := range map[string]bool{
		"count: {when: a, at_least: 10}\nby: [source.ip]\nwithin: 5m":                                            true,
		"count: {when: [a, b], is: {gte: 5, lt: 100}}\nwithin: 1d\nwindow: session":                              true,
		"distinct: {when: a, of: [user.name, host.name], at_least: 8}\nwithin: 5m":                               true,
		"distinct: {when: [a, b], of: {who: {a: x, b: [y, z]}}, at_least: 2}\nby: {h: {a: x, b: y}}\nwithin: 1m": true,
		"percentile: {when: a, of: x, percent: 95, is: {gt: 0.5}, min_values: 3}\nwithin: 1h":                    true,
		"sum: {when: a, of: x, at_least: 1_000_000_000}\nwithin: 1h":                                             true,
		"any_order: {steps: [{when: a}, {when: b}], condition: a or b}\nwithin: 1m":                              true,
		"any_order: {condition: a or b}\nwithin: 1m":                                                             true,
		"sequence: [{when: a, at_least: 2}, {when: b}]\nwithin: 1m":                                              true,
		"absence: {after: a, of: b}\nwithin: 1m":                                                                 true,
		"absence: {after: a}\nwithin: 1m":                                                                        true,
		"new_value: {when: a, of: host.name, learn: 7d}\nby: [user.name]":                                        true,
		"count: {when: x, at_least: 2}\nwithin: 1d\nof: {x: {count: {when: a, at_least: 2}, within: 1m}}":        true,
		"count: {when: x, at_least: 2}\nwithin: 1d\nof: {x: {count: {when: a, at_last: 2}, within: 1m}}":         false,
		"count: {when: a}\nwithin: 1m":                                                                           false,
		"count: {when: a, at_least: 2}":                                                                          false,
		"within: 1m":                                                                                             false,
		"count: {when: a, at_least: 2}\nsequence: [{when: a}, {when: b}]\nwithin: 1m":                            false,
		"count: {when: a, at_least: 2.5}\nwithin: 1m":                                                            false,
		"distinct: {when: a, at_least: 2}\nwithin: 1m":                                                           false,
		"percentile: {when: a, of: x, is: {gt: 1}}\nwithin: 1m":                                                  false,
		"percentile: {when: a, of: x, percent: 101, is: {gt: 1}}\nwithin: 1m":                                    false,
		"count: {when: a, is: {ge: 2}}\nwithin: 1m":                                                              false,
		"count: {when: a, is: {}}\nwithin: 1m":                                                                   false,
		"any_order: [{when: a}]\nwithin: 1m":                                                                     false,
		"any_order: {step: [{when: a}, {when: b}]}\nwithin: 1m":                                                  false,
		"count: {when: a, at_least: 2}\nwithin: 1m\nwindow: jumping":                                             false,
		"count: {when: a, at_least: 2}\nby: [{x: {}}]\nwithin: 1m":                                               false,
		"count: {when: a, at_least: 2}\nwithin: 1m\nof: {}":                                                      false,
	} {
		var v any
		if err := yaml.Unmarshal([]byte(doc), &v); err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		inst, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(inst); (err == nil) != ok {
			t.Errorf("schema of %s: %v", doc, err)
		}
		_, faults := read(t, doc)
		refused := false
		for _, f := range faults {
			refused = refused || !f.Warn
		}
		if refused == ok {
			t.Errorf("%s: %v", doc, faults)
		}
	}
}

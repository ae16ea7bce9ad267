package config

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// TestSchema_AgreesWithLoad: the schema and the reader take and refuse the same files.
func TestSchema_AgreesWithLoad(t *testing.T) {
	raw, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("weir.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("weir.json")
	if err != nil {
		t.Fatal(err)
	}
	l, err := Load("", nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, x := range map[string]struct {
		text string
		ok   bool
	}{
		"empty section":   {"bus:\n", true},
		"the defaults":    {l.YAML(false), true},
		"units":           {"inputs: {syslog: {limit: 3000/s, max_record: 128 KiB, idle_timeout: 1h30m}}", true},
		"plain bytes":     {"bus: {in_flight: 67108864}", true},
		"no rate":         {"inputs: {syslog: {limit: 0}}", true},
		"unknown key":     {"bus: {prefiks: x}", false},
		"unknown section": {"buss: {}", false},
		"wrong word":      {"bus: {key: both}", false},
		"wrong unit":      {"bus: {in_flight: 1 MB}", false},
		"wrong type":      {"rules: {shipped: perhaps}", false},
		"not a list":      {"bus: {brokers: a:1}", false},
	} {
		t.Run(name, func(t *testing.T) {
			var v any
			if err := yaml.Unmarshal([]byte(x.text), &v); err != nil {
				t.Fatal(err)
			}
			asJSON, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			inst, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(inst); (err == nil) != x.ok {
				t.Errorf("schema: %v", err)
			}
			if _, err := Load(write(t, x.text), nil); (err == nil) != x.ok {
				t.Errorf("reader: %v", err)
			}
		})
	}
}

// TestSchema_EveryKey: an editor knows each key that the reader knows, with its words, its default and its choices.
func TestSchema_EveryKey(t *testing.T) {
	raw, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	var root map[string]any
	if err := json.Unmarshal(raw, &root); err != nil {
		t.Fatal(err)
	}
	l, err := Load("", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range l.Entries() {
		at := root
		for part := range strings.SplitSeq(e.Key, ".") {
			props, _ := at["properties"].(map[string]any)
			at, _ = props[part].(map[string]any)
		}
		if at == nil || at["description"] != e.Doc || at["default"] == nil {
			t.Errorf("%s: %v", e.Key, at)
		}
		if choices, _ := at["enum"].([]any); len(choices) != len(e.Enum) {
			t.Errorf("%s: choices %v, want %v", e.Key, choices, e.Enum)
		}
	}
}

package rules_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"weir/rules"
	"weir/rules/content"
)

// compiled is the schema as a validator has it.
func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(rules.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("rule.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("rule.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// validate checks one YAML document.
func validate(t *testing.T, s *jsonschema.Schema, text string) error {
	t.Helper()
	var v any
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	asJSON, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	inst, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(inst)
}

const native = "id: a\ntitle: A\nlevel: low\nwhen: user.name == \"x\"\n"

// TestSchema_AgreesWithLoad: what the loader takes the schema takes, and what the schema refuses the loader refuses.
func TestSchema_AgreesWithLoad(t *testing.T) {
	s := compiled(t)
	for name, tc := range map[string]struct {
		text string
		ok   bool
	}{
		"the least":             {native, true},
		"words and numbers":     {native + "author: 1.10\ndate: 2026-01-02\ntags: [true, 7, x]\nreferences: one\nversion: 3\n", true},
		"named conditions":      {strings.Replace(native, "when: user.name == \"x\"", "when: {a: user.name == \"x\", 실패: user.id == \"y\"}", 1) + "correlate: {sequence: [{when: a}, {when: 실패, at_least: 2}], within: 1d12h}\n", true},
		"a count":               {native + "correlate: {count: {at_least: 3}, by: user.name, within: 90s}\nfold: {by: [user.name], for: 2h}\n", true},
		"a log source":          {native + "logsource: {product: linux, service: sshd}\n", true},
		"tests":                 {native + "tests:\n- {name: x, events: [a line, {raw: b, at: 30s, repeat: 2}, {user.name: x, at: +1m}], expect: {alerts: 1, groups: [{user.name: x}], events: [1]}}\n", true},
		"a test by groups":      {native + "tests: [{name: x, events: [a], expect: {groups: [{user.name: x}]}}]\n", true},
		"a chain":               {native + "correlate: {count: {when: x, at_least: 2}, within: 1h, of: {x: {count: {at_least: 3}, window: session, within: 1m}}}\n", true},
		"a new value":           {native + "correlate: {new_value: {of: host.name}, by: [user.name]}\nsuppress: {for: 1h}\nlabels: {team: x}\n", true},
		"a test that looks":     {native + "tests: [{name: x, events: [a], until: 10h, expect: {alerts: 0}}]\n", true},
		"suppress for how long": {native + "suppress: {by: [source.ip]}\n", false},
		"no label":              {native + "labels: {}\n", false},
		"unknown key":           {native + "tagz: [a]\n", false},
		"unknown key in fold":   {native + "fold: {bye: [a]}\n", false},
		"unknown level":         {strings.Replace(native, "low", "lowest", 1), false},
		"unknown status":        {native + "status: done\n", false},
		"no title":              {strings.Replace(native, "title: A\n", "", 1), false},
		"an empty title":        {strings.Replace(native, "title: A", "title: ' '", 1), false},
		"a bad id":              {strings.Replace(native, "id: a", "id: A b", 1), false},
		"no condition":          {strings.Replace(native, "when: user.name == \"x\"", "when: {}", 1), false},
		"enabled by a word":     {native + "enabled: perhaps\n", false},
		"a version of zero":     {native + "version: 0\n", false},
		"count and sequence":    {native + "correlate: {count: {at_least: 3}, sequence: [{when: a}, {when: b}], within: 1m}\n", false},
		"neither":               {native + "correlate: {within: 1m}\n", false},
		"no within":             {native + "correlate: {count: {at_least: 3}}\n", false},
		"a bad duration":        {native + "fold: {for: soon}\n", false},
		"one step":              {native + "correlate: {sequence: [{when: event}], within: 1m}\n", false},
		"a test of nothing":     {native + "tests: [{name: x, events: [], expect: {alerts: 1}}]\n", false},
		"a test without a wish": {native + "tests: [{name: x, events: [a], expect: {events: [1]}}]\n", false},
		"an unknown log source": {native + "logsource: {vendor: x}\n", false},
	} {
		t.Run(name, func(t *testing.T) {
			if err := validate(t, s, tc.text); (err == nil) != tc.ok {
				t.Errorf("schema: %v", err)
			}
			list, faults := rules.Parse("f.yaml", []byte(tc.text), rules.Options{})
			if (len(list) == 1 && !rules.HasErrors(faults)) != tc.ok {
				t.Errorf("loader: %v", faults)
			}
		})
	}
	if err := validate(t, s, "title: x\nanything: y\ndetection: {a: b}\n"); err != nil {
		t.Errorf("a Sigma rule: %v", err)
	}
}

// TestSchema_EveryKey compares the keys of the schema with those of which the loader speaks when it meets one that it does
// not know.
func TestSchema_EveryKey(t *testing.T) {
	var root map[string]any
	if err := json.Unmarshal(rules.Schema(), &root); err != nil {
		t.Fatal(err)
	}
	at := func(path ...string) []string {
		n := root["else"].(map[string]any)
		for _, p := range path {
			switch p {
			case "?list": // the form of steps that is a list
				n = n["anyOf"].([]any)[0].(map[string]any)
			case "?keys":
				n = n["anyOf"].([]any)[1].(map[string]any)
			case "[]":
				n = n["items"].(map[string]any)
			case "?raw": // the form of an event that is a line
				n = n["anyOf"].([]any)[1].(map[string]any)
			default:
				n = n["properties"].(map[string]any)[p].(map[string]any)
			}
			if n["$ref"] == "#/$defs/correlate" {
				n = root["$defs"].(map[string]any)["correlate"].(map[string]any)
			}
		}
		return slices.Sorted(maps.Keys(n["properties"].(map[string]any)))
	}
	const two = "when: {a: user.name == \"x\", b: user.name == \"y\"}\n"
	named := strings.Replace(native, "when: user.name == \"x\"\n", two, 1)
	test := func(s string) string {
		return native + "tests: [" + s + "]\n"
	}
	for name, tc := range map[string]struct {
		file string
		keys []string
	}{
		"rule":      {native + "zzzzzzzz: x\n", at()},
		"logsource": {native + "logsource: {zzzzzzzz: x}\n", at("logsource")},
		"fold":      {native + "fold: {zzzzzzzz: x}\n", at("fold")},
		"correlate": {native + "correlate: {zzzzzzzz: x, count: {at_least: 2}, within: 1m}\n", at("correlate")},
		"count":     {native + "correlate: {count: {at_least: 2, zzzzzzzz: x}, within: 1m}\n", at("correlate", "count")},
		"step":      {named + "correlate: {sequence: [{when: a, zzzzzzzz: x}, {when: b}], within: 1m}\n", at("correlate", "sequence", "?list", "[]")},
		"steps":     {named + "correlate: {any_order: {condition: a and b, zzzzzzzz: x}, within: 1m}\n", at("correlate", "any_order", "?keys")},
		"distinct":  {native + "correlate: {distinct: {zzzzzzzz: x}, within: 1m}\n", at("correlate", "distinct")},
		"sum":       {native + "correlate: {sum: {zzzzzzzz: x}, within: 1m}\n", at("correlate", "sum")},
		"avg":       {native + "correlate: {avg: {zzzzzzzz: x}, within: 1m}\n", at("correlate", "avg")},
		"median":    {native + "correlate: {median: {zzzzzzzz: x}, within: 1m}\n", at("correlate", "median")},
		"per cent":  {native + "correlate: {percentile: {zzzzzzzz: x}, within: 1m}\n", at("correlate", "percentile")},
		"absence":   {native + "correlate: {absence: {zzzzzzzz: x}, within: 1m}\n", at("correlate", "absence")},
		"new value": {native + "correlate: {new_value: {zzzzzzzz: x}, within: 1m}\n", at("correlate", "new_value")},
		"is":        {native + "correlate: {count: {is: {zzzzzzzz: x}}, within: 1m}\n", at("correlate", "count", "is")},
		"suppress":  {native + "suppress: {zzzzzzzz: x}\n", at("suppress")},
		"test":      {test("{name: x, events: [a], expect: {alerts: 1}, zzzzzzzz: x}"), at("tests", "[]")},
		"expect":    {test("{name: x, events: [a], expect: {alerts: 1, zzzzzzzz: x}}"), at("tests", "[]", "expect")},
		"event":     {test("{name: x, events: [{raw: a, zzzzzzzz: x}], expect: {alerts: 1}}"), at("tests", "[]", "events", "[]", "?raw")},
	} {
		_, faults := rules.Parse("f.yaml", []byte(tc.file), rules.Options{})
		if len(faults) == 0 || faults[0].Code != "rule-unknown-key" {
			t.Errorf("%s: %v", name, faults)
			continue
		}
		known := strings.Split(strings.TrimPrefix(faults[0].Do, "there are: "), ", ")
		if !slices.Equal(known, tc.keys) {
			t.Errorf("%s: the loader knows %v, the schema %v", name, known, tc.keys)
		}
	}
}

// TestSchema_Content: every shipped rule is valid.
func TestSchema_Content(t *testing.T) {
	s, n := compiled(t), 0
	err := fs.WalkDir(content.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(content.FS(), name)
		if err != nil {
			return err
		}
		for doc := range strings.SplitSeq("\n"+string(b), "\n---\n") {
			n++
			if err := validate(t, s, doc); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		return nil
	})
	if err != nil || n == 0 {
		t.Error(n, err)
	}
}

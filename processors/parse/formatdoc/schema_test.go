package formatdoc_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"weir/processors/parse/format"
	"weir/processors/parse/formatdoc"
	"weir/processors/parse/formats"
)

// compiled returns the schema as a validator.
func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(formatdoc.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("formats.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("formats.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// validate holds a YAML text to the schema.
func validate(t *testing.T, s *jsonschema.Schema, text []byte) error {
	t.Helper()
	asJSON, err := yaml.YAMLToJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(doc)
}

// TestSchema_Shipped: every shipped file is valid.
func TestSchema_Shipped(t *testing.T) {
	s := compiled(t)
	n := 0
	err := fs.WalkDir(formats.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".yaml" {
			return err
		}
		text, err := fs.ReadFile(formats.FS(), name)
		if err != nil {
			return err
		}
		if _, err := yaml.YAMLToJSON(text); err != nil {
			return nil //nolint:nilerr // the loader's own test tells of it
		}
		n++
		if err := validate(t, s, text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		return nil
	})
	if err != nil || n < 20 {
		t.Errorf("%d files, %v", n, err)
	}
}

// loaderKeys returns the keys of which the loader speaks when it meets one that it does not know, in a file that has such a key
// where %s stands.
func loaderKeys(t *testing.T, text string) []string {
	t.Helper()
	_, faults := format.Load(format.Source{Name: "x", FS: fstest.MapFS{"a.yaml": {Data: []byte(strings.ReplaceAll(text, "%s", "qqqqzzzzqqqq"))}}})
	for _, f := range faults {
		if rest, ok := strings.CutPrefix(f.Do, "there are: "); ok && strings.Contains(f.What, "qqqqzzzzqqqq") {
			keys := strings.Split(rest, ", ")
			slices.Sort(keys)
			return keys
		}
	}
	t.Fatalf("the loader does not list its keys for\n%s\n%v", text, faults)
	return nil
}

// at returns a part of the schema.
func at(t *testing.T, names ...string) map[string]any {
	t.Helper()
	var root any
	if err := json.Unmarshal(formatdoc.Schema(), &root); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		m, ok := root.(map[string]any)
		if list, isList := root.([]any); isList {
			// The alternative that is a mapping.
			for _, one := range list {
				if alt, _ := one.(map[string]any); alt["properties"] != nil {
					m, ok = alt, true
				}
			}
		}
		if !ok || m[name] == nil {
			t.Fatalf("the schema has no %v", names)
		}
		root = m[name]
	}
	m, ok := root.(map[string]any)
	if !ok {
		t.Fatalf("%v is no mapping", names)
	}
	return m
}

// keysAt are the keys that the schema takes at a place.
func keysAt(t *testing.T, names ...string) (out []string) {
	t.Helper()
	for name := range at(t, names...) {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// TestSchema_EveryKey compares the keys of the schema with those of the loader, of a format, its parts and each kind of step.
func TestSchema_EveryKey(t *testing.T) {
	const head = "dataset: a.b\ntitle: A\n"
	for _, tt := range []struct {
		name, text string
		at         []string
	}{
		{"format", head + "%s: 1\n", []string{"then", "properties"}},
		{"observer", head + "observer: {%s: 1}\n", []string{"then", "properties", "observer", "properties"}},
		{"match", head + "match: {%s: 1}\n", []string{"then", "properties", "match", "anyOf", "properties"}},
		{"split", head + "split: {%s: 1}\n", []string{"then", "properties", "split", "properties"}},
		{"test", head + "tests: [{%s: 1}]\n", []string{"then", "properties", "tests", "items", "properties"}},
		{"step", head + "steps: [{%s: 1}]\n", []string{"$defs", "step", "properties"}},
	} {
		got, want := keysAt(t, tt.at...), loaderKeys(t, tt.text)
		if tt.name == "step" {
			// So many that the loader does not list all of them.
			for _, k := range format.Kinds() {
				want = append(want, k.Name)
			}
			want = append(slices.DeleteFunc(want, func(key string) bool { return strings.Contains(key, " ") }), "if", "else", "optional", "on_error")
			slices.Sort(want)
			want = slices.Compact(want)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: the schema has\n%v\nthe loader\n%v", tt.name, got, want)
		}
	}
	for _, k := range format.Kinds() {
		if !strings.Contains(k.Takes, "keys") {
			continue
		}
		names := []string{"$defs", "step", "properties", k.Name, "properties"}
		if k.Takes == "text or keys" {
			names = []string{"$defs", "step", "properties", k.Name, "anyOf", "properties"}
		}
		want := loaderKeys(t, head+"steps: [{"+k.Name+": {%s: 1}}]\n")
		if got := keysAt(t, names...); !slices.Equal(got, want) {
			t.Errorf("%s: the schema has\n%v\nthe loader\n%v", k.Name, got, want)
		}
	}
}

// TestSchema_Refuses: what the schema refuses the loader refuses too, and the other way round for what a schema can know.
func TestSchema_Refuses(t *testing.T) {
	s := compiled(t)
	const head = "dataset: a.b\ntitle: A\n"
	for _, tt := range []struct {
		name, text string
		ok         bool
	}{
		{"least", head, true},
		{"no title", "dataset: a.b\n", false},
		{"no dataset", "title: A\n", false},
		{"capitals in the dataset", "dataset: A.B\ntitle: A\n", false},
		{"an unknown key", head + "stpes: []\n", false},
		{"steps", head + "steps: [{set: {event.kind: event}}, {json: {}, if: 'message startsWith \"{\"', else: [{stop: true}]}, {dissect: '%{_a} %{_b}'}]\n", true},
		{"two kinds in a step", head + "steps: [{set: {event.kind: event}, json: {}}]\n", false},
		{"an unknown kind", head + "steps: [{sett: {event.kind: event}}]\n", false},
		{"an unknown key of a kind", head + "steps: [{json: {form: message}}]\n", false},
		{"csv without columns", head + "steps: [{csv: {separator: ','}}]\n", false},
		{"a switch", head + "steps: [{switch: {on: _a, cases: {x: [{stop: true}]}, else: [{drop: true}]}}]\n", true},
		{"steps within steps", head + "steps: [{switch: {on: _a, cases: {x: [{stopp: true}]}}}]\n", false},
		{"a choice", head + "steps: [{choose: {on: _a, cases: {x|y: {event.type: [start]}}, else: {event.outcome: unknown}}}]\n", true},
		{"recognition", head + "match: [{starts: ['X|']}, {contains: [[abc, def], ghi], when: 'message matches \"^x\"'}]\n", true},
		{"an unknown way", head + "match: {begins: ['X|']}\n", false},
		{"header", head + "header: maybe\n", false},
		{"tests", head + "tests: [{name: a, raw: 'x', expect: {source.ip: ~}, errors: 0}, {name: b, doc: {message: x}, expect: [{}, {}]}]\n", true},
		{"a test without a name", head + "tests: [{raw: 'x'}]\n", false},
	} {
		err := validate(t, s, []byte(tt.text))
		_, faults := format.Load(format.Source{Name: "x", FS: fstest.MapFS{"a.yaml": {Data: []byte(tt.text)}}})
		if (err == nil) != tt.ok || (len(faults) == 0) != tt.ok {
			t.Errorf("%s: the schema says %v, the loader %v", tt.name, err, faults)
		}
	}
}

package formatdoc

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"weir/processors/parse/format"
)

// TestOpen: only a file that is one mapping has anything to say about.
func TestOpen(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		keys       int
	}{
		{"a format", "dataset: a.b\ntitle: A\nsteps: []\n", 3},
		{"a comment before it", "# a\ndataset: a.b\n", 1},
		{"nothing", "", -1},
		{"a list", "- a\n", -1},
		{"a text", "abc\n", -1},
		{"two documents", "a: 1\n---\nb: 2\n", -1},
		{"broken", "a: {b\n", -1},
		{"no text at all", "\x00\xff", -1},
	} {
		f := open("x", []byte(tt.text))
		if got := -1; f != nil && len(f.keys) != tt.keys || f == nil && tt.keys != got {
			t.Errorf("%s: %+v", tt.name, f)
		}
	}
}

// nested puts steps into each place of a step that takes steps.
var nested = map[string]string{
	"do":       "do: %s",
	"else":     "{if: _a, stop: true, else: %s}",
	"on_error": "{json: {}, on_error: %s}",
	"first":    "first: [[{stop: true}], %s]",
	"switch":   "switch: {on: _a, cases: {x: %s}}",
	"default":  "switch: {on: _a, cases: {x: [{stop: true}]}, else: %s}",
	"foreach":  "foreach: {in: _a, as: _i, do: %s}",
}

// TestWithin: the steps in each kind of block are looked at, also in one another.
func TestWithin(t *testing.T) {
	inner := "[{set: {event.kind: evnt}}]"
	for outer, form := range nested {
		for middle, second := range nested {
			block := fmt.Sprintf(second, inner)
			if !strings.HasPrefix(block, "{") {
				block = "{" + block + "}"
			}
			text := "steps:\n  - " + fmt.Sprintf(form, "["+block+"]") + "\n"
			faults := Lint("x", []byte(text), nil)
			if len(faults) != 1 || faults[0].Code != "format-not-allowed" {
				t.Errorf("%s in %s: %v\n%s", middle, outer, faults, text)
			}
			steps := Describe("x", []byte(text))
			last := steps[len(steps)-1]
			for _, s := range steps {
				if s.Kind == "set" {
					last = s
				}
			}
			if last.Kind != "set" || last.Depth != 2 {
				t.Errorf("%s in %s: %+v", middle, outer, steps)
			}
		}
	}
}

// TestSchema_Describes: every key of the schema has a line for people, which is what editors show.
func TestSchema_Describes(t *testing.T) {
	var root map[string]any
	if err := json.Unmarshal(Schema(), &root); err != nil {
		t.Fatal(err)
	}
	var silent []string
	var walk func(path string, v any)
	walk = func(path string, v any) {
		m, ok := v.(map[string]any)
		if list, isList := v.([]any); isList {
			for _, one := range list {
				walk(path, one)
			}
		}
		if !ok {
			return
		}
		if props, ok := m["properties"].(map[string]any); ok {
			for key, p := range props {
				if one, ok := p.(map[string]any); ok && one["description"] == nil && !strings.HasSuffix(path, "observer") && !strings.HasSuffix(path, "split") {
					silent = append(silent, path+"."+key)
				}
				walk(path+"."+key, p)
			}
		}
		for _, key := range []string{"then", "else", "items", "anyOf", "$defs", "step", "steps", "additionalProperties"} {
			walk(path, m[key])
		}
	}
	walk("", root)
	if len(silent) > 0 {
		t.Errorf("nothing is said about %v", silent)
	}
	for _, k := range format.Kinds() {
		if k.About == "" || len(kindSchema(k)) == 0 {
			t.Errorf("nothing is said about %s", k.Name)
		}
	}
}

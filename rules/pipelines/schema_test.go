package pipelines

import (
	"bytes"
	"io/fs"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// compiled returns the schema, ready for use.
func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("pipeline.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("pipeline.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// valid tells whether a document of YAML fits the schema.
func valid(t *testing.T, s *jsonschema.Schema, doc []byte) error {
	t.Helper()
	asJSON, err := yaml.YAMLToJSON(doc)
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(v)
}

func TestSchema_ShippedFilesFit(t *testing.T) {
	s := compiled(t)
	src := shippedSource()
	names, err := fs.Glob(src.FS, "*.yaml")
	if err != nil || len(names) == 0 {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(src.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		for i, doc := range bytes.Split(text, []byte("\n---\n")) {
			if err := valid(t, s, doc); err != nil {
				t.Errorf("%s, document %d: %v", name, i+1, err)
			}
		}
	}
}

// The schema and the reader agree on what is a mistake that an editor can see.
func TestSchema_Mistakes(t *testing.T) {
	s := compiled(t)
	tests := []struct {
		name, doc string
		ok        bool
	}{
		{"the least", minimal, true},
		{"events alone", "name: a\nevents: [{event.dataset: x, product: p}]\n", true},
		{"no name", "logsources: [{product: p}]\n", false},
		{"for nothing", "name: a\n", false},
		{"an unknown key", minimal + "feilds: {A: b}\n", false},
		{"an unknown part", "name: a\nlogsources: [{produkt: p}]\n", false},
		{"an event of nothing", minimal + "events: [{event.dataset: x}]\n", false},
		{"an event by nothing", minimal + "events: [{product: x}]\n", false},
		{"a list of nothing", minimal + "fields: {A: []}\n", false},
		{"a path with a blank", minimal + "fields: {A: b c}\n", false},
		{"a fallback without a place", minimal + "fallback: labels\n", false},
	}
	for _, tt := range tests {
		if err := valid(t, s, []byte(tt.doc)); (err == nil) != tt.ok {
			t.Errorf("%s: the schema says %v", tt.name, err)
		}
		if faults := Check("f", []byte(tt.doc)); (len(faults) == 0) != tt.ok {
			t.Errorf("%s: the reader says %v", tt.name, faults)
		}
	}
}

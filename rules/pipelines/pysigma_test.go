package pipelines

import (
	"strings"
	"testing"
)

const pySigma = `
name: from elsewhere
priority: 30
vars: {index: x}
transformations:
  - id: map
    type: field_name_mapping
    mapping:
      Image: process.name
      User: [user.name, user.id]
    rule_conditions:
      - {type: logsource, product: contoso}
      - {type: logsource, product: fabrikam, category: process_creation}
  - id: cond
    type: add_condition
    conditions: {index: main}
  - id: prefix
    type: field_name_prefix
    prefix: "labels."
    field_name_conditions:
      - {type: processing_item_applied, processing_item_id: map}
    field_name_cond_not: true
    rule_conditions:
      - {type: logsource, product: contoso}
  - id: renamed
    type: field_name_prefix_mapping
    mapping: {"win.": "winlog.event_data."}
    rule_conditions:
      - {type: logsource, product: contoso}
  - id: other
    type: field_name_mapping
    mapping: {Never: tags}
    rule_conditions:
      - {type: contains_detection_item, field: EventID, value: 1}
`

func TestPySigma(t *testing.T) {
	s, faults := Load(folder("mine", map[string]string{"p.yml": pySigma}))
	var got []string
	for _, f := range faults {
		if !f.Warn || f.Code != "pipeline-ignored" {
			t.Errorf("%+v", f)
		}
		got = append(got, strings.TrimPrefix(f.Where, "mine/p.yml:")+" "+f.What)
	}
	want := []string{
		"4:1 `vars` of pySigma's pipelines is not used",
		"15:11 the transformation `add_condition` is not used",
		"34:9 the transformation is left out: only conditions on the log source are read",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	contoso := LogSource{Product: "contoso", Category: "file_event"}
	for _, tt := range []struct {
		ls          LogSource
		field, want string
	}{
		{contoso, "Image", "process.name"},
		{contoso, "User", "user.name user.id"},
		{contoso, "Whatever", "labels.Whatever"},
		{contoso, "win.Hashes", "winlog.event_data.Hashes"},
		{contoso, "Never", "labels.Never"},
		{LogSource{Product: "fabrikam", Category: "process_creation"}, "Image", "process.name"},
		{LogSource{Product: "fabrikam", Category: "file_event"}, "Image", "Image"},
		{LogSource{Product: "fabrikam", Category: "process_creation"}, "Whatever", "Whatever"},
	} {
		if got := strings.Join(s.Paths(tt.ls, tt.field), " "); got != tt.want {
			t.Errorf("%s %s: got %s, want %s", tt.ls, tt.field, got, tt.want)
		}
	}
}

// Without conditions a mapping is for every rule that has a log source.
func TestPySigma_ForAll(t *testing.T) {
	s := load(t, map[string]string{"p.yml": "name: a\ntransformations:\n  - {type: field_name_mapping, mapping: {Image: process.name}}\n"})
	for _, ls := range []LogSource{{Product: "contoso"}, {Product: "windows", Category: "process_creation"}, {Category: "proxy"}} {
		if got := s.Paths(ls, "Image")[0]; got != "process.name" {
			t.Errorf("%s: %s", ls, got)
		}
	}
}

func TestPySigma_Mistakes(t *testing.T) {
	tests := []struct{ name, doc, want string }{
		{"no list", "name: a\ntransformations: 1\n", "2:18 transformations is a list"},
		{"no type", "name: a\ntransformations:\n  - {id: x}\n", "3:5 the transformation has no type"},
		{"a mapping that is a text", "name: a\ntransformations:\n  - {type: field_name_mapping, mapping: x}\n", "mapping is a group of keys and values"},
		{"a path that is none", "name: a\ntransformations:\n  - {type: field_name_mapping, mapping: {A: 'b c'}}\n", "`b c` cannot be a field"},
		{"a prefix that is none", "name: a\ntransformations:\n  - {type: field_name_prefix, prefix: 'b c.'}\n", "`b c` cannot be a field"},
		{"a condition that is misspelt", "name: a\ntransformations:\n  - {type: field_name_prefix, prefix: b., rule_conditions: [{type: logsource, produkt: p}]}\n", "`produkt` is no key here"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			faults := Check("f", []byte(tt.doc))
			if len(faults) == 0 || !strings.Contains(faults[0].Where+" "+faults[0].What, tt.want) || faults[0].Warn {
				t.Errorf("got %v, want %s", faults, tt.want)
			}
		})
	}
}

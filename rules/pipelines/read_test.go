package pipelines

import (
	"strings"
	"testing"

	"weir/internal/fault"
)

// minimal is a file with nothing wrong.
const minimal = "name: a\nlogsources: [{product: p}]\n"

func TestCheck(t *testing.T) {
	tests := []struct{ name, doc, want string }{
		{"all keys", `
name: a
description: what it is for
logsources:
  - {product: windows, category: [a, b], service: c}
events:
  - {event.dataset: x, product: p}
  - {winlog.channel: "*", event.code: [1, 2], category: [q, r], service: s}
fields:
  A: process.name
  B: [process.name, tags]
  C.*: labels.*
categories:
  q: {A: process.executable}
fallback: labels.{}
`, ""},
		{"two documents", minimal + "---\n" + minimal, ""},
		{"nothing but comments", "# nothing yet\n", ""},
		{"an empty file", "", ""},

		{"no name", "logsources: [{product: p}]\n", "f.yaml:1:1 pipeline-value the pipeline has no name"},
		{"for nothing", "name: a\nfields: {A: tags}\n", "f.yaml:1:1 pipeline-value the pipeline is for no log source"},
		{"an unknown key", minimal + "feilds: {A: b}\n", "f.yaml:3:1 pipeline-value `feilds` is no key here"},
		{"a key twice", minimal + "name: b\n", "f.yaml:3:1 pipeline-value `name` stands here a second time, after line 1"},
		{"a name that is a list", "name: [a]\nlogsources: [{product: p}]\n", "f.yaml:1:7 pipeline-value name is a text"},
		{"log sources that are no list", "name: a\nlogsources: {product: p}\n", "f.yaml:2:13 pipeline-value logsources is a list"},
		{"a part that is none", "name: a\nlogsources: [{produkt: p}]\n", "f.yaml:2:15 pipeline-value `produkt` is no key here"},
		{"a part without a value", "name: a\nlogsources: [{product: }]\n", "pipeline-value product is a text or a list of texts"},
		{"an empty list", "name: a\nlogsources: [{product: []}]\n", "f.yaml:2:24 pipeline-value product has no entry"},
		{"an entry that is no text", "name: a\nlogsources: [{product: [{a: b}]}]\n", "pipeline-value an entry of product is a text"},
		{"an event by no field", minimal + "events:\n  - {contoso.field: x, product: p}\n", "f.yaml:4:6 pipeline-field `contoso.field` is no field that tells events apart"},
		{"an event by a number", minimal + "events:\n  - {source.port: 1, product: p}\n", "f.yaml:4:6 pipeline-field"},
		{"an event of nothing", minimal + "events:\n  - {event.dataset: x}\n", "f.yaml:4:5 pipeline-value the entry does not say what such events are"},
		{"an event by nothing", minimal + "events:\n  - {product: x}\n", "f.yaml:4:5 pipeline-value the entry says of no field what it must be"},
		{"any value of a list", minimal + "events:\n  - {event.category: \"*\", product: p}\n", "pipeline-value `event.category` is a list in ECS"},
		{"a value that is too long", minimal + "events:\n  - {event.dataset: " + strings.Repeat("x", 200) + ", product: p}\n", "pipeline-value a value of `event.dataset` is longer than 128 bytes"},
		{"a field that is no path", minimal + "fields: {A: process..name}\n", "f.yaml:3:13 pipeline-value `process..name` cannot be a field"},
		{"a field with a blank", minimal + "fields: {A: the name}\n", "pipeline-value `the name` cannot be a field"},
		{"a field without a path", minimal + "fields: {A: }\n", "pipeline-value the field of `A` is a text or a list of texts"},
		{"many fields for one name", minimal + "fields: {A: b.*}\n", "pipeline-value `A` is one name"},
		{"one field for many names", minimal + "fields: {A.*: b}\n", "pipeline-value `A.*` stands for many names"},
		{"many names in a category", minimal + "categories: {c: {A.*: b.*}}\n", "pipeline-value `A.*` stands for many names"},
		{"categories that are no group", minimal + "categories: [a]\n", "f.yaml:3:13 pipeline-value categories is a group of keys and values"},
		{"a fallback without a place", minimal + "fallback: labels\n", "f.yaml:3:11 pipeline-value `labels` has no single {} for the name"},
		{"a fallback with two", minimal + "fallback: '{}.{}'\n", "pipeline-value"},
		{"a fallback that is no path", minimal + "fallback: 'a..{}'\n", "pipeline-value"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			faults := Check("f.yaml", []byte(tt.doc))
			if tt.want == "" {
				if len(faults) > 0 {
					t.Errorf("%v", faults)
				}
				return
			}
			if len(faults) == 0 {
				t.Fatal("nothing was found wrong")
			}
			f := faults[0]
			if got := f.Where + " " + f.Code + " " + f.What; !strings.Contains(got, tt.want) {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if f.Exit != fault.ExitFound || f.Warn {
				t.Errorf("%+v", f)
			}
		})
	}
}

// Whatever the bytes are: reading ends, and a file that was taken classifies and maps without surprise: paths are never
// empty, and an event has the class that its rows give it.
func FuzzCheck(f *testing.F) {
	f.Add([]byte(minimal))
	f.Add([]byte("name: a\nlogsources: [{product: [p, q]}]\nevents: [{event.dataset: x, product: p}, {event.category: [a, b], winlog.channel: '*', category: c}]\nfields: {A: [b, c], D.*: e.*}\nfallback: x.{}\n"))
	f.Add([]byte("name: a\ntransformations:\n  - {type: field_name_mapping, mapping: {A: b}, rule_conditions: [{type: logsource, product: p}]}\n  - {type: field_name_prefix, prefix: x.}\n"))
	f.Add([]byte("a: &x [*x]\n---\n%"))
	e := given(f, "event.dataset", "x", "winlog.channel", "c", "event.code", "1")
	f.Fuzz(func(t *testing.T, doc []byte) {
		pipes, faults := parse("f.yaml", doc)
		for _, e := range faults {
			if e.Code == "" || e.What == "" || !e.Warn && len(pipes) > 0 {
				t.Fatalf("%+v, and %d pipelines", e, len(pipes))
			}
		}
		s := newSet(pipes)
		if got, want := s.Describe(s.Classify(e)), plainly(s, e); got != want {
			t.Fatalf("class %s, want %s", got, want)
		}
		for _, p := range pipes {
			for _, pat := range append(p.sources, pattern{}) {
				ls := LogSource{word(pat.product), word(pat.category), word(pat.service)}
				for _, path := range s.Paths(ls, "Image") {
					if path == "" || strings.Contains(path, "{}") {
						t.Fatalf("%s: the path is %q", ls, path)
					}
				}
			}
		}
	})
}

// word returns the first word of a part, "" where it says nothing.
func word(part []string) string {
	if len(part) == 0 {
		return ""
	}
	return part[0]
}

package formatdoc

import (
	"io/fs"
	"strings"
	"testing"

	"weir/processors/parse/format"
	"weir/processors/parse/formats"
)

// internal are formats of what weir itself writes or fetches, which no message is recognised for; their readers have tests of their
// own.
var internal = map[string]bool{"aws.cloudtrail": true, "ebpf.tcp": true, "snmp.trap": true}

// TestLint_Shipped: what comes with weir writes only values that ECS has, and has tests.
func TestLint_Shipped(t *testing.T) {
	set, _ := format.Load(format.Source{Name: "shipped", FS: formats.FS()})
	if len(set.List()) < 50 {
		t.Fatalf("%d formats", len(set.List()))
	}
	for _, f := range set.List() {
		doc, err := fs.ReadFile(formats.FS(), strings.TrimPrefix(f.File, "shipped/"))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range Lint(f.File, doc, f) {
			if e.Code == "format-not-allowed" || e.Code == "format-untested" && !internal[f.Dataset] {
				t.Errorf("%v; %s", e, e.Do)
			}
		}
		if len(f.Tests) < 2 && !internal[f.Dataset] {
			t.Errorf("%s: %d tests", f.File, len(f.Tests))
		}
	}
	shared, err := fs.Glob(formats.FS(), "shared/*.yaml")
	if err != nil || len(shared) == 0 {
		t.Fatalf("%d files of shared steps, %v", len(shared), err)
	}
	for _, name := range shared {
		doc, err := fs.ReadFile(formats.FS(), name)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range Lint("shipped/"+name, doc, nil) {
			t.Errorf("%v; %s", e, e.Do)
		}
	}
}

// TestDescribe_Lines: each step that is described stands in its line of the file.
func TestDescribe_Lines(t *testing.T) {
	set, _ := format.Load(format.Source{Name: "shipped", FS: formats.FS()})
	for _, f := range set.List() {
		doc, err := fs.ReadFile(formats.FS(), strings.TrimPrefix(f.File, "shipped/"))
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(string(doc), "\n")
		for _, s := range Describe(f.File, doc) {
			if s.Line < 1 || s.Line > len(lines) || !strings.Contains(lines[s.Line-1], s.Kind) {
				t.Errorf("%s:%d: no %s there", f.File, s.Line, s.Kind)
			}
			if s.Depth < 0 || s.Depth > 20 {
				t.Errorf("%s:%d: depth %d", f.File, s.Line, s.Depth)
			}
		}
	}
}

// FuzzFile: whatever stands in a file, looking at it ends and does not fail; what is said is of lines of the file.
func FuzzFile(f *testing.F) {
	for _, text := range []string{
		"dataset: a.b\nsteps: [{set: {event.kind: evnt}}]\n", "steps:\n  - switch: {on: _a, cases: {x: [{stop: true}]}}\n", "steps: {a: 1}", "- a", "steps: [[[]]]", "steps:\n  - first: [[{drop: true}], x]\n",
		"steps: [{choose: {cases: {a: b}}}, {kv: [x]}, {foreach: {do: {do: 1}}}]", "a: &x 1\nsteps: *x\n",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n := strings.Count(text, "\n") + 2
		for _, s := range Describe("x", []byte(text)) {
			if s.Line < 1 || s.Line > n || s.Kind == "" {
				t.Fatalf("%q: %+v", text, s)
			}
		}
		for _, e := range Lint("x", []byte(text), nil) {
			if e.What == "" {
				t.Fatalf("%q: %+v", text, e)
			}
		}
	})
}

package formatdoc

import (
	"strings"
	"testing"
	"testing/fstest"

	"weir/processors/parse/format"
)

// lint loads one file and returns what is doubtful about it, code and place.
func lint(t *testing.T, text string) string {
	t.Helper()
	set, faults := format.Load(format.Source{Name: "x", FS: fstest.MapFS{"a.yaml": {Data: []byte(text)}}})
	if len(faults) > 0 {
		t.Fatalf("%v\n%s", faults, text)
	}
	var out []string
	for _, f := range Lint("x/a.yaml", []byte(text), set.List()[0]) {
		if !f.Warn {
			t.Errorf("%v is no warning", f)
		}
		out = append(out, f.Code+" "+f.Where+" "+f.Do)
	}
	return strings.Join(out, "\n")
}

func TestLint(t *testing.T) {
	const head = "dataset: acme.log\ntitle: Acme\nmatch: {starts: ['ACME|']}\n"
	const tests = "tests: [{name: one, raw: 'ACME|x', expect: {event.kind: event}}]\n"
	for _, tt := range []struct{ name, text, want string }{
		{"nothing to say", head + "steps:\n  - set: {event.kind: event, event.category: [network, web], event.type: [start, '{{_x}}']}\n" + tests, ""},
		{"a value that ECS does not have", head + "steps:\n  - set: {event.category: [netwerk]}\n" + tests, "format-not-allowed x/a.yaml:5:28 did you mean `network`?"},
		{"one that is near nothing", head + "steps:\n  - default: {event.outcome: ok}\n" + tests, "format-not-allowed x/a.yaml:5:30 one of failure, success, unknown"},
		{"in a choice", head + "steps:\n  - choose: {on: _a, cases: {x: {event.kind: evnt}}, else: {event.type: begin}}\n" + tests,
			"format-not-allowed x/a.yaml:5:46 did you mean `event`?\nformat-not-allowed x/a.yaml:5:73 one of"},
		{"within steps", head + "steps:\n  - switch:\n      on: _a\n      cases:\n        x: [{if: '_b == 1', set: {event.kind: event}, else: [{append: {event.type: strt}}]}]\n" + tests, "format-not-allowed x/a.yaml:8:84 did you mean `start`?"},
		{"no tests", head + "steps: []\n", "format-untested x/a.yaml:1:10"},
		{"no way to be recognised", "dataset: acme.log\ntitle: Acme\n" + tests, "format-unrecognised x/a.yaml:1:10"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := lint(t, tt.text)
			lines, wants := strings.Split(got, "\n"), strings.Split(tt.want, "\n")
			if len(lines) != len(wants) {
				t.Fatalf("%s\nwant\n%s", got, tt.want)
			}
			for i := range lines {
				if !strings.HasPrefix(lines[i], wants[i]) || tt.want == "" && got != "" {
					t.Errorf("%s\nwant\n%s", lines[i], wants[i])
				}
			}
		})
	}
}

// TestLint_NoFile: what the loader refuses as a whole has no second list of faults.
func TestLint_NoFile(t *testing.T) {
	for _, text := range []string{"", "- a list\n", "a: {\n", "a: 1\n---\nb: 2\n"} {
		if got := Lint("x", []byte(text), nil); got != nil {
			t.Errorf("%q: %v", text, got)
		}
	}
	// Of shared steps only the values are looked at: they have no tests and are not recognised.
	if got := Lint("x", []byte("steps: [{set: {event.kind: evnt}}]\n"), nil); len(got) != 1 || got[0].Code != "format-not-allowed" {
		t.Errorf("%v", got)
	}
}

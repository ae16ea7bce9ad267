package format

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"weir/event"
)

// parts cuts a message as a format says.
func parts(t *testing.T, split, msg string) (out []string, err error) {
	t.Helper()
	f, faults := one(t, "dataset: acme.log\ntitle: A\nsplit: "+split)
	if f == nil {
		t.Fatal(faults)
	}
	err = f.Split()(msg, func(part string) error { out = append(out, part); return nil })
	return out, err
}

// TestSplit_Forms: what is a part, and what a message is that has none.
func TestSplit_Forms(t *testing.T) {
	for _, c := range []struct {
		name, split, msg string
		want             []string
		broken           bool
	}{
		{"one line", "{lines: true}", "a", []string{"a"}, false},
		{"ends of lines of all kinds", "{lines: true}", "a\nb\r\nc\n\n", []string{"a", "b", "c"}, false},
		{"blanks at the begin of a line stay", "{lines: true}", "  a \n\tb", []string{"  a ", "\tb"}, false},
		{"nothing but blanks", "{lines: true}", " \n\t\n", nil, false},
		{"an array at the top", "{json: ''}", `[{"a":1} , {"b":2}]`, []string{`{"a":1}`, `{"b":2}`}, false},
		{"one object at the top", "{json: ''}", `{"a":1}`, []string{`{"a":1}`}, false},
		{"below a name", "{json: Records}", `{"x":1,"Records":[{"a":1},{"a":2}]}`, []string{`{"a":1}`, `{"a":2}`}, false},
		{"below two names", "{json: a.b}", `{"a":{"b":[1,2]}}`, []string{"1", "2"}, false},
		{"below an odd name", `{json: '"a.b".c'}`, `{"a.b":{"c":[1,2]}}`, []string{"1", "2"}, false},
		{"an object without it", "{json: Records}", `{"a":1}`, []string{`{"a":1}`}, false},
		{"no JSON", "{json: Records}", "text", []string{"text"}, false},
		{"an empty array", "{json: Records}", `{"Records":[]}`, nil, false},
		{"torn: what is whole comes", "{json: ''}", `[{"a":1},{"b":`, []string{`{"a":1}`}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := parts(t, c.split, c.msg)
			if !slices.Equal(got, c.want) || (err != nil) != c.broken {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
	f, _ := one(t, "dataset: acme.log\ntitle: A\nsplit: {lines: true}")
	stop, n := errors.New("stop"), 0
	if err := f.Split()("a\nb\nc", func(string) error { n++; return stop }); !errors.Is(err, stop) || n != 1 {
		t.Errorf("after an error %d parts, %v", n, err)
	}
	if f, _ := one(t, "dataset: acme.log\ntitle: A\nsplit: {lines: false}"); f.Split() != nil {
		t.Error("lines: false cuts")
	}
}

func TestSplit_Faults(t *testing.T) {
	for split, want := range map[string]string{
		"{line: true}": "unknown key `line` in split", "{lines: 1}": "`lines` needs true or false", "{json: 'a b'}": "`a b` is no path", "{call: cisco.asa}": "no reader cisco.asa cuts messages",
		"{call: nope}": "no reader is called nope", "lines": "`split` needs keys",
	} {
		if f, faults := one(t, "dataset: acme.log\ntitle: A\nsplit: "+split); f != nil || len(faults) == 0 || faults[0].What != want {
			t.Errorf("%s: %v", split, faults)
		}
	}
}

// TestTests_Expect: what a test expects is read as the field has it.
func TestTests_Expect(t *testing.T) {
	for _, c := range []struct{ expect, path, want string }{
		{"{user.id: 0012}", "user.id", `"0012"`}, {"{event.code: 4624}", "event.code", `"4624"`}, {"{event.severity: 7}", "event.severity", "7"}, {"{event.type: [a, b]}", "event.type", `["a","b"]`},
		{"{rule.id: [1, 02]}", "rule.id", `["1","02"]`}, {`{acme."odd key": x}`, "acme.odd key", `"x"`}, {"{user.name: ~}", "user.name", "null"}, {"{'@timestamp': 2024-05-01T10:00:00Z}", "@timestamp", `"2024-05-01T10:00:00Z"`},
	} {
		f, faults := one(t, "dataset: acme.log\ntitle: A\ntests: [{name: a, raw: b, expect: "+c.expect+"}]")
		if f == nil {
			t.Fatal(faults)
		}
		w := f.Tests[0].Expect[0][0]
		got := string(w.Value.AppendJSON(nil))
		if w.Value.Kind() == event.Null {
			got = "null"
		}
		if w.Path != c.path || got != c.want {
			t.Errorf("%s: %s is %s", c.expect, w.Path, got)
		}
	}
}

func TestTests_Faults(t *testing.T) {
	for test, want := range map[string]string{
		"{raw: x}": "a test needs a name, and raw or doc", "{name: x}": "a test needs a name, and raw or doc", "{name: x, raw: {}}": "`raw` needs a text", "{name: x, doc: text}": "`doc` is an object",
		"{name: x, raw: y, expect: text}": "`expect` needs keys", "{name: x, raw: y, events: many}": "`events` needs a whole number", "{name: x, raw: y, errors: -1}": "`errors` needs a whole number",
		"{name: x, raw: y, dropped: no}": "`dropped` needs true or false", "{name: x, raw: y, at: 2024-01-01}": "`at` needs a time", "{name: x, raws: y}": "unknown key `raws` in a test", "text": "`a test` needs keys",
	} {
		if f, faults := one(t, "dataset: acme.log\ntitle: A\ntests:\n  - "+test); f != nil || len(faults) == 0 || faults[0].What != want || !strings.HasPrefix(faults[0].Where, "f/acme/log.yaml:4:") {
			t.Errorf("%s: %v", test, faults)
		}
	}
	many := strings.Repeat("  - {name: a, raw: b}\n", maxTests+1)
	if f, faults := one(t, "dataset: acme.log\ntitle: A\ntests:\n"+many); f != nil || len(faults) != 1 || faults[0].What != fmt.Sprintf("the format has more than %d tests", maxTests) {
		t.Errorf("too many tests: %v", faults)
	}
	// What no list knows in expect is a warning: the format is used all the same.
	f, faults := one(t, "dataset: acme.log\ntitle: A\ntests: [{name: a, raw: b, expect: {evnt.kind: ~}}]")
	if f == nil || len(faults) != 1 || !faults[0].Warn || faults[0].Do != "did you mean event.kind?" {
		t.Errorf("an unknown field in expect: %v", faults)
	}
}

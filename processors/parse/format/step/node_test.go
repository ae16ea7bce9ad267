package step_test

import (
	"strings"
	"testing"

	"weir/event"
)

// TestConstant: what a YAML value is in an event.
func TestConstant(t *testing.T) {
	for doc, want := range map[string]string{
		"5": "5", "-5": "-5", "0x10": "16", "1.5": "1.5", "true": "true", "'5'": `"5"`, "text": `"text"`, "[1, [a]]": `[1,["a"]]`, "''": `""`,
		"4611686018427387903": "4611686018427387903", "2024-05-01": `"2024-05-01"`, "yes": `"yes"`, "10.0.0.1": `"10.0.0.1"`,
	} {
		f, faults := load(t, "dataset: acme.log\ntitle: A\ntests: [{name: a, raw: b, expect: {acme.thing: "+doc+"}}]")
		if f == nil {
			t.Fatalf("%s: %v", doc, faults)
		}
		if got := string(f.Tests[0].Expect[0][0].Value.AppendJSON(nil)); got != want {
			t.Errorf("%s: %s, want %s", doc, got, want)
		}
	}
	f, _ := load(t, "dataset: acme.log\ntitle: A\ntests: [{name: a, raw: b, expect: {acme.thing: ~}}]")
	if k := f.Tests[0].Expect[0][0].Value.Kind(); k != event.Null {
		t.Errorf("~ is of kind %v", k)
	}
}

// TestUnknown_Bounded: a fault offers some names, not hundreds.
func TestUnknown_Bounded(t *testing.T) {
	var more []string
	for i := range 200 {
		more = append(more, "shared/zz"+strings.Repeat("z", i)+".yaml", "steps: []")
	}
	_, faults := compiled(t, "- include: q", more...)
	if len(faults) == 0 || !strings.HasSuffix(faults[0].Do, "and 160 more") {
		t.Errorf("got %v, %.200s", faults, faults[0].Do)
	}
}

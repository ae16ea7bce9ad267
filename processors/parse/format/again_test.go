package format

import "testing"

// TestAgain: a part of a record stays with the format that split the record; what no format splits is recognised anew.
func TestAgain(t *testing.T) {
	set := formatsOf(t,
		"gate.access", "match: {contains: [['\"gateway\":', '\"events\":']]}\nsplit: {json: events}",
		"two.log/a", "match: {starts: ['{\"a\":']}\nsplit: {json: x}",
		"two.log/b", "match: {starts: ['{\"b\":']}\nsplit: {json: x}",
		"many.log", "match: {starts: ['MANY ']}\nsplit: {lines: true}\nsteps: [{copy: {_kind: event.dataset}}]",
		"any.json", "match: {starts: '{', last: true}\nsplit: {json: ''}",
		"mine.log", "match: {contains: ['\"mine\":']}",
		"plain.log", "match: {starts: ['P ']}",
	)
	for _, tt := range []struct {
		name, dataset, line string
		part                bool
		want                string
	}{
		{"a part", "gate.access", `{"user":"ann"}`, true, "gate.access"},
		{"the first part", "gate.access", `{"user":"ann"}`, false, "gate.access"},
		{"a part that another format fits", "gate.access", `{"mine":1}`, true, "gate.access"},
		{"a whole record", "gate.access", `{"gateway":"g","events":[{"user":"ann"}]}`, false, "gate.access"},
		{"what nothing else fitted may be recognised now", "any.json", `{"mine":1}`, true, "mine.log"},
		{"and is what it was if it is not", "any.json", `{"x":1}`, true, "any.json"},
		{"one of several formats", "two.log", `{"b":1}`, true, "two.log/b"},
		{"which of several is not known", "two.log", `{"c":1}`, true, "none can be chosen"},
		{"a dataset that the steps say", "many.other", `x`, true, "many.log"},
		{"a dataset whose format splits nothing", "plain.log", `{"mine":1}`, true, "mine.log"},
		{"a dataset that is not there", "gone.log", `{"mine":1}`, false, "mine.log"},
		{"nothing fits", "gone.log", `x`, false, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, ok := set.Again(tt.dataset, tt.part, lookAt(tt.line))
			got := ""
			switch {
			case !ok:
				got = "none can be chosen"
			case f != nil:
				got = f.Name()
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

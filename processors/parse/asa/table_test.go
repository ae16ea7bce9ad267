package asa

import (
	"strings"
	"testing"
	"weir/event"
)

// messageCase is a message and what must become of it: path=value, or -path for a field that must be absent. The texts
// are those of the vendor's list of messages, with addresses for documentation.
type messageCase struct {
	line string
	want []string
}

// testMessages parses each message and looks at the fields that its case names. Whatever else is set must be of its
// field's type.
func testMessages(t *testing.T, tests []messageCase) {
	for _, tt := range tests {
		_, name, _ := strings.Cut(tt.line, "-")
		t.Run(name[:8], func(t *testing.T) {
			var e event.Event
			if err := Parse(&e, tt.line); err != nil {
				t.Fatal(err)
			}
			for _, w := range tt.want {
				path, want, _ := strings.Cut(w, "=")
				if path, ok := strings.CutPrefix(path, "-"); ok {
					if v := e.GetPath(path); v.Kind() != event.Absent {
						t.Errorf("%s is %s", path, v)
					}
					continue
				}
				if got := e.GetPath(path).Text(); got != want {
					t.Errorf("%s\n%s: got %q, want %q", tt.line, path, got, want)
				}
			}
			before := e.Len()
			e.Conform()
			if e.Has(event.WeirOther) || e.Len() != before {
				t.Errorf("types do not fit: %s", e.Get(event.WeirOther))
			}
		})
	}
}

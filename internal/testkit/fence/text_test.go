package fence

import "testing"

func TestNamed(t *testing.T) {
	for _, tc := range []struct {
		text, path string
		want       bool
	}{
		{"", "event", false},
		{"event", "event", true},
		{"`event/` is the core", "event", true},
		{"the end is event.", "event", true},
		{"| event | the core |", "event", true},
		{"internal/event", "event", false},
		{"events", "event", false},
		{"event/gen", "event", false},
		{"event.go", "event", false},
		{"event-log and event", "event", true},
		{"github.com/twmb/franz-go/pkg/kadm", "github.com/twmb/franz-go", false},
	} {
		if got := named(tc.text, tc.path); got != tc.want {
			t.Errorf("named(%q, %q) = %v", tc.text, tc.path, got)
		}
	}
}

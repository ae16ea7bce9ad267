package detect

import (
	"fmt"
	"testing"
	"time"

	"weir/event"
	"weir/internal/record"
)

// TestSignalsOwnMemory checks that a signal outlives the buffer of its event.
func TestSignalsOwnMemory(t *testing.T) {
	t.Parallel()
	doc := []byte(`{"event":{"code":"2","id":"abc","dataset":"d.d"},"user":{"name":"kim"},"message":"hello"}`)
	var e event.Event
	if err := e.Decode(doc); err != nil {
		t.Fatal(err)
	}
	s := engine(t, ruleFile).Signals(&e, record.Pos{})
	for i := range doc {
		doc[i] = 'X'
	}
	if got := fmt.Sprint(s[0].Group, s[0].EventID, s[0].Dataset, s[0].Values); got != "[2 kim]abcd.dmap[event.code:2 message:hello user.name:kim]" {
		t.Error(got)
	}
}

func TestTimeOf(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, doc, want string }{
		{"weir's time", `{"weir":{"time":"2026-11-21T07:50:08Z"},"@timestamp":"2020-01-01T00:00:00Z"}`, "2026-11-21T07:50:08Z"},
		{"the event's own", `{"@timestamp":"2020-01-01T00:00:00Z"}`, "2020-01-01T00:00:00Z"},
		{"none", `{}`, "0001-01-01T00:00:00Z"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := timeOf(decode(t, tt.doc)).Format(time.RFC3339); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

func TestTextOf(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		v    event.Value
		want string
		ok   bool
	}{
		{"a text", event.Str("a"), "a", true}, {"a number", event.Num(7), "7", true}, {"the first of several", event.Strs("a", "b"), "a", true},
		{"an empty text", event.Str(""), "", false}, {"an empty list", event.Items(), "", false}, {"absent", event.Value{}, "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got, ok := textOf(tt.v); got != tt.want || ok != tt.ok {
				t.Errorf("%q %v, want %q %v", got, ok, tt.want, tt.ok)
			}
		})
	}
}

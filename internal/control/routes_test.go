package control

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"weir/internal/fault"
)

// TestRoundTrip asks everything over the socket and compares question and answer with the backend's own.
func TestRoundTrip(t *testing.T) {
	f := &fake{docs: []string{`{"message":"김민수 <b>"}`, `{"a":1}`}}
	c, dir := serve(t, f)
	ctx := t.Context()
	if fi, err := os.Stat(filepath.Join(dir, SocketName)); err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("socket: %v, %v", fi.Mode(), err)
	}
	keep := func([]byte) error { return nil }
	for name, x := range map[string]struct {
		question any
		call     func(b Backend) (any, error)
	}{
		"search": {SearchRequest{Query: "a: \"b\"", From: at, Size: 3, Histogram: true, Top: "x", Fields: []string{"f"}}, func(b Backend) (any, error) {
			return b.Search(ctx, SearchRequest{Query: "a: \"b\"", From: at, Size: 3, Histogram: true, Top: "x", Fields: []string{"f"}}, keep)
		}},
		"ledger": {LedgerRequest{Source: "s", To: at}, func(b Backend) (any, error) { return b.Ledger(ctx, LedgerRequest{Source: "s", To: at}) }},
		"alerts": {AlertsRequest{Level: "high"}, func(b Backend) (any, error) { return b.Alerts(ctx, AlertsRequest{Level: "high"}) }},
		"alert":  {"3f9c", func(b Backend) (any, error) { return b.Alert(ctx, "3f9c") }},
		"dead":   {DeadLettersRequest{Size: 2}, func(b Backend) (any, error) { return b.DeadLetters(ctx, DeadLettersRequest{Size: 2}) }},
		"status": {"status", func(b Backend) (any, error) { return b.Status(ctx) }},
	} {
		want, err := x.call(f)
		if err != nil {
			t.Fatal(err)
		}
		f.note(nil)
		got, err := x.call(c)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got  %+v, %v\nwant %+v", name, got, err, want)
		}
		if q := f.question(); !reflect.DeepEqual(q, x.question) {
			t.Errorf("%s: the backend was asked %+v, want %+v", name, q, x.question)
		}
	}
}

func TestUnknownQuestion(t *testing.T) {
	c, _ := serve(t, &fake{})
	if _, err := c.call(t.Context(), call{name: "nonsense", question: 1, answer: new(int)}); fault.Code(err) != "version-mismatch" {
		t.Errorf("got %v", err)
	}
	if _, err := c.call(t.Context(), call{name: "search", question: 17, answer: new(int)}); fault.Code(err) != "bad-request" {
		t.Errorf("got %v", err)
	}
	if _, err := c.call(t.Context(), call{name: "alert", question: strings.Repeat("x", maxRequest+1), answer: new(int)}); fault.Code(err) != "bad-request" {
		t.Errorf("got %v", err)
	}
}

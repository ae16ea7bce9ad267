package ticket_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"weir/internal/config/unit"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/channeltest"
	"weir/sinks/notify/channel/ticket"
)

// TestAddress: a ticket's id stays one part of the address, whatever the other side calls its tickets.
func TestAddress(t *testing.T) {
	var asked []string
	addr := channeltest.HTTP(t, nil, func(_ http.ResponseWriter, r *http.Request) { asked = append(asked, r.URL.EscapedPath()) })
	c := start(t, ticket.Config{
		Create: ticket.Request{URL: unit.Secret("http://" + addr)}, Update: ticket.Request{URL: unit.Secret("http://" + addr + "/t/{{ticket}}/c")},
	})
	for _, id := range []string{"7", "..", "a/../../admin", "x?y=z#", "가"} {
		if _, err := c.Send(t.Context(), message("m", channel.Repeat, id)); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"/t/7/c", "/t/-/c", "/t/a%2F..%2F..%2Fadmin/c", "/t/x%3Fy%3Dz%23/c", "/t/%EA%B0%80/c"}
	if !slices.Equal(asked, want) {
		t.Errorf("got  %v\nwant %v", asked, want)
	}
}

// TestID: where the id is looked for, and what is none. A ticket that was made without an id that we understand is not made
// again.
func TestID(t *testing.T) {
	for _, tc := range []struct{ name, path, answer, want string }{
		{"a text", "id", `{"id": "A-1"}`, "A-1"},
		{"the default", "", `{"id": "A-1"}`, "A-1"},
		{"a number", "ticket.id", `{"ticket": {"id": 42}}`, "42"},
		{"a long number", "$.id", `{"id": 12345678901234567890}`, "12345678901234567890"},
		{"in a list", "data[1].ids[0]", `{"data": [{}, {"ids": ["x"]}]}`, "x"},
		{"the whole is a list", "[0].id", `[{"id": "x"}]`, "x"},
		{"a list in a list", "a[0][1]", `{"a": [["x", "y"]]}`, "y"},
		{"no such key", "id", `{"ID": "x"}`, ""},
		{"no such item", "data[1]", `{"data": ["x"]}`, ""},
		{"no list", "id[0]", `{"id": "x"}`, ""},
		{"no object", "id.key", `{"id": "x"}`, ""},
		{"an object", "id", `{"id": {}}`, ""},
		{"true", "id", `{"id": true}`, ""},
		{"empty", "id", `{"id": ""}`, ""},
		{"too long", "id", `{"id": "` + strings.Repeat("x", 201) + `"}`, ""},
		{"control characters", "id", `{"id": "a\nb"}`, ""},
		{"no JSON", "id", `<html>`, ""},
		{"nothing", "id", ``, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			addr := channeltest.HTTP(t, nil, func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, tc.answer) })
			receipt, err := start(t, ticket.Config{Create: ticket.Request{URL: unit.Secret("http://" + addr)}, ID: tc.path}).Send(t.Context(), message("m", channel.Firing, ""))
			if tc.want != "" {
				if err != nil || receipt.Ticket != tc.want {
					t.Errorf("%+v, %v", receipt, err)
				}
				return
			}
			if e, ok := errors.AsType[*channel.Error](err); !ok || !e.Permanent || !strings.Contains(err.Error(), "a ticket was made") {
				t.Errorf("%+v, %v", receipt, err)
			}
		})
	}
}

// FuzzID: an answer gives an id that can be kept and stand in an address, or an error; never both, never neither.
func FuzzID(f *testing.F) {
	answer := ""
	addr := channeltest.HTTP(f, nil, func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, answer) })
	for _, seed := range []string{`{"a":[{"id":"x"}]}`, `{"a":[{"id":1e400}]}`, `{"a":[]}`, `{`, ``, `{"a":[{"id":"\u0000"}]}`, `[[[[[`} {
		f.Add(seed)
	}
	c := start(f, ticket.Config{Create: ticket.Request{URL: unit.Secret("http://" + addr)}, ID: "a[0].id"})
	f.Fuzz(func(t *testing.T, text string) {
		answer = text
		receipt, err := c.Send(t.Context(), message("m", channel.Firing, ""))
		if (err == nil) == (receipt.Ticket == "") {
			t.Errorf("%+v, %v", receipt, err)
		}
		if len(receipt.Ticket) > 200 || strings.ContainsFunc(receipt.Ticket, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			t.Errorf("the id is %q", receipt.Ticket)
		}
	})
}

package ticket_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/internal/config/unit"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/channeltest"
	"weir/sinks/notify/channel/ticket"
)

// desk is a small ticket system. It knows a request that it gets again by its key, as such systems do.
type desk struct {
	mu     sync.Mutex
	calls  []string // what was asked of it, in order
	issues map[string]*issue
	byKey  map[string]string // the ticket that a key made
	// hold makes the next request to create wait after the ticket is made, until it is closed.
	hold chan struct{}
}

type issue struct {
	Summary  string
	Comments []string
	Closed   bool
}

func newDesk() *desk { return &desk{issues: map[string]*issue{}, byKey: map[string]string{}} }

// ServeHTTP implements POST /issue, POST /issue/ID/comment and PUT /issue/ID/close.
func (d *desk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if user, password, _ := r.BasicAuth(); user != "weir" || password != "tOkEn" {
		w.WriteHeader(401)
		return
	}
	var in struct{ Summary, Comment, Reason string }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		w.WriteHeader(400)
		return
	}
	d.mu.Lock()
	key := r.Header.Get("Idempotency-Key")
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	if len(parts) == 1 {
		d.create(w, r, key, in.Summary)
		return
	}
	defer d.mu.Unlock()
	d.calls = append(d.calls, parts[2]+" "+parts[1])
	one := d.issues[parts[1]]
	if one == nil {
		w.WriteHeader(404)
		return
	}
	if parts[2] == "close" {
		one.Closed = true
	}
	one.Comments = append(one.Comments, in.Comment+in.Reason)
}

// create makes a ticket. It has the lock and gives it back.
func (d *desk) create(w http.ResponseWriter, r *http.Request, key, summary string) {
	id, again := d.byKey[key]
	if !again {
		id = fmt.Sprintf("SOC-%d", len(d.issues)+1)
		d.issues[id] = &issue{Summary: summary}
		d.byKey[key] = id
	}
	d.calls = append(d.calls, "create "+id)
	hold := d.hold
	d.hold = nil
	d.mu.Unlock()
	if hold != nil {
		select {
		case <-hold:
		case <-r.Context().Done():
		}
	}
	w.WriteHeader(201)
	_, _ = fmt.Fprintf(w, `{"issue": {"key": %q}, "links": [{"id": 12345678901234567890}]}`, id)
}

// config is a configuration for it.
func config(t testing.TB, d *desk) ticket.Config {
	base := "http://" + channeltest.HTTP(t, nil, d.ServeHTTP)
	return ticket.Config{
		Create: ticket.Request{URL: unit.Secret(base + "/issue"), Body: `{"summary": "{{subject}}"}`},
		Update: ticket.Request{URL: unit.Secret(base + "/issue/{{ticket}}/comment"), Body: `{"comment": "{{kind}}: {{text}}"}`},
		Close:  ticket.Request{URL: unit.Secret(base + "/issue/{{ticket}}/close"), Body: `{"reason": "{{alert.verdict}}"}`},
		ID:     "issue.key", User: "weir", Password: "tOkEn",
	}
}

// start makes a channel that ends with the test.
func start(t testing.TB, c ticket.Config) channel.Channel {
	t.Helper()
	s, err := ticket.New(c, channel.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// message is a message of a kind, about a group that has a ticket.
func message(id string, kind channel.Kind, ticket string) *channel.Message {
	m := channeltest.Message()
	m.ID, m.Kind, m.Ticket = id, kind, ticket
	m.Alerts[0].Verdict = "benign"
	return m
}

// TestLife follows a group from its first alert to its end, and the next time that it comes.
func TestLife(t *testing.T) {
	d := newDesk()
	c := start(t, config(t, d))
	kept := ""
	for i, step := range []struct {
		kind channel.Kind
		kept string // after it
	}{
		{channel.Firing, "SOC-1"}, {channel.Repeat, "SOC-1"}, {channel.Escalation, "SOC-1"}, {channel.Firing, "SOC-1"}, {channel.Resolved, ""},
		{channel.Resolved, ""}, {channel.Firing, "SOC-2"},
	} {
		receipt, err := c.Send(t.Context(), message(fmt.Sprint("m", i), step.kind, kept))
		if err != nil || receipt.Ticket != step.kept || receipt.Said == "" {
			t.Fatalf("step %d, %s: %+v, %v", i, step.kind, receipt, err)
		}
		kept = receipt.Ticket
	}
	want := []string{"create SOC-1", "comment SOC-1", "comment SOC-1", "comment SOC-1", "close SOC-1", "create SOC-2"}
	if !slices.Equal(d.calls, want) {
		t.Errorf("got  %v\nwant %v", d.calls, want)
	}
	first := d.issues["SOC-1"]
	if !first.Closed || first.Summary != "[high] 203.0.113.5 guessed root's password on web-1 (+4 more)" || first.Comments[3] != "benign" || !strings.Contains(first.Comments[0], "repeat: This is still open.") {
		t.Errorf("%+v", first)
	}
}

// TestLate: a ticket whose making was answered after our time to wait is not made a second time.
func TestLate(t *testing.T) {
	d := newDesk()
	d.hold = make(chan struct{})
	c := config(t, d)
	c.Timeout = unit.Duration(300 * time.Millisecond)
	ch := start(t, c)
	_, err := ch.Send(t.Context(), message("m1", channel.Firing, ""))
	if e, ok := errors.AsType[*channel.Error](err); !ok || e.Permanent {
		t.Fatalf("first attempt: %v", err)
	}
	receipt, err := ch.Send(t.Context(), message("m1", channel.Firing, ""))
	if err != nil || receipt.Ticket != "SOC-1" || len(d.issues) != 1 {
		t.Errorf("%+v, %v, %d tickets", receipt, err, len(d.issues))
	}
}

// TestGone: a ticket that somebody deleted is made again, and one that is to be closed is closed.
func TestGone(t *testing.T) {
	d := newDesk()
	c := start(t, config(t, d))
	receipt, err := c.Send(t.Context(), message("m1", channel.Repeat, "SOC-99"))
	if err != nil || receipt.Ticket != "SOC-1" {
		t.Errorf("%+v, %v", receipt, err)
	}
	receipt, err = c.Send(t.Context(), message("m2", channel.Resolved, "SOC-99"))
	if err != nil || receipt.Ticket != "" {
		t.Errorf("%+v, %v", receipt, err)
	}
	if want := []string{"comment SOC-99", "create SOC-1", "close SOC-99"}; !slices.Equal(d.calls, want) {
		t.Errorf("got %v", d.calls)
	}
}

// TestOnlyCreate: a system that is only told of new groups.
func TestOnlyCreate(t *testing.T) {
	d := newDesk()
	c := config(t, d)
	c.Update, c.Close = ticket.Request{}, ticket.Request{}
	ch := start(t, c)
	for i, kind := range []channel.Kind{channel.Firing, channel.Repeat, channel.Resolved, channel.Test} {
		kept := "SOC-1"
		if kind == channel.Firing || kind == channel.Test {
			kept = ""
		}
		if _, err := ch.Send(t.Context(), message(fmt.Sprint("m", i), kind, kept)); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"create SOC-1", "create SOC-2"}; !slices.Equal(d.calls, want) {
		t.Errorf("got %v", d.calls)
	}
}

// TestTest: trying the channel leaves no open ticket.
func TestTest(t *testing.T) {
	d := newDesk()
	receipt, err := start(t, config(t, d)).Send(t.Context(), message("m1", channel.Test, ""))
	if err != nil || receipt.Ticket != "" || !d.issues["SOC-1"].Closed {
		t.Errorf("%+v, %v, %v", receipt, err, d.calls)
	}
}

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

func TestNew_Failure(t *testing.T) {
	create := ticket.Request{URL: "http://x/"}
	for name, tc := range map[string]struct {
		c   ticket.Config
		key string
	}{
		"nothing":                {ticket.Config{}, "create.url"},
		"no address to update":   {ticket.Config{Create: create, Update: ticket.Request{Body: "{}"}}, "update.url"},
		"the ticket to create":   {ticket.Config{Create: ticket.Request{URL: "http://x/{{ticket}}"}}, "create"},
		"a slip":                 {ticket.Config{Create: create, Close: ticket.Request{URL: "http://x/{{tiket}}"}}, "close.url"},
		"no JSON":                {ticket.Config{Create: ticket.Request{URL: "http://x/", Body: "{{text}}"}}, "create.body"},
		"no method":              {ticket.Config{Create: ticket.Request{URL: "http://x/", Method: "MAKE"}}, "create.method"},
		"no place":               {ticket.Config{Create: create, ID: "a..b"}, "id"},
		"no item":                {ticket.Config{Create: create, ID: "a[x]"}, "id"},
		"no end of an item":      {ticket.Config{Create: create, ID: "a[1"}, "id"},
		"password is not there":  {ticket.Config{Create: create, User: "u", Password: "env:NOT_THERE_AT_ALL"}, "password"},
		"a header that is none":  {ticket.Config{Create: create, Headers: map[string]unit.Secret{"a b": "c"}}, "headers.a b"},
		"a CA that is not there": {ticket.Config{Create: create, CA: "/nowhere"}, "ca"},
	} {
		_, err := ticket.New(tc.c, channel.Deps{})
		if e, ok := errors.AsType[*channel.ConfigError](err); !ok || e.Key != tc.key {
			t.Errorf("%s: %#v", name, err)
		}
	}
	text := ticket.Request{URL: "http://x/", Body: "{{text}}", ContentType: "text/plain"}
	if _, err := ticket.New(ticket.Config{Create: text}, channel.Deps{}); err != nil {
		t.Errorf("a body of plain text: %v", err)
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

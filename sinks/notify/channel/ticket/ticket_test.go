package ticket_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

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

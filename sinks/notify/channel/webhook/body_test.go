package webhook_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"weir/internal/config/unit"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/channeltest"
	"weir/sinks/notify/channel/webhook"
)

// schema is the published one.
func schema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(webhook.Schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("message.json", doc); err != nil {
		t.Fatal(err)
	}
	return c.MustCompile("message.json")
}

// valid holds a body to the schema.
func valid(t *testing.T, body []byte) {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema(t).Validate(doc); err != nil {
		t.Errorf("%v\n%s", err, body)
	}
}

// TestBody: every kind of message is what the schema says, and has what the message has.
func TestBody(t *testing.T) {
	for _, kind := range []channel.Kind{channel.Firing, channel.Repeat, channel.Escalation, channel.Resolved, channel.Digest, channel.Test} {
		m := channeltest.Message()
		m.Kind, m.Ticket = kind, "T-1"
		got := send(t, webhook.Config{URL: "/hook"}, m)
		valid(t, got.body)
		if got.method != "POST" || got.path != "/hook" || got.header.Get("Content-Type") != "application/json" || got.header.Get("Idempotency-Key") != "m-0001" || got.header.Get("User-Agent") != "weir/1.2" || got.header.Get("Weir-Signature") != "" {
			t.Errorf("%s: %s %s %v", kind, got.method, got.path, got.header)
		}
		var b struct {
			Schema, ID, Kind, Group, Subject, Text, Ticket string
			Version, Count, More                           int
			Time                                           time.Time
			Alerts                                         []struct {
				ID, State, What, Assignee string
				Group                     map[string]string
				First                     time.Time
				Evidence                  []struct{ Values map[string]string }
			}
		}
		if err := json.Unmarshal(got.body, &b); err != nil {
			t.Fatal(err)
		}
		a := m.Alerts[0]
		if b.Schema != "weir.notification" || b.Version != webhook.Version || b.ID != m.ID || b.Kind != string(kind) || b.Group != m.Group || b.Count != 5 || b.More != 3 || b.Ticket != "T-1" || !b.Time.Equal(m.Time) {
			t.Errorf("%s: %+v", kind, b)
		}
		if len(b.Alerts) != 2 || b.Alerts[0].ID != a.ID || b.Alerts[0].What != a.What || b.Alerts[0].Group["source.ip"] != "203.0.113.5" || !b.Alerts[0].First.Equal(a.First) || b.Alerts[1].Assignee != "김민수" {
			t.Errorf("%s: %+v", kind, b.Alerts)
		}
		// What the logs say comes as it was; only the texts for people are made clean.
		if got, want := b.Alerts[0].Evidence[1].Values["user.name"], a.Evidence[1].Values["user.name"]; got != want {
			t.Errorf("%s: %q", kind, got)
		}
		if strings.ContainsAny(b.Subject+strings.ReplaceAll(b.Text, "\n", ""), "\x1b\r\n") {
			t.Errorf("%s: %q %q", kind, b.Subject, b.Text)
		}
	}
}

// TestBody_empty: what is not there is an empty list or object and never null.
func TestBody_empty(t *testing.T) {
	got := send(t, webhook.Config{URL: "/"}, &channel.Message{ID: "m", Kind: channel.Digest, Group: "nothing", Lang: "en", Alerts: []channel.Alert{{}}})
	valid(t, got.body)
	if bytes.Contains(got.body, []byte("null")) {
		t.Errorf("got %s", got.body)
	}
	got = send(t, webhook.Config{URL: "/"}, &channel.Message{ID: "m", Kind: channel.Digest, Lang: "en"})
	valid(t, got.body)
}

// TestBody_year: a time that JSON cannot write is an error for good, and no empty message.
func TestBody_year(t *testing.T) {
	h, err := webhook.New(webhook.Config{URL: "http://127.0.0.1:1/"}, channel.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	m := channeltest.Message()
	m.Alerts[0].First = time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC)
	_, err = h.Send(t.Context(), m)
	if e, ok := errors.AsType[*channel.Error](err); !ok || !e.Permanent {
		t.Errorf("got %v", err)
	}
}

// FuzzBody: whatever is in an alert, the body is JSON of the published schema.
func FuzzBody(f *testing.F) {
	var r receiver
	h, err := webhook.New(webhook.Config{URL: unit.Secret("http://" + channeltest.HTTP(f, nil, r.ServeHTTP))}, channel.Deps{})
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{"", "\xff", "\x00", `"`, "가", "</script>", "\u2028"} {
		f.Add(seed, int64(0))
	}
	published := schema(f)
	f.Fuzz(func(t *testing.T, text string, at int64) {
		m := channeltest.Message()
		a := &m.Alerts[0]
		a.What, a.Title, a.ID, a.State, m.Group, m.URL = text, text, text, text, text, text
		a.Group, a.Tags = map[string]string{text: text}, []string{text}
		a.First = time.Unix(at%200_000_000_000, at%1_000_000_000)
		r.all = r.all[:0]
		if _, err := h.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(r.all[0].body))
		if err != nil {
			t.Fatal(err)
		}
		if err := published.Validate(doc); err != nil {
			t.Error(err)
		}
	})
}

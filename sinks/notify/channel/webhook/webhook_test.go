package webhook_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"weir/internal/config/unit"
	"weir/internal/testkit"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/channeltest"
	"weir/sinks/notify/channel/webhook"
)

// asked is a request that a receiver got.
type asked struct {
	method, path string
	header       http.Header
	body         []byte
}

// receiver takes everything.
type receiver struct {
	mu  sync.Mutex
	all []asked
}

func (r *receiver) ServeHTTP(_ http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	r.mu.Lock()
	r.all = append(r.all, asked{req.Method, req.URL.RequestURI(), req.Header, body})
	r.mu.Unlock()
}

// send makes a webhook, sends a message through it, and returns what arrived.
func send(t *testing.T, c webhook.Config, m *channel.Message) asked {
	t.Helper()
	var r receiver
	c.URL = unit.Secret("http://"+channeltest.HTTP(t, nil, r.ServeHTTP)) + c.URL
	h, err := webhook.New(c, channel.Deps{Version: "1.2", Now: func() time.Time { return time.Unix(1795247463, 0) }})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = h.Close() }()
	receipt, err := h.Send(t.Context(), m)
	if err != nil || receipt.Said != "200 OK" || receipt.Ticket != "" {
		t.Fatalf("%+v, %v", receipt, err)
	}
	if len(r.all) != 1 {
		t.Fatalf("%d requests", len(r.all))
	}
	return r.all[0]
}

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

// TestTemplate: another body, method and header, with values that stay values.
func TestTemplate(t *testing.T) {
	m := channeltest.Message()
	m.Alerts[0].What = "a \"quoted\"\r\nname"
	got := send(t, webhook.Config{
		URL: "/{{alert.rule}}?level={{alert.level}}", Method: "put", Body: `{"text": "{{alert.what}}", "n": {{alert.count}}}`,
		Headers: map[string]unit.Secret{"X-Rule": "{{alert.what}}", "content-type": "application/x-own+json"},
	}, m)
	if got.method != "PUT" || got.path != "/ssh-brute-force?level=high" || string(got.body) != `{"text": "a \"quoted\"\\r\\nname", "n": 17}` {
		t.Errorf("%s %s %s", got.method, got.path, got.body)
	}
	if got.header.Get("Content-Type") != "application/x-own+json" || got.header.Get("X-Rule") != `a "quoted"\r\nname` {
		t.Errorf("%v", got.header)
	}
	got = send(t, webhook.Config{URL: "/", ContentType: "text/plain", Body: "{{alert.level}}: {{alert.what}}"}, channeltest.Message())
	if string(got.body) != "high: 203.0.113.5 guessed root's password on web-1" {
		t.Errorf("%s", got.body)
	}
}

// TestNew_Failure: mistakes are found before anything is sent.
func TestNew_Failure(t *testing.T) {
	for name, tc := range map[string]struct {
		c    webhook.Config
		key  string
		code string
	}{
		"no address":          {webhook.Config{}, "url", "notify-channel"},
		"no address of HTTP":  {webhook.Config{URL: "mailto:x"}, "url", "notify-channel"},
		"no body with GET":    {webhook.Config{URL: "http://x/", Method: "GET"}, "method", "notify-channel"},
		"no method":           {webhook.Config{URL: "http://x/", Method: "SEND"}, "method", "notify-channel"},
		"a slip in the body":  {webhook.Config{URL: "http://x/", Body: "{{alert.lvl}}"}, "body", "notify-template"},
		"no JSON":             {webhook.Config{URL: "http://x/", Body: `{"a": {{alert.what}}}`}, "body", "notify-channel"},
		"secret is not there": {webhook.Config{URL: "http://x/", Secret: "env:NOT_THERE_AT_ALL"}, "secret", "notify-secret"},
		"header":              {webhook.Config{URL: "http://x/", Headers: map[string]unit.Secret{"a b": "c"}}, "headers.a b", "notify-channel"},
		"CA":                  {webhook.Config{URL: "http://x/", CA: "/nowhere"}, "ca", "certificate-bad"},
	} {
		_, err := webhook.New(tc.c, channel.Deps{})
		if e, ok := errors.AsType[*channel.ConfigError](err); !ok || e.Key != tc.key || e.Code != tc.code {
			t.Errorf("%s: %#v", name, err)
		}
	}
}

// TestSign has a value that was worked out by hand: printf '1795247463.{}' | openssl dgst -sha256 -hmac key
func TestSign(t *testing.T) {
	got := webhook.Sign([]byte("key"), time.Unix(1795247463, 999), []byte("{}"))
	if want := "t=1795247463,v1=02c2cac0e9be0db1f5b6e1d5daa44cf5a48b4ea91d38fe19e916bdb994b03fae"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// block returns the code of the documentation that has a text in it.
func block(t *testing.T, kind, has string) string {
	t.Helper()
	doc, err := os.ReadFile(filepath.Join(testkit.Root(t), "docs", "channels.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, found := range regexp.MustCompile("(?s)```"+kind+"\n(.*?)```").FindAllSubmatch(doc, -1) {
		if bytes.Contains(found[1], []byte(has)) {
			return string(found[1])
		}
	}
	t.Fatalf("docs/channels.md has no %s with %q", kind, has)
	return ""
}

// TestVerifiers runs the verifiers of the documentation on what a webhook really sends. They take it, and nothing that was
// changed, signed with another key, or is old.
func TestVerifiers(t *testing.T) {
	python, shell := block(t, "python", "def verify"), block(t, "sh", "verify()")
	now := time.Now()
	body := send(t, webhook.Config{URL: "/", Secret: "kEy"}, channeltest.Message()).body
	file := filepath.Join(t.TempDir(), "body")
	for name, tc := range map[string]struct {
		key    string
		at     time.Time
		change string
		want   bool
	}{
		"as it was sent": {"kEy", now, "", true},
		"another key":    {"key", now, "", false},
		"changed":        {"kEy", now, " ", false},
		"old":            {"kEy", now.Add(-time.Hour), "", false},
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(file, append(bytes.Clone(body), tc.change...), 0o600); err != nil {
				t.Fatal(err)
			}
			header := webhook.Sign([]byte("kEy"), tc.at, body)
			run(t, tc.want, "python3", "-c", python+"\nsys.exit(0 if verify(sys.argv[1].encode(), sys.argv[2], open(sys.argv[3], 'rb').read()) else 1)\n", tc.key, header, file)
			run(t, tc.want, "sh", "-c", shell+"\nverify \"$@\"\n", "sh", tc.key, header, file)
		})
	}
}

// run runs a program that says by its exit code whether a signature is right.
func run(t *testing.T, want bool, name string, args ...string) {
	t.Helper()
	for _, tool := range []string{name, "openssl"} {
		if _, err := exec.LookPath(tool); err != nil {
			testkit.Skip(t, "servers", tool+" is not installed")
		}
	}
	out, err := exec.Command(name, args...).CombinedOutput()
	if err == nil != want || len(out) > 0 {
		t.Errorf("%s: %v, want %v: %s", name, err, want, out)
	}
}

// TestSignature: the header is over the bytes that are sent, at the time of the sending.
func TestSignature(t *testing.T) {
	got := send(t, webhook.Config{URL: "/", Secret: "kEy"}, channeltest.Message())
	if want := webhook.Sign([]byte("kEy"), time.Unix(1795247463, 0), got.body); got.header.Get("Weir-Signature") != want {
		t.Errorf("got %s, want %s", got.header.Get("Weir-Signature"), want)
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

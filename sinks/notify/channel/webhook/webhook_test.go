package webhook_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"

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

// TestSign has a value that was worked out by hand: printf '1795247463.{}' | openssl dgst -sha256 -hmac key.
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

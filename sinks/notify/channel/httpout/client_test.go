package httpout_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/channeltest"
	"weir/sinks/notify/channel/httpout"
	"weir/sinks/notify/channel/life"
)

// client makes a client for a test.
func client(t *testing.T, ca string, hidden ...string) *httpout.Client {
	t.Helper()
	c, err := httpout.New(channel.Deps{Version: "1.2"}.Ready(), ca, 20*time.Second, hidden...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// TestDo: what is asked arrives, and what is answered comes back, cut where it is too long.
func TestDo(t *testing.T) {
	addr := channeltest.HTTP(t, nil, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Method != "PUT" || string(body) != "text" || r.Header.Get("X-A") != "b" || r.Header.Get("User-Agent") != "weir/1.2" || r.Host != "other.example.com" {
			t.Errorf("asked: %s %q %v %s", r.Method, body, r.Header, r.Host)
		}
		w.Header().Set("X-B", "c")
		w.WriteHeader(201)
		_, _ = io.WriteString(w, strings.Repeat("y", 1<<20))
	})
	c := client(t, "")
	a, err := c.Do(t.Context(), &httpout.Request{
		Method: "PUT", URL: "http://" + addr + "/x", Body: []byte("text"), Header: http.Header{"X-A": {"b"}, "Host": {"other.example.com"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if a.Status != 201 || a.Header.Get("X-B") != "c" || len(a.Body) != 256<<10 || a.Line() != "201 Created" {
		t.Errorf("answered: %d, %d bytes, %s", a.Status, len(a.Body), a.Line())
	}
}

// TestDo_Address: what is no address fails for good and is not shown.
func TestDo_Address(t *testing.T) {
	c := client(t, "")
	_, err := c.Do(t.Context(), &httpout.Request{Method: "POST", URL: "http://exa mple.com/tOkEn"})
	e, ok := errors.AsType[*channel.Error](err)
	if !ok || !e.Permanent || strings.Contains(err.Error(), "tOkEn") {
		t.Errorf("got %v", err)
	}
}

// TestDo_ended: a context that has ended sends nothing.
func TestDo_ended(t *testing.T) {
	addr := channeltest.HTTP(t, nil, func(http.ResponseWriter, *http.Request) { t.Error("it was asked") })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := client(t, "").Do(ctx, &httpout.Request{Method: "POST", URL: "http://" + addr}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestMask: the longest secret first, short ones not at all.
func TestMask(t *testing.T) {
	c := client(t, "", "secret", "secret of the longer kind", "ok", "")
	if got := c.Mask("the secret of the longer kind, the secret, ok?"); got != "the ***, the ***, ok?" {
		t.Errorf("got %q", got)
	}
	c = client(t, "", "a b/c=d")
	if got := c.Mask("as a%20b%2Fc%3Dd in an address"); got != "as *** in an address" {
		t.Errorf("escaped: got %q", got)
	}
}

// TestNew_CA: a file that is no certificate is a mistake of the configuration.
func TestNew_CA(t *testing.T) {
	for _, file := range []string{"/nowhere/ca.pem", "client_test.go"} {
		_, err := httpout.New(channel.Deps{}.Ready(), file, time.Second)
		if e, ok := errors.AsType[*channel.ConfigError](err); !ok || e.Code != "certificate-bad" || e.Key != "ca" {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// TestDo_Words: what went wrong is said in words, with what the server said, and without address, secrets or control
// characters.
func TestDo_Words(t *testing.T) {
	answer := func(code int, text string) string {
		return channeltest.HTTP(t, nil, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(code)
			_, _ = io.WriteString(w, text)
		})
	}
	for _, tc := range []struct{ name, addr, want string }{
		{"a refusal", answer(403, "  not with sEcReT\x1b[31m \n"), `http://ADDR answers 403 Forbidden: not with ***\x1b[31m`},
		{"a silent refusal", answer(500, ""), "http://ADDR answers 500 Internal Server Error"},
		{"a status without a name", answer(599, ""), "http://ADDR answers 599"},
		{"a page", answer(502, strings.Repeat("x", 1000)), "http://ADDR answers 502 Bad Gateway: " + strings.Repeat("x", 199) + "…"},
		{"nobody there", channeltest.Nobody(t).Addr, "http://ADDR: dial tcp ADDR: connect: connection refused"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := client(t, "", "sEcReT").Do(t.Context(), &httpout.Request{Method: "POST", URL: "http://" + tc.addr + "/hooks/tOkEn?key=sEcReT"})
			if err == nil || strings.ReplaceAll(err.Error(), tc.addr, "ADDR") != tc.want {
				t.Errorf("got  %v\nwant %s", err, tc.want)
			}
		})
	}
}

// TestDo_Together: many goroutines may use one client, and Close waits for all of them.
func TestDo_Together(t *testing.T) {
	addr := channeltest.HTTP(t, nil, func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) })
	c := client(t, "")
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			body := strings.Repeat("x", i)
			a, err := c.Do(t.Context(), &httpout.Request{Method: "POST", URL: "http://" + addr, Body: []byte(body)})
			if err != nil || string(a.Body) != body {
				t.Errorf("%d: %v", i, err)
			}
		})
	}
	wg.Wait()
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if _, err := c.Do(t.Context(), &httpout.Request{Method: "POST", URL: "http://" + addr}); !errors.Is(err, life.ErrClosed) {
		t.Errorf("a closed client asks: %v", err)
	}
}

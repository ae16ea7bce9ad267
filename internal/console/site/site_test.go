package site

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"weir/internal/console/auth"
	"weir/internal/control"
	"weir/internal/fault"
)

func TestLocal(t *testing.T) {
	for to, want := range map[string]string{
		"/alerts?state=all#x": "/alerts?state=all#x", "/": "/", "": "/search", "alerts": "/search", "//evil.example": "/search", "https://evil.example/": "/search", "/\\evil.example": "/search",
		"/a\nb": "/search", "javascript:alert(1)": "/search", "/..//evil": "/..//evil", "http:/x": "/search", "//": "/search",
	} {
		if got := Local(to); got != want {
			t.Errorf("%q leads to %q, want %q", to, got, want)
		}
	}
}

// FuzzLocal: whatever a form names, the way back stays on this site.
func FuzzLocal(f *testing.F) {
	for _, s := range []string{"/alerts", "//evil.example", "/\\evil", "https://e/", "/%0d%0aSet-Cookie:x", "\t//x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Local(s)
		if got == "" || got[0] != '/' || len(got) > 1 && (got[1] == '/' || got[1] == '\\') {
			t.Fatalf("%q leads to %q", s, got)
		}
		for _, c := range []byte(got) {
			if c < 0x20 {
				t.Fatalf("%q leads to %q", s, got)
			}
		}
	})
}

func TestStatusOf(t *testing.T) {
	for want, err := range map[int]error{
		http.StatusNotFound: Unknown("/x"), http.StatusForbidden: forged("x"), http.StatusConflict: &fault.Error{Code: "alert-changed"}, http.StatusInternalServerError: errors.New("x"),
		http.StatusServiceUnavailable: &fault.Error{Code: "kafka-unreachable", Exit: fault.ExitMissing}, http.StatusBadRequest: &fault.Error{Code: "kql-syntax", Exit: fault.ExitUsage},
	} {
		if got := StatusOf(err); got != want {
			t.Errorf("%v: %d, want %d", err, got, want)
		}
	}
	if !Missing(&fault.Error{Code: "version-mismatch"}) || !Missing(&fault.Error{Code: "stage-elsewhere"}) || Missing(errors.New("x")) || Missing(nil) {
		t.Error("who does not answer is not told from who failed")
	}
}

func TestHosts(t *testing.T) {
	h := newHosts([]string{"Console.Example.net"})
	for host, want := range map[string]bool{"console.example.net": true, "console.example.net:443": true, "other.example.net": false, "[::1]": true, "1.2.3.4:99999": true, "1.2.3": false} {
		if h.ours(host) != want {
			t.Errorf("%s: %v", host, !want)
		}
	}
}

// counting counts how often its state is asked for.
type counting struct {
	control.Backend
	asked int
	err   error
}

func (c *counting) Status(context.Context) (control.Status, error) {
	c.asked++
	return control.Status{Received: 5}, c.err
}
func (c *counting) Alerts(context.Context, control.AlertsRequest) ([]control.AlertRow, error) {
	return make([]control.AlertRow, 3), nil
}
func (c *counting) Ledger(context.Context, control.LedgerRequest) (control.Ledger, error) {
	return control.Ledger{Rows: []control.LedgerRow{{Difference: 1}, {}}}, nil
}

// TestPulse: many pages ask once, and a state that is not known is said as such.
func TestPulse(t *testing.T) {
	now := time.Now()
	b := &counting{}
	s := New(Options{Backend: b, Now: func() time.Time { return now }})
	for range 5 {
		if p := s.Pulse(); !p.OK || p.Alerts != 3 || p.Unequal != 1 || p.Status.Received != 5 {
			t.Fatalf("got %+v", p)
		}
	}
	if b.asked != 1 {
		t.Errorf("asked %d times", b.asked)
	}
	now = now.Add(pulseLife)
	b.err = errors.New("x")
	if p := s.Pulse(); p.OK || b.asked != 2 {
		t.Errorf("got %+v after %d", p, b.asked)
	}
	if p := New(Options{Now: time.Now}).Pulse(); p.OK {
		t.Error("nobody is well")
	}
}

// TestPage_byItself: only what somebody wants to see keeps a session from falling idle, and not what an open page asks for.
func TestPage_byItself(t *testing.T) {
	for name, x := range map[string]struct {
		header map[string]string
		keeps  bool
	}{
		"a page":               {map[string]string{"Accept": "text/html"}, true},
		"a part, wanted":       {map[string]string{partHeader: "1"}, true},
		"a part that renews":   {map[string]string{partHeader: partByItself}, false},
		"a stream, begun anew": {map[string]string{"Accept": "text/event-stream"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
			keeper := auth.NewKeeper(func() time.Time { return now })
			token, _, err := keeper.Mint("ana")
			if err != nil {
				t.Fatal(err)
			}
			secret, _, ok := keeper.SignIn(token)
			if !ok {
				t.Fatal("not signed in")
			}
			s := New(Options{Now: func() time.Time { return now }, Auth: keeper})
			shown := 0
			page := s.Page(func(v *View) { shown++ })
			ask := func() int {
				r := httptest.NewRequest(http.MethodGet, "/", nil)
				r.AddCookie(&http.Cookie{Name: s.cookie(), Value: secret})
				for k, v := range x.header {
					r.Header.Set(k, v)
				}
				w := httptest.NewRecorder()
				page.ServeHTTP(w, r)
				return w.Code
			}
			now = now.Add(auth.SessionIdle - time.Minute)
			if ask(); shown != 1 {
				t.Fatal("it is not shown")
			}
			now = now.Add(2 * time.Minute)
			if ask(); (shown == 2) != x.keeps {
				t.Errorf("shown %d times", shown)
			}
		})
	}
}

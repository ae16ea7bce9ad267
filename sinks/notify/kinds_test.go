package notify

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/internal/control/notifying"
)

func TestKinds(t *testing.T) {
	limits := map[string]int{"email": 20, "chat": 20, "sms": 20, "ticket": 20, "webhook": 0, "alertmanager": 0, "syslog": 0, "snmptrap": 0}
	for _, k := range Kinds() {
		want, known := limits[k.Name]
		if !known || k.Limit != want || k.Doc == "" || k.Config() == nil || (k.Limit == 0) != (k.Whole > 0) || k.Tickets != (k.Name == "ticket") {
			t.Errorf("%+v", k)
		}
		delete(limits, k.Name)
	}
	for name := range limits {
		t.Errorf("%s is missing", name)
	}
}

// TestWebhook: from a record to a real HTTP endpoint through the real channel, over failures of the endpoint and an end of
// the process.
func TestWebhook(t *testing.T) {
	var mu sync.Mutex
	var bodies []string
	fails := 2
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		if fails > 0 {
			fails--
			rw.Header().Set("Retry-After", "90")
			rw.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		bodies = append(bodies, string(body))
	}))
	defer server.Close()
	w := newWorld(t, simple)
	w.write("channels:\n  hook: {type: webhook, url: '" + server.URL + "/weir'}\nroute: {to: hook, group_by: [rule]}\n")
	if err := w.n.Close(); err != nil {
		t.Fatal(err)
	}
	open := func() {
		o := w.options()
		o.Kinds = nil
		n, err := Open(o)
		if err != nil {
			t.Fatal(err)
		}
		n.jitter = func() float64 { return 1 }
		w.n, w.senders = n, map[string]*sender{}
	}
	open()
	w.comes(w.alert("a1", "ssh", "critical", "web-1"))
	w.pass(time.Minute)
	if s := w.status("hook"); s.State != notifying.Down || s.Waiting != 1 || !strings.Contains(s.Error, "503") || s.NextTry.Sub(noon) < 90*time.Second {
		t.Errorf("status %+v", s)
	}
	if err := w.n.Close(); err != nil {
		t.Fatal(err)
	}
	open()
	w.pass(10 * time.Minute)
	mu.Lock()
	defer mu.Unlock()
	if len(bodies) != 1 || !json.Valid([]byte(bodies[0])) || !strings.Contains(bodies[0], `"a1"`) {
		t.Errorf("arrived: %q", bodies)
	}
	if s := w.status("hook"); s.State != notifying.Up || s.Sent != 1 {
		t.Errorf("status %+v", s)
	}
}

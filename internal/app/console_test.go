package app

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"weir/internal/config"
	"weir/internal/fault"
)

func TestSecured(t *testing.T) {
	h := secured(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "body") }))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	for key, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
	} {
		if got := w.Header().Get(key); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q", key, got)
		}
	}
	if w.Body.String() != "body" {
		t.Errorf("body %q", w.Body)
	}
}

// TestStatusTemplate: whatever is in the folder's name, it is text.
func TestStatusTemplate(t *testing.T) {
	var b strings.Builder
	err := statusTemplate.Execute(&b, map[string]any{
		"Version": "1", "Holding": "disk", "Since": "now", "Received": 5, "Refused": 1, "Lost": 2, "Rate": 1.25, "Behind": "3s", "Rules": 7, "Data": "/<script>x",
	})
	if err != nil {
		t.Fatal(err)
	}
	page := b.String()
	for _, want := range []string{"Senders wait: the disk is full.", "<td>5", "1.2/s", "&lt;script&gt;"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not on the page:\n%s", want, page)
		}
	}
	if strings.Contains(page, "<script") {
		t.Error("a script is on the page")
	}
}

func TestBindPorts(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for name, set := range map[string]func(*config.Config){
		"console": func(c *config.Config) { c.Console.Listen = taken.Addr().String() },
		"kafka":   func(c *config.Config) { c.Bus.Embedded.KafkaListen = taken.Addr().String() },
	} {
		cfg := config.Config{}
		cfg.Console.Listen = "127.0.0.1:0"
		set(&cfg)
		a := &App{cfg: cfg, log: silent()}
		err := a.bindPorts()
		if fault.Code(err) != "port-in-use" || !strings.Contains(err.Error(), name+" "+taken.Addr().String()) {
			t.Errorf("%s: %v", name, err)
		}
		if err := a.stack.drain(t.Context(), silent()); err != nil {
			t.Error(err)
		}
	}
	a := &App{log: silent()}
	if err := a.bindPorts(); err != nil || a.consolePort != nil || len(a.stack.list) != 0 {
		t.Errorf("no port was wanted: %v (%v)", a.consolePort, err)
	}
}

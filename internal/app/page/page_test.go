package page

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestWrite(t *testing.T) {
	for _, c := range []struct {
		name string
		s    Status
		want []string
		not  string
	}{
		{"it takes records", Status{Version: "0.1.0", Since: time.Date(2026, 11, 21, 16, 42, 9, 0, time.UTC), Received: 93604, Rate: 0.25, Behind: 1234567 * time.Nanosecond, Rules: 86, Data: "/srv/weir"},
			[]string{"<h1>weir 0.1.0</h1>", "Running and taking records.", "Up since 2026-11-21 16:42:09", "<td>93604", "0.2/s", "<td>1ms", "<code>/srv/weir</code>"}, "Senders wait"},
		{"senders wait", Status{Holding: "disk"}, []string{"Senders wait: the disk is full."}, "taking records"},
		{"a folder with a hostile name", Status{Data: "<script>x</script>"}, []string{"&lt;script&gt;"}, "<script>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			rec := httptest.NewRecorder()
			if err := Write(rec, c.s); err != nil {
				t.Fatal(err)
			}
			body := rec.Body.String()
			for _, want := range c.want {
				if !strings.Contains(body, want) {
					t.Errorf("no %q in\n%s", want, body)
				}
			}
			if strings.Contains(body, c.not) || rec.Header().Get("Content-Type") != "text/html; charset=utf-8" {
				t.Errorf("%q is there, or it is %q", c.not, rec.Header().Get("Content-Type"))
			}
		})
	}
}

// TestSecured: a browser runs no script of any answer, whatever one day gets into it.
func TestSecured(t *testing.T) {
	rec := httptest.NewRecorder()
	Secured(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })).ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/", nil))
	if rec.Code != http.StatusTeapot || !strings.Contains(rec.Header().Get("Content-Security-Policy"), "default-src 'none'") || rec.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%d %v", rec.Code, rec.Header())
	}
}

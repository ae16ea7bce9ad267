package page

import (
	"context"
	"io"
	"net"
	"net/http"
	"testing"
)

// TestServe: it answers until its context ends, which ends what is still being read, and then it is gone.
func TestServe(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	live := make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("/live", func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).Flush() // the client is told below
		close(live)
		<-r.Context().Done()
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") })
	go func() { done <- Serve(ctx, ln, mux) }()
	res, err := http.Get("http://" + ln.Addr().String() + "/")
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatal(err)
	}
	res.Body.Close()
	go func() {
		if res, err := http.Get("http://" + ln.Addr().String() + "/live"); err == nil {
			_, _ = io.Copy(io.Discard, res.Body)
			res.Body.Close()
		}
	}()
	<-live
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if _, err := net.Dial("tcp", ln.Addr().String()); err == nil {
		t.Error("it still listens")
	}
}

// TestServe_Broken: a listener that fails is an error, not an end.
func TestServe_Broken(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ln.Close()
	if err := Serve(t.Context(), ln, http.NotFoundHandler()); err == nil {
		t.Error("nothing was said")
	}
}

package channeltest

import (
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// Target is a server of a test. CA is the file of the authority that signed its certificate, "" if it
// has none.
type Target struct {
	Addr string
	CA   string
	// leave lets go of the connections that the server holds, once the client should have gone.
	leave func()
}

// Secure tells whether the server wants TLS.
func (t Target) Secure() bool { return t.CA != "" }

// Serve runs a server that gives each connection to serve, over TLS if secure is not nil. It ends with
// the test.
func Serve(t testing.TB, secure *tls.Config, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	open := map[net.Conn]bool{}
	wg.Go(func() {
		for {
			raw, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open[raw] = true
			mu.Unlock()
			wg.Go(func() {
				conn := raw
				if secure != nil {
					conn = tls.Server(raw, secure)
				}
				serve(conn)
				_ = conn.Close() // the test is about the other side
				mu.Lock()
				delete(open, raw)
				mu.Unlock()
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		mu.Lock()
		for conn := range open {
			_ = conn.Close()
		}
		mu.Unlock()
		wg.Wait()
	})
	return l.Addr().String()
}

// Silent is a server that takes connections, never says a word, and never closes its side.
func Silent(t testing.TB) Target {
	end := make(chan struct{})
	leave := sync.OnceFunc(func() { close(end) })
	to := Target{Addr: Serve(t, nil, func(c net.Conn) {
		_, _ = io.Copy(io.Discard, c)
		<-end
	}), leave: leave}
	t.Cleanup(leave) // before that of Serve
	return to
}

// Nobody is an address where nobody listens: a port that was free a moment ago. Somebody else could
// take it in between, on a machine where tests run side by side; that has yet to happen.
func Nobody(t testing.TB) Target {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return Target{Addr: l.Addr().String()}
}

// HTTP runs a server of HTTP, over TLS if secure is not nil. It ends with the test, and so do requests
// that are still under way: a handler that waits for the end of its request's context is woken.
func HTTP(t testing.TB, secure *tls.Config, handle http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewUnstartedServer(handle)
	s.Config.ErrorLog = quietLog
	if secure != nil {
		s.TLS = secure
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	return s.Listener.Addr().String()
}

// hang answers nothing until the client has gone. It reads the body first: the server notices the end
// of a client only then.
func hang(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

// pause waits, or until the client has gone, so that no handler outlives its test.
func pause(r *http.Request, d time.Duration) {
	select {
	case <-time.After(d):
	case <-r.Context().Done():
	}
}

package channeltest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/sinks/notify/channel"
)

// quietLog is for servers whose clients misbehave on purpose.
var quietLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)

// Subject is a channel as the suite needs it.
type Subject struct {
	// Make makes the channel that talks to a server. Its timeout is short.
	Make func(t testing.TB, to Target, d channel.Deps, timeout time.Duration) channel.Channel
	// Secrets are those of its configuration. No error and no log may have them.
	Secrets []string
	// HTTP is what a good server answers, for channels over HTTP; "" for others.
	HTTP string
	// Plain and TLS tell which servers the channel can talk to.
	Plain, TLS bool
	// Good runs a server that takes messages, and answers each step only after wait. Of HTTP the suite
	// has one.
	Good func(t testing.TB, ca *CA, wait time.Duration) Target
	// Servers are further ones, by what they do.
	Servers map[string]func(t testing.TB, ca *CA) (to Target, want Want)
	// Unheard: the protocol has no answers, so a silent server is no error.
	Unheard bool
	// NoConnection: it speaks over datagrams, so a server of the suite never sees it begin.
	NoConnection bool
}

// Want is what an error must be.
type Want struct {
	OK         bool
	Permanent  bool
	RetryAfter time.Duration
	Says       string // in the error's text
}

// short is the time to answer of channels that shall run into it, and long of those that shall not.
const (
	short = 400 * time.Millisecond
	long  = 20 * time.Second
)

// Run holds a channel to the suite: every server that misbehaves must end in an error of the right kind
// within the channel's time, with no secret in it and no goroutine left, and a closed channel must be
// closed. Each case is a subtest with a channel and a server of its own.
func Run(t *testing.T, s Subject) {
	t.Helper()
	ca := NewCA(t)
	if s.HTTP != "" {
		s.overHTTP(t, ca)
	}
	if s.Plain {
		s.try(t, "nobody listens", Nobody(t), long, Want{})
		s.try(t, "silent", Silent(t), short, Want{OK: s.Unheard})
		if !s.Unheard && !s.NoConnection {
			s.ends(t, "Close ends a send", func(c channel.Channel, _ context.CancelFunc) { _ = c.Close() })
			s.ends(t, "the context ends a send", func(_ channel.Channel, cancel context.CancelFunc) { cancel() })
		}
	}
	if s.TLS {
		other := NewCA(t)
		s.try(t, "certificate of an unknown authority", s.certificate(t, other, ca.File, "127.0.0.1", "localhost"), long, Want{Says: "certificate"})
		s.try(t, "certificate for another name", s.certificate(t, ca, ca.File, "elsewhere.example.com"), long, Want{Says: "certificate"})
		s.try(t, "a handshake that never ends", s.handshake(t, ca), short, Want{})
	}
	if s.Good != nil {
		s.try(t, "good", s.Good(t, ca, 0), long, Want{OK: true})
		s.try(t, "slow", s.Good(t, ca, 20*time.Millisecond), long, Want{OK: true})
	}
	for name, server := range s.Servers {
		to, want := server(t, ca)
		s.try(t, name, to, long, want)
	}
}

// handshake is a server of TLS that never answers its first word.
func (s *Subject) handshake(t testing.TB, ca *CA) Target {
	to := Silent(t)
	to.CA = ca.File
	return to
}

// certificate is a server whose certificate is signed by one authority, while the channel knows another
// file.
func (s *Subject) certificate(t testing.TB, by *CA, known string, names ...string) Target {
	secure := by.Server(t, names...)
	if s.HTTP != "" {
		return Target{Addr: HTTP(t, secure, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, s.HTTP) }), CA: known}
	}
	return Target{Addr: Serve(t, secure, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }), CA: known}
}

// overHTTP are the cases that all channels over HTTP have. The servers repeat the secrets that they are
// told, as helpful ones do, and write control sequences into their answers.
func (s *Subject) overHTTP(t *testing.T, ca *CA) {
	s.Good = func(t testing.TB, _ *CA, wait time.Duration) Target {
		return Target{Addr: HTTP(t, nil, func(w http.ResponseWriter, r *http.Request) { pause(r, wait); _, _ = io.WriteString(w, s.HTTP) })}
	}
	s.try(t, "good over TLS", Target{Addr: HTTP(t, ca.Server(t, "127.0.0.1"), func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, s.HTTP) }), CA: ca.File}, long, Want{OK: true})
	s.try(t, "hangs before its answer", Target{Addr: HTTP(t, nil, hang)}, short, Want{Says: "did not answer in"})
	s.try(t, "hangs in its answer", Target{Addr: HTTP(t, nil, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "{")
		w.(http.Flusher).Flush()
		hang(w, r)
	})}, short, Want{Says: "did not answer in"})
	s.try(t, "breaks off in its answer", Target{Addr: HTTP(t, nil, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "{")
	})}, long, Want{Says: "breaks off"})
	s.try(t, "closes before its answer", Target{Addr: HTTP(t, nil, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })}, long, Want{})
	s.try(t, "speaks no HTTP", Target{Addr: Serve(t, nil, func(c net.Conn) { _, _ = io.WriteString(c, "220 mail.example.com ESMTP\r\n") })}, long, Want{})
	s.try(t, "never stops its header", Target{Addr: Serve(t, nil, func(c net.Conn) {
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nX: ")
		_, _ = io.Copy(c, endless{})
	})}, long, Want{})
	for _, answer := range []struct {
		code   int
		header string
		want   Want
	}{
		{400, "", Want{Permanent: true, Says: "400"}}, {401, "", Want{Permanent: true, Says: "401"}}, {403, "", Want{Permanent: true, Says: "403"}},
		{404, "", Want{Permanent: true, Says: "404"}}, {408, "", Want{Says: "408"}}, {413, "", Want{Permanent: true, Says: "413"}},
		{429, "Retry-After: 7", Want{RetryAfter: 7 * time.Second, Says: "429"}}, {500, "", Want{Says: "500"}}, {502, "", Want{Says: "502"}},
		{503, "Retry-After: 99999999", Want{RetryAfter: 24 * time.Hour, Says: "503"}}, {503, "Retry-After: soon", Want{Says: "503"}},
		{301, "Location: https://elsewhere.example.com/x", Want{Permanent: true, Says: "https://elsewhere.example.com"}},
		{302, "Location: https://elsewhere.example.com/x", Want{Says: "https://elsewhere.example.com"}},
		{307, "Location: /login", Want{Says: "/login"}},
		{308, "Location: https://elsewhere.example.com/x?token=hidden", Want{Permanent: true, Says: "https://elsewhere.example.com"}},
	} {
		s.try(t, fmt.Sprintf("answers %d %s", answer.code, answer.header), Target{Addr: HTTP(t, nil, func(w http.ResponseWriter, _ *http.Request) {
			if name, value, ok := strings.Cut(answer.header, ": "); ok {
				w.Header().Set(name, value)
			}
			w.WriteHeader(answer.code)
			_, _ = fmt.Fprintf(w, "no, and you said %v%s[31m", s.Secrets, Escape)
		})}, long, answer.want)
	}
}

// endless is a reader that never ends.
type endless struct{}

// Read implements io.Reader.
func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// try sends one message to a server and looks at what becomes of it: the error, the receipt, the log,
// what runs afterwards, and that a channel which was closed sends no more.
func (s *Subject) try(t *testing.T, name string, to Target, timeout time.Duration, want Want) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		before := runtime.NumGoroutine()
		var logged logs
		c := s.Make(t, to, channel.Deps{Name: "tried", Log: slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug})), Version: "1.2"}, timeout)
		receipt, err := c.Send(t.Context(), Message())
		if err := c.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
		s.judge(t, err, want)
		s.secrets(t, logged.text()+receipt.Said, err)
		if strings.ContainsFunc(receipt.Said, func(r rune) bool { return r < ' ' }) {
			t.Errorf("the receipt is not one clean line: %q", receipt.Said)
		}
		if _, err := c.Send(t.Context(), Message()); err == nil {
			t.Error("a closed channel sends")
		}
		if to.leave != nil {
			to.leave()
		}
		gone(t, before)
	})
}

// judge compares an error. It must be a *channel.Error always: whoever sends decides by it what becomes
// of the message.
func (s *Subject) judge(t testing.TB, err error, want Want) {
	t.Helper()
	if want.OK {
		if err != nil {
			t.Errorf("it was not sent: %v", err)
		}
		return
	}
	if err == nil {
		t.Error("it says that it was sent")
		return
	}
	e, ok := errors.AsType[*channel.Error](err)
	if !ok {
		t.Errorf("the error is a %T", err)
		return
	}
	if e.Permanent != want.Permanent || e.RetryAfter != want.RetryAfter || !strings.Contains(err.Error(), want.Says) {
		t.Errorf("permanent %v, again after %v: %v; want %+v", e.Permanent, e.RetryAfter, err, want)
	}
	if strings.ContainsFunc(err.Error(), func(r rune) bool { return r < ' ' && r != '\n' }) || len(err.Error()) > 1500 {
		t.Errorf("the error is not clean or too long: %q", err)
	}
}

// secrets looks for secrets where they must not be.
func (s *Subject) secrets(t testing.TB, shown string, err error) {
	t.Helper()
	if err != nil {
		shown += err.Error()
	}
	for _, secret := range s.Secrets {
		if strings.Contains(shown, secret) {
			t.Errorf("a secret is shown: %s", shown)
		}
	}
}

// ends looks whether a send that waits for a silent server ends. The channel has an hour to wait, so
// that nothing but the end that is tried can be the reason.
func (s *Subject) ends(t *testing.T, name string, end func(channel.Channel, context.CancelFunc)) {
	t.Run(name, func(t *testing.T) {
		before := runtime.NumGoroutine()
		arrived := make(chan struct{})
		var once sync.Once
		held := make(chan struct{})
		leave := sync.OnceFunc(func() { close(held) })
		to := Target{Addr: Serve(t, nil, func(c net.Conn) {
			once.Do(func() { close(arrived) })
			<-held
		})}
		t.Cleanup(leave)
		c := s.Make(t, to, channel.Deps{}, time.Hour)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		result := make(chan error, 1)
		go func() {
			_, err := c.Send(ctx, Message())
			result <- err
		}()
		<-arrived
		end(c, cancel)
		select {
		case err := <-result:
			s.judge(t, err, Want{})
		case <-time.After(long):
			t.Fatal("it goes on")
		}
		if err := c.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
		leave()
		gone(t, before+1) // of the server, which listens on
	})
}

// gone waits until no more goroutines run than before. It waits long, since a machine may be busy, and
// says what runs.
func gone(t testing.TB, before int) {
	t.Helper()
	for end := time.Now().Add(long); runtime.NumGoroutine() > before; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
		}
	}
}

// logs is a log that can be read.
type logs struct {
	mu sync.Mutex
	b  strings.Builder
}

// Write implements io.Writer.
func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logs) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

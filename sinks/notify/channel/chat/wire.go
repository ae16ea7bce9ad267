package chat

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/discord"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/rocketchat"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/push/pushover"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"

	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/httpout"
)

// maxAnswer bounds what a service may answer: the library reads all of it into memory.
const maxAnswer = 256 << 10

// transport is what all services of a channel go through.
func transport(dial func(ctx context.Context, network, address string) (net.Conn, error), roots *x509.CertPool) *http.Transport {
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment, DialContext: dial, DisableKeepAlives: true, MaxResponseHeaderBytes: 64 << 10,
		TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
	}
}

// wire carries the requests of one message to one service, and sees what the library does not tell: the
// status of the answer and how long to wait. After an answer that is no success it carries nothing
// more, since some services try again by themselves, for minutes.
type wire struct {
	base *http.Transport
	mu   sync.Mutex
	seen channel.Error
}

// result is what the service answered that is no success; Err is nil if there is nothing.
func (w *wire) result() channel.Error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.seen
}

// trip is a http.RoundTripper.
type trip func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (t trip) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }

// in returns what makes requests that end with ctx, whatever context they have.
func (w *wire) in(ctx context.Context) trip {
	return func(r *http.Request) (*http.Response, error) {
		if seen := w.result(); seen.Err != nil {
			return nil, seen.Err
		}
		res, err := w.base.RoundTrip(r.Clone(ctx))
		if err != nil {
			return nil, w.saw(&channel.Error{Err: httpout.Trouble(r.URL, err)})
		}
		// The answer is read here: some services pass over one that breaks off.
		answer, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
		_ = res.Body.Close() // nothing is written to it
		if err != nil {
			return nil, w.saw(&channel.Error{Err: httpout.Trouble(r.URL, fmt.Errorf("the answer breaks off: %w", err))})
		}
		res.Body = io.NopCloser(bytes.NewReader(answer))
		judged := httpout.Judge(r.URL, res, time.Now())
		if judged == nil {
			return res, nil
		}
		err = w.saw(judged)
		if res.Header.Get("Location") != "" { // not even given to the client, which would follow
			return nil, err
		}
		return res, nil
	}
}

// saw keeps what went wrong.
func (w *wire) saw(e *channel.Error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen = *e
	return e
}

// use makes a service go through t, where it lets us.
func use(service types.Service, t trip) {
	client := &http.Client{Transport: t}
	switch s := service.(type) {
	case *discord.Service:
		s.HTTPClient, s.Sleeper = client, noSleep{}
	case *rocketchat.Service:
		s.Client = client
	case *pushover.Service:
		s.Client = client
	case interface{ SetHTTPClient(c *http.Client) }: // ntfy, pagerduty
		s.SetHTTPClient(client)
	case interface{ GetHTTPClient() *http.Client }: // mattermost, gotify
		if c := s.GetHTTPClient(); c != nil {
			c.Transport = t
		}
	}
}

// noSleep is a discord.Sleeper that returns at once: what would be tried after the pause is not carried
// any more.
type noSleep struct{}

// Sleep implements discord.Sleeper.
func (noSleep) Sleep(time.Duration) {}

// Many services have no client of their own that could be given to them: they use http.DefaultClient,
// which has no time limit, follows redirects and reads whatever comes. Nothing else in weir uses it. So
// it gets a transport that knows the requests of our messages, by the goroutine that makes them (a
// client calls its transport on the goroutine of the request, and these services make theirs on the
// goroutine of Send), and gives them to the wire of their message. All other requests go on as they
// would have.
var gate struct {
	once sync.Once
	mu   sync.Mutex
	ways map[uint64]trip
}

// install puts the gate into http.DefaultClient, once in the life of the process.
func install() {
	gate.once.Do(func() {
		gate.ways = map[uint64]trip{}
		http.DefaultClient.Transport = trip(pass)
	})
}

// pass takes a request to the wire of its goroutine.
func pass(r *http.Request) (*http.Response, error) {
	gate.mu.Lock()
	way := gate.ways[goroutine()]
	gate.mu.Unlock()
	if way != nil {
		return way(r)
	}
	return http.DefaultTransport.RoundTrip(r)
}

// enter takes all requests that this goroutine makes through http.DefaultClient to t, until the
// returned function is called.
func enter(t trip) (leave func()) {
	id := goroutine()
	gate.mu.Lock()
	gate.ways[id] = t
	gate.mu.Unlock()
	return func() {
		gate.mu.Lock()
		delete(gate.ways, id)
		gate.mu.Unlock()
	}
}

// goroutine is the number of this goroutine, as it stands at the head of its stack. It is asked a few
// times a message. If the head ever looks different it is 0 for all: requests then take the way of the
// message that entered last, and a test of two at once fails.
func goroutine() uint64 {
	var head [40]byte
	text, _ := strings.CutPrefix(string(head[:runtime.Stack(head[:], false)]), "goroutine ")
	number, _, _ := strings.Cut(text, " ")
	id, err := strconv.ParseUint(number, 10, 64)
	if err != nil {
		return 0
	}
	return id
}

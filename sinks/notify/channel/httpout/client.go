// Package httpout makes one request of a channel over HTTP and judges the answer: taken, to be tried
// again, or never.
package httpout

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"time"

	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/life"
)

// Bounds of what a server may answer. Nobody needs more of it than a ticket's number.
const (
	maxBody   = 256 << 10
	maxHeader = 64 << 10
)

// Client makes requests. It follows no redirects: what would be sent on is whatever the alert says,
// with the secrets of the configuration, to an address that nobody wrote there. It keeps no
// connections, since people are told seldom and a connection that died meanwhile would make a good
// message fail.
//
// It is safe for many goroutines.
type Client struct {
	http    *http.Client
	timeout time.Duration
	agent   string
	hide    secrets
	sends   life.Sends
	now     func() time.Time
}

// New makes a client. ca is a file of certificates that sign the server's beside those of the system,
// "" for none; hidden are texts that no error may show. d is ready.
func New(d channel.Deps, ca string, timeout time.Duration, hidden ...string) (*Client, error) {
	roots, err := d.Roots("ca", ca)
	if err != nil {
		return nil, err
	}
	c := &Client{timeout: timeout, agent: "weir/" + d.Version, now: d.Now}
	c.hide.add(hidden...)
	c.http = &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, DialContext: d.Dial, DisableKeepAlives: true,
			TLSClientConfig:        &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
			MaxResponseHeaderBytes: maxHeader,
		},
	}
	return c, nil
}

// Request is what is asked. Body may be nil.
type Request struct {
	Method string
	URL    string
	Header http.Header
	Body   []byte
}

// Answer is what a server that took a request answered. Body is cut at 256 KiB.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Line is the answer in one short line.
func (a *Answer) Line() string { return status(a.Status) }

// Do makes a request within the client's time. The error is a *channel.Error, whatever went wrong. It
// is never made again here: whoever keeps the messages knows when that makes sense. An answer that
// breaks off is an error although its status was good: a copy does less harm than a message that nobody
// took.
func (c *Client) Do(ctx context.Context, r *Request) (*Answer, error) {
	ctx, done, err := c.sends.Begin(ctx, c.timeout)
	if err != nil {
		return nil, &channel.Error{Err: err}
	}
	defer done()
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return nil, &channel.Error{Permanent: true, Err: errors.New("the address cannot be used")}
	}
	maps.Copy(req.Header, r.Header)
	if req.Header.Get("User-Agent") == "" {
		req.Header.Set("User-Agent", c.agent)
	}
	if host := r.Header.Get("Host"); host != "" {
		req.Host = host
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, &channel.Error{Err: c.trouble(ctx, req.URL, err)}
	}
	defer func() { _ = res.Body.Close() }() // nothing is written to it
	body, err := io.ReadAll(io.LimitReader(res.Body, maxBody))
	if err == nil {
		err = c.judge(req.URL, res, body)
	} else {
		err = &channel.Error{Err: c.trouble(ctx, req.URL, fmt.Errorf("the answer breaks off: %w", err))}
	}
	if err != nil {
		return nil, err
	}
	return &Answer{Status: res.StatusCode, Header: res.Header, Body: body}, nil
}

// Close ends what is under way and waits for it.
func (c *Client) Close() error {
	err := c.sends.Close()
	c.http.CloseIdleConnections()
	return err
}

// Mask hides the client's secrets in a text that a person will see.
func (c *Client) Mask(s string) string { return c.hide.mask(s) }

// trouble says in words why there is no answer: because the time is over, the channel was closed, or
// what Trouble says.
func (c *Client) trouble(ctx context.Context, to *url.URL, err error) error {
	cause := context.Cause(ctx)
	switch {
	case errors.Is(cause, context.DeadlineExceeded):
		return fmt.Errorf("%s did not answer in %s: %w", origin(to), c.timeout, context.DeadlineExceeded)
	case cause != nil:
		return fmt.Errorf("%s: %w", origin(to), cause)
	}
	err = Trouble(to, err)
	if shown := c.hide.mask(err.Error()); shown != err.Error() {
		return errors.New(shown)
	}
	return err
}

// Trouble says in words why there is no answer. The library's own error has the whole address in it,
// which may be a secret.
func Trouble(to *url.URL, err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	if bad, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return fmt.Errorf("the certificate of %s is not accepted: %w", origin(to), bad.Err)
	}
	return fmt.Errorf("%s: %w", origin(to), err)
}

// origin is the part of an address that may be shown.
func origin(u *url.URL) string { return u.Scheme + "://" + u.Host }

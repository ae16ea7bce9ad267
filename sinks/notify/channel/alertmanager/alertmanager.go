// Package alertmanager hands alerts to Prometheus Alertmanager, which then groups, silences and tells
// by its own rules.
package alertmanager

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"weir/internal/config/unit"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/httpout"
)

// Config is what notify.yaml says of one or several Alertmanagers.
type Config struct {
	URLs     []unit.Secret          `yaml:"urls" doc:"addresses of Alertmanagers, without /api/v2; every one of a cluster. All are told, one that answers is enough"`
	User     string                 `yaml:"user" doc:"user of basic authentication"`
	Password unit.Secret            `yaml:"password" doc:"password of that user: file:PATH, env:NAME, or the password itself"`
	Headers  map[string]unit.Secret `yaml:"headers" doc:"further headers, such as Authorization; values may be secrets"`
	Labels   map[string]string      `yaml:"labels" doc:"labels that every alert gets"`
	Hold     unit.Duration          `yaml:"hold" doc:"how long an alert stays open there when weir says no more of it (default 25h); longer than the repeat interval"`
	CA       string                 `yaml:"ca" doc:"file of certificates (PEM) that sign the servers', beside those of the system"`
	Timeout  unit.Duration          `yaml:"timeout" doc:"how long to wait for the answer (default 10s)"`
}

// hold is how long an alert stays open without a word. Alertmanager's own default, five minutes, would
// resolve each alert before anybody has looked: weir says what is new and does not repeat itself every
// minute as Prometheus does.
const hold = 25 * time.Hour

// manager is a cluster of Alertmanagers. It never changes after New, so that many goroutines may send
// at once. The servers of a cluster tell each other what they are told, but not while they are apart:
// so weir tells each of them, as Prometheus does.
type manager struct {
	client  *httpout.Client
	servers []string // with the path of the API
	headers *httpout.Headers
	auth    func(http.Header)
	labels  map[string]string
	hold    time.Duration
	log     *slog.Logger
}

// New makes a channel to Alertmanager. It asks none of the servers: one that is away must not keep weir
// from starting.
func New(c Config, d channel.Deps) (channel.Channel, error) {
	d = d.Ready()
	if len(c.URLs) == 0 {
		return nil, channel.Bad("urls", "is missing", "give the addresses: [http://127.0.0.1:9093]")
	}
	m := &manager{labels: map[string]string{}, hold: time.Duration(c.Hold), log: d.Log, auth: func(http.Header) {}}
	if m.hold <= 0 {
		m.hold = hold
	}
	var hidden []string
	for i, written := range c.URLs {
		a, err := httpout.NewAddress(d, "urls."+strconv.Itoa(i), written)
		if err != nil {
			return nil, err
		}
		base := strings.TrimSuffix(a.Fill(func(string) string { return "" }), "/")
		m.servers = append(m.servers, base+"/api/v2/alerts")
		hidden = append(hidden, a.Secrets...)
	}
	for name, value := range c.Labels {
		if name != labelName(name) || reserved[name] {
			return nil, channel.Bad("labels."+name, "is no name that a label may have here", "use letters, digits and _, and none of "+strings.Join(ours, ", "))
		}
		m.labels[name] = value
	}
	var err error
	if m.headers, err = httpout.NewHeaders(d, "headers", c.Headers); err != nil {
		return nil, err
	}
	if c.User != "" {
		password, err := d.Reveal("password", c.Password)
		if err != nil {
			return nil, err
		}
		hidden = append(hidden, password)
		m.auth = httpout.Basic(c.User, password)
	}
	m.client, err = httpout.New(d, c.CA, channel.Span(c.Timeout), append(hidden, m.headers.Secrets...)...)
	if err != nil {
		return nil, err
	}
	return m, nil
}

// MaxAlerts tells that one message may have many alerts: each goes there as one of its own.
func (m *manager) MaxAlerts() int { return 500 }

// Send implements channel.Channel. All servers are asked at once, since one that hangs must not delay
// the others.
func (m *manager) Send(ctx context.Context, msg *channel.Message) (channel.Receipt, error) {
	if len(msg.Alerts) == 0 {
		return channel.Receipt{Said: "nothing: the message is about no single alert"}, nil
	}
	body, err := m.encode(msg)
	if err != nil {
		return channel.Receipt{}, err
	}
	errs := make([]error, len(m.servers))
	var wg sync.WaitGroup
	for i, server := range m.servers {
		wg.Go(func() {
			header := m.headers.Fill(func(string) string { return "" })
			header.Set("Content-Type", "application/json")
			m.auth(header)
			_, errs[i] = m.client.Do(ctx, &httpout.Request{Method: http.MethodPost, URL: server, Header: header, Body: body})
		})
	}
	wg.Wait()
	taken, err := m.verdict(errs)
	if err != nil {
		return channel.Receipt{}, err
	}
	return channel.Receipt{Said: fmt.Sprintf("%d alerts taken by %d of %d", len(msg.Alerts), taken, len(m.servers))}, nil
}

// verdict makes one answer of several: one that took the alerts tells the others, if they are a
// cluster. Where none took them, the refusal is for good only if all of them say so, and the shortest
// wait counts: one server is enough.
func (m *manager) verdict(errs []error) (taken int, err error) {
	all := &channel.Error{Permanent: true}
	for _, err := range errs {
		if err == nil {
			taken++
			continue
		}
		if e, ok := errors.AsType[*channel.Error](err); ok {
			all.Permanent = all.Permanent && e.Permanent
			if e.RetryAfter > 0 && (all.RetryAfter == 0 || e.RetryAfter < all.RetryAfter) {
				all.RetryAfter = e.RetryAfter
			}
		}
	}
	if all.Err = errors.Join(errs...); all.Err == nil {
		return taken, nil
	}
	if taken > 0 {
		m.log.Warn("an Alertmanager was not told; another took the alerts", "err", all.Err)
		return taken, nil
	}
	if all.Permanent {
		all.RetryAfter = 0
	}
	return 0, all
}

// Close implements channel.Channel.
func (m *manager) Close() error { return m.client.Close() }

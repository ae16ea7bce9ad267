// Package alertmanager hands alerts to Prometheus Alertmanager, which then groups, silences and tells by its own rules.
package alertmanager

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"weir/internal/alert"
	"weir/internal/config/unit"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/httpout"
	"weir/sinks/notify/channel/text"
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

// hold is how long an alert stays open without a word. Alertmanager's own default, five minutes, would resolve each alert
// before anybody has looked: weir says what is new and does not repeat itself every minute as Prometheus does.
const hold = 25 * time.Hour

// test is how long an alert stays open that only tries the way.
const test = 5 * time.Minute

// maxLabel bounds the value of a label, in bytes. What is longer stands in the annotations.
const maxLabel = 1024

// manager is a cluster of Alertmanagers.
type manager struct {
	client  *httpout.Client
	servers []string // with the path of the API
	headers *httpout.Headers
	auth    func(http.Header)
	labels  map[string]string
	hold    time.Duration
	log     *slog.Logger
}

// New makes a channel to Alertmanager.
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

// Send implements channel.Channel. All servers are asked at once, since one that hangs must not delay the others.
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

// verdict makes one answer of several: one that took the alerts tells the others, if they are a cluster.
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

// posted is an alert as the API takes it.
type posted struct {
	Labels       map[string]string `json:"labels"`
	Annotations  map[string]string `json:"annotations"`
	StartsAt     time.Time         `json:"startsAt"`
	EndsAt       time.Time         `json:"endsAt"`
	GeneratorURL string            `json:"generatorURL,omitempty"`
}

// encode writes the alerts of a message. Alertmanager knows an alert by its labels, so they are those that no revision of
// an alert changes, and its id is among them; all else is annotation.
func (m *manager) encode(msg *channel.Message) ([]byte, error) {
	out := make([]posted, 0, len(msg.Alerts))
	for i := range msg.Alerts {
		a := &msg.Alerts[i]
		p := posted{Labels: m.labelsOf(msg, a), Annotations: annotations(msg, a), StartsAt: a.First.UTC(), EndsAt: msg.Time.Add(m.hold).UTC()}
		if msg.Kind == channel.Test {
			p.EndsAt = msg.Time.Add(test).UTC()
		}
		if a.First.IsZero() || a.First.After(msg.Time) {
			p.StartsAt = msg.Time.UTC()
		}
		if msg.Kind == channel.Resolved || a.State == alert.Closed {
			p.EndsAt = ended(msg, a, p.StartsAt)
		}
		if strings.HasPrefix(msg.URL, "http") {
			p.GeneratorURL = msg.URL
		}
		out = append(out, p)
	}
	body, err := json.Marshal(out)
	if err != nil { // a time in a year of five digits
		return nil, &channel.Error{Permanent: true, Err: fmt.Errorf("writing the alerts as JSON: %w", err)}
	}
	return body, nil
}

// ended is when an alert was over: as it says itself, else the time of the message. It is never before the start.
func ended(msg *channel.Message, a *channel.Alert, starts time.Time) time.Time {
	at := msg.Time
	if a.Ended != nil && a.Ended.Before(at) {
		at = *a.Ended
	}
	if at.Before(starts) {
		at = starts
	}
	return at.UTC()
}

// ours are the labels that weir gives by itself.
var ours = []string{"alertname", "severity", "weir_alert", "source"}

// reserved are ours, as a set.
var reserved = map[string]bool{"alertname": true, "severity": true, "weir_alert": true, "source": true}

// labelsOf are the labels of an alert: those of its rule and group under names that Prometheus allows, those of the
// configuration over them, and ours over all. Empty values are left out, as Alertmanager would do.
func (m *manager) labelsOf(msg *channel.Message, a *channel.Alert) map[string]string {
	out := map[string]string{}
	set := func(name, value string) {
		if value = strings.ToValidUTF8(value, "\ufffd"); len(value) > maxLabel {
			value = strings.ToValidUTF8(value[:maxLabel], "") // never half a character
		}
		if value != "" {
			out[name] = value
		}
	}
	for k, v := range a.Labels {
		set(labelName(k), v)
	}
	for k, v := range a.Group {
		set(labelName(k), v)
	}
	for k, v := range m.labels {
		set(k, v)
	}
	set("alertname", a.Rule)
	set("severity", a.Level)
	set("weir_alert", a.ID)
	set("source", "weir")
	if out["alertname"] == "" {
		out["alertname"] = "weir"
	}
	return out
}

// annotations are what a person reads of an alert.
func annotations(msg *channel.Message, a *channel.Alert) map[string]string {
	one := *msg
	one.Alerts, one.More = []channel.Alert{*a}, 0
	out := map[string]string{"summary": text.What(msg, a), "description": text.Long(&one), "count": strconv.Itoa(a.Count)}
	if a.Title != "" {
		out["title"] = text.Clean(a.Title)
	}
	if a.Assignee != "" {
		out["assignee"] = text.Clean(a.Assignee)
	}
	return out
}

// labelName makes a name that Prometheus allows in every version: host.name becomes host_name.
func labelName(s string) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' {
			return r
		}
		return '_'
	}, s)
	if name == "" || name[0] >= '0' && name[0] <= '9' {
		name = "_" + name
	}
	if strings.HasPrefix(name, "__") {
		name = "x" + name // two underscores are Prometheus's own
	}
	return name
}

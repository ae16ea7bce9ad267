// Package webhook sends messages as JSON over HTTP, signed.
package webhook

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/http"
	"strconv"
	"time"

	"weir/internal/config/unit"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/httpout"
	"weir/sinks/notify/channel/template"
)

// Config is what notify.yaml says of a webhook.
type Config struct {
	URL         unit.Secret            `yaml:"url" doc:"address that takes messages; may be a secret in whole, and may have {{values}} in path and query"`
	Method      string                 `yaml:"method" doc:"POST (default), PUT or PATCH"`
	Secret      unit.Secret            `yaml:"secret" doc:"key of the signature in the header Weir-Signature; empty: not signed"`
	Headers     map[string]unit.Secret `yaml:"headers" doc:"further headers; values may be secrets"`
	Body        string                 `yaml:"body" doc:"template of another body; empty: the documented JSON"`
	ContentType string                 `yaml:"content_type" doc:"of another body (default application/json)"`
	CA          string                 `yaml:"ca" doc:"file of certificates (PEM) that sign the server's, beside those of the system"`
	Timeout     unit.Duration          `yaml:"timeout" doc:"how long to wait for the answer (default 10s)"`
}

// hook is a webhook. It never changes after New, so that many goroutines may send at once.
type hook struct {
	client  *httpout.Client
	address *httpout.Address
	headers *httpout.Headers
	method  string
	kind    string // content type
	body    *template.Template
	isJSON  bool
	key     []byte
	now     func() time.Time
}

// New makes a webhook. It asks nobody: a receiver that is away must not keep weir from starting.
func New(c Config, d channel.Deps) (channel.Channel, error) {
	d = d.Ready()
	h := &hook{now: d.Now, kind: c.ContentType}
	var err error
	if h.address, err = httpout.NewAddress(d, "url", c.URL); err != nil {
		return nil, err
	}
	if h.headers, err = httpout.NewHeaders(d, "headers", c.Headers); err != nil {
		return nil, err
	}
	if h.method, err = httpout.Method("method", c.Method, http.MethodPost); err != nil {
		return nil, err
	}
	if h.method == http.MethodGet || h.method == http.MethodDelete {
		return nil, channel.Bad("method", "sends no body", "write POST, PUT or PATCH")
	}
	key, err := d.Reveal("secret", c.Secret)
	if err != nil {
		return nil, err
	}
	h.key = []byte(key)
	if h.kind == "" {
		h.kind = "application/json"
	}
	if c.Body != "" {
		if h.body, err = template.Parse("body", c.Body); err != nil {
			return nil, err
		}
		if h.isJSON = httpout.IsJSON(h.kind); h.isJSON {
			if err := h.body.CheckJSON(); err != nil {
				return nil, channel.Bad("body", "cannot be used: "+err.Error(), "correct it, or set content_type: text/plain")
			}
		}
	}
	hidden := append(append([]string{key}, h.address.Secrets...), h.headers.Secrets...)
	h.client, err = httpout.New(d, c.CA, channel.Span(c.Timeout), hidden...)
	if err != nil {
		return nil, err
	}
	return h, nil
}

// Send implements channel.Channel.
func (h *hook) Send(ctx context.Context, m *channel.Message) (channel.Receipt, error) {
	values := template.Of(m, nil)
	body, err := h.content(m, values)
	if err != nil {
		return channel.Receipt{}, err
	}
	// What the configuration says of headers goes over ours, but for the signature, which must be that
	// of the body.
	header := http.Header{}
	header.Set("Content-Type", h.kind)
	// Whoever gets the message again, since our time to wait was over before the answer came, knows it
	// by this.
	header.Set("Idempotency-Key", template.Header(m.ID))
	maps.Copy(header, h.headers.Fill(values))
	if len(h.key) > 0 {
		header.Set("Weir-Signature", Sign(h.key, h.now(), body))
	}
	answer, err := h.client.Do(ctx, &httpout.Request{Method: h.method, URL: h.address.Fill(values), Header: header, Body: body})
	if err != nil {
		return channel.Receipt{}, err
	}
	return channel.Receipt{Said: answer.Line()}, nil
}

// content is the body for a message. In JSON values cannot leave their quotes, as was found out when
// the template was read; in other kinds they stand as they are, since nobody knows how those would be
// escaped.
func (h *hook) content(m *channel.Message, values template.Values) ([]byte, error) {
	switch {
	case h.body == nil:
		return encode(m)
	case h.isJSON:
		return []byte(h.body.Fill(values, template.JSON)), nil
	}
	return []byte(h.body.Fill(values, template.Plain)), nil
}

// Close implements channel.Channel.
func (h *hook) Close() error { return h.client.Close() }

// Sign returns the value of the header Weir-Signature: t=SECONDS,v1=HEX. HEX is the HMAC-SHA256 over
// the seconds, a dot and the body. The time is signed too, so that a receiver can refuse a message that
// somebody recorded and sends again.
func Sign(key []byte, at time.Time, body []byte) string {
	seconds := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(seconds + "."))
	mac.Write(body)
	return "t=" + seconds + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}

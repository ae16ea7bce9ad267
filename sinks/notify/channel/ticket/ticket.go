// Package ticket opens, comments and closes tickets in another system, by requests that the configuration describes.
package ticket

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"weir/internal/config/unit"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/httpout"
	"weir/sinks/notify/channel/template"
	"weir/sinks/notify/channel/text"
)

// Config is what notify.yaml says of a ticket system.
type Config struct {
	Create   Request                `yaml:"create" doc:"the request that makes a ticket"`
	Update   Request                `yaml:"update" doc:"the request for further messages of the group, with {{ticket}}; without an address: none"`
	Close    Request                `yaml:"close" doc:"the request when all alerts of the group are closed, with {{ticket}}; without an address: none"`
	ID       string                 `yaml:"id" doc:"where the answer to create has the ticket's id: key, result.sys_id, issues[0].id (default id)"`
	Headers  map[string]unit.Secret `yaml:"headers" doc:"headers of all requests, such as Authorization; values may be secrets"`
	User     string                 `yaml:"user" doc:"user of basic authentication"`
	Password unit.Secret            `yaml:"password" doc:"password or token of that user: file:PATH, env:NAME, or itself"`
	Once     string                 `yaml:"idempotency_header" doc:"header by which the system knows a request that it gets again (default Idempotency-Key)"`
	CA       string                 `yaml:"ca" doc:"file of certificates (PEM) that sign the system's, beside those of the machine"`
	Timeout  unit.Duration          `yaml:"timeout" doc:"how long to wait for the answer to one request (default 10s)"`
}

// Request is one request to the system.
type Request struct {
	Method      string      `yaml:"method" doc:"POST (default of create and update), PUT (default of close), PATCH or DELETE"`
	URL         unit.Secret `yaml:"url" doc:"address, with {{values}} in path and query"`
	Body        string      `yaml:"body" doc:"template of the body"`
	ContentType string      `yaml:"content_type" doc:"of the body (default application/json)"`
}

// system is a ticket system.
type system struct {
	client                *httpout.Client
	headers               *httpout.Headers
	auth                  func(http.Header)
	create, update, close *request
	id                    path
	once                  string
}

// New makes a channel to a ticket system.
func New(c Config, d channel.Deps) (channel.Channel, error) {
	d = d.Ready()
	s := &system{once: c.Once, auth: func(http.Header) {}}
	if s.once == "" {
		s.once = "Idempotency-Key"
	}
	var err error
	var hidden []string
	for _, r := range []struct {
		into   **request
		key    string
		from   Request
		method string
	}{{&s.create, "create", c.Create, http.MethodPost}, {&s.update, "update", c.Update, http.MethodPost}, {&s.close, "close", c.Close, http.MethodPut}} {
		if r.from == (Request{}) && r.key != "create" {
			continue
		}
		if *r.into, err = newRequest(d, r.key, r.from, r.method); err != nil {
			return nil, err
		}
		hidden = append(hidden, (*r.into).address.Secrets...)
	}
	if s.create.uses("ticket") {
		return nil, channel.Bad("create", "uses {{ticket}}, which there is only once a ticket was made", "use it in update and close")
	}
	if s.id, err = parsePath(c.ID); err != nil {
		return nil, err
	}
	if s.headers, err = httpout.NewHeaders(d, "headers", c.Headers); err != nil {
		return nil, err
	}
	if c.User != "" {
		password, err := d.Reveal("password", c.Password)
		if err != nil {
			return nil, err
		}
		s.auth = httpout.Basic(c.User, password)
		hidden = append(hidden, password)
	}
	if s.client, err = httpout.New(d, c.CA, channel.Span(c.Timeout), append(hidden, s.headers.Secrets...)...); err != nil {
		return nil, err
	}
	return s, nil
}

// Send implements channel.Channel. A group without a ticket gets one, further messages are comments on it, and the last
// closes it. Of a group that is over before it had a ticket, nobody is told.
func (s *system) Send(ctx context.Context, m *channel.Message) (channel.Receipt, error) {
	switch {
	case m.Kind == channel.Test:
		made, err := s.open(ctx, m)
		if err != nil || s.close == nil {
			return made, err
		}
		_, err = s.do(ctx, s.close, m, made.Ticket, "-close")
		return channel.Receipt{Said: made.Said}, err
	case m.Kind == channel.Resolved && m.Ticket == "":
		return channel.Receipt{Said: "there is no ticket"}, nil
	case m.Kind == channel.Resolved:
		return s.end(ctx, m)
	case m.Ticket == "":
		return s.open(ctx, m)
	}
	return s.comment(ctx, m)
}

// open makes a ticket. Should the answer come too late for us, the next attempt has the same key: a system that knows
// such keys answers with the ticket that it made.
func (s *system) open(ctx context.Context, m *channel.Message) (channel.Receipt, error) {
	answer, err := s.do(ctx, s.create, m, "", "")
	if err != nil {
		return channel.Receipt{}, err
	}
	id, err := s.id.find(answer.Body)
	if err != nil {
		// The ticket is made: another attempt would make another one.
		return channel.Receipt{}, &channel.Error{Permanent: true, Err: fmt.Errorf("a ticket was made, but the answer has no `%s`: %w", s.id.written, err)}
	}
	return channel.Receipt{Ticket: id, Said: answer.Line() + ", ticket " + id}, nil
}

// comment adds a message to the ticket. One that somebody deleted is made again.
func (s *system) comment(ctx context.Context, m *channel.Message) (channel.Receipt, error) {
	if s.update == nil {
		return channel.Receipt{Ticket: m.Ticket, Said: "ticket " + text.Clean(m.Ticket) + " stays as it is: there is no update"}, nil
	}
	answer, err := s.do(ctx, s.update, m, m.Ticket, "-update")
	if gone(err) {
		return s.open(ctx, m)
	}
	if err != nil {
		return channel.Receipt{}, err
	}
	return channel.Receipt{Ticket: m.Ticket, Said: answer.Line()}, nil
}

// end closes the ticket. One that is not there any more is closed enough.
func (s *system) end(ctx context.Context, m *channel.Message) (channel.Receipt, error) {
	if s.close == nil {
		return channel.Receipt{Said: "ticket " + text.Clean(m.Ticket) + " stays open: there is no close"}, nil
	}
	answer, err := s.do(ctx, s.close, m, m.Ticket, "-close")
	if gone(err) {
		return channel.Receipt{Said: "the ticket is not there any more"}, nil
	}
	if err != nil {
		return channel.Receipt{}, err
	}
	return channel.Receipt{Said: answer.Line()}, nil
}

// do makes one request.
func (s *system) do(ctx context.Context, r *request, m *channel.Message, ticket, step string) (*httpout.Answer, error) {
	values := template.Of(m, map[string]string{"ticket": ticket})
	header := s.headers.Fill(values)
	s.auth(header)
	header.Set(s.once, template.Header(m.ID+step))
	if r.body != nil {
		header.Set("Content-Type", r.kind)
	}
	return s.client.Do(ctx, &httpout.Request{Method: r.method, URL: r.address.Fill(values), Header: header, Body: r.content(values)})
}

// gone tells whether the system does not know the ticket.
func gone(err error) bool {
	e, ok := errors.AsType[*channel.Error](err)
	return ok && (e.Status == http.StatusNotFound || e.Status == http.StatusGone)
}

// Close implements channel.Channel.
func (s *system) Close() error { return s.client.Close() }

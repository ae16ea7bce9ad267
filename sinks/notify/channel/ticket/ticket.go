// Package ticket opens, comments and closes tickets in another system, by requests that the
// configuration describes.
package ticket

import (
	"net/http"

	"weir/internal/config/unit"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/httpout"
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

// Request is one request to the system. What it has to be stands in the manual of every such system,
// and is another in each.
type Request struct {
	Method      string      `yaml:"method" doc:"POST (default of create and update), PUT (default of close), PATCH or DELETE"`
	URL         unit.Secret `yaml:"url" doc:"address, with {{values}} in path and query"`
	Body        string      `yaml:"body" doc:"template of the body"`
	ContentType string      `yaml:"content_type" doc:"of the body (default application/json)"`
}

// system is a ticket system. It keeps nothing: which ticket a group has is kept by whoever sends, with
// the group.
type system struct {
	client                *httpout.Client
	headers               *httpout.Headers
	auth                  func(http.Header)
	create, update, close *request
	id                    path
	once                  string
}

// New makes a channel to a ticket system. It asks nobody; all templates are read, so that a mistake in
// the request that closes a ticket is not found weeks after the one that made it.
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

// Close implements channel.Channel.
func (s *system) Close() error { return s.client.Close() }

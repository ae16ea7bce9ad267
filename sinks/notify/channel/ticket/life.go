package ticket

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/httpout"
	"weir/sinks/notify/channel/template"
	"weir/sinks/notify/channel/text"
)

// Send implements channel.Channel. A group without a ticket gets one, further messages are comments on
// it, and the last closes it. Of a group that is over before it had a ticket, nobody is told.
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

// open makes a ticket. It is the one step that must not happen twice. Should the answer come too late
// for us, the next attempt has the same key: a system that knows such keys answers with the ticket that
// it made.
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

// end closes the ticket, after which the group has none: when it comes again, that is another incident.
// One that is not there any more is closed enough.
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

// do makes one request. The id of the message is the key by which the system knows a copy; each step
// has one of its own, for a message may need two requests.
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

// gone tells whether the system does not know the ticket: somebody deleted it, or moved it to where
// nobody writes.
func gone(err error) bool {
	e, ok := errors.AsType[*channel.Error](err)
	return ok && (e.Status == http.StatusNotFound || e.Status == http.StatusGone)
}

package control

import (
	"context"
	"encoding/json"
	"io"
	"strings"

	"weir/internal/control/question"
	"weir/internal/fault"
)

var _ question.Answerer = (*Client)(nil)

// askNamed is the beginning of the path of questions that go by name: see package question.
const askNamed = "q/"

// Answer implements question.Answerer.
func (c *Client) Answer(ctx context.Context, name string, raw []byte, each func([]byte) error) (out json.RawMessage, err error) {
	if len(raw) == 0 {
		raw = []byte("null")
	}
	_, err = c.call(ctx, call{name: askNamed + name, question: json.RawMessage(raw), answer: &out, each: each})
	return out, err
}

// named is the server's side; false if the path is of no question by name. Documents are flushed one by one: what streams
// here is progress that somebody watches.
func (s *server) named(ctx context.Context, a *answer, path string, body io.Reader) bool {
	name, ok := strings.CutPrefix(path, "/v1/"+askNamed)
	if !ok {
		return false
	}
	a.live = true
	ask(ctx, a, body, func(ctx context.Context, raw json.RawMessage) (json.RawMessage, []*fault.Error, error) {
		b, ok := s.backend.(question.Answerer)
		if !ok {
			return nil, nil, question.Unknown(name)
		}
		out, err := b.Answer(ctx, name, raw, a.doc)
		return out, nil, err
	})
	return true
}

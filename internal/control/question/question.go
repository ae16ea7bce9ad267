// Package question is how a command asks a weir something by name and gets a typed answer: what the parts of a process
// answer stands in a table, so that a new question needs neither a method of the backend nor a route.
package question

import (
	"context"
	"encoding/json"
	"fmt"

	"weir/internal/fault"
)

// Handler answers one question. raw is its JSON; each takes documents of an answer that streams, in order, from the
// goroutine that asked. The answer is plain data.
type Handler func(ctx context.Context, raw []byte, each func(doc []byte) error) (answer any, err error)

// Answerer is a backend that answers questions by name: a weir that runs, its client, or the files of one.
type Answerer interface {
	Answer(ctx context.Context, name string, raw []byte, each func(doc []byte) error) (answer json.RawMessage, err error)
}

// Table is what a process answers, by name. It is filled before it is asked and not changed from then on.
type Table map[string]Handler

// Answer implements Answerer. A name that is not there is of another version, or of a stage that runs elsewhere.
func (t Table) Answer(ctx context.Context, name string, raw []byte, each func(doc []byte) error) (json.RawMessage, error) {
	h := t[name]
	if h == nil {
		return nil, Unknown(name)
	}
	out, err := h(ctx, raw, each)
	if err != nil {
		return nil, err
	}
	b, err := json.Marshal(out)
	if err != nil {
		return nil, fmt.Errorf("writing the answer to %s: %w", name, err)
	}
	return b, nil
}

// Add takes the handlers of a part in. Two parts that answer to one name are a mistake of the program.
func (t Table) Add(part Table) {
	for name, h := range part {
		if t[name] != nil {
			panic("BUG: two answers to " + name)
		}
		t[name] = h
	}
}

// Typed makes a handler of a function on plain data.
func Typed[Q, A any](f func(context.Context, Q) (A, error)) Handler {
	return func(ctx context.Context, raw []byte, _ func([]byte) error) (any, error) {
		q, err := decode[Q](raw)
		if err != nil {
			return nil, err
		}
		return f(ctx, q)
	}
}

// Streamed is Typed for an answer with documents before it.
func Streamed[Q, A any](f func(ctx context.Context, q Q, each func(doc []byte) error) (A, error)) Handler {
	return func(ctx context.Context, raw []byte, each func([]byte) error) (any, error) {
		q, err := decode[Q](raw)
		if err != nil {
			return nil, err
		}
		return f(ctx, q, each)
	}
}

// decode reads a question; nothing at all is the zero question.
func decode[Q any](raw []byte) (q Q, err error) {
	if len(raw) == 0 {
		return q, nil
	}
	if err := json.Unmarshal(raw, &q); err != nil {
		return q, &fault.Error{Code: "bad-request", What: "the question cannot be read", Why: err.Error(), Exit: fault.ExitUsage, Cause: err}
	}
	return q, nil
}

// Ask asks whoever it is and reads the answer. each may be nil where the answer has no documents. to is usually a
// control.Backend; one that answers no questions by name is of another version.
func Ask[A any](ctx context.Context, to any, name string, q any, each func(doc []byte) error) (a A, err error) {
	b, ok := to.(Answerer)
	if !ok {
		return a, Unknown(name)
	}
	raw, err := json.Marshal(q)
	if err != nil {
		return a, fmt.Errorf("writing the question %s: %w", name, err)
	}
	out, err := b.Answer(ctx, name, raw, each)
	if err != nil {
		return a, err
	}
	if err := json.Unmarshal(out, &a); err != nil {
		return a, fmt.Errorf("reading the answer to %s: %w", name, err)
	}
	return a, nil
}

// Unknown is the answer to a name that nobody answers to.
func Unknown(name string) error {
	return &fault.Error{Code: "version-mismatch", What: "the weir that was asked does not know this question", Where: name,
		Why: "it is another version than this command, or the stage that answers it runs in another process", Do: "name the data folder of the process that has it with --data",
		Exit: fault.ExitMissing}
}

// whoKey is the context's key of who asks.
type whoKey struct{}

// WithWho says on whose behalf a question is asked, where that is not the user that weir runs as.
func WithWho(ctx context.Context, name string) context.Context {
	return context.WithValue(ctx, whoKey{}, name)
}

// Who is who asks; "" is the user that weir runs as: nobody else can open its socket.
func Who(ctx context.Context) string {
	name, _ := ctx.Value(whoKey{}).(string)
	return name
}

// Package bulk brings documents into Elasticsearch: it builds bulk requests, reads the answers item by item where one
// says that something was not taken, tries again what may succeed later, and gives each document one outcome.
package bulk

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// Doc is one document to create, as Tidy leaves it. Its memory must never be used for something else: the transport may
// read on after the document is settled.
type Doc struct {
	Index string
	ID    []byte // event.id, as the inside of a JSON string
	JSON  []byte // one JSON object, without line ends
	// Version is the number of a revision above the first: it replaces a document with a lower one, and never one with the
	// same or a higher. 0 or 1: the document is created if there is none with its id.
	Version int64
	// Merge, if it is set, makes the document out of the one that is stored (nil: there is none), and nil if that says all
	// of it already. It may be called again, with what somebody else stored meanwhile: nobody's part of a document is lost.
	Merge func(stored []byte) ([]byte, error)
	end   string // of the line before what replaces a document
}

// Kind says what became of a document.
type Kind uint8

// The outcomes.
const (
	Indexed  Kind = iota // it was created, or replaced an earlier revision
	Conflict             // a document with this id was there already, as new as this one or newer
	Refused              // the server will never take it; Reason says why
	GivenUp              // nothing is known: the sender was stopped first
)

// Outcome is what became of one document.
type Outcome struct {
	Kind   Kind
	Type   string // the server's name of a refusal: document_parsing_exception
	Reason string // the server's words
}

// Doer sends one request to one of the nodes; elastictransport.Client is one.
type Doer interface {
	Perform(*http.Request) (*http.Response, error)
}

// Options is what a sender needs.
type Options struct {
	Client Doer
	// Workers is how many requests may be under way at once, MaxBytes how large one may be before compression.
	Workers  int
	MaxBytes int
	// Gzip compresses requests.
	Gzip bool
	// Timeout bounds one request; 0: a minute.
	Timeout time.Duration
	// Pauses before a request is tried again, doubled each time; 0: from 100 ms to 10 s.
	PauseMin, PauseMax time.Duration
	// Prepare is called before documents go to an index that was not named before. An error is taken like an answer that
	// says so: said once, tried again. It may be nil.
	Prepare func(ctx context.Context, index string) error
	Log     *slog.Logger
}

// Sender sends batches of documents, as many at once as the server bears. Its methods may be called from any goroutine.
type Sender struct {
	opts   Options
	pace   *pace
	notice *notices

	// ctx ends with Close; requests under way hang on it.
	ctx    context.Context //nolint:containedctx // of the sender's life
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu       sync.Mutex
	closed   bool
	prepared map[string]bool
}

// ErrClosed means that the sender was closed.
var ErrClosed = errors.New("the bulk sender is closed")

// New makes a sender. Close ends it.
func New(o Options) *Sender {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Timeout == 0 {
		o.Timeout = time.Minute
	}
	if o.PauseMin == 0 {
		o.PauseMin = 100 * time.Millisecond
	}
	if o.PauseMax == 0 {
		o.PauseMax = 10 * time.Second
	}
	ctx, cancel := context.WithCancel(context.Background())
	return &Sender{opts: o, pace: newPace(o.Workers, o.MaxBytes), notice: newNotices(o.Log), ctx: ctx, cancel: cancel, prepared: map[string]bool{}}
}

// Size returns how many bytes of documents make a request of the right size at this moment.
func (s *Sender) Size() int { return s.pace.size() }

// Send hands documents over and returns when a request may begin, or ctx ends, or the sender is closed; after an error
// nothing was taken. settle is called from one goroutine with the places in docs of documents that have the same outcome;
// each document is in one of the calls. docs belongs to the sender.
func (s *Sender) Send(ctx context.Context, docs []Doc, settle func(places []int32, o Outcome)) error {
	if err := s.pace.acquire(ctx, s.ctx); err != nil {
		return err
	}
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		s.pace.release()
		return ErrClosed
	}
	s.wg.Add(1)
	s.mu.Unlock()
	go func() {
		defer s.wg.Done()
		defer s.pace.release()
		j := job{s: s, docs: docs, settle: settle}
		j.run(s.ctx)
	}()
	return nil
}

// Held returns the conditions that keep documents from the server at this moment, one sentence each.
func (s *Sender) Held() []string { return s.notice.active() }

// Close stops what is under way, which is settled as given up, and waits for it.
func (s *Sender) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.cancel()
	s.wg.Wait()
}

// prepare calls Prepare for an index that is new to this sender.
func (s *Sender) prepare(ctx context.Context, index string) error {
	if s.opts.Prepare == nil {
		return nil
	}
	s.mu.Lock()
	known := s.prepared[index]
	s.mu.Unlock()
	if known {
		return nil
	}
	if err := s.opts.Prepare(ctx, index); err != nil {
		return err
	}
	s.mu.Lock()
	s.prepared[index] = true
	s.mu.Unlock()
	return nil
}

// forget makes every index new again: a server that was away may have come back without what was prepared.
func (s *Sender) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.prepared)
}

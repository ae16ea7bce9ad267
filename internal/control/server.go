package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"weir/internal/fault"
)

const (
	maxRequest = 8 << 20         // bytes of a question: a backtest brings two rule files along
	stopGrace  = 2 * time.Second // for answers under way when the service ends
	idHeader   = "Weir-Call"     // names a call, so that its end can be asked for
)

// Serve answers on l until ctx ends, then ends the calls under way, closes l and returns nil. It returns an error only
// when the listener fails before that. Every call runs on its own goroutine, its context ends when the client goes.
//
// The grace is for answers that are nearly done. A tail is told by its context at once, answers with its counts, and so
// never needs the grace.
func Serve(ctx context.Context, l net.Listener, b Backend) error {
	s := &server{backend: b, calls: map[string]context.CancelFunc{}}
	srv := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 10 * time.Second,
		MaxHeaderBytes:    16 << 10,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	stopped := make(chan struct{})
	failed := make(chan struct{})
	go func() { // ends with ctx or with the listener; waited for below
		defer close(stopped)
		select {
		case <-ctx.Done():
		case <-failed:
		}
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopGrace)
		defer cancel()
		if srv.Shutdown(grace) != nil {
			_ = srv.Close() // its error is that of the listener, which Serve below returns
		}
	}()
	err := srv.Serve(l)
	close(failed)
	<-stopped
	if ctx.Err() == nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving the control socket: %w", err)
	}
	return nil
}

// server is the http.Handler. One path per method of Backend, and one to end a call.
// calls is guarded by mu, since the call and the request to end it come on two goroutines.
type server struct {
	backend Backend
	mu      sync.Mutex
	calls   map[string]context.CancelFunc // by the client's name of the call
}

// ServeHTTP answers POST /v1/NAME with frames.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a := &answer{w: w}
	defer func() {
		// A fault of one answer must not end the process that everybody's events go through.
		if p := recover(); p != nil {
			a.fail(&fault.Error{Code: "internal", What: "answering ended in a fault of weir", Why: fmt.Sprint(p),
				Do: "`weir doctor`, and report it", Exit: fault.ExitFound})
		}
	}()
	if r.Method != http.MethodPost {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	if id := r.Header.Get(idHeader); id != "" && r.URL.Path != "/v1/stop" {
		s.mu.Lock()
		s.calls[id] = cancel
		s.mu.Unlock()
		defer func() {
			s.mu.Lock()
			delete(s.calls, id)
			s.mu.Unlock()
		}()
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	s.route(ctx, a, r, http.MaxBytesReader(w, r.Body, maxRequest))
}

// answer writes frames. It belongs to the goroutine of its call.
// Nothing is written to it by two: backends call each from the goroutine that they were called on.
type answer struct {
	w     http.ResponseWriter
	live  bool // flush each document: somebody watches
	ended bool
	buf   bytes.Buffer
}

// doc sends one document. A document with a line break in it would be two frames, so that is taken out first.
// It is called by the backend for each hit, and so makes no garbage: the buffer is that of the answer.
func (a *answer) doc(doc []byte) error {
	a.buf.Reset()
	a.buf.WriteString(docHead)
	if bytes.IndexByte(doc, '\n') < 0 {
		a.buf.Write(doc)
	} else if err := json.Compact(&a.buf, doc); err != nil {
		return fmt.Errorf("reading a document for the answer: %w", err)
	}
	a.buf.WriteString(docTail + "\n")
	if _, err := a.w.Write(a.buf.Bytes()); err != nil {
		return fmt.Errorf("answering: %w", err)
	}
	if a.live {
		return a.flush()
	}
	return nil
}

// flush sends what is buffered: somebody watches a tail, and a document in a buffer is one that did not arrive.
func (a *answer) flush() error {
	if err := http.NewResponseController(a.w).Flush(); err != nil {
		return fmt.Errorf("answering: %w", err)
	}
	return nil
}

// frame sends a line; errors of the connection show in its context.
// Text of frames is short; documents have a way of their own, without a copy.
func (a *answer) frame(f frame) {
	line, err := json.Marshal(f)
	if err != nil {
		line = []byte(`{"error":{"code":"internal","message":"the answer could not be encoded"}}`)
	}
	_, _ = a.w.Write(append(line, '\n')) // who has gone away reads no error either
}

// end sends the summary, the last frame, after the faults that belong beside it.
func (a *answer) end(summary any, beside []*fault.Error) {
	if a.ended {
		return
	}
	for _, e := range beside {
		a.frame(frame{Fault: toWire(e)})
	}
	raw, err := json.Marshal(summary)
	if err != nil {
		a.fail(fmt.Errorf("encoding the answer: %w", err))
		return
	}
	a.ended = true
	a.frame(frame{Summary: raw})
}

// fail sends the error as the last frame.
// Once documents are out the status line is gone too, so errors of the backend never show in it.
func (a *answer) fail(err error) {
	if a.ended {
		return
	}
	a.ended = true
	a.frame(frame{Error: toWire(err)})
}

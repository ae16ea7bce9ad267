package control

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"weir/internal/fault"
)

// maxFrame bounds a line of an answer: far above the largest event, far below what would hurt.
const maxFrame = 64 << 20

// Client asks the weir that runs on a data folder. It is safe for many goroutines. Each call is one HTTP request over
// the socket. An answer without its last frame is an error, never a short answer: a search that was cut off must not
// look like one that found little.
type Client struct {
	http *http.Client
	data string
}

var _ Backend = (*Client)(nil)

// Dial reaches the weir that runs on dataDir. The error wraps ErrNotRunning if none does.
// The first connection is made to find out and closed again: a socket file says nothing about whether somebody listens.
func Dial(dataDir string) (*Client, error) {
	first, err := dialSocket(dataDir)
	if err != nil {
		return nil, err
	}
	first.Close()
	return &Client{data: dataDir, http: &http.Client{Transport: &http.Transport{
		DialContext:     func(context.Context, string, string) (net.Conn, error) { return dialSocket(dataDir) },
		MaxIdleConns:    2,
		IdleConnTimeout: 10 * time.Second,
	}}}, nil
}

// Close lets go of idle connections.
func (c *Client) Close() error {
	c.http.CloseIdleConnections()
	return nil
}

// Search implements Backend.
func (c *Client) Search(ctx context.Context, r SearchRequest, each func([]byte) error) (SearchSummary, error) {
	var sum SearchSummary
	beside, err := c.call(ctx, call{name: "search", question: r, answer: &sum, each: each})
	sum.Warnings = beside
	return sum, err
}

// Tail implements Backend. When ctx ends the server is asked to end the call, so that its counts still come.
func (c *Client) Tail(ctx context.Context, r TailRequest, each func([]byte) error) (TailSummary, error) {
	var sum TailSummary
	_, err := c.stoppable(ctx, stopGrace, call{name: "tail", id: rand.Text(), question: r, answer: &sum, each: each})
	return sum, err
}

// stoppable makes a call whose answer is worth having when it is ended early.
//
// The context of the caller ends the call in two steps. First the server is asked to end it and to say what it counted;
// only if that does not come in time is the connection cut. The goroutine that asks is waited for.
func (c *Client) stoppable(ctx context.Context, grace time.Duration, q call) ([]*fault.Error, error) {
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	over := make(chan struct{})
	stopped := make(chan struct{})
	go func() { // ends when the call is over; waited for below
		defer close(stopped)
		select {
		case <-over:
			return
		case <-ctx.Done():
		}
		limit, release := context.WithTimeout(run, grace)
		defer release()
		if _, err := c.call(limit, call{name: "stop", question: q.id, answer: &struct{}{}}); err != nil {
			cancel()
			return
		}
		select {
		case <-over:
		case <-limit.Done():
			cancel() // a server that does not answer does not hold us
		}
	}()
	beside, err := c.call(run, q)
	close(over)
	<-stopped
	if err != nil && ctx.Err() != nil && errors.Is(err, context.Canceled) {
		err = ctx.Err()
	}
	return beside, err
}

// Ledger implements Backend.
func (c *Client) Ledger(ctx context.Context, r LedgerRequest) (Ledger, error) {
	var l Ledger
	beside, err := c.call(ctx, call{name: "ledger", question: r, answer: &l})
	l.Faults = beside
	return l, err
}

// Alerts implements Backend.
func (c *Client) Alerts(ctx context.Context, r AlertsRequest) ([]AlertRow, error) {
	var rows []AlertRow
	_, err := c.call(ctx, call{name: "alerts", question: r, answer: &rows})
	return rows, err
}

// Alert implements Backend.
func (c *Client) Alert(ctx context.Context, id string) (AlertDetail, error) {
	var d AlertDetail
	_, err := c.call(ctx, call{name: "alert", question: id, answer: &d})
	return d, err
}

// DeadLetters implements Backend.
func (c *Client) DeadLetters(ctx context.Context, r DeadLettersRequest) ([]DeadLetter, error) {
	var d []DeadLetter
	_, err := c.call(ctx, call{name: "deadletters", question: r, answer: &d})
	return d, err
}

// Status implements Backend.
func (c *Client) Status(ctx context.Context) (Status, error) {
	var st Status
	_, err := c.call(ctx, call{name: "status", question: struct{}{}, answer: &st})
	return st, err
}

// call is one question.
type call struct {
	name     string
	id       string // so that it can be ended by name; may be empty
	question any
	answer   any // pointer
	each     func([]byte) error
}

// call asks and reads frames to the last. It returns the faults that came beside the summary.
func (c *Client) call(ctx context.Context, q call) ([]*fault.Error, error) {
	body, err := json.Marshal(q.question)
	if err != nil {
		return nil, fmt.Errorf("encoding the question: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://weir/v1/"+q.name, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("asking the running weir: %w", err)
	}
	if q.id != "" {
		req.Header.Set(idHeader, q.id)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, c.gone(err)
	}
	defer resp.Body.Close()
	beside, err := readFrames(resp.Body, q)
	if _, cut := errors.AsType[*cutOff](err); cut {
		if ctx.Err() != nil {
			return beside, ctx.Err()
		}
		return beside, c.gone(err)
	}
	return beside, err
}

// gone is what a weir that stopped in the middle of an answer looks like.
func (c *Client) gone(err error) error {
	e := stopped(c.data)
	e.Cause = err
	return e
}

// stopped is the fault of an answer that the end of a weir cut off.
func stopped(where string) *fault.Error {
	return &fault.Error{Code: "weir-gone", What: "the running weir went away before it had answered", Where: where,
		Why: "it was stopped, or it ended", Do: "ask again: without a running weir the files are read", Exit: fault.ExitMissing}
}

// cutOff is an answer without its last frame.
// It is told apart from errors inside of an answer because it means something else to a person: ask again.
type cutOff struct{ err error }

// Error says that the answer has no end; the client turns it into weir-gone.
func (e *cutOff) Error() string { return "the answer ended early: " + e.err.Error() }
func (e *cutOff) Unwrap() error { return e.err }

// readFrames reads an answer. The documents it hands on are good until each returns.
// What a frame of another kind says is passed over: a newer weir may send more than this client knows.
func readFrames(r io.Reader, q call) ([]*fault.Error, error) {
	var beside []*fault.Error
	lines := bufio.NewReaderSize(r, 64<<10)
	var long []byte
	for {
		line, err := readLine(lines, &long)
		if err != nil {
			return beside, &cutOff{err}
		}
		if doc, ok := cutDoc(line); ok {
			if q.each == nil {
				continue
			}
			if err := q.each(doc); err != nil {
				return beside, err
			}
			continue
		}
		var f frame
		if err := json.Unmarshal(line, &f); err != nil {
			return beside, fmt.Errorf("reading the answer: %w", err)
		}
		switch {
		case f.Error != nil:
			return beside, f.Error.err()
		case f.Fault != nil:
			beside = append(beside, f.Fault.fault())
		case f.Summary != nil:
			if err := json.Unmarshal(f.Summary, q.answer); err != nil {
				return beside, fmt.Errorf("reading the answer: %w", err)
			}
			return beside, nil
		}
	}
}

// cutDoc takes a document out of its frame.
func cutDoc(line []byte) ([]byte, bool) {
	doc, ok := bytes.CutPrefix(line, []byte(docHead))
	if !ok {
		return nil, false
	}
	return bytes.CutSuffix(doc, []byte(docTail))
}

// readLine returns the next line without its end. It is good until the next call; long is memory for lines that do not
// fit the reader's buffer. Almost every line fits the reader's buffer and is not copied; long is kept between lines, so
// one long document costs once.
func readLine(r *bufio.Reader, long *[]byte) ([]byte, error) {
	line, err := r.ReadSlice('\n')
	if err == nil {
		return line[:len(line)-1], nil
	}
	*long = append((*long)[:0], line...)
	for errors.Is(err, bufio.ErrBufferFull) {
		if len(*long) > maxFrame {
			return nil, fmt.Errorf("a line of the answer is longer than %d MiB", maxFrame>>20)
		}
		line, err = r.ReadSlice('\n')
		*long = append(*long, line...)
	}
	if err != nil {
		if errors.Is(err, io.EOF) && len(*long) > 0 {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	return (*long)[:len(*long)-1], nil
}

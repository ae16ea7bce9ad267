// Package relpclient is a RELP sender for tests. It keeps every message until it is acknowledged, connects again when
// the server goes away, sends all unacknowledged messages again, and counts each frame, so that a test can tell the
// copies that the sender made from copies that the server made.
package relpclient

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"
)

// Pauses between attempts to connect.
const (
	firstPause = 10 * time.Millisecond
	maxPause   = 300 * time.Millisecond
)

// Message is what became of one message.
type Message struct {
	Frames int  // how often it was put on a connection; all but the first were re-sent
	Acked  bool // a 200 came for one of them
}

// Report is what a client has done.
type Report struct {
	Sent       int // frames, the re-sent ones among them
	Resent     int // frames that carried a message once more
	Acked      int // messages
	Refused    int // answers other than 200
	Reconnects int // connections after the first
	Messages   map[int]Message
}

// ErrClosed means that the client was closed or aborted.
var ErrClosed = errors.New("the client is closed")

// message waits for its acknowledgement. Its counts are under Client.mu.
type message struct {
	number int
	data   []byte
	frames int
	acked  bool
}

// Client sends over one connection at a time. Send may be called by many goroutines. One goroutine of its own reads the
// answers and connects again; Close and Abort end it and wait for it.
//
// A message is kept from Send until its 200. When a connection breaks, all that are kept are put on the next one, in
// their order, and each counts as re-sent, whether the server had taken it or not: that is the upper bound of the
// copies that a server may have.
type Client struct {
	addr   string
	window chan struct{} // one entry per unacknowledged message

	// sending orders what is put on the connection: whoever holds it may write. It is taken before mu.
	sending sync.Mutex
	mu      sync.Mutex
	link    *link // nil between connections
	waiting []*message
	report  Report
	idle    chan struct{} // closed while waiting is empty

	stop func()
	gone <-chan struct{} // closed by stop
	wg   sync.WaitGroup
}

// Dial opens the first session; window is how many messages may be unacknowledged.
func Dial(ctx context.Context, addr string, window int) (*Client, error) {
	if window < 1 {
		return nil, fmt.Errorf("a window of %d", window)
	}
	life, stop := context.WithCancel(context.WithoutCancel(ctx))
	c := &Client{addr: addr, window: make(chan struct{}, window), idle: make(chan struct{}), stop: stop, gone: life.Done()}
	c.report.Messages = map[int]Message{}
	close(c.idle)
	l, err := open(ctx, addr)
	if err != nil {
		stop()
		return nil, err
	}
	c.link = l
	c.wg.Go(func() { c.run(life, l) })
	return c, nil
}

// Send sends a message under the caller's number. It waits while the window is full, also while there is no server;
// the message is sent again until it is acknowledged. The client keeps data.
func (c *Client) Send(ctx context.Context, number int, data []byte) error {
	select {
	case c.window <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	case <-c.gone:
		return ErrClosed
	}
	select {
	case <-c.gone: // there was room as well
		return ErrClosed
	default:
	}
	m := &message{number: number, data: data}
	c.sending.Lock()
	defer c.sending.Unlock()
	c.mu.Lock()
	if len(c.waiting) == 0 {
		c.idle = make(chan struct{})
	}
	c.waiting = append(c.waiting, m)
	l := c.link
	c.mu.Unlock()
	if l != nil {
		c.put(l, m)
	}
	return nil
}

// put writes one frame and counts it. The count comes first: a frame that broke off half-way counts too, because the
// server may have all of it. An error is left to the connection's reader, which sees it too. sending is held.
func (c *Client) put(l *link, m *message) {
	c.mu.Lock()
	m.frames++
	c.report.Sent++
	if m.frames > 1 {
		c.report.Resent++
	}
	c.report.Messages[m.number] = Message{m.frames, m.acked}
	txn := l.expect(m)
	c.mu.Unlock()
	l.write(txn, m.data)
}

// run reads answers and connects again until the client is closed, which closes the connection that it reads.
func (c *Client) run(life context.Context, l *link) {
	defer func() { l.close() }()
	unhook := context.AfterFunc(life, l.close)
	for {
		c.read(l)
		unhook()
		l.close()
		c.mu.Lock()
		c.link = nil
		c.mu.Unlock()
		next := c.reconnect(life)
		if next == nil {
			return
		}
		l = next
		unhook = context.AfterFunc(life, l.close)
		c.resend(l)
	}
}

// read takes answers off one connection until it breaks or refuses a message.
func (c *Client) read(l *link) {
	for {
		txn, ok, err := l.answer()
		if err != nil {
			return
		}
		c.mu.Lock()
		m := l.answered(txn)
		if m == nil {
			c.mu.Unlock()
			continue // of a command, or a hint
		}
		if !ok {
			c.report.Refused++
			c.mu.Unlock()
			return // as librelp does: a new session, and everything again
		}
		c.acked(m)
		c.mu.Unlock()
	}
}

// acked notes an acknowledgement; mu is held. Answers come in order, so what is done is at the front.
func (c *Client) acked(m *message) {
	if m.acked {
		return
	}
	m.acked = true
	c.report.Acked++
	c.report.Messages[m.number] = Message{m.frames, true}
	for len(c.waiting) > 0 && c.waiting[0].acked {
		c.waiting[0] = nil
		c.waiting = c.waiting[1:]
	}
	<-c.window
	if len(c.waiting) == 0 {
		close(c.idle)
	}
}

// reconnect returns a new session, nil when the client is closed. It tries for ever: the test decides how long the
// server may be away.
func (c *Client) reconnect(life context.Context) *link {
	for pause := firstPause; ; pause = min(2*pause, maxPause) {
		select {
		case <-life.Done():
			return nil
		case <-time.After(pause):
		}
		if l, err := open(life, c.addr); err == nil {
			return l
		}
	}
}

// resend puts every unacknowledged message on a new connection and makes it the one that Send uses. It reads no
// answers meanwhile; the operating system keeps them, as they are short.
func (c *Client) resend(l *link) {
	c.sending.Lock()
	defer c.sending.Unlock()
	c.mu.Lock()
	c.report.Reconnects++
	again := make([]*message, 0, len(c.waiting))
	for _, m := range c.waiting {
		if !m.acked {
			again = append(again, m)
		}
	}
	c.link = l
	c.mu.Unlock()
	for _, m := range again {
		c.put(l, m)
	}
}

// Report returns what was done so far. Its map is a copy.
func (c *Client) Report() Report {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.report
	r.Messages = maps.Clone(c.report.Messages)
	return r
}

// Close waits until every message is acknowledged, ends the session and the client. When ctx ends first it returns
// its error, and the client is ended all the same.
func (c *Client) Close(ctx context.Context) error {
	c.mu.Lock()
	idle := c.idle
	c.mu.Unlock()
	var err error
	select {
	case <-idle:
		c.goodbye()
	case <-ctx.Done():
		c.mu.Lock()
		err = fmt.Errorf("waiting for %d acknowledgements: %w", len(c.waiting), ctx.Err())
		c.mu.Unlock()
	}
	c.Abort()
	return err
}

// goodbye sends the close command, if there is a session. Its answer is not waited for: nothing depends on it.
func (c *Client) goodbye() {
	c.sending.Lock()
	defer c.sending.Unlock()
	c.mu.Lock()
	l := c.link
	c.mu.Unlock()
	if l != nil {
		l.command("close", nil)
	}
}

// Abort ends the client at once, as a crash of the sender would.
func (c *Client) Abort() {
	c.stop()
	c.wg.Wait()
}

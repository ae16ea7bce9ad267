package syslog

import (
	"context"
	"errors"
	"io"
	"net"
	"time"

	"weir/ingest"
	"weir/ingest/syslog/arena"
	"weir/ingest/syslog/frame"
	"weir/ingest/syslog/relp"
)

const (
	// answerTime is how long a sender may leave an answer unread.
	answerTime = 30 * time.Second
	// goodbyeTime and goodbyeBytes bound what is read of a session that has ended.
	goodbyeTime  = 200 * time.Millisecond
	goodbyeBytes = 16 << 20
)

// software is the name that RELP peers see.
const software = "weir"

// errClosed means that the sender has closed its session as the protocol wants it.
var errClosed = errors.New("session closed")

// session receives one RELP connection. Its reader takes no frame that the window does not allow; a goroutine of its
// own writes the answers.
type session struct {
	*Source
	c       *conn
	emit    ingest.Emit
	reader  *arena.Reader
	parser  *relp.Parser
	answers *relp.Answers
	open    bool
}

// serveRELP receives until the sender closes, breaks the protocol, is idle for too long, or the source stops. All
// frames that were taken are answered before the connection ends, as far as the sender still listens.
func (s *Source) serveRELP(hand context.Context, c *conn, emit ingest.Emit) {
	defer func() { _ = c.raw.Close() }() // the sender may be gone already
	parser := relp.NewParser(int(s.cfg.MaxRecord))
	r := &session{Source: s, c: c, emit: emit, parser: parser, reader: s.pool.NewReader(parser.Room()), answers: relp.NewAnswers(s.cfg.RELP.Window)}
	defer r.reader.Close()
	written := make(chan error, 1)
	go func() { written <- r.answers.Write(answerWriter{c.raw}) }()

	err := r.receive(hand)
	switch {
	case isMalformed(err):
		s.counts.malformed.Add(1)
		if s.noted.First("relp " + c.peer.Addr().String()) {
			s.log.Warn("closing a RELP session that cannot be read", "source", c.source, "err", err)
		}
	case !errors.Is(err, errClosed) && !errors.Is(err, io.EOF) && !isTimeout(err):
		r.answers.Break() // nobody is there to be answered
	}
	r.answers.Finish()
	select {
	case err = <-written:
	case <-hand.Done():
		r.answers.Break()
		err = <-written
	}
	if err == nil {
		r.goodbye()
	}
}

// goodbye tells the sender that the session ends and lets it read its answers: to close while bytes of it are unread
// would make its kernel throw them away.
func (r *session) goodbye() {
	if _, err := (answerWriter{r.c.raw}).Write([]byte(relp.ServerClose)); err != nil {
		return
	}
	if err := r.c.raw.CloseWrite(); err != nil {
		return
	}
	if err := r.c.raw.SetReadDeadline(time.Now().Add(goodbyeTime)); err != nil {
		return
	}
	_, _ = io.CopyN(io.Discard, r.c.raw, goodbyeBytes) // frames that come now were never taken: the sender keeps them
}

// answerWriter gives each write its time.
type answerWriter struct{ c net.Conn }

func (w answerWriter) Write(p []byte) (int, error) {
	if err := w.c.SetWriteDeadline(time.Now().Add(answerTime)); err != nil {
		return 0, err
	}
	return w.c.Write(p)
}

// isTimeout tells whether err is a deadline that has passed: an idle sender, or a stop.
func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}

// isMalformed tells whether err means that the sender does not speak the protocol.
func isMalformed(err error) bool {
	for _, e := range []error{relp.ErrTransaction, relp.ErrCommand, relp.ErrLength, relp.ErrTrailer, errNotOpen, errOffers} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

var (
	errNotOpen = errors.New("a frame comes before the session is open")
	errOffers  = errors.New("the offers of open cannot be read")
)

// receive reads frames until there is a reason to end, which it returns. What was read is always taken before more is
// read, as far as the window allows.
func (r *session) receive(hand context.Context) error {
	idle := time.Duration(r.cfg.IdleTimeout)
	for {
		room := r.answers.Room()
		if room <= 0 {
			if err := r.waitForRoom(hand); err != nil {
				return err
			}
			continue
		}
		more, err := r.take(hand, min(room, arena.MaxRecords))
		if err != nil {
			return err
		}
		if more {
			continue
		}
		r.c.arm(time.Now().Add(idle))
		n, err := r.reader.Fill(r.c)
		if n > 0 {
			r.c.last.Store(time.Now().UnixNano())
		}
		if n == 0 && err != nil {
			return err
		}
	}
}

// waitForRoom waits until an answer is out. Meanwhile nothing is read, which is what slows the sender down.
func (r *session) waitForRoom(hand context.Context) error {
	r.c.busy.Store(true)
	defer r.c.busy.Store(false)
	select {
	case <-r.answers.Freed():
	case <-hand.Done():
		return hand.Err()
	}
	if r.answers.Broken() {
		return net.ErrClosed
	}
	return nil
}

// take hands over up to limit frames of what was read. It returns true if there may be more. All answers of one call
// are one group, completed when the front door is done with its records; answers that depend on nothing, such as the
// one to open, wait with them, because answers go out in the order of the frames.
func (r *session) take(hand context.Context, limit int) (more bool, err error) {
	now := time.Now()
	b := r.pool.Batch()
	replies := make([]relp.Reply, 0, min(limit, 64))
	data, n := r.reader.Data(), 0
	held := false
	for len(replies) < limit && err == nil {
		f, k, ok, bad := r.parser.Next(data[n:])
		n += k
		if err = bad; !ok || bad != nil {
			break
		}
		held = held || !f.Truncated
		var answer string
		answer, err = r.frame(b, f, now)
		replies = append(replies, relp.Reply{Txn: f.Txn, Data: answer})
	}
	if held && len(b.Recs) > 0 {
		r.reader.HoldIn(b)
	}
	r.reader.Consume(n)
	if len(replies) == 0 {
		b.Drop()
		return false, err
	}
	group := r.answers.Add(replies)
	if len(b.Recs) == 0 {
		b.Drop()
		group.Done(nil)
		return true, err
	}
	return true, errors.Join(err, r.deliver(hand, b, group))
}

// deliver emits b; the group is answered when the front door is done with it. A sender that is refused gets a 500 and
// sends the frame again, with librelp over a new session.
func (r *session) deliver(hand context.Context, b *arena.Batch, group *relp.Group) error {
	r.c.busy.Store(true)
	defer r.c.busy.Store(false)
	if err := b.Emit(hand, r.emit, group.Done); err != nil {
		group.Done(err)
		if !r.notTaken(hand, r.c.source, err) {
			return err
		}
	}
	return nil
}

// frame does what one frame asks and returns the answer that it gets once the batch is done.
func (r *session) frame(b *arena.Batch, f relp.Frame, now time.Time) (answer string, err error) {
	switch command := string(f.Command); {
	case command == "open":
		answer, ok := relp.OpenReply(f.Data, software)
		if r.open = ok; !ok {
			return answer, errOffers
		}
		return answer, nil
	case command == "close":
		return "", errClosed
	case !r.open:
		return relp.NotOpen, errNotOpen
	case command != "syslog":
		return relp.Unknown, nil
	}
	value := f.Data
	if !f.Truncated {
		value = frame.Trim(value)
	}
	if len(value) == 0 {
		r.counts.empty.Add(1)
		return relp.OK, nil
	}
	r.opts.Counter.Received(r.c.source, 1, len(value))
	if r.limit.Take(r.c.peer.Addr(), 1, now) == 0 {
		r.opts.Counter.Refused(r.c.source, "rate", 1)
		return relp.Refused, nil
	}
	if f.Truncated {
		r.counts.truncated.Add(1)
	}
	b.Recs = append(b.Recs, r.c.stamp(value, f.Truncated, now))
	return relp.OK, nil
}

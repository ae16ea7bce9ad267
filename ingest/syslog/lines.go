package syslog

import (
	"context"
	"crypto/tls"
	"errors"
	"os"
	"time"

	"weir/ingest"
	"weir/ingest/syslog/arena"
	"weir/ingest/syslog/frame"
	"weir/internal/record"
)

// lines receives one TCP or TLS connection. Only its own goroutine touches it.
type lines struct {
	*Source
	c      *conn
	emit   ingest.Emit
	reader *arena.Reader
	framer *frame.Framer
}

// serveLines receives until the sender ends, is idle for too long, or the source stops. The end of the connection ends
// its last record.
func (s *Source) serveLines(hand context.Context, c *conn, emit ingest.Emit) {
	defer func() { _ = c.raw.Close() }() // the sender may be gone already
	if c.proto == "tls" && !s.shakeHands(hand, c) {
		return
	}
	framer := frame.New(int(s.cfg.MaxRecord))
	l := &lines{Source: s, c: c, emit: emit, framer: framer, reader: s.pool.NewReader(framer.Room())}
	defer l.reader.Close()
	idle := time.Duration(s.cfg.IdleTimeout)
	last, settled := time.Now(), false
	for {
		until := last.Add(idle)
		unfinished := len(l.reader.Data()) > 0 && !settled && l.times.settle < idle
		if unfinished {
			until = last.Add(l.times.settle)
		}
		c.arm(until)
		n, err := l.reader.Fill(c)
		now := time.Now()
		if n > 0 {
			last, settled = now, false
			c.last.Store(now.UnixNano())
		}
		if unfinished && errors.Is(err, os.ErrDeadlineExceeded) && !c.stopping() {
			l.framer.Settle()
			settled, err = true, nil
		}
		if !l.handOver(hand, now, err != nil) || err != nil {
			break
		}
	}
	if tc, ok := c.Conn.(*tls.Conn); ok {
		_ = tc.Close() // says goodbye; a sender that is gone does not hear it
	}
}

// shakeHands turns c into a TLS connection. A client that opens a connection and says nothing, or stops half-way, is
// given up after a while; until then it costs one goroutine.
func (s *Source) shakeHands(hand context.Context, c *conn) bool {
	tc := tls.Server(c.raw, s.tls)
	ctx, cancel := context.WithTimeout(hand, s.times.handshake)
	defer cancel()
	if err := tc.HandshakeContext(ctx); err != nil {
		s.counts.handshakes.Add(1)
		if !c.stopping() && s.noted.First("handshake "+c.peer.Addr().String()) {
			s.log.Warn("a client did not complete the TLS handshake", "source", c.source, "err", err)
		}
		return false
	}
	if certs := tc.ConnectionState().PeerCertificates; len(certs) > 0 {
		c.tlsName = certs[0].Subject.CommonName
	}
	c.Conn = tc
	return true
}

// handOver cuts what was read into records and hands them over, in parts where there are many. It returns false when
// nothing can be handed over any more.
func (l *lines) handOver(hand context.Context, now time.Time, eof bool) bool {
	l.c.busy.Store(true)
	defer l.c.busy.Store(false)
	defer l.counts.add(l.framer)
	for more := true; more; {
		b := l.pool.Batch()
		more = l.fill(b, now, eof)
		if !l.deliver(hand, b, now) {
			return false
		}
	}
	return true
}

// fill moves records from the reader into b; it returns true when b is full. The records point into the chunk that the
// reader holds now, so b holds it from here on; the unfinished rest of it stays with the reader.
func (l *lines) fill(b *arena.Batch, now time.Time, eof bool) bool {
	data, n := l.reader.Data(), 0
	for !b.Full() {
		r, k, ok := l.framer.Next(data[n:], eof)
		n += k
		if !ok {
			break
		}
		b.Recs = append(b.Recs, l.c.stamp(r.Bytes, r.Truncated, now))
	}
	if len(b.Recs) > 0 {
		l.reader.HoldIn(b)
	}
	l.reader.Consume(n)
	return b.Full()
}

// stamp makes the record of one frame. value must be held by the batch that it goes into.
func (c *conn) stamp(value []byte, long bool, now time.Time) record.Raw {
	r := record.Raw{Value: value, Received: now, Peer: c.peer, Proto: c.proto, Input: Input, TLSName: c.tlsName}
	if long {
		r.Tags = truncated
	}
	return r
}

// deliver counts b, takes off what is above the sender's limit and emits the rest. It blocks under pressure, which is
// what stops this sender, and only this one.
func (l *lines) deliver(hand context.Context, b *arena.Batch, now time.Time) bool {
	n, size := len(b.Recs), 0
	for i := range b.Recs {
		size += len(b.Recs[i].Value)
	}
	if n == 0 {
		b.Drop()
		return true
	}
	l.opts.Counter.Received(l.c.source, n, size)
	if allowed := l.limit.Take(l.c.peer.Addr(), n, now); allowed < n {
		l.opts.Counter.Refused(l.c.source, "rate", n-allowed)
		if b.Recs = b.Recs[:allowed]; allowed == 0 {
			b.Drop()
			return true
		}
	}
	if err := b.Emit(hand, l.emit, nil); err != nil {
		return l.notTaken(hand, l.c.source, err)
	}
	return true
}

// notTaken says once per sender that the front door refuses; it has counted the records. It returns whether to go on.
func (s *Source) notTaken(hand context.Context, source string, err error) bool {
	if s.noted.First("full " + source) {
		s.log.Warn("records are refused", "source", source, "err", err)
	}
	return hand.Err() == nil
}

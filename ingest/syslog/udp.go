package syslog

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"weir/ingest"
	"weir/ingest/syslog/arena"
	"weir/ingest/syslog/bind"
	"weir/ingest/syslog/frame"
	"weir/internal/record"
)

const (
	// dropsEvery is how often the drop counts of quiet sockets are read.
	dropsEvery = time.Second
	// drainTime bounds how long a stop reads on from a socket that keeps filling.
	drainTime = 200 * time.Millisecond
	// maxNames bounds the remembered names of senders per socket.
	maxNames = 4096
)

// udpSocket is one of the sockets that share the UDP port. One goroutine receives from it; its counts are read by
// others.
type udpSocket struct {
	conn           *net.UDPConn
	asked, granted int
	packets        atomic.Uint64
	seen           atomic.Uint32 // the kernel's count of drops when last looked at; it wraps
	dropped        atomic.Uint64
}

// newUDPSocket wraps a bound socket.
func newUDPSocket(u bind.UDP, asked int) *udpSocket {
	return &udpSocket{conn: u.UDPConn, asked: asked, granted: u.Granted}
}

// addr is the address that the socket is bound to, also after it was closed.
func (u *udpSocket) addr() netip.AddrPort {
	return unmap(u.conn.LocalAddr().(*net.UDPAddr).AddrPort())
}

// sawDrops takes the kernel's count, which came with a datagram or was asked for, and reports its increase. The two
// may be seen in the wrong order.
func (u *udpSocket) sawDrops(count uint32, to ingest.Counter) {
	for {
		before := u.seen.Load()
		more := int32(count - before)
		if more <= 0 {
			return
		}
		if u.seen.CompareAndSwap(before, count) {
			u.dropped.Add(uint64(more))
			to.KernelDrops(Input, int(more))
			return
		}
	}
}

// watchDrops reads the drop counts of all sockets every second until ctx ends: a datagram brings the count with it,
// but after the last one of a burst there is none.
func (s *Source) watchDrops(ctx context.Context) {
	if len(s.udp) == 0 {
		return
	}
	tick := time.NewTicker(dropsEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			for _, u := range s.udp {
				if n, ok := bind.Drops(u.conn); ok {
					u.sawDrops(n, s.opts.Counter)
				}
			}
		case <-ctx.Done():
			return
		}
	}
}

// datagrams receives one socket. Only its own goroutine touches it.
type datagrams struct {
	*Source
	u     *udpSocket
	emit  ingest.Emit
	in    *receiver
	out   *arena.Writer
	names map[netip.Addr]string
	tally []tally
}

// tally counts the datagrams of one sender in one batch.
type tally struct {
	addr                    netip.Addr
	records, bytes, refused int
}

// receive takes datagrams until ctx ends, then what is left in the socket, and closes it. Under pressure handOver blocks
// and the kernel drops what its buffer does not hold; that is counted like any other drop.
func (s *Source) receive(ctx, hand context.Context, u *udpSocket, emit ingest.Emit) {
	defer func() { _ = u.conn.Close() }() // read only
	in, err := newReceiver(u.conn)
	if err != nil {
		s.log.Error("receiving datagrams", "err", err)
		return
	}
	defer in.close()
	d := &datagrams{Source: s, u: u, emit: emit, in: in, out: s.pool.NewWriter(), names: map[netip.Addr]string{}}
	defer d.out.Close()
	for ctx.Err() == nil {
		n, err := in.wait()
		if err != nil {
			if ctx.Err() == nil && !isTimeout(err) && !errors.Is(err, net.ErrClosed) {
				d.pause(ctx, err)
			}
			continue
		}
		if !d.handOver(hand, n) {
			return
		}
	}
	for until := time.Now().Add(drainTime); time.Now().Before(until); {
		n, err := in.poll()
		if err != nil || n == 0 || !d.handOver(hand, n) {
			break
		}
	}
	if n, ok := bind.Drops(u.conn); ok {
		u.sawDrops(n, s.opts.Counter)
	}
}

// pause follows an error that the socket may recover from, such as a shortage of kernel memory.
func (d *datagrams) pause(ctx context.Context, err error) {
	if d.noted.First("receive udp") {
		d.log.Warn("receiving datagrams", "err", err)
	}
	select {
	case <-time.After(100 * time.Millisecond):
	case <-ctx.Done():
	}
}

// handOver emits the n datagrams that were received as one batch: what one system call gave, with no waiting for more.
// It returns false when nothing can be handed over. The datagrams are copied, one behind the other, because the slots
// they lie in are 64 KiB each and are needed for the next call; b holds the copies.
func (d *datagrams) handOver(hand context.Context, n int) bool {
	now := time.Now()
	b := d.pool.Batch()
	empty, long := 0, 0
	for i := range n {
		value := frame.Trim(d.in.data(i))
		if len(value) == 0 {
			empty++
			continue
		}
		r := record.Raw{Received: now, Peer: d.in.peer(i), Proto: "udp", Input: Input}
		if limit := int(d.cfg.MaxRecord); len(value) > limit {
			value, r.Tags = value[:limit], truncated
			long++
		}
		if !d.count(r.Peer.Addr(), len(value), now) {
			continue
		}
		r.Value = d.out.Copy(b, value)
		b.Recs = append(b.Recs, r)
	}
	d.u.packets.Add(uint64(n))
	d.report(empty, long)
	if drops, ok := d.in.drops(n); ok {
		d.u.sawDrops(drops, d.opts.Counter)
	}
	if len(b.Recs) == 0 {
		b.Drop()
		return true
	}
	first := b.Recs[0].Peer.Addr()
	if err := b.Emit(hand, d.emit, nil); err != nil {
		return d.notTaken(hand, d.name(first), err)
	}
	return true
}

// count notes a datagram of a sender and tells whether its limit lets it pass.
func (d *datagrams) count(a netip.Addr, size int, now time.Time) bool {
	var t *tally
	// Senders come in runs, and a batch has few: looking from the end finds them soonest.
	for i := len(d.tally) - 1; i >= 0; i-- {
		if d.tally[i].addr == a {
			t = &d.tally[i]
			break
		}
	}
	if t == nil {
		d.tally = append(d.tally, tally{addr: a})
		t = &d.tally[len(d.tally)-1]
	}
	t.records++
	t.bytes += size
	if d.limit.Take(a, 1, now) == 0 {
		t.refused++
		return false
	}
	return true
}

// report passes the counts of a batch on.
func (d *datagrams) report(empty, long int) {
	for _, t := range d.tally {
		d.opts.Counter.Received(d.name(t.addr), t.records, t.bytes)
		if t.refused > 0 {
			d.opts.Counter.Refused(d.name(t.addr), "rate", t.refused)
		}
	}
	d.tally = d.tally[:0]
	if empty > 0 {
		d.counts.empty.Add(uint64(empty))
	}
	if long > 0 {
		d.counts.truncated.Add(uint64(long))
	}
}

// name returns the name of a sender in counts, made once.
func (d *datagrams) name(a netip.Addr) string {
	if s, ok := d.names[a]; ok {
		return s
	}
	if len(d.names) >= maxNames {
		clear(d.names)
	}
	s := sourceName(a)
	d.names[a] = s
	return s
}

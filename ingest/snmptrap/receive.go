package snmptrap

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"weir/ingest"
	"weir/ingest/syslog/arena"
	"weir/internal/record"
)

const (
	// maxDatagram is the longest UDP datagram there is.
	maxDatagram = 65507
	// maxBatch bounds what is decoded before it is handed over.
	maxBatch = 256
	// dropsEvery is how often the drop count of a quiet socket is read.
	dropsEvery = time.Second
	// drainTime bounds how long a stop reads on from a socket that keeps filling.
	drainTime = 200 * time.Millisecond
	// maxNames bounds the remembered names of senders.
	maxNames = 4096
)

// answer is a datagram for a sender, when Kafka has its record.
type answer struct {
	to   netip.AddrPort
	data []byte
}

// tally counts the datagrams of one sender in one batch.
type tally struct {
	addr           netip.Addr
	records, bytes int
	refused        map[string]int // by reason; nil for most
}

// receiver receives the socket. Only its own goroutine touches it.
type receiver struct {
	*Source
	raw     syscall.RawConn
	emit    ingest.Emit
	decoder *decoder
	out     *arena.Writer
	buf     []byte
	control []byte
	names   map[netip.Addr]string
	tallies []tally
	batch   *arena.Batch
	answers []answer
}

// receive takes datagrams until ctx ends, then what is left in the socket. Under pressure the emission blocks, and the
// kernel drops what its buffer does not hold; that is counted like any other drop.
func (s *Source) receive(ctx, hand context.Context, emit ingest.Emit) error {
	raw, err := s.conn.SyscallConn()
	if err != nil {
		return fmt.Errorf("reaching the socket: %w", err)
	}
	r := &receiver{
		Source: s, raw: raw, emit: emit, decoder: newDecoder(s.creds, s.engine), out: s.pool.NewWriter(),
		buf: make([]byte, 64<<10), control: make([]byte, unix.CmsgSpace(4)), names: map[netip.Addr]string{},
	}
	defer r.out.Close()
	for ctx.Err() == nil {
		if err := r.fill(true, time.Time{}); err != nil && ctx.Err() == nil && !isTimeout(err) {
			if s.noted.First("receive") {
				s.log.Warn("receiving datagrams", "err", err)
			}
			select { // a shortage of kernel memory, most likely
			case <-time.After(100 * time.Millisecond):
			case <-ctx.Done():
			}
		}
		r.handOver(hand)
	}
	for until := time.Now().Add(drainTime); time.Now().Before(until); {
		if err := r.fill(false, until); err != nil || !r.handOver(hand) {
			break
		}
	}
	return nil
}

// isTimeout tells whether a read ended by its deadline, which is how a stop wakes the reader.
func isTimeout(err error) bool {
	var t net.Error
	return errors.As(err, &t) && t.Timeout()
}

// fill takes datagrams, with wait at least one, until there is none left or the batch is full.
func (r *receiver) fill(wait bool, until time.Time) error {
	r.batch = r.pool.Batch()
	for i := range maxBatch {
		n, from, err := r.take(wait && i == 0)
		if errors.Is(err, unix.EAGAIN) {
			return nil
		}
		if err != nil {
			return err
		}
		r.judge(r.buf[:n], from, time.Now())
		if !until.IsZero() && time.Now().After(until) {
			return nil
		}
	}
	return nil
}

// take takes one datagram into buf; without wait EAGAIN says that there is none.
func (r *receiver) take(wait bool) (n int, from netip.AddrPort, err error) {
	var sender unix.Sockaddr
	var controls int
	try := func(fd uintptr) {
		for {
			n, controls, _, sender, err = unix.Recvmsg(int(fd), r.buf, r.control, unix.MSG_DONTWAIT)
			if !errors.Is(err, unix.EINTR) {
				return
			}
		}
	}
	var outer error
	if wait {
		outer = r.raw.Read(func(fd uintptr) bool {
			try(fd)
			return !errors.Is(err, unix.EAGAIN)
		})
	} else {
		outer = r.raw.Control(try)
	}
	if outer != nil {
		return 0, from, outer
	}
	if err != nil {
		return 0, from, err
	}
	r.sawControl(r.control[:controls])
	return n, addrPort(sender), nil
}

// sawControl takes the count of drops that a datagram brought with it; there is none while it is 0.
func (r *receiver) sawControl(control []byte) {
	if len(control) < unix.CmsgLen(4) {
		return
	}
	head := (*unix.Cmsghdr)(unsafe.Pointer(&control[0]))
	if head.Level == unix.SOL_SOCKET && head.Type == unix.SO_RXQ_OVFL {
		r.drops.saw(binary.NativeEndian.Uint32(control[unix.CmsgLen(0):]), r.opts.Counter)
	}
}

// addrPort is the sender of a datagram.
func addrPort(sa unix.Sockaddr) netip.AddrPort {
	switch a := sa.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(a.Addr), uint16(a.Port))
	case *unix.SockaddrInet6:
		addr := netip.AddrFrom16(a.Addr).Unmap()
		if a.ZoneId != 0 && addr.IsLinkLocalUnicast() {
			addr = addr.WithZone(zoneName(int(a.ZoneId)))
		}
		return netip.AddrPortFrom(addr, uint16(a.Port))
	}
	return netip.AddrPort{}
}

// zoneName names the interface of a link-local sender.
func zoneName(id int) string {
	if i, err := net.InterfaceByIndex(id); err == nil {
		return i.Name
	}
	return fmt.Sprint(id)
}

// judge counts a datagram, decodes it and puts its record into the batch.
func (r *receiver) judge(datagram []byte, from netip.AddrPort, now time.Time) {
	t := r.tally(from.Addr())
	if r.limit.Take(from.Addr(), 1, now) == 0 {
		t.count(len(datagram))
		t.refuse("rate")
		return
	}
	v := r.decoder.decode(datagram, now)
	if v.now != nil {
		r.send(v.now, from)
	}
	if v.doc == nil && v.reason == "" {
		return // a message of the protocol
	}
	t.count(len(datagram))
	if v.reason != "" {
		t.refuse(v.reason)
		r.say(v, from)
		return
	}
	r.batch.Recs = append(r.batch.Recs, record.Raw{Value: r.out.Copy(r.batch, v.doc), Received: now, Peer: from, Proto: "udp", Input: Input})
	if v.later != nil {
		r.answers = append(r.answers, answer{from, v.later})
	}
}

// say logs a refusal once an hour for each sender and reason.
func (r *receiver) say(v verdict, from netip.AddrPort) {
	source := r.name(from.Addr())
	if !r.noted.First(v.reason + " " + source) {
		return
	}
	if v.detail != "" {
		r.log.Warn("a trap is refused", "source", source, "why", v.reason, "detail", v.detail)
		return
	}
	r.log.Warn("a trap is refused", "source", source, "why", v.reason)
}

// handOver emits the batch. INFORMs in it are answered when the front door is done, from its goroutine. It returns
// false when nothing can be handed over any more.
func (r *receiver) handOver(hand context.Context) bool {
	r.report()
	b, answers := r.batch, r.answers
	r.batch, r.answers = nil, nil // answers are kept until done; most batches have none
	if len(b.Recs) == 0 {
		b.Drop()
		return true
	}
	first := b.Recs[0].Peer.Addr()
	var then func(error)
	if len(answers) > 0 {
		then = func(err error) {
			if err != nil {
				return // the sender sends it again
			}
			for _, a := range answers {
				r.send(a.data, a.to)
			}
		}
	}
	if err := b.Emit(hand, r.emit, then); err != nil {
		if r.noted.First("full " + r.name(first)) {
			r.log.Warn("records are refused", "source", r.name(first), "err", err)
		}
		return hand.Err() == nil
	}
	return true
}

// tally returns the counts of a sender in this batch.
func (r *receiver) tally(a netip.Addr) *tally {
	// Senders come in runs, and a batch has few: looking from the end finds them soonest.
	for i := len(r.tallies) - 1; i >= 0; i-- {
		if r.tallies[i].addr == a {
			return &r.tallies[i]
		}
	}
	r.tallies = append(r.tallies, tally{addr: a})
	return &r.tallies[len(r.tallies)-1]
}

func (t *tally) count(size int) { t.records, t.bytes = t.records+1, t.bytes+size }

func (t *tally) refuse(reason string) {
	if t.refused == nil {
		t.refused = map[string]int{}
	}
	t.refused[reason]++
}

// report passes the counts of a batch on.
func (r *receiver) report() {
	for _, t := range r.tallies {
		if t.records > 0 {
			r.opts.Counter.Received(r.name(t.addr), t.records, t.bytes)
		}
		for reason, n := range t.refused {
			r.opts.Counter.Refused(r.name(t.addr), reason, n)
		}
	}
	clear(r.tallies)
	r.tallies = r.tallies[:0]
}

// name returns the name of a sender in counts, made once.
func (r *receiver) name(a netip.Addr) string {
	if s, ok := r.names[a]; ok {
		return s
	}
	if len(r.names) >= maxNames {
		clear(r.names)
	}
	raw := record.Raw{Input: Input, Peer: netip.AddrPortFrom(a, 0)}
	s := raw.Source()
	r.names[a] = s
	return s
}

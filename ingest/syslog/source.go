package syslog

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"runtime"
	"sync"
	"time"

	"weir/ingest"
	"weir/ingest/internal/limit"
	"weir/ingest/syslog/arena"
	"weir/ingest/syslog/bind"
	"weir/internal/config"
	"weir/internal/config/unit"
	"weir/internal/record"
)

// Input is the name of this input in records and counts.
const Input = "syslog"

// Times that a stop takes at most.
const (
	stopReading = 100 * time.Millisecond // connections go on reading what has already been sent
	stopWaiting = 5 * time.Second        // then everything is closed, done or not
)

// times are the patience that a source has with its senders; tests have less.
type times struct {
	handshake time.Duration // for a client to say who it is
	settle    time.Duration // for bytes that would show whether an octet count is right
}

var usualTimes = times{handshake: 10 * time.Second, settle: 5 * time.Second}

// truncated is the tag list of every truncated record; nobody may append in place to it.
var truncated = []string{record.TagTruncated}[:1:1]

// Options are what a source needs beside its configuration. Dir is the folder of weir's own certificate.
type Options = ingest.Options

// Source is the syslog input. New binds, Run receives. Its fields do not change once New has returned; what is
// written while it runs is in types that lock for themselves.
type Source struct {
	cfg     config.Syslog
	opts    Options
	log     *slog.Logger
	pool    *arena.Pool
	limit   *limit.Limiter // nil: no limit
	table   *table
	noted   limit.Noted
	counts  counters
	udp     []*udpSocket
	streams []*stream
	tls     *tls.Config
	times   times
}

// stream is one listener for connections. serve receives one connection to its end, in a goroutine of its own; hand
// ends later than the context of Run, so that what was read can be handed over.
type stream struct {
	proto string
	ln    *net.TCPListener
	serve func(s *Source, hand context.Context, c *conn, emit ingest.Emit)
}

// New binds every configured address. Errors are *fault.Error wherever a user can do something about them; nothing
// stays open after one.
func New(cfg config.Syslog, opts Options) (*Source, error) {
	if opts.Config == "" {
		opts.Config = "inputs.syslog"
	}
	s := &Source{
		cfg: cfg, opts: opts, log: opts.Log.With("component", Input),
		pool: arena.NewPool(arena.DefaultBudget), limit: limit.New(float64(cfg.Limit)), table: newTable(cfg.MaxConnections),
		times: usualTimes,
	}
	if err := s.bind(); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// bind opens all sockets. A section without an address is off.
func (s *Source) bind() error {
	if s.cfg.Listen != "" {
		if err := s.bindUDP(); err != nil {
			return err
		}
		if err := s.bindStream("tcp", s.cfg.Listen, "listen", (*Source).serveLines); err != nil {
			return err
		}
	}
	if s.cfg.TLS.Listen != "" {
		var err error
		if s.tls, err = s.loadTLS(time.Now()); err != nil {
			return err
		}
		if err := s.bindStream("tls", s.cfg.TLS.Listen, "tls.listen", (*Source).serveLines); err != nil {
			return err
		}
	}
	if s.cfg.RELP.Listen != "" {
		return s.bindStream("relp", s.cfg.RELP.Listen, "relp.listen", (*Source).serveRELP)
	}
	return nil
}

// bindStream opens one listener for connections; key is its place in the section of the configuration.
func (s *Source) bindStream(proto, address, key string, serve func(*Source, context.Context, *conn, ingest.Emit)) error {
	ln, err := bind.TCP(bind.Place{Name: Input + " " + proto, Network: "tcp", Address: address, Key: s.opts.Config + "." + key})
	if err != nil {
		return err
	}
	s.streams = append(s.streams, &stream{proto, ln, serve})
	return nil
}

// bindUDP opens the sockets that share the UDP port.
func (s *Source) bindUDP() error {
	n := s.cfg.Sockets
	if n == 0 {
		n = runtime.NumCPU()
	}
	place := bind.Place{Name: Input + " udp", Network: "udp", Address: s.cfg.Listen, Key: s.opts.Config + ".listen"}
	socks, err := bind.UDPs(place, n, int(s.cfg.ReceiveBuffer))
	if err != nil {
		return err
	}
	for _, u := range socks {
		s.udp = append(s.udp, newUDPSocket(u, int(s.cfg.ReceiveBuffer)))
	}
	if got := socks[0].Granted; got < int(s.cfg.ReceiveBuffer) {
		s.log.Info("the kernel grants a smaller receive buffer than asked for: bursts may be lost",
			"asked", s.cfg.ReceiveBuffer.String(), "granted", unit.Bytes(got).String(),
			"do", fmt.Sprintf("sudo sysctl -w net.core.rmem_max=%d", s.cfg.ReceiveBuffer))
	}
	return nil
}

// Listening returns the addresses that are bound, each UDP port once.
func (s *Source) Listening() []ingest.Listener {
	var out []ingest.Listener
	if len(s.udp) > 0 {
		out = append(out, ingest.Listener{Proto: "udp", Addr: s.udp[0].addr()})
	}
	for _, l := range s.streams {
		out = append(out, ingest.Listener{Proto: l.proto, Addr: unmap(l.ln.Addr().(*net.TCPAddr).AddrPort())})
	}
	return out
}

// Close closes the sockets of a source that is not run.
func (s *Source) Close() {
	for _, u := range s.udp {
		_ = u.conn.Close() // closed before, or nothing to be done about it
	}
	s.closeListeners()
}

// closeListeners makes every accept return; connections that are open stay open.
func (s *Source) closeListeners() {
	for _, l := range s.streams {
		_ = l.ln.Close() // closed before, or nothing to be done about it
	}
}

// Run receives until ctx ends. It then closes the listeners, reads what has already arrived, waits until the front
// door is done with all of it and RELP senders have their answers, and returns nil; after five seconds it waits no
// longer. It may be called once.
func (s *Source) Run(ctx context.Context, emit ingest.Emit) error {
	// What was read is handed over after ctx has ended too.
	hand, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	var wg sync.WaitGroup
	for _, u := range s.udp {
		wg.Go(func() { s.receive(ctx, hand, u, emit) })
	}
	for _, l := range s.streams {
		wg.Go(func() { s.accept(ctx, hand, l, emit, &wg) })
	}
	wg.Go(func() { s.watchDrops(ctx) })
	<-ctx.Done()

	s.closeListeners()
	for _, u := range s.udp {
		_ = u.conn.SetReadDeadline(time.Now()) // wakes the reader; a closed socket has none
	}
	s.table.stop(time.Now().Add(stopReading))
	patience := time.AfterFunc(stopWaiting, func() {
		cancel()
		s.table.cut()
	})
	defer patience.Stop()
	wg.Wait()
	s.settle(hand)
	return nil
}

// settle waits until the front door is done with every batch, or hand ends. Readers have ended, so the number of
// batches only falls; to look at it every 2 ms costs less than a lock around each of them would.
func (s *Source) settle(hand context.Context) {
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for s.pool.InFlight() > 0 {
		select {
		case <-tick.C:
		case <-hand.Done():
			s.log.Warn("stopped before everything received was acknowledged", "batches", s.pool.InFlight())
			return
		}
	}
}

// accept takes connections until its listener is closed. Each gets a goroutine of wg, which is safe although Run may
// wait for wg already: this goroutine is one of it.
func (s *Source) accept(ctx, hand context.Context, l *stream, emit ingest.Emit, wg *sync.WaitGroup) {
	pause := time.Duration(0)
	for {
		raw, err := l.ln.AcceptTCP()
		if err != nil {
			if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
				return
			}
			// Out of file descriptors, most likely: it passes when connections end.
			pause = min(max(2*pause, 10*time.Millisecond), time.Second)
			if s.noted.First("accept " + l.proto) {
				s.log.Warn("taking a connection", "proto", l.proto, "err", err)
			}
			select {
			case <-time.After(pause):
				continue
			case <-ctx.Done():
				return
			}
		}
		pause = 0
		c := newConn(raw, l.proto)
		if !s.admit(c) {
			continue
		}
		wg.Go(func() {
			defer s.table.leave(c)
			l.serve(s, hand, c, emit)
		})
	}
}

// admit lets a connection in, or refuses it where there are too many.
func (s *Source) admit(c *conn) bool {
	victim, ok := s.table.enter(c, time.Now())
	loser, note := victim, "closing a silent connection to make room for another sender"
	if !ok {
		loser, note = c, "refusing a connection: there are too many"
		// Counted as one frame that came and was refused, so that the ledger has both sides of it.
		s.opts.Counter.Received(c.source, 1, 0)
		s.opts.Counter.Refused(c.source, "connections", 1)
		s.counts.refused.Add(1)
	}
	if loser != nil {
		_ = loser.raw.Close() // its reader, if any, ends with this
		if s.noted.First(note + loser.peer.Addr().String()) {
			s.log.Warn("a connection is refused", "why", note, "source", loser.source, "proto", loser.proto, "limit", s.cfg.MaxConnections)
		}
	}
	if ok {
		s.counts.accepted.Add(1)
	}
	return ok
}

// unmap writes an IPv4 address as such where the socket serves both families.
func unmap(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }

package snmptrap

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"path/filepath"
	"sync"
	"time"

	"weir/ingest"
	"weir/ingest/internal/limit"
	"weir/ingest/syslog/arena"
	"weir/ingest/syslog/bind"
	"weir/internal/config"
	"weir/internal/config/unit"
)

// Input is the name of this input in records and counts.
const Input = "snmptrap"

// stopWaiting is how long a stop waits for the front door, so that senders of INFORMs get their answers.
const stopWaiting = 5 * time.Second

// Source is the receiver of traps. New binds, Run receives. Its fields do not change once New has returned; what is
// written while it runs is in types that lock for themselves.
type Source struct {
	opts   ingest.Options
	log    *slog.Logger
	creds  *credentials
	engine *engine // nil where there is no user
	conn   *net.UDPConn
	addr   netip.AddrPort
	pool   *arena.Pool
	limit  *limit.Limiter
	noted  limit.Noted
	drops  drops
}

// New reads the credentials and binds the address. A relative path of the credentials lies in Options.Data. Errors are
// *fault.Error wherever a user can do something about them; nothing stays open after one.
func New(cfg config.SNMPTrap, opts ingest.Options) (*Source, error) {
	if opts.Config == "" {
		opts.Config = "inputs." + Input
	}
	file := cfg.Credentials
	if !filepath.IsAbs(file) {
		file = filepath.Join(opts.Data, file)
	}
	creds, err := loadCredentials(file)
	if err != nil {
		return nil, err
	}
	s := &Source{opts: opts, log: opts.Log.With("component", Input), creds: creds, pool: arena.NewPool(arena.DefaultBudget), limit: limit.New(float64(cfg.Limit))}
	if len(creds.users) > 0 {
		if s.engine, err = openEngine(opts.Dir, time.Now()); err != nil {
			return nil, err
		}
	}
	place := bind.Place{Name: Input + " udp", Network: "udp", Address: cfg.Listen, Key: opts.Config + ".listen"}
	sockets, err := bind.UDPs(place, 1, int(cfg.ReceiveBuffer))
	if err != nil {
		return nil, err
	}
	s.conn = sockets[0].UDPConn
	bound := s.conn.LocalAddr().(*net.UDPAddr).AddrPort()
	s.addr = netip.AddrPortFrom(bound.Addr().Unmap(), bound.Port())
	if got := sockets[0].Granted; got < int(cfg.ReceiveBuffer) {
		s.log.Info("the kernel grants a smaller receive buffer than asked for: bursts may be lost", "asked", cfg.ReceiveBuffer.String(),
			"granted", unit.Bytes(got).String(), "do", fmt.Sprintf("sudo sysctl -w net.core.rmem_max=%d", cfg.ReceiveBuffer))
	}
	if creds.any && !s.addr.Addr().IsLoopback() {
		s.log.Warn("traps of any community are let in", "why", "there is no file of credentials", "do", "write "+file+": docs/snmp-traps.md")
	}
	return s, nil
}

// Listening returns the bound address.
func (s *Source) Listening() []ingest.Listener {
	return []ingest.Listener{{Proto: "udp", Addr: s.addr}}
}

// Close closes the socket of a source that is not run.
func (s *Source) Close() { _ = s.conn.Close() } // closed before, or nothing to be done about it

// Run receives until ctx ends. It then reads what has arrived already, waits until the front door is done with it and
// INFORMs are answered, and closes the socket; after five seconds it waits no longer. It may be called once.
func (s *Source) Run(ctx context.Context, emit ingest.Emit) error {
	// What was read is handed over after ctx has ended too.
	hand, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer s.Close()
	var wg sync.WaitGroup
	var failed error
	receiving, ended := context.WithCancel(ctx)
	defer ended()
	wg.Go(func() {
		defer ended()
		failed = s.receive(ctx, hand, emit)
	})
	wg.Go(func() { s.drops.watch(receiving, s.conn, s.opts.Counter) })
	<-receiving.Done()
	_ = s.conn.SetReadDeadline(time.Now()) // wakes the reader; a closed socket has none
	patience := time.AfterFunc(stopWaiting, cancel)
	defer patience.Stop()
	wg.Wait()
	s.settle(hand)
	return failed
}

// settle waits until the front door is done with every batch, or hand ends. The reader has ended, so the number of
// batches only falls; looking at it every 2 ms costs less than a lock around each of them would.
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

// send sends a datagram to a sender. It may not arrive: the sender then asks again.
func (s *Source) send(data []byte, to netip.AddrPort) {
	if _, err := s.conn.WriteToUDPAddrPort(data, to); err != nil && s.noted.First("answer "+to.Addr().String()) {
		s.log.Warn("answering a sender", "source", to.Addr().String(), "err", err)
	}
}

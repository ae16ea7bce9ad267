// Package ebpf records the TCP connections of this machine: one record for each when it ends, with its process, states,
// bytes, retransmits and round trip times, as the kernel saw them.
//
// Where the kernel does not let it, one warning says why, and the source waits for the end without a record: a machine
// whose logs are received is worth more than none.
package ebpf

import (
	"context"
	"log/slog"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"weir/bpf"
	"weir/ingest"
	"weir/internal/config"
)

// Input is the name of this input in records and counts.
const Input = "ebpf"

// Options are what a source needs beside its configuration.
type Options = ingest.Options

// kernel is what the source needs of bpf.Tracer. Next, Rest, Counts, Detach and Close are called by the goroutine of Run,
// Exec too; Reports by another one, which has ended before Detach.
type kernel interface {
	Next(c *bpf.Conn, deadline time.Time) (bool, error)
	Rest(c *bpf.Conn) (bool, error)
	Reports(before uint64) error
	Counts() (bpf.Counts, error)
	Exec(pid uint32) (bpf.Exec, bool)
	Detach()
	Close()
}

// Source is the eBPF input. New loads what runs in the kernel, Run reads it.
type Source struct {
	cfg    config.EBPF
	opts   Options
	log    *slog.Logger
	kernel kernel // nil: this machine does not let us
	host   string
	once   sync.Once // closes kernel

	inFlight atomic.Int64 // batches that the front door has
	pool     sync.Pool    // of *batch
}

// New loads and attaches the programs. That the kernel refuses them is a warning in the log and no error.
func New(cfg config.EBPF, opts Options) (*Source, error) {
	if opts.Config == "" {
		opts.Config = "inputs.ebpf"
	}
	s := &Source{cfg: cfg, opts: opts, log: opts.Log.With("component", Input), host: hostname()}
	s.pool.New = func() any { return new(batch) }
	t, err := bpf.Open(bpf.Options{
		Ring: int(cfg.Ring), Connections: cfg.Connections, IgnoreLoopback: cfg.IgnoreLoopback, IgnorePorts: ports(cfg.IgnorePorts), Own: cfg.Own,
	})
	if err != nil {
		warn(s.log, refused(err, opts.Config))
		return s, nil
	}
	s.kernel = t
	s.announce(t.Hooks(), t.Self())
	return s, nil
}

// announce says what is watched, and what is missing. A missing hook is no fault of the user, but the records mean less
// without it, and nobody could see that in them.
func (s *Source) announce(hooks []bpf.Hook, self int) {
	active := 0
	for _, h := range hooks {
		if h.Err == nil {
			active++
			continue
		}
		s.log.Warn("a hook is missing", "hook", h.Name, "effect", h.Without, "err", reason(h.Err))
	}
	s.log.Info("recording TCP connections", "hooks", active, "own", s.cfg.Own)
	if self != os.Getpid() {
		s.log.Info("this process has its own numbers of processes: paths and arguments are known only for programs that start from now on",
			"own_pid", os.Getpid(), "pid", self, "do", "share the pid namespace of the machine (hostPID)")
	}
}

// hostname stands for the sender of all records.
func hostname() string {
	if name, err := os.Hostname(); err == nil && name != "" {
		return name
	}
	return "localhost"
}

// ports reads the ports of the configuration. It has checked them, so what is no port cannot come here; if it did, it would
// leave out nothing.
func ports(list []string) []uint16 {
	var out []uint16
	for _, p := range list {
		if n, err := strconv.ParseUint(p, 10, 16); err == nil {
			out = append(out, uint16(n))
		}
	}
	return out
}

// Listening returns nothing: the kernel is asked, nobody sends. There is no port that could be shown or be taken.
func (s *Source) Listening() []ingest.Listener { return nil }

// Close takes the programs out of the kernel. They would go with this process anyway; a source that is never run must not
// wait for that.
func (s *Source) Close() {
	s.once.Do(func() {
		if s.kernel != nil {
			s.kernel.Close()
		}
	})
}

// Run reads until ctx ends. It then takes the programs out of the kernel, hands over what they have written, waits for the
// front door at most five seconds, and returns nil.
func (s *Source) Run(ctx context.Context, emit ingest.Emit) error {
	defer s.Close()
	if s.kernel == nil {
		<-ctx.Done()
		return nil
	}
	// What was read is handed over after ctx has ended too.
	hand, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(stopWaiting, cancel) })
	defer stop()
	// The only other goroutine; it has ended before the programs are taken out.
	var wg sync.WaitGroup
	if s.cfg.Report > 0 {
		wg.Go(func() { s.askReports(ctx) })
	}
	r := newReader(s, emit)
	err := r.follow(ctx, hand)
	if err != nil && ctx.Err() == nil {
		s.log.Error("the eBPF input is off until weir is started again: its ring cannot be read", "err", err)
	}
	<-ctx.Done()
	wg.Wait()
	s.kernel.Detach() // from here on the ring only gets emptier
	if err == nil {
		if err := r.drain(hand); err != nil {
			s.log.Warn("reading what was left in the ring", "err", err)
		}
	}
	r.countLost()
	s.settle(hand)
	return nil
}

// stopWaiting is how long a stop waits for the front door. What is not acknowledged then may be stored or not; the ledger
// shows it.
const stopWaiting = 5 * time.Second

// settle waits until the front door is done with every batch, or hand ends. No batch is made any more, so their number only
// falls; to look at it every 2 ms costs less than a lock around each of them would.
func (s *Source) settle(hand context.Context) {
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for s.inFlight.Load() > 0 {
		select {
		case <-tick.C:
		case <-hand.Done():
			s.log.Warn("stopped before everything received was acknowledged", "batches", s.inFlight.Load())
			return
		}
	}
}

// askReports asks for reports of connections that stay open, until ctx ends. It looks several times in one span, so that a
// connection is reported soon after it has lasted that long.
func (s *Source) askReports(ctx context.Context) {
	every := time.Duration(s.cfg.Report)
	tick := time.NewTicker(max(every/looksPerReport, time.Second))
	defer tick.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := s.kernel.Reports(uint64(max(bootNow()-int64(every), 1)))
		if err != nil && !failing {
			s.log.Warn("asking for connections that are open", "err", err)
		}
		failing = err != nil
	}
}

// looksPerReport is how often a look is taken in one span of reports. Each goes through all open files of all processes.
const looksPerReport = 5

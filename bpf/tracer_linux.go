//go:build linux && (amd64 || arm64)

package bpf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
	"github.com/cilium/ebpf/ringbuf"
)

// kernelBTF is where the kernel describes its types.
const kernelBTF = "/sys/kernel/btf/vmlinux"

// needed is the program without which there is nothing to see. The others are optional, in the order of attaching.
const needed = "set_state"

var optional = []struct{ program, hook, without string }{
	{"claim_send", "sock_send_length", "an accepted connection may show the process that listens in place of the one that answers"},
	{"claim_recv", "sock_recv_length", "an accepted connection may show the process that listens in place of the one that answers"},
	{"receive_reset", "tcp_receive_reset", "a reset by the other end shows only by its error"},
	{"send_reset", "tcp_send_reset", "a reset by this end shows only where the states tell"},
	{"exec", "sched_process_exec", "processes that end before their connection is read have no path and arguments"},
	{openSockets, "iter/task_file", "connections that were open before weir started have no process, and no reports while they last"},
}

const openSockets = "open_sockets"

// Tracer is what runs in the kernel, and its reader. Next, Reports, Detach and Close belong to one goroutine; Counts and
// Exec may be called from any.
type Tracer struct {
	maps   *ebpf.Collection // of the needed program; the others share its maps
	extra  []*ebpf.Collection
	links  []link.Link
	iter   *link.Iter
	reader *ringbuf.Reader
	sample ringbuf.Record
	hooks  []Hook
}

// Open loads the programs and attaches them. What is seen from then on waits in the ring for Next. An error wraps
// ErrNoBTF or ErrNotPermitted where one of these is the reason; hooks that are merely missing are no error, see Hooks.
func Open(o Options) (*Tracer, error) { return open(o, kernelBTF) }

func open(o Options, btfFile string) (*Tracer, error) {
	if _, err := os.Stat(btfFile); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %w", ErrNoBTF, err)
	}
	if len(o.IgnorePorts) > maxPorts {
		return nil, fmt.Errorf("%d ports to leave out, at most %d", len(o.IgnorePorts), maxPorts)
	}
	spec, err := loadTcp()
	if err != nil {
		return nil, fmt.Errorf("reading the program: %w", err)
	}
	if err := configure(spec, o); err != nil {
		return nil, err
	}
	t := &Tracer{}
	if err := t.start(spec, o); err != nil {
		t.Close()
		if errors.Is(err, fs.ErrPermission) {
			return nil, fmt.Errorf("%w: %w", ErrNotPermitted, err)
		}
		return nil, err
	}
	return t, nil
}

// configure sets what the programs hold as constants, and the sizes of maps.
func configure(spec *ebpf.CollectionSpec, o Options) error {
	if o.Ring == 0 {
		o.Ring = defaultRing
	}
	if o.Connections == 0 {
		o.Connections = defaultConnections
	}
	ring := powerOfTwo(o.Ring, os.Getpagesize())
	spec.Maps["ring"].MaxEntries = ring
	spec.Maps["conns"].MaxEntries = uint32(min(o.Connections, 1<<24))
	for name, v := range map[string]any{
		"ignore_loopback": o.IgnoreLoopback, "ignored_ports": uint32(len(o.IgnorePorts)), "skip_own": !o.Own, "wake_at": uint64(ring / 4),
	} {
		if err := spec.Variables[name].Set(v); err != nil {
			return fmt.Errorf("setting %s: %w", name, err)
		}
	}
	return nil
}

// start loads and attaches. The needed hook comes last, so that no connection begins before its owner can be claimed;
// the look at what is open already comes after it, so that none falls between.
func (t *Tracer) start(spec *ebpf.CollectionSpec, o Options) error {
	var err error
	if t.maps, err = ebpf.NewCollection(only(spec, needed)); err != nil {
		return err
	}
	order := tcpTaskOrder{Self: uint32(os.Getpid())}
	if err := t.maps.Maps["task_orders"].Put(uint32(0), order); err != nil {
		return fmt.Errorf("setting the process: %w", err)
	}
	for _, p := range o.IgnorePorts {
		if err := t.maps.Maps["left_out"].Put(p, uint8(1)); err != nil {
			return fmt.Errorf("setting a port: %w", err)
		}
	}
	if t.reader, err = ringbuf.NewReader(t.maps.Maps["ring"]); err != nil {
		return fmt.Errorf("opening the ring: %w", err)
	}
	for _, p := range optional {
		t.hooks = append(t.hooks, Hook{p.hook, p.without, t.add(spec, p.program)})
	}
	l, err := link.AttachTracing(link.TracingOptions{Program: t.maps.Programs[needed]})
	if err != nil {
		return fmt.Errorf("attaching: %w", err)
	}
	t.links = append(t.links, l)
	t.hooks = append([]Hook{{"inet_sock_set_state", "nothing is seen", nil}}, t.hooks...)
	return t.look()
}

// only returns the collection with one of its programs.
func only(spec *ebpf.CollectionSpec, program string) *ebpf.CollectionSpec {
	spec = spec.Copy()
	for name := range spec.Programs {
		if name != program {
			delete(spec.Programs, name)
		}
	}
	return spec
}

// add loads and attaches one optional program.
func (t *Tracer) add(spec *ebpf.CollectionSpec, program string) error {
	c, err := ebpf.NewCollectionWithOptions(only(spec, program), ebpf.CollectionOptions{MapReplacements: t.maps.Maps})
	if err != nil {
		return err
	}
	t.extra = append(t.extra, c) // keeps the program alive
	prog := c.Programs[program]
	if program == openSockets {
		t.iter, err = link.AttachIter(link.IterOptions{Program: prog})
		return err
	}
	l, err := link.AttachTracing(link.TracingOptions{Program: prog})
	if err == nil {
		t.links = append(t.links, l)
	}
	return err
}

// look goes through all open files of all processes.
func (t *Tracer) look() error {
	if t.iter == nil {
		return nil
	}
	r, err := t.iter.Open()
	if err != nil {
		return fmt.Errorf("looking through open sockets: %w", err)
	}
	_, err = io.Copy(io.Discard, r) // it writes nothing; reading is what makes it run
	if cerr := r.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fmt.Errorf("looking through open sockets: %w", err)
	}
	return nil
}

// Reports puts a record into the ring for each connection that is still open and was not reported since before, in
// nanoseconds since boot. Without the iterator there is none.
func (t *Tracer) Reports(before uint64) error {
	var order tcpTaskOrder
	m := t.maps.Maps["task_orders"]
	if err := m.Lookup(uint32(0), &order); err != nil {
		return fmt.Errorf("asking for reports: %w", err)
	}
	order.Before = before
	if err := m.Put(uint32(0), order); err != nil {
		return fmt.Errorf("asking for reports: %w", err)
	}
	return t.look()
}

// Self returns the pid of this process as the kernel counts. In a container with pids of its own it is another one than
// os.Getpid, and pids of records are not those of /proc.
func (t *Tracer) Self() int {
	var order tcpTaskOrder
	if err := t.maps.Maps["task_orders"].Lookup(uint32(0), &order); err != nil {
		return os.Getpid()
	}
	return int(order.Self)
}

// Hooks returns what is attached and what is missing.
func (t *Tracer) Hooks() []Hook { return t.hooks }

// Next reads one record, or returns false when there is none until the deadline. The kernel does not announce single
// records, so a deadline is also when what has come meanwhile is seen: 20 to 100 ms ahead is a good one.
func (t *Tracer) Next(c *Conn, deadline time.Time) (bool, error) {
	t.reader.SetDeadline(deadline)
	err := t.reader.ReadInto(&t.sample)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("reading the ring: %w", err)
	}
	return true, c.Decode(t.sample.RawSample)
}

// Rest reads one record of those that are there.
func (t *Tracer) Rest(c *Conn) (bool, error) { return t.Next(c, past) }

// Counts returns what the kernel side has counted.
func (t *Tracer) Counts() (Counts, error) {
	var perCPU []tcpTally
	if err := t.maps.Maps["counts"].Lookup(uint32(0), &perCPU); err != nil {
		return Counts{}, fmt.Errorf("reading counts: %w", err)
	}
	var sum Counts
	for _, n := range perCPU {
		sum.Seen += n.Seen
		sum.Lost += n.Lost
	}
	return sum, nil
}

// Exec returns how a process was started, if that was seen. The kernel keeps it for the last few thousand.
func (t *Tracer) Exec(pid uint32) (Exec, bool) {
	var p tcpProc
	if err := t.maps.Maps["procs"].Lookup(pid, &p); err != nil {
		return Exec{}, false
	}
	raw := make([]byte, len(p.Exe)+len(p.Args))
	for i, c := range p.Exe {
		raw[i] = byte(c)
	}
	for i, c := range p.Args {
		raw[len(p.Exe)+i] = byte(c)
	}
	path, _, _ := bytes.Cut(raw[:len(p.Exe)], []byte{0})
	args := raw[len(p.Exe):]
	return Exec{Path: string(path), Args: parseArgs(args[:min(int(p.ArgsLen), len(args))]), Start: p.Start}, true
}

// Detach takes the programs out of the kernel. What they have written can still be read, with Rest.
func (t *Tracer) Detach() {
	for _, l := range t.links {
		_ = l.Close() // the end of this process would do the same
	}
	t.links = nil
	if t.iter != nil {
		_ = t.iter.Close()
		t.iter = nil
	}
	time.Sleep(grace)
}

// grace is given to programs that run on another processor just then, to finish their record.
const grace = 2 * time.Millisecond

// Close lets go of everything. It may be called again.
func (t *Tracer) Close() {
	if len(t.links) > 0 || t.iter != nil {
		t.Detach()
	}
	if t.reader != nil {
		_ = t.reader.Close() // nothing is written by it
		t.reader = nil
	}
	for _, c := range t.extra {
		c.Close()
	}
	t.extra = nil
	if t.maps != nil {
		t.maps.Close()
		t.maps = nil
	}
}

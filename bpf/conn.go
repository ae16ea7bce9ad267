// Package bpf watches TCP connections in the Linux kernel: the program that runs there (tcp.bpf.c), and what loads it and
// reads its records.
package bpf

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"time"
)

// Reasons why nothing can be watched, to be found with errors.Is.
var (
	// ErrNotPermitted means that this process lacks CAP_BPF or CAP_PERFMON, or that the kernel gives them to nobody.
	ErrNotPermitted = errors.New("the kernel does not permit it")
	// ErrNoBTF means that this kernel does not describe its own types.
	ErrNoBTF = errors.New("this kernel has no BTF")
	// ErrUnsupported means that this build is for another system than Linux on amd64 or arm64.
	ErrUnsupported = errors.New("only Linux on amd64 and arm64 can be watched")
)

// Flags say what is known of a connection. They are those of tcp.bpf.c.
type Flags uint16

// The flags.
const (
	Inbound       Flags = 1 << iota // accepted by a listening socket
	Outbound                        // begun with connect
	OpenBefore                      // its beginning was not seen
	ResetReceived                   // the other end reset it
	ResetSent                       // this end did
	FINReceived                     // the other end had sent all it had to send
	StillOpen                       // a report of a connection that lasts, not its end
	Owned                           // the owner used the socket, and did not only listen for it
)

// State is one of TCP's, with the kernel's number.
type State uint8

// The states that decide how a connection ended.
const (
	SynSent  State = 2
	SynRecv  State = 3
	FinWait2 State = 5
	LastAck  State = 9
	Closing  State = 11
)

var stateNames = [...]string{"", "established", "syn_sent", "syn_recv", "fin_wait1", "fin_wait2", "time_wait", "close", "close_wait", "last_ack", "listen", "closing"}

// String returns the name as ss and netstat write it, in lower case.
func (s State) String() string {
	if s == 0 || int(s) >= len(stateNames) {
		return "unknown"
	}
	return stateNames[s]
}

// Owner is the process behind a connection.
type Owner struct {
	Start uint64 // of the process, nanoseconds since boot: pids are used again, the two together are not
	PID   uint32 // 0: not known
	TID   uint32
	PPID  uint32
	UID   uint32
	Comm  string // at most 15 bytes
}

// Step is one state that a connection was in, and for how long.
type Step struct {
	State State
	Spent time.Duration
}

// Conn is one record: a connection, as one of its ends saw it. Times are nanoseconds since boot.
type Conn struct {
	Cookie         uint64 // of the socket: unique until the next boot
	Start, End     uint64 // Start is 0 where the beginning was not seen
	Cgroup         uint64
	Sent, Received uint64 // bytes of the stream, each counted once
	Resent         uint64 // bytes sent again
	Owner          Owner
	Netns          uint32
	Retransmits    uint32 // segments
	SegsOut        uint32
	SegsIn         uint32
	RTT            uint32 // smoothed, microseconds; 0: no sample
	RTTVar         uint32 // mean deviation
	MinRTT         uint32
	Err            uint32 // errno of the socket
	Local, Remote  netip.AddrPort
	Flags          Flags

	steps [maxSteps]Step
	n     int
}

// maxSteps is how many states are kept. No way through TCP's diagram is longer than six.
const maxSteps = 8

// Steps are the states in order. They belong to c.
func (c *Conn) Steps() []Step { return c.steps[:c.n] }

// Set gives a connection its states, for what makes one without a kernel. More than eight are cut off.
func (c *Conn) Set(steps ...Step) { c.n = copy(c.steps[:], steps) }

// Sizes and places in the record; struct event of tcp.bpf.c.
const (
	recordSize = 248
	noRTT      = 1<<32 - 1
	afInet     = 2
	afInet6    = 10
)

var errSize = errors.New("wrong size")

// Decode reads one record of the ring. c shares no memory with b afterwards, except that its name of a process is made
// anew only when it differs from the one that is there: with one Conn for all records that is rarely.
func (c *Conn) Decode(b []byte) error {
	if len(b) != recordSize {
		return fmt.Errorf("a record of %d bytes: %w", len(b), errSize)
	}
	le := binary.LittleEndian
	c.Cookie, c.Start, c.End, c.Cgroup = le.Uint64(b), le.Uint64(b[8:]), le.Uint64(b[16:]), le.Uint64(b[24:])
	c.Sent, c.Received, c.Resent = le.Uint64(b[32:]), le.Uint64(b[40:]), le.Uint64(b[48:])
	spent, owner, b := b[56:120], b[120:160], b[160:]
	c.owner(owner)
	c.Netns, c.Retransmits, c.SegsOut, c.SegsIn = le.Uint32(b), le.Uint32(b[4:]), le.Uint32(b[8:]), le.Uint32(b[12:])
	c.RTT, c.RTTVar, c.MinRTT, c.Err = le.Uint32(b[16:]), le.Uint32(b[20:]), le.Uint32(b[24:]), le.Uint32(b[28:])
	if c.MinRTT == noRTT {
		c.MinRTT = 0
	}
	if c.RTT == 0 { // the deviation has a start value that nobody measured
		c.RTTVar = 0
	}
	local, remote, b := b[32:48], b[48:64], b[64:]
	family := le.Uint16(b[4:])
	c.Local = address(family, local, le.Uint16(b))
	c.Remote = address(family, remote, le.Uint16(b[2:]))
	if !c.Local.IsValid() {
		return fmt.Errorf("a record of address family %d: %w", family, errors.ErrUnsupported)
	}
	c.Flags = Flags(le.Uint16(b[8:]))
	c.n = min(int(b[18]), maxSteps)
	for i := range c.n {
		c.steps[i] = Step{State(b[10+i]), time.Duration(min(le.Uint64(spent[8*i:]), 1<<62))}
	}
	return nil
}

// owner reads struct owner.
func (c *Conn) owner(b []byte) {
	le := binary.LittleEndian
	o := &c.Owner
	o.Start, o.PID, o.TID, o.PPID, o.UID = le.Uint64(b), le.Uint32(b[8:]), le.Uint32(b[12:]), le.Uint32(b[16:]), le.Uint32(b[20:])
	comm := b[24:40]
	if i := bytes.IndexByte(comm, 0); i >= 0 {
		comm = comm[:i]
	}
	if o.Comm != string(comm) {
		o.Comm = string(comm)
	}
}

// address makes an address of 4 or 16 bytes in network order. IPv4 on a socket for both families becomes IPv4.
func address(family uint16, b []byte, port uint16) netip.AddrPort {
	switch family {
	case afInet:
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte(b)), port)
	case afInet6:
		return netip.AddrPortFrom(netip.AddrFrom16([16]byte(b)).Unmap(), port)
	}
	return netip.AddrPort{}
}

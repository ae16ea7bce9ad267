package bpf

import (
	"time"
)

// Options say what to watch. The zero value works.
type Options struct {
	Ring           int      // bytes between kernel and reader, rounded up to a power of two; 0: 4 MiB
	Connections    int      // open connections that are followed at once; 0: 65,536
	IgnoreLoopback bool     // leave out what stays on 127.0.0.0/8 or ::1
	IgnorePorts    []uint16 // leave out connections with one of these ports at either end
	Own            bool     // watch this process too
}

// Defaults of Options.
const (
	defaultRing        = 4 << 20
	defaultConnections = 1 << 16
	maxPorts           = 256
)

// Hook is one program in the kernel.
type Hook struct {
	Name    string // its place in the kernel: inet_sock_set_state
	Without string // what is missing where it cannot be loaded
	Err     error  // why it is not there; nil: it is
}

// Counts are what the kernel side has counted since the start.
type Counts struct {
	Seen uint64 // records that were to be handed over
	Lost uint64 // those of them for which the ring had no room
}

// Exec is how a process was started.
type Exec struct {
	Path  string   // as given to the kernel; it may be relative
	Args  []string // with the name of the program; the first 255 bytes
	Start uint64   // of the process, as in Owner
}

// parseArgs takes apart what a process was started with: each argument ends with a zero byte.
func parseArgs(b []byte) []string {
	var out []string
	for len(b) > 0 {
		i := 0
		for i < len(b) && b[i] != 0 {
			i++
		}
		out = append(out, string(b[:i]))
		b = b[min(i+1, len(b)):]
	}
	return out
}

// powerOfTwo rounds up, from least on.
func powerOfTwo(n, least int) uint32 {
	p := uint32(least)
	for int(p) < n && p < 1<<30 {
		p <<= 1
	}
	return p
}

// past is a deadline that is over: to read only what is there.
var past = time.Unix(1, 0)

package ebpf

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"weir/bpf"
)

const procFolder = "/proc"

// Bounds of what is known about processes.
const (
	maxProcesses = 2048     // in each of two generations
	maxArgs      = 64       // arguments
	maxArgBytes  = 4 << 10  // of all arguments together
	maxProcFile  = 16 << 10 // of a file in /proc
)

// process is what a record says of a process beside what the kernel side saw.
type process struct {
	exe       string
	args      []string
	container string
}

// resolver finds out about processes, once for each, and remembers. It belongs to one goroutine.
//
// A process that is gone has no folder in /proc; how it was started is then asked of the kernel side, which saw it.
type resolver struct {
	proc     string
	exec     func(pid uint32) (bpf.Exec, bool)
	now, old map[processKey]*process
}

// processKey names a process for ever, and the program that runs in it: another one has another name.
type processKey struct {
	pid   uint32
	start uint64
	comm  string
}

func newResolver(proc string, exec func(uint32) (bpf.Exec, bool)) *resolver {
	return &resolver{proc: proc, exec: exec, now: map[processKey]*process{}}
}

// of returns what is known, never nil. It is shared by all records of a process: nobody may change it.
func (r *resolver) of(o *bpf.Owner) *process {
	if o.PID == 0 {
		return &process{}
	}
	key := processKey{o.PID, o.Start, o.Comm}
	if p := r.now[key]; p != nil {
		return p
	}
	p := r.old[key]
	if p == nil {
		p = r.find(o)
	}
	if len(r.now) >= maxProcesses { // those that were not asked for since the last time go
		r.old, r.now = r.now, map[processKey]*process{}
	}
	r.now[key] = p
	return p
}

// find looks a process up.
func (r *resolver) find(o *bpf.Owner) *process {
	p := &process{}
	folder := filepath.Join(r.proc, strconv.FormatUint(uint64(o.PID), 10))
	if r.is(folder, o.Start) {
		// What cannot be read is left empty: the process may have ended between two lines here.
		p.exe, _ = os.Readlink(filepath.Join(folder, "exe")) // a thread of the kernel has none
		p.exe = strings.TrimSuffix(p.exe, " (deleted)")
		p.args = splitArgs(head(filepath.Join(folder, "cmdline")))
		p.container = containerID(head(filepath.Join(folder, "cgroup")))
	}
	if p.exe != "" && len(p.args) > 0 {
		return p
	}
	// The kernel side keeps how a process was started, for those that are gone. The same number may be another's by now.
	if e, ok := r.exec(o.PID); ok && e.Start == o.Start {
		if p.exe == "" {
			p.exe = e.Path
		}
		if len(p.args) == 0 {
			p.args = e.Args
		}
	}
	return p
}

// ticksPerSecond is the unit of times in /proc, the same on every Linux.
const ticksPerSecond = 100

// is tells whether the process in a folder of /proc began when the kernel side says: else the number was given to another
// one, or is that of another namespace.
func (r *resolver) is(folder string, start uint64) bool {
	stat := head(filepath.Join(folder, "stat"))
	// PID (COMM) STATE PPID ...: the name may hold blanks and brackets; start is the 20th behind it.
	i := bytes.LastIndexByte(stat, ')')
	if i < 0 {
		return false
	}
	fields := strings.Fields(string(stat[i+1:]))
	if len(fields) < 20 {
		return false
	}
	ticks, err := strconv.ParseUint(fields[19], 10, 64)
	return err == nil && ticks == start/(1e9/ticksPerSecond)
}

// head reads the beginning of a file; what cannot be read is empty: processes end at any time.
func head(path string) []byte {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxProcFile))
	if err != nil {
		return nil
	}
	return b
}

// splitArgs takes a command line apart. A process may write over its own; without zero bytes it is one argument.
func splitArgs(b []byte) []string {
	b = bytes.TrimRight(b, "\x00")
	if len(b) == 0 {
		return nil
	}
	b = b[:min(len(b), maxArgBytes)]
	return strings.SplitN(string(b), "\x00", maxArgs+1)[:min(maxArgs, bytes.Count(b, []byte{0})+1)]
}

// containerID finds the id that runtimes put at the end of a cgroup's path: 64 hexadecimal digits, bare or as
// docker-ID.scope, cri-containerd-ID.scope.
func containerID(cgroups []byte) string {
	const size = 64
	run := 0
	for i, c := range slices.Backward(cgroups) {
		if !isHex(c) {
			run = 0
			continue
		}
		if run++; run == size && (i == 0 || !isHex(cgroups[i-1])) {
			return string(cgroups[i : i+size])
		}
	}
	return ""
}

// isHex knows only the small letters that runtimes write.
func isHex(c byte) bool { return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' }

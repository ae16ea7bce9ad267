package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// spent is what a step took.
type spent struct{ wall, cpu time.Duration }

// moment is the clock on the wall and the CPU time of a process.
type moment struct {
	at  time.Time
	cpu time.Duration
}

func (m moment) since(o moment) spent { return spent{m.at.Sub(o.at), m.cpu - o.cpu} }

// now is the moment of this process.
func now() moment {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // it cannot fail for this process
	return moment{time.Now(), time.Duration(u.Utime.Nano() + u.Stime.Nano())}
}

// threads is the CPU time of another process to the nanosecond: that of all threads that live. Counts of ticks, which the
// process itself has, are too coarse for one query; they are what is left where the finer ones may not be read.
func threads(pid int) time.Duration {
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid)) // the pattern is right
	var sum time.Duration
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			continue // the thread ended
		}
		first, _, _ := strings.Cut(string(b), " ")
		ns, _ := strconv.ParseInt(first, 10, 64) // 0 where it is no number
		sum += time.Duration(ns)
	}
	if sum == 0 {
		return ticks(pid)
	}
	return sum
}

// ticks is the CPU time of another process, threads that ended included, to 10 ms; 0 where it cannot be known.
func ticks(pid int) time.Duration {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(b[strings.LastIndexByte(string(b), ')')+1:]), " ")
	f := strings.Fields(rest)
	if len(f) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(f[11]) // the kernel writes numbers
	system, _ := strconv.Atoi(f[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}

// forget gives memory back and makes the kernel forget how much it once was.
func forget() {
	debug.FreeOSMemory()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // where that is not allowed the figure is only too large
}

// resident is the largest resident memory of this process since forget, 0 where it cannot be known.
func resident() int64 {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64) // the kernel writes a number
			return kb << 10
		}
	}
	return 0
}

// load is the load of the machine: of one, five and fifteen minutes.
func load() string {
	b, err := os.ReadFile("/proc/loadavg")
	if f := strings.Fields(string(b)); err == nil && len(f) >= 3 {
		return strings.Join(f[:3], " ")
	}
	return "unknown"
}

// sizes adds up sealed files and what lies beside them.
func sizes(folder string) (sealed, beside int64, err error) {
	err = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if filepath.Ext(path) == ".parquet" {
			sealed += info.Size()
		} else {
			beside += info.Size()
		}
		return nil
	})
	return sealed, beside, err
}

// series are measurements of one thing.
type series []spent

// median returns the middle of the CPU times and that of the times on the wall, each of its own.
func (s series) median() spent {
	if len(s) == 0 {
		return spent{}
	}
	cpu, wall := make([]time.Duration, len(s)), make([]time.Duration, len(s))
	for i := range s {
		cpu[i], wall[i] = s[i].cpu, s[i].wall
	}
	slices.Sort(cpu)
	slices.Sort(wall)
	return spent{wall: wall[len(s)/2], cpu: cpu[len(s)/2]}
}

// ms is a time in milliseconds.
func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

package ebpf

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"strconv"
	"strings"

	"weir/bpf"
	"weir/internal/fault"
)

// Bits of capabilities in /proc/self/status.
const (
	capSysAdmin = 21
	capPerfmon  = 38
	capBPF      = 39
)

// refused makes the warning of what bpf.Open said. All of weir but this input runs on.
func refused(err error, section string) *fault.Error {
	f := &fault.Error{Where: section, Warn: true, Cause: err}
	leave := "leave out `" + section + "`"
	switch {
	case errors.Is(err, bpf.ErrUnsupported):
		f.Code, f.What = "ebpf-unsupported", "there is no eBPF input for this system"
		f.Why = fmt.Sprintf("this is %s on %s; it needs Linux on amd64 or arm64", runtime.GOOS, runtime.GOARCH)
		f.Do = leave
	case errors.Is(err, bpf.ErrNoBTF):
		f.Code, f.What, f.Where = "btf-missing", "this kernel has no BTF", "/sys/kernel/btf/vmlinux"
		f.Why = "the kernel was built without CONFIG_DEBUG_INFO_BTF, or /sys is hidden from weir"
		f.Do = "boot a kernel that has it (most distributions since 2021), or " + leave
	case errors.Is(err, bpf.ErrNotPermitted):
		f.Code, f.What = "ebpf-not-permitted", "weir may not load programs into the kernel"
		f.Why = whyNot(readText("/proc/self/status"), readText("/proc/self/uid_map"))
		f.Do = "`sudo setcap cap_bpf,cap_perfmon=+ep ./weir`, or give its container both, or " + leave
	default:
		f.Code, f.What = "ebpf-failed", "this kernel does not take the program of the eBPF input"
		f.Why = reason(err)
		f.Do = "`WEIR_LOG_LEVEL=debug weir up` shows all that the kernel said; else " + leave
	}
	return f
}

// reason is what the kernel or its verifier said, in one line. The library adds advice about MEMLOCK to every refusal; it
// is hardly ever right.
func reason(err error) string {
	const most = 300
	s, _, _ := strings.Cut(err.Error(), " (MEMLOCK")
	s, _, _ = strings.Cut(s, "\n")
	return strings.ToValidUTF8(s[:min(len(s), most)], "")
}

// whyNot says which right is missing, from the texts of /proc/self/status and uid_map.
func whyNot(status, uidMap string) string {
	have, known := capabilities(status)
	has := func(bit int) bool { return have&(1<<bit) != 0 }
	switch {
	case !known:
		return "not known"
	case has(capSysAdmin) || has(capBPF) && has(capPerfmon):
		if f := strings.Fields(uidMap); len(f) >= 3 && f[2] != "4294967295" {
			return "weir has the rights only in a user namespace (a rootless container), where they do not count"
		}
		return "weir has the rights, and the kernel refuses all the same: a security module, or its lockdown"
	case has(capBPF):
		return "CAP_PERFMON is missing"
	case has(capPerfmon):
		return "CAP_BPF is missing"
	}
	return "CAP_BPF and CAP_PERFMON are missing"
}

// capabilities reads the effective set. The library has no such question, and to try each right would be to load programs
// again and again.
func capabilities(status string) (uint64, bool) {
	_, rest, ok := strings.Cut(status, "CapEff:")
	line, _, _ := strings.Cut(rest, "\n")
	n, err := strconv.ParseUint(strings.TrimSpace(line), 16, 64)
	return n, ok && err == nil
}

// readText reads a small file; one that cannot be read is empty, and the reason is then "not known".
func readText(name string) string {
	b, err := os.ReadFile(name)
	if err != nil {
		return ""
	}
	return string(b)
}

// warn writes a fault into the log: its sentence, and what to do. What the kernel said in full is for who looks closer.
func warn(log *slog.Logger, f *fault.Error) {
	log.Warn("the eBPF input is off, all else runs", "code", f.Code, "err", f.What, "where", f.Where, "why", f.Why, "do", f.Do)
	if log.Enabled(context.Background(), slog.LevelDebug) {
		log.Debug("what the kernel said", "err", f.Cause)
	}
}

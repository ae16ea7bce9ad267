package linux

import (
	"strings"

	"weir/event"
	"weir/processors/parse/internal/ends"
)

// The few messages of a kernel that an operator or a rule looks for.
var (
	kernelKilled = class{"oom-kill", event.Strs("process"), event.Strs("end"), ""}
	kernelFault  = class{"segfault", event.Strs("process"), event.Strs("end"), failure}
	kernelSniff  = class{"promiscuous-mode", event.Strs("host"), event.Strs("change"), ""}
	kernelUSB    = class{"usb-device-added", event.Strs("host"), event.Strs("info"), ""}
)

// Kernel reads messages of the kernel, but for those of its packet filter (see Netfilter). process.* is then the process
// that the message is about, not the kernel that writes it. A process may choose its name, which therefore is read
// where the kernel has put its own marks around it.
//
//	Out of memory: Killed process 4242 (mysqld) total-vm:1kB
//	nginx[77]: segfault at 0 ip 00 sp 00 error 4
//	device eth0 entered promiscuous mode
func Kernel(e *event.Event, msg string) {
	s := sinceBoot(strings.TrimSpace(msg))
	switch {
	case strings.Contains(s, "Killed process "): // Out of memory: Killed process 123 (name) total-vm:...
		_, rest, _ := strings.Cut(s, "Killed process ")
		pid, rest, _ := strings.Cut(rest, " ")
		kernelKilled.set(e)
		e.Delete(event.ProcessPID)
		ends.Int(e, event.ProcessPID, strings.TrimSuffix(pid, ","))
		if name, _, ok := between(rest, "(", ")"); ok {
			e.SetStr(event.ProcessName, name)
		}
	case strings.Contains(s, "]: segfault at "): // name[123]: segfault at 0 ip ...
		left, _, _ := strings.Cut(s, "]: segfault at ")
		if name, pid, ok := lastCut(left, "["); ok {
			kernelFault.set(e)
			e.SetStr(event.ProcessName, name)
			ends.Int(e, event.ProcessPID, pid)
		}
	case strings.HasSuffix(s, " entered promiscuous mode"):
		kernelSniff.set(e)
	case strings.Contains(s, ": New USB device found, "):
		kernelUSB.set(e)
	}
}

// sinceBoot cuts "[12345.678901] " off, the seconds since the start, which the time of the line says better.
func sinceBoot(s string) string {
	if s == "" || s[0] != '[' {
		return s
	}
	stamp, rest, ok := strings.Cut(s[1:], "] ")
	if !ok || strings.Trim(stamp, " .0123456789") != "" {
		return s
	}
	return rest
}

package ebpf

import (
	"time"

	"golang.org/x/sys/unix"
)

// bootNow returns nanoseconds since boot.
func bootNow() int64 {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts); err != nil { // every Linux that weir can run on has it
		return time.Now().UnixNano()
	}
	return ts.Nano()
}

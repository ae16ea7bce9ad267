package ebpf

import "time"

// clock turns the kernel's time since boot, which goes on while the machine sleeps and is never set, into that of the
// wall. It is made anew for each batch, so that a wall clock that was set counts at once.
type clock struct{ offset int64 }

func newClock() clock { return clock{time.Now().UnixNano() - bootNow()} }

// wall returns the time of nanoseconds since boot.
func (c clock) wall(boot uint64) time.Time { return time.Unix(0, c.offset+int64(boot)).UTC() }

//go:build !linux

package ebpf

import "time"

// bootNow returns any steady time: without Linux there is no record to date.
func bootNow() int64 { return time.Now().UnixNano() }

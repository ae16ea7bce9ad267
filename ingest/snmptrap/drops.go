package snmptrap

import (
	"context"
	"net"
	"sync/atomic"
	"time"

	"weir/ingest"
	"weir/ingest/syslog/bind"
)

// drops follows the kernel's count of datagrams that the socket's buffer did not hold. Two goroutines report to it: the
// receiver, to which datagrams bring the count, and watch.
type drops struct{ seen atomic.Uint32 }

// saw takes the kernel's count, which wraps, and passes its increase on. Counts may be seen in the wrong order.
func (d *drops) saw(count uint32, to ingest.Counter) {
	for {
		before := d.seen.Load()
		more := int32(count - before)
		if more <= 0 {
			return
		}
		if d.seen.CompareAndSwap(before, count) {
			to.KernelDrops(Input, int(more))
			return
		}
	}
}

// watch asks for the count every second until ctx ends, and a last time then: after the last datagram of a burst there
// is none that would bring it.
func (d *drops) watch(ctx context.Context, conn *net.UDPConn, to ingest.Counter) {
	tick := time.NewTicker(dropsEvery)
	defer tick.Stop()
	for on := true; on; {
		select {
		case <-tick.C:
		case <-ctx.Done():
			on = false
		}
		if n, ok := bind.Drops(conn); ok {
			d.saw(n, to)
		}
	}
}

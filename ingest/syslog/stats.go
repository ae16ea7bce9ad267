package syslog

import (
	"net/netip"
	"sync/atomic"

	"weir/ingest/syslog/frame"
)

// SocketStats is one UDP socket.
type SocketStats struct {
	Addr    netip.AddrPort
	Asked   int    // bytes of receive buffer asked for
	Granted int    // bytes that the kernel granted
	Drops   uint64 // datagrams that the kernel dropped because the buffer was full
	Packets uint64 // datagrams read
}

// Counts are this start's counts beyond those of the ledger.
type Counts struct {
	Connections int    // open now
	Accepted    uint64 // connections taken since the start
	Refused     uint64 // connections refused because there were too many
	Handshakes  uint64 // TLS handshakes that did not complete
	Malformed   uint64 // RELP sessions ended because they could not be read
	Truncated   uint64 // records longer than the limit
	Skipped     uint64 // bytes of those beyond the limit
	Empty       uint64 // frames without a byte
	WrongCounts uint64 // octet counts that did not fit what followed
}

// counters are the counts as they grow, from every goroutine.
type counters struct {
	accepted, refused, handshakes, malformed, truncated, skipped, empty, wrong atomic.Uint64
}

// add moves the counts of a framer over.
func (c *counters) add(f *frame.Framer) {
	n := f.Counts()
	if n == (frame.Counts{}) {
		return
	}
	c.empty.Add(uint64(n.Empty))
	c.truncated.Add(uint64(n.Truncated))
	c.skipped.Add(uint64(n.Skipped))
	c.wrong.Add(uint64(n.WrongCounts))
}

// Stats returns the UDP sockets.
func (s *Source) Stats() []SocketStats {
	out := make([]SocketStats, 0, len(s.udp))
	for _, u := range s.udp {
		out = append(out, SocketStats{u.addr(), u.asked, u.granted, u.dropped.Load(), u.packets.Load()})
	}
	return out
}

// Counts returns the counts of this moment.
func (s *Source) Counts() Counts {
	c := &s.counts
	return Counts{
		Connections: s.table.len(), Accepted: c.accepted.Load(), Refused: c.refused.Load(), Handshakes: c.handshakes.Load(),
		Malformed: c.malformed.Load(), Truncated: c.truncated.Load(), Skipped: c.skipped.Load(), Empty: c.empty.Load(), WrongCounts: c.wrong.Load(),
	}
}

package syslog

import (
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// silentEnough is how long a connection must have been silent before it may be closed for the sake of another.
const silentEnough = 10 * time.Second

// conn is one connection. Its reader owns it; the table reaches it to stop it.
type conn struct {
	net.Conn              // what is read from: raw, or TLS over it
	raw      *net.TCPConn // what is closed to end it at once
	proto    string
	peer     netip.AddrPort
	source   string // name in counts
	tlsName  string

	last   atomic.Int64 // when the last byte came, nanoseconds since 1970
	busy   atomic.Bool  // handing over: silent through no fault of the sender
	stopAt atomic.Int64 // reading ends then; 0: goes on
}

// newConn wraps an accepted connection. TLS is put over it later, by its own goroutine, so that a client that takes its
// time holds up nobody.
func newConn(raw *net.TCPConn, proto string) *conn {
	peer := unmap(raw.RemoteAddr().(*net.TCPAddr).AddrPort())
	c := &conn{Conn: raw, raw: raw, proto: proto, peer: peer, source: sourceName(peer.Addr())}
	c.last.Store(time.Now().UnixNano())
	return c
}

// sourceName is record.Raw.Source for all records of an address.
func sourceName(a netip.Addr) string { return Input + "/" + a.String() }

// arm sets when the next read gives up. A stop that comes at the same moment wins.
func (c *conn) arm(at time.Time) {
	_ = c.SetReadDeadline(at) // fails only on a closed connection, and then the read does too
	if stop := c.stopAt.Load(); stop != 0 {
		_ = c.SetReadDeadline(time.Unix(0, stop))
	}
}

// stopping tells whether the connection was told to end.
func (c *conn) stopping() bool { return c.stopAt.Load() != 0 }

// stop makes the connection end its reading at that time. It goes to the raw connection, because the reader may be
// putting TLS over it at this moment.
func (c *conn) stop(at time.Time) {
	c.stopAt.Store(at.UnixNano())
	_ = c.raw.SetReadDeadline(at) // as in arm
}

// table is the connections of all stream listeners, and how many each address has. Safe for many goroutines; it is
// touched when a connection comes or goes, never while it receives.
type table struct {
	mu     sync.Mutex
	max    int
	all    map[*conn]struct{}
	per    map[netip.Addr]int
	ending time.Time // set: the source is stopping
}

// newTable makes an empty table for at most limit connections.
func newTable(limit int) *table {
	return &table{max: limit, all: map[*conn]struct{}{}, per: map[netip.Addr]int{}}
}

// enter takes c in. Where the table is full, an address with fewer connections takes the place of the longest silent
// connection of one with more, so that nobody can keep others out by opening connections; the caller closes victim.
func (t *table) enter(c *conn, now time.Time) (victim *conn, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.ending.IsZero() {
		c.stop(t.ending)
	}
	if len(t.all) >= t.max {
		if victim = t.victim(t.per[c.peer.Addr()]+1, now); victim == nil {
			return nil, false
		}
		t.remove(victim)
	}
	t.all[c] = struct{}{}
	t.per[c.peer.Addr()]++
	return victim, true
}

// victim returns the longest silent connection of those whose address holds more than fair; nil if there is none.
func (t *table) victim(fair int, now time.Time) (found *conn) {
	oldest := now.Add(-silentEnough).UnixNano()
	for c := range t.all {
		if last := c.last.Load(); last < oldest && t.per[c.peer.Addr()] > fair && !c.busy.Load() {
			found, oldest = c, last
		}
	}
	return found
}

// leave takes c out when its reader has ended.
func (t *table) leave(c *conn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.remove(c)
}

// remove may find c gone already. The lock is held.
func (t *table) remove(c *conn) {
	if _, in := t.all[c]; !in {
		return
	}
	delete(t.all, c)
	if t.per[c.peer.Addr()]--; t.per[c.peer.Addr()] == 0 {
		delete(t.per, c.peer.Addr())
	}
}

// len returns how many connections are open.
func (t *table) len() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.all)
}

// stop makes every connection, and every one that still comes, end its reading at that time.
func (t *table) stop(at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ending = at
	for c := range t.all {
		c.stop(at)
	}
}

// cut closes every connection.
func (t *table) cut() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for c := range t.all {
		_ = c.raw.Close() // its reader ends with this
	}
}

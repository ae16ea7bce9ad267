package syslog

import (
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"
)

// tableConn makes a connection for the table alone.
func tableConn(addr string, silent time.Duration, now time.Time) *conn {
	c := &conn{peer: netip.AddrPortFrom(netip.MustParseAddr(addr), 1)}
	c.last.Store(now.Add(-silent).UnixNano())
	return c
}

func TestTable_Fair(t *testing.T) {
	now := time.Now()
	greedy := func(silent ...time.Duration) (out []*conn) {
		for _, s := range silent {
			out = append(out, tableConn("192.0.2.1", s, now))
		}
		return out
	}
	for _, tt := range []struct {
		name   string
		there  []*conn
		busy   int // index of one that hands over; -1: none
		from   string
		ok     bool
		victim int // index; -1: none
	}{
		{"room", greedy(time.Hour), -1, "192.0.2.9", true, -1},
		{"full of one address: the longest silent goes", greedy(time.Minute, time.Hour, time.Second), -1, "192.0.2.9", true, 1},
		{"busy is not silent", greedy(time.Minute, time.Hour, time.Second), 1, "192.0.2.9", true, 0},
		{"none is silent", greedy(time.Second, time.Second, time.Second), -1, "192.0.2.9", false, -1},
		{"the greedy one itself", greedy(time.Hour, time.Hour, time.Hour), -1, "192.0.2.1", false, -1},
		{"nobody has more", append(greedy(time.Hour), tableConn("192.0.2.2", time.Hour, now), tableConn("192.0.2.3", time.Hour, now)), -1, "192.0.2.9", false, -1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tab := newTable(3)
			for i, c := range tt.there {
				c.busy.Store(i == tt.busy)
				if _, ok := tab.enter(c, now); !ok {
					t.Fatal("no room for those that are there")
				}
			}
			c := tableConn(tt.from, 0, now)
			victim, ok := tab.enter(c, now)
			if ok != tt.ok {
				t.Errorf("let in: %v", ok)
			}
			switch {
			case tt.victim < 0 && victim != nil:
				t.Error("somebody had to go")
			case tt.victim >= 0 && victim != tt.there[tt.victim]:
				t.Error("the wrong one had to go")
			}
			if n := tab.len(); n > 3 {
				t.Errorf("%d connections", n)
			}
			for _, c := range append(tt.there, c) {
				tab.leave(c)
				tab.leave(c)
			}
			if tab.len() != 0 || len(tab.per) != 0 {
				t.Errorf("%d connections, %v after all have left", tab.len(), tab.per)
			}
		})
	}
}

func TestConnectionLimit(t *testing.T) {
	cfg := local()
	cfg.MaxConnections = 2
	r := start(t, cfg)
	var open []net.Conn
	for i := range 2 {
		c := r.dial(t, []string{"tcp", "relp"}[i])
		open = append(open, c)
	}
	eventually(t, "two are in", func() bool { return r.Counts().Connections == 2 })
	third := r.dial(t, "tcp")
	if err := third.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, err := third.Read(make([]byte, 1)); err == nil || isTimeout(err) {
		t.Errorf("the third: %v", err)
	}
	if n := r.counts.get(func(c *counts) int { return c.refused["syslog/127.0.0.1 connections"] }); n != 1 || r.Counts().Refused != 1 {
		t.Errorf("%d refused, %+v", n, r.Counts())
	}
	write(t, open[0], "<13>still here\n")
	r.wantValues(t, "tcp", "<13>still here")
	open[1].Close()
	eventually(t, "there is room again", func() bool { return r.Counts().Connections == 1 })
	write(t, r.dial(t, "tcp"), "<13>next\n")
	r.wantValues(t, "tcp", "<13>still here", "<13>next")
}

// TestConnectionHoarder: one address holds every connection; another one still gets in.
func TestConnectionHoarder(t *testing.T) {
	cfg := local()
	cfg.MaxConnections = 20
	r := start(t, cfg)
	for range 20 {
		r.dial(t, "tcp")
	}
	eventually(t, "all are in", func() bool { return r.Counts().Connections == 20 })
	r.table.mu.Lock()
	for c := range r.table.all {
		c.last.Add(-int64(time.Minute))
	}
	r.table.mu.Unlock()
	for i := range 3 {
		c, err := (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}).Dial("tcp", r.addr("tcp"))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		line := fmt.Sprintf("<13>other %d", i)
		write(t, c, line+"\n")
		eventually(t, line, func() bool { return r.door.find(line) != nil })
	}
	if c := r.Counts(); c.Connections > 20 || c.Refused != 0 {
		t.Errorf("%+v", c)
	}
}

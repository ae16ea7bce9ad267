package testkit

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
)

// Ports are looked for below those that the system itself gives to clients and to listeners without a port: one that it
// has given once is given again to anybody, at any time before the test listens there. Others of ours that count up from a
// port stay below firstPort.
const firstPort, lastPort = 22_000, 32_000

// Blocks of ports are below those.
const (
	firstBlock    = 17_000
	portsOfABlock = 70
	blocks        = (firstPort - firstBlock) / portsOfABlock
)

// given are the ports that FreePort has handed out: nobody may listen there yet.
var given sync.Map

// FreePort returns an address of this machine whose port is free for TCP and for UDP, for a program that cannot be given
// port 0.
func FreePort(t testing.TB) string {
	t.Helper()
	for range 1000 {
		addr := fmt.Sprintf("127.0.0.1:%d", firstPort+rand.IntN(lastPort-firstPort)) //nolint:gosec // no secret
		if !free(addr) {
			continue
		}
		if _, twice := given.LoadOrStore(addr, true); !twice {
			return addr
		}
	}
	t.Fatal("no free port")
	return ""
}

// FreePorts returns a port with 68 free ones after it, for servers that count up from one. They are this test's until it ends,
// also while nobody listens there: whoever has a block listens on its last port, and what the machine's other processes take
// by this function are other blocks.
func FreePorts(t testing.TB) int {
	t.Helper()
	var err error
	for i, from := 0, rand.IntN(blocks); i < blocks; i++ { //nolint:gosec // no secret
		base := firstBlock + (from+i)%blocks*portsOfABlock
		var l net.Listener
		if l, err = claim(base); err == nil {
			t.Cleanup(func() { _ = l.Close() })
			return base
		}
	}
	t.Fatalf("no block of free ports: %v", err)
	return 0
}

// claim listens on the last port of a block, if all others are free.
func claim(base int) (net.Listener, error) {
	last, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", base+portsOfABlock-1))
	if err != nil {
		return nil, err
	}
	for port := base; port < base+portsOfABlock-1; port++ {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			return nil, errors.Join(err, last.Close())
		}
		_ = l.Close() // it was only asked
	}
	return last, nil
}

// free tries the port for both.
func free(addr string) bool {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return false
	}
	defer l.Close()
	p, err := net.ListenPacket("udp", addr)
	if err != nil {
		return false
	}
	return p.Close() == nil
}

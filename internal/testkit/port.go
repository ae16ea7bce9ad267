package testkit

import (
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

package testkit

import (
	"net"
	"testing"
)

// TestFreePort: a port is free for both, is no other test's, and is none that the system gives away by itself.
func TestFreePort(t *testing.T) {
	seen := map[string]bool{}
	for range 50 {
		addr := FreePort(t)
		if seen[addr] {
			t.Errorf("%s comes twice", addr)
		}
		seen[addr] = true
		if _, port, err := net.SplitHostPort(addr); err != nil || len(port) != 5 || port < "22000" || port >= "32000" {
			t.Errorf("%s, %v", addr, err)
		}
	}
}

func TestFree(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	p, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for _, addr := range []string{l.Addr().String(), p.LocalAddr().String()} {
		if free(addr) {
			t.Errorf("%s is taken", addr)
		}
	}
}

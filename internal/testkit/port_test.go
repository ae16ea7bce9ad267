package testkit

import (
	"fmt"
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

// TestFreePorts: a block is nobody else's until the test that took it is over, and has no port that somebody listens on.
func TestFreePorts(t *testing.T) {
	seen := map[int]bool{}
	t.Run("held", func(t *testing.T) {
		for range 5 {
			base := FreePorts(t)
			if seen[base] || base < 17000 || base+69 >= 22000 {
				t.Errorf("%d, after %v", base, seen)
			}
			seen[base] = true
			if l, err := claim(base); err == nil {
				_ = l.Close()
				t.Errorf("%d is taken twice", base)
			}
		}
	})
	again := 0
	for base := range seen {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", base+3))
		if err != nil {
			continue // another process has it by now
		}
		if c, err := claim(base); err == nil {
			_ = c.Close()
			t.Errorf("%d has a port that is taken", base)
		}
		_ = l.Close()
		if c, err := claim(base); err == nil {
			_ = c.Close()
			again++
		}
	}
	if again == 0 {
		t.Error("none of the blocks is free after the test that had them")
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

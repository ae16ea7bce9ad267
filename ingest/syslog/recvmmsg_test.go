package syslog

import (
	"errors"
	"fmt"
	"net"
	"os"
	"testing"
	"time"
)

func udpPair(t testing.TB) (*net.UDPConn, net.Conn) {
	t.Helper()
	in, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	out, err := net.Dial("udp", in.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { out.Close() })
	return in, out
}

func TestReceiver(t *testing.T) {
	in, out := udpPair(t)
	r, err := newReceiver(in)
	if err != nil {
		t.Fatal(err)
	}
	defer r.close()
	if n, err := r.poll(); n != 0 || err != nil {
		t.Errorf("poll of an empty socket: %d, %v", n, err)
	}
	// Three rounds: what the kernel wrote into the headers of one must not spoil the next.
	for round := range 3 {
		for i := range 40 + round {
			fmt.Fprintf(out, "%d-%d", round, i)
		}
		for i := 0; i < 40+round; {
			n, err := r.wait()
			if err != nil || n < 1 {
				t.Fatalf("%d, %v", n, err)
			}
			for k := range n {
				if got, want := string(r.data(k)), fmt.Sprintf("%d-%d", round, i); got != want {
					t.Fatalf("got %q, want %q", got, want)
				}
				if r.peer(k).String() != out.LocalAddr().String() {
					t.Fatalf("peer %s, want %s", r.peer(k), out.LocalAddr())
				}
				i++
			}
			if _, ok := r.drops(n); ok {
				t.Error("drops are told although nothing asked for them")
			}
		}
	}
	if err := in.SetReadDeadline(time.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := r.wait(); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("wait after the deadline: %v", err)
	}
	write(t, out, "late")
	eventually(t, "poll reads after the deadline", func() bool { n, err := r.poll(); return n == 1 && err == nil })
	in.Close()
	if _, err := r.wait(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("wait on a closed socket: %v", err)
	}
	if _, err := r.poll(); err == nil {
		t.Error("poll of a closed socket is quiet")
	}
}

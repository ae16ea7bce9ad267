package demo

import (
	"bufio"
	"context"
	"errors"
	"io"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// receiver takes one connection and returns the records that it read, once the sender has closed its side.
func receiver(t *testing.T) (addr string, records <-chan []string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	out := make(chan []string, 1)
	go func() {
		defer close(out)
		conn, err := ln.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		out <- readFrames(t, conn)
	}()
	return ln.Addr().String(), out
}

// readFrames reads octet-counted records to the end.
func readFrames(t *testing.T, conn io.Reader) []string {
	var out []string
	r := bufio.NewReader(conn)
	for {
		head, err := r.ReadString(' ')
		if err == io.EOF && head == "" {
			return out
		}
		n, convErr := strconv.Atoi(strings.TrimSuffix(head, " "))
		if err != nil || convErr != nil {
			t.Errorf("a frame begins with %q: %v", head, err)
			return out
		}
		text := make([]byte, n)
		if _, err := io.ReadFull(r, text); err != nil {
			t.Errorf("a frame of %d bytes: %v", n, err)
			return out
		}
		out = append(out, string(text))
	}
}

func TestPlaySendsTheWholeScript(t *testing.T) {
	addr, records := receiver(t)
	got, err := Play(t.Context(), Options{Addr: addr, Speed: 600, Start: noon, Seed: 5})
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	bytes, hosts := 0, map[string]int{}
	for _, line := range Script(noon, 5) {
		want = append(want, line.Text)
		bytes += len(line.Text)
		hosts[line.Host]++
	}
	if !slices.Equal(<-records, want) {
		t.Error("the receiver did not get the script")
	}
	if got.Lines != Total || got.Bytes != bytes || !maps.Equal(got.ByHost, hosts) {
		t.Errorf("counted %+v; want %d lines, %d bytes, %v", got, Total, bytes, hosts)
	}
	if got.Took < Length/600*9/10 {
		t.Errorf("a minute at 600 times its speed took %s: the pace was not kept", got.Took)
	}
}

// TestPlayFromNow sees that without a start the stamps stay in step with sending, so that nothing lies in the future.
func TestPlayFromNow(t *testing.T) {
	addr, records := receiver(t)
	before := time.Now().Truncate(time.Second)
	if _, err := Play(t.Context(), Options{Addr: addr, Speed: 600}); err != nil {
		t.Fatal(err)
	}
	after := time.Now()
	for _, text := range <-records {
		_, rest, _ := strings.Cut(text, ">1 ")
		stamp, _, found := strings.Cut(rest, " ")
		if !found || strings.Contains(text, "%ASA") {
			continue
		}
		at, err := time.Parse(time.RFC3339Nano, stamp)
		if err != nil {
			continue // RFC 3164 with a 1 somewhere
		}
		if at.Before(before) || at.After(after) {
			t.Fatalf("stamped %s, sent between %s and %s", at, before, after)
		}
	}
}

func TestPlayEndsWithItsContext(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	ctx, cancel := context.WithCancel(t.Context())
	accepted := make(chan net.Conn, 1)
	go func() {
		conn, err := ln.Accept()
		if err == nil {
			accepted <- conn // never read from: the sender blocks sooner or later
		}
		cancel()
	}()
	got, err := Play(ctx, Options{Addr: ln.Addr().String()})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
	if got.Lines >= Total {
		t.Errorf("all %d lines went out although the context had ended", got.Lines)
	}
	if conn := <-accepted; conn != nil {
		conn.Close()
	}
}

func TestPlayBreaksOffWithTheConnection(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	go func() {
		conn, err := ln.Accept()
		if err != nil {
			return
		}
		_, _ = conn.Read(make([]byte, 1)) // connected for certain
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // a reset, as from a receiver that was killed
		}
		conn.Close()
	}()
	got, err := Play(t.Context(), Options{Addr: ln.Addr().String(), Speed: 50})
	if err == nil || !strings.Contains(err.Error(), "playing the sample logs") {
		t.Errorf("got %v after %d lines, want an error that says what was going on", err, got.Lines)
	}
}

func TestPlayNeedsAReceiver(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := ln.Addr().String()
	ln.Close()
	if _, err := Play(t.Context(), Options{Addr: addr}); err == nil {
		t.Error("played to nobody")
	}
}

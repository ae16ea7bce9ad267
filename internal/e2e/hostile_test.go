package e2e

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// maxRecord is the longest record that is kept whole.
const maxRecord = 64 << 10

// hostile is what a bad sender writes.
func hostile() map[string][]byte {
	garbage := make([]byte, 20_000)
	rng := rand.NewChaCha8([32]byte{1})
	_, _ = rng.Read(garbage) // never fails
	return map[string][]byte{
		"garbage":               garbage,
		"NUL bytes":             bytes.Repeat([]byte{0}, 5000),
		"NUL inside":            []byte("<13>e2e: nul\x00inside\n"),
		"not UTF-8":             []byte("<13>e2e: \xff\xfe\xc3\x28 hostile\n"),
		"empty lines":           bytes.Repeat([]byte("\n"), 5000),
		"10 MB line":            append(bytes.Repeat([]byte("endless "), 10<<20/8), '\n'),
		"octet count too large": []byte("99999999999 <13>e2e: counted wrong\n"),
		"octet count too small": []byte("5 <13>e2e: counted wrong\n"),
		"octet count negative":  []byte("-5 <13>e2e: counted wrong\n"),
		"octet count cut":       []byte("500 <13>e2e: the connection ends here"),
		"only a priority":       []byte("<13>\n"),
		"priority too large":    []byte("<99999999999999999999>e2e: x\n"),
		"terminal escapes":      []byte("<13>e2e: \x1b]0;owned\x07\x1b[2J\n"),
	}
}

// healthy sends numbered lines over TCP until the returned function is called, which tells how many there were.
func healthy(t *testing.T, w *weir, name string) (sent func() int) {
	t.Helper()
	conn, err := net.Dial("tcp", w.syslog())
	if err != nil {
		t.Fatal(err)
	}
	over := make(chan struct{})
	n := 0
	var wg sync.WaitGroup
	wg.Go(func() {
		for ; ; n++ {
			select {
			case <-over:
				return
			case <-time.After(2 * time.Millisecond):
			}
			if _, err := fmt.Fprintf(conn, "<13>%s e2e healthy: from %s wseq=%08d\n", time.Now().Format(time.Stamp), name, n); err != nil {
				t.Errorf("the healthy sender was disturbed: %v", err)
				return
			}
		}
	})
	return func() int {
		close(over)
		wg.Wait()
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
		return n
	}
}

// sendTo writes all of b on a connection of its own. What weir does with a bad sender, up to hanging up, is its own
// affair; what it does to others is tested.
func sendTo(t *testing.T, network, addr string, b []byte) {
	t.Helper()
	conn, err := net.Dial(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Minute)) // a socket that was just made
	_, _ = conn.Write(b)                              // it may be hung up on
	if tc, ok := conn.(*net.TCPConn); ok {
		_ = tc.CloseWrite()
		_, _ = io.Copy(io.Discard, conn) // until weir has read everything and closes too
	}
}

// TestHostile_Bytes: whatever bytes arrive are stored or counted, and a healthy sender beside them loses nothing.
func TestHostile_Bytes(t *testing.T) {
	w := newWeir(t)
	w.start()
	for _, network := range []string{"tcp", "udp"} {
		for name, b := range hostile() {
			t.Run(network+" "+name, func(t *testing.T) {
				who := "healthy" + network + strings.NewReplacer(" ", "", "-", "").Replace(name)
				sent := healthy(t, w, who)
				if network == "udp" {
					b = b[:min(len(b), 60_000)] // what a datagram can carry
				}
				sendTo(t, network, w.syslog(), b)
				time.Sleep(20 * time.Millisecond)
				w.finds(t, who, sent())
			})
		}
	}
	for _, addr := range []string{w.tls(), w.relp()} {
		for _, b := range hostile() {
			sendTo(t, "tcp", addr, b)
		}
	}
	sent := healthy(t, w, "healthyend")
	time.Sleep(50 * time.Millisecond)
	w.finds(t, "healthyend", sent())
	w.checkHostile(t)
	w.stop()
	got := w.devices()
	t.Logf("hostile bytes: %+v", got)
	if got.Received == 0 || got.Stored+got.Dead+got.Refused+got.Filtered+got.Duplicate != got.Received+got.Split {
		t.Errorf("the ledger: %+v", got)
	}
}

// checkHostile looks at what is kept of the bad lines.
func (w *weir) checkHostile(t *testing.T) {
	t.Helper()
	long := w.waitFor("tags: truncated", 1)
	for _, doc := range long {
		if n := len(field(doc, "event.original")); n > maxRecord {
			t.Errorf("%d bytes are kept of a line that is too long", n)
		}
	}
	if !strings.HasPrefix(field(long[0], "event.original"), "endless ") && len(long) == 1 {
		t.Errorf("of the long line is kept: %.40s", field(long[0], "event.original"))
	}
	want := "<13>e2e: \xff\xfe\xc3\x28 hostile"
	found := 0
	for _, doc := range w.waitFor("weir.original_base64: * and hostile", 1) {
		b, err := base64.StdEncoding.DecodeString(field(doc, "weir.original_base64"))
		if err != nil {
			t.Fatal(err)
		}
		if string(b) == want {
			found++
		}
	}
	if found == 0 {
		t.Error("the line that is not UTF-8 is not kept byte for byte")
	}
	w.waitFor("owned", 1)
	// Control characters of senders never reach a terminal or a pipe as they are.
	if out := w.run("search", "owned"); strings.ContainsRune(out, '\x1b') || out == "" {
		t.Errorf("printed: %q", out)
	}
}

// TestHostile_SlowClients: senders that send next to nothing, or never finish their handshake, hold up nobody.
func TestHostile_SlowClients(t *testing.T) {
	w := newWeir(t)
	w.start()
	var conns []net.Conn
	open := func(addr, first string) {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		conns = append(conns, c)
		if _, err := io.WriteString(c, first); err != nil {
			t.Fatal(err)
		}
	}
	for range 50 {
		open(w.syslog(), "<13>slow: ")
		open(w.syslog(), "1000 <13>slow: ")
		open(w.tls(), "")
		open(w.tls(), "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03") // the beginning of a handshake
		open(w.relp(), "1 op")
	}
	sent := healthy(t, w, "healthyslow")
	for range 4 { // a byte a second
		for _, c := range conns {
			_, _ = io.WriteString(c, "1") // it may have been hung up on
		}
		time.Sleep(time.Second)
	}
	acknowledged(t, w, "relpslow", 200)
	w.finds(t, "relpslow", 200)
	w.finds(t, "healthyslow", sent())
	for _, c := range conns {
		_ = c.Close() // both sides may have closed
	}
	w.stop()
	w.devices()
}

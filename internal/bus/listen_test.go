package bus

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheSocketIsPrivateAndAnOldOneIsReplaced(t *testing.T) {
	dir := t.TempDir()
	socket := filepath.Join(dir, "kafka.sock")
	// What a process leaves behind that was killed.
	if err := os.WriteFile(socket, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	l, err := listen(socket, "", "", "weir.")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	info, err := os.Stat(socket)
	if err != nil || info.Mode().Perm() != 0o600 || info.Mode()&os.ModeSocket == 0 {
		t.Fatalf("%v %v", info.Mode(), err)
	}
	go func() {
		if c, err := net.Dial("unix", socket); err == nil {
			_, _ = c.Write([]byte("x"))
			_ = c.Close()
		}
	}()
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	if _, gated := c.(*gatedConn); gated {
		t.Error("the private socket is gated")
	}
	_ = c.Close()
	if l.Addr().String() != "127.0.0.1:9092" {
		t.Errorf("without a port %s is advertised", l.Addr())
	}
}

func TestThePortIsGatedAndAdvertised(t *testing.T) {
	dir := t.TempDir()
	l, err := listen(filepath.Join(dir, "s"), "127.0.0.1:0", filepath.Join(dir, "kafka.password"), "weir.")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	dialled, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer dialled.Close()
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, gated := c.(*gatedConn); !gated {
		t.Error("a connection to the port passes no gate")
	}
	// Nobody accepts this one: closing must not wait for the broker to take it.
	if waiting, err := net.Dial("tcp", l.Addr().String()); err == nil {
		defer waiting.Close()
	}
	if err := l.Close(); err != nil {
		t.Errorf("closing: %v", err)
	}
	if err := l.Close(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("closing again: %v", err)
	}
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("accepting from a closed listener: %v", err)
	}
	if _, err := net.Dial("tcp", l.Addr().String()); err == nil {
		t.Error("the port is still open")
	}
}

func TestListenLeavesNothingOpenWhenItFails(t *testing.T) {
	dir := t.TempDir()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := free.Addr().String()
	free.Close()
	folder := filepath.Join(dir, "folder") // cannot be read as a password, and holds something
	if err := os.MkdirAll(filepath.Join(folder, "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ name, socket, tcp, password, want string }{
		{"the port is taken", filepath.Join(dir, "a"), taken.Addr().String(), filepath.Join(dir, "p"), "opening the Kafka port"},
		{"no password file", filepath.Join(dir, "b"), addr, folder, "password of the Kafka port"},
		{"the socket's folder is missing", filepath.Join(dir, "none", "s"), "", "", "opening the broker's socket"},
		{"a full folder is in the socket's place", folder, "", "", "removing the broker's old socket"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l, err := listen(tc.socket, tc.tcp, tc.password, "weir.")
			if err == nil {
				l.Close()
			}
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Fatalf("%v, want %q", err, tc.want)
			}
			if c, err := net.Dial("unix", tc.socket); err == nil {
				c.Close()
				t.Error("the socket is still open")
			}
		})
	}
	if again, err := net.Listen("tcp", addr); err != nil {
		t.Errorf("the port was left open: %v", err)
	} else {
		again.Close()
	}
}

func TestThePasswordIsMadeOnceAndKept(t *testing.T) {
	file := filepath.Join(t.TempDir(), "kafka.password")
	first, err := newGate(file, "weir.")
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 || len(first.password) < 20 {
		t.Fatalf("%v %v, %d letters", info, err, len(first.password))
	}
	if second, err := newGate(file, "weir."); err != nil || second.password != first.password {
		t.Errorf("the next start has another password (%v)", err)
	}
	// Whoever sets one by hand leaves the end of the line in the file.
	if err := os.WriteFile(file, []byte("my own\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if own, err := newGate(file, "weir."); err != nil || own.password != "my own" {
		t.Errorf("%v %v", own, err)
	}
	// An empty file is no password that everybody has.
	if err := os.WriteFile(file, []byte("\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	g, err := newGate(file, "weir.")
	if err != nil || g.check([]byte("\x00weir\x00")) {
		t.Errorf("an empty password file lets everybody in (%v)", err)
	}
	if kept, err := os.ReadFile(file); err != nil || string(kept) != g.password {
		t.Errorf("the new password is not in the file: %q %v", kept, err)
	}
}

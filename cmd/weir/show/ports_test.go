package show

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/internal/control"
)

func TestListening(t *testing.T) {
	ports := func(addrs ...string) (out []control.Port) {
		for _, a := range addrs {
			in, rest, _ := strings.Cut(a, "/")
			proto, addr, _ := strings.Cut(rest, "/")
			out = append(out, control.Port{Input: in, Proto: proto, Address: addr})
		}
		return out
	}
	const only, also = "only for this machine (open it to devices: --listen 0.0.0.0)", "also for other machines: whoever reaches these ports may send"
	for name, x := range map[string]struct {
		ports []control.Port
		width int
		want  string
	}{
		"none":      {nil, 80, "nowhere: every input is off"},
		"one port":  {ports("syslog/udp/127.0.0.1:5514", "syslog/tcp/127.0.0.1:5514", "syslog/udp/127.0.0.1:5514"), 80, only + "|syslog 5514 udp tcp"},
		"open":      {ports("syslog/udp/0.0.0.0:514"), 80, also + "|syslog 514 udp"},
		"ipv6":      {ports("syslog/udp/[::1]:5514"), 80, only + "|syslog 5514 udp"},
		"wrapped":   {ports("syslog/udp/127.0.0.1:5514", "http/tcp/127.0.0.1:8088", "otlp/tcp/127.0.0.1:4317"), 40, only + "|syslog 5514 udp; http 8088 tcp;|otlp 4317 tcp"},
		"localhost": {ports("kafka/tcp/localhost:9292"), 80, only + "|kafka 9292 tcp"},
	} {
		if got := strings.Join(Listening(x.ports, x.width), "|"); got != x.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestSendCommand(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	udp := func(a string) []control.Port { return []control.Port{{Input: "syslog", Proto: "udp", Address: a}} }
	if got := SendCommand(udp("0.0.0.0:514")); got != `bash -c "echo '<34>hello weir' > /dev/udp/127.0.0.1/514"` {
		t.Errorf("without tools: %s", got)
	}
	if got := SendCommand([]control.Port{{Input: "syslog", Proto: "tcp", Address: "127.0.0.1:1"}}); got != "" {
		t.Errorf("without UDP: %s", got)
	}
}

// TestSendCommand_Tools: the first tool that this machine has, and an address that this machine can send to.
func TestSendCommand_Tools(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PATH", dir)
	tool := func(name string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	send := func(address string) string {
		return SendCommand([]control.Port{{Input: "syslog", Proto: "tcp", Address: "127.0.0.1:1"}, {Input: "syslog", Proto: "udp", Address: address}})
	}
	tool("logger")
	if got := send("[::]:514"); got != "logger -n 127.0.0.1 -P 514 -d hello weir" {
		t.Errorf("logger: %s", got)
	}
	tool("nc")
	for address, want := range map[string]string{
		"192.0.2.7:5514": "echo '<34>hello weir' | nc -u -w1 192.0.2.7 5514",
		":5514":          "echo '<34>hello weir' | nc -u -w1 127.0.0.1 5514",
		"[::1]:5514":     "echo '<34>hello weir' | nc -u -w1 ::1 5514",
		"nonsense":       "",
	} {
		if got := send(address); got != want {
			t.Errorf("%s: %s, want %s", address, got, want)
		}
	}
	if SendCommand(nil) != "" {
		t.Error("a command without a port")
	}
}

// TestLoopback: what cannot be read counts as open, so that nobody is told less than there is.
func TestLoopback(t *testing.T) {
	for address, want := range map[string]bool{
		"127.0.0.1:1": true, "127.9.9.9:1": true, "[::1]:1": true, "localhost:1": true, "0.0.0.0:1": false, ":1": false, "[::]:1": false, "192.0.2.1:1": false, "host:1": false, "127.0.0.1": false, "": false,
	} {
		if got := loopback(address); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
}

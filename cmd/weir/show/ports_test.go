package show

import (
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

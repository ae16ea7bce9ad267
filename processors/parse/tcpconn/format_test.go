package tcpconn_test

import (
	"testing"
	"time"

	"weir/event"
	"weir/internal/record"
	"weir/processors/parse"
)

// TestRecordsOfTheInputAreConnections: they are known by where they come from, have no header, and are this machine's.
func TestRecordsOfTheInputAreConnections(t *testing.T) {
	for _, tc := range []struct {
		name, text   string
		module, end  string
		broken       int
		message, net string
	}{
		{"a connection", `{"end":"refused","direction":"outbound","local":{"ip":"192.0.2.1","port":5},"remote":{"ip":"192.0.2.2","port":6},"time":"2026-11-21T12:00:00Z","sent":0,"received":0,"pid":7,"comm":"curl"}`,
			"ebpf", "refused", 0, "curl[7] 192.0.2.1:5 -> 192.0.2.2:6 refused, sent 0 B, received 0 B", "tcp"},
		{"JSON of another kind", `{"hello":"world"}`, "ebpf", "", 1, `{"hello":"world"}`, ""},
		{"a line of syslog", `<13>Nov 21 12:00:00 h sshd[1]: Accepted password for root`, "ebpf", "", 1, `<13>Nov 21 12:00:00 h sshd[1]: Accepted password for root`, ""},
	} {
		p, err := parse.New(parse.Options{})
		if err != nil {
			t.Fatal(err)
		}
		raw := record.Raw{Value: []byte(tc.text), Received: time.Date(2026, 11, 21, 12, 0, 1, 0, time.UTC), Input: "ebpf", Proto: "ebpf", Origin: "web-1"}
		n := 0
		if err := p.Parse(&raw, new(event.Event), func(e *event.Event) error {
			n++
			for f, want := range map[event.Field]string{
				event.EventModule: tc.module, event.EventDataset: "ebpf.tcp", event.WeirTcpEnd: tc.end, event.Message: tc.message, event.NetworkTransport: tc.net,
				event.HostName: "web-1", event.LogSourceAddress: "web-1", event.WeirInput: "ebpf", event.EventOriginal: tc.text,
			} {
				if got := e.Str(f); got != want {
					t.Errorf("%s: %s is %q, want %q", tc.name, f.Path(), got, want)
				}
			}
			if got := e.Get(event.WeirParseErrors).Len(); got != tc.broken {
				t.Errorf("%s: %d parse errors: %s", tc.name, got, e.Get(event.WeirParseErrors).Text())
			}
			return nil
		}); err != nil || n != 1 {
			t.Errorf("%s: %d events, %v", tc.name, n, err)
		}
	}
}

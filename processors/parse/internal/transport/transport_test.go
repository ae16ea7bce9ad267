package transport

import (
	"testing"

	"weir/event"
)

func TestLookup(t *testing.T) {
	tests := []struct{ in, name, number string }{
		{"tcp", "tcp", "6"}, {"TCP", "tcp", "6"}, {"6", "tcp", "6"}, {"17", "udp", "17"}, {"1", "icmp", "1"}, {"ICMPv6", "ipv6-icmp", "58"}, {"icmp6", "ipv6-icmp", "58"}, {"IPv6-ICMP", "ipv6-icmp", "58"},
		{"58", "ipv6-icmp", "58"}, {"47", "gre", "47"}, {"200", "", "200"}, {"256", "", ""}, {"-1", "", ""}, {"ip", "", ""}, {"http", "", ""}, {"", "", ""},
	}
	for _, tt := range tests {
		if name, number := Lookup(tt.in); name != tt.name || number != tt.number {
			t.Errorf("%q: %q, %q", tt.in, name, number)
		}
	}
	var e event.Event
	if Set(&e, "http") || e.Len() != 0 || !Set(&e, "UDP") || e.Str(event.NetworkTransport) != "udp" {
		t.Errorf("%s", e.AppendJSON(nil))
	}
}

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

// TestSet: a number without a name is kept as a number, and what names no transport leaves the event alone.
func TestSet(t *testing.T) {
	for in, want := range map[string]string{
		"tcp": `{"network":{"iana_number":"6","transport":"tcp"}}`, "200": `{"network":{"iana_number":"200"}}`, "Icmp-V6": `{"network":{"iana_number":"58","transport":"ipv6-icmp"}}`,
		"ip": `{}`, "tcp/443": `{}`, "": `{}`,
	} {
		var e event.Event
		ok := Set(&e, in)
		if got := string(e.AppendJSON(nil)); got != want || ok != (want != `{}`) {
			t.Errorf("%q: %t, %s", in, ok, got)
		}
	}
}

// TestProtocols: each number that has a name finds that name again.
func TestProtocols(t *testing.T) {
	for _, p := range protocols {
		name, number := Lookup(p.name)
		if number != p.number {
			t.Errorf("%s is %s", p.name, number)
		}
		if again, _ := Lookup(number); name != again && p.name == again {
			t.Errorf("%s is called %s by its number and %s by its name", p.number, again, name)
		}
	}
}

func TestNumber(t *testing.T) {
	for in, want := range map[string]int{"0": 0, "6": 6, "255": 255, "256": -1, "": -1, "-1": -1, "+6": -1, "6x": -1, "tcp": -1, "0006": -1} {
		n, ok := Number(in)
		if ok != (want >= 0) || ok && int(n) != want {
			t.Errorf("%q: %d, %t", in, n, ok)
		}
	}
}

func TestComplete(t *testing.T) {
	for _, tt := range []struct{ name, transport, number, want string }{
		{"number from name", "tcp", "", `{"network":{"iana_number":"6","transport":"tcp"}}`},
		{"name from number", "", "17", `{"network":{"iana_number":"17","transport":"udp"}}`},
		{"a number without a name", "", "200", `{"network":{"iana_number":"200"}}`},
		{"a name that is none", "quic", "", `{"network":{"transport":"quic"}}`},
		{"both", "tcp", "17", `{"network":{"iana_number":"17","transport":"tcp"}}`},
		{"neither", "", "", `{}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var e event.Event
			e.SetStr(event.NetworkTransport, tt.transport)
			e.SetStr(event.NetworkIanaNumber, tt.number)
			before := e.Len()
			did := Complete(&e)
			if got := string(e.AppendJSON(nil)); got != tt.want || did != (e.Len() > before) {
				t.Errorf("%t %s", did, got)
			}
		})
	}
}

package ends

import (
	"net/netip"
	"strings"
	"testing"

	"weir/event"
)

func TestParseIP(t *testing.T) {
	tests := []struct{ in, want string }{
		{"192.0.2.1", "192.0.2.1"}, {"2001:db8::1", "2001:db8::1"}, {"::", "::"}, {"::ffff:192.0.2.1", "::ffff:192.0.2.1"}, {"fe80::1%eth0", "fe80::1"}, {"FE80::A", "FE80::A"},
		{"", ""}, {"1", ""}, {"192.0.2", ""}, {"192.0.2.256", ""}, {"192.0.2.01", ""}, {"192.0.2.1:80", ""}, {"host.example.org.x", ""}, {"dead.beef.ab.cd", ""}, {":::", ""},
		{"2001:db8", ""}, {"12:34:56", ""}, {"192.0.2.1%x", ""}, {strings.Repeat("1", 80), ""},
	}
	for _, tt := range tests {
		a, text, ok := ParseIP(tt.in)
		if ok != (tt.want != "") || ok && text != tt.want || ok && !a.IsValid() {
			t.Errorf("%q: %q, %t", tt.in, text, ok)
		}
	}
}

func TestParseIP_NamesCostNothing(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { ParseIP("host-1.example.org") }); n > 0 {
		t.Errorf("%g allocations", n)
	}
}

// FuzzParseIP: what is accepted is an address without a zone, and no plain address is refused.
func FuzzParseIP(f *testing.F) {
	for _, s := range []string{"192.0.2.1", "fe80::1%a", "::1", "1.2.3.4.5", "a:b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		_, text, ok := ParseIP(s)
		a, err := netip.ParseAddr(s)
		if ok {
			if b, err := netip.ParseAddr(text); err != nil || b.Zone() != "" {
				t.Fatalf("%q: %q", s, text)
			}
		} else if err == nil && a.Zone() == "" {
			t.Fatalf("%q was refused", s)
		}
	})
}

func TestAddress(t *testing.T) {
	tests := []struct{ in, ip, domain, ips, hosts string }{
		{"192.0.2.1", "192.0.2.1", "", `["192.0.2.1"]`, ""}, {"h.example", "", "h.example", "", `["h.example"]`}, {"", "", "", "", ""}, {"fe80::1%x", "fe80::1", "", `["fe80::1"]`, ""},
	}
	for _, tt := range tests {
		for _, side := range []*Side{&Source, &Destination} {
			var e event.Event
			Address(&e, side, tt.in)
			if e.Str(side.Address) != tt.in || e.Str(side.IP) != tt.ip || e.Str(side.Domain) != tt.domain || e.Get(event.RelatedIP).Text() != tt.ips || e.Get(event.RelatedHosts).Text() != tt.hosts {
				t.Errorf("%q: %s", tt.in, e.AppendJSON(nil))
			}
		}
	}
}

func TestParseInt(t *testing.T) {
	tests := []struct {
		in   string
		want int64
		ok   bool
	}{{"0", 0, true}, {"-5", -5, true}, {"9223372036854775807", 9223372036854775807, true}, {"9223372036854775808", 0, false}, {"", 0, false}, {"-", 0, false}, {"1.0", 0, false}, {"+1", 0, false}, {"0x1", 0, false}, {"99999999999999999999", 0, false}}
	for _, tt := range tests {
		if got, ok := ParseInt(tt.in); ok != tt.ok || ok && got != tt.want {
			t.Errorf("%q: %d, %t", tt.in, got, ok)
		}
	}
	var e event.Event
	if Port(&e, event.SourcePort, "65536") || Port(&e, event.SourcePort, "-1") || Port(&e, event.SourcePort, "x") || !Port(&e, event.SourcePort, "0") {
		t.Error("ports")
	}
	if Int(&e, event.SourceBytes, "x") || !Int(&e, event.SourceBytes, "7") || e.Get(event.SourceBytes).Int() != 7 {
		t.Error("Int")
	}
	if IP(&e, event.ClientIP, "x") || !IP(&e, event.ClientIP, "192.0.2.1") || e.Str(event.RelatedIP) != "192.0.2.1" {
		t.Error("IP")
	}
}

func TestSplitUser(t *testing.T) {
	tests := map[string]Name{
		"bob": {User: "bob"}, `A\bob`: {User: "bob", Domain: "A"}, `A\\bob`: {User: "bob", Domain: "A"}, "bob@x.example": {"bob", "x.example", "bob@x.example"},
		"@bob": {User: "@bob"}, "bob@": {User: "bob@"}, `\bob`: {User: `\bob`}, `A\b@x.example`: {"b", "x.example", "b@x.example"}, "": {},
	}
	for in, want := range tests {
		if got := SplitUser(in); got != want {
			t.Errorf("%q: %+v, want %+v", in, got, want)
		}
	}
	var e event.Event
	User(&e, &Destination, SplitUser(`A\bob`))
	RootUser(&e, SplitUser("eve@x.example"))
	want := `{"destination":{"user":{"domain":"A","name":"bob"}},"related":{"hosts":["A","x.example"],"user":["bob","eve"]},"user":{"domain":"x.example","email":"eve@x.example","name":"eve"}}`
	if got := string(e.AppendJSON(nil)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestSides: the two sides have the same fields below their own names, so a table may use either.
func TestSides(t *testing.T) {
	a, b := Source, Destination
	for _, pair := range [][2]event.Field{
		{a.Address, b.Address}, {a.IP, b.IP}, {a.Domain, b.Domain}, {a.Port, b.Port}, {a.Bytes, b.Bytes}, {a.Packets, b.Packets}, {a.MAC, b.MAC},
		{a.NATIP, b.NATIP}, {a.NATPort, b.NATPort}, {a.UserName, b.UserName}, {a.UserDomain, b.UserDomain}, {a.UserEmail, b.UserEmail}, {a.UserGroup, b.UserGroup}, {a.UserID, b.UserID},
	} {
		if strings.TrimPrefix(pair[0].Path(), "source.") != strings.TrimPrefix(pair[1].Path(), "destination.") {
			t.Errorf("%s and %s", pair[0], pair[1])
		}
	}
}

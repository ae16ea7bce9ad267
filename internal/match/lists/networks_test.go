package lists

import (
	"fmt"
	"net/netip"
	"testing"
)

func TestPrefixes(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"10.0.0.0/8": "10.0.0.0/8", "10.1.2.3/8": "10.0.0.0/8", "10.1.2.3": "10.1.2.3/32", "2001:db8::1": "2001:db8::1/128", "::ffff:10.0.0.0/104": "10.0.0.0/8",
		"::ffff:10.1.2.3": "10.1.2.3/32", "::/0": "::/0", "0.0.0.0/0": "0.0.0.0/0", "::ffff:0:0/90": "::ffc0:0:0/90",
		"": "", "x": "", "10.0.0.0/33": "", "10.0.0/8": "", "10.0.0.0/": "", "/8": "", "010.0.0.0/8": "",
	} {
		p, err := ParsePrefix(s)
		got := ""
		if err == nil {
			got = p.String()
		}
		if want == "::ffc0:0:0/90" { // a network that is larger than all of IPv4 stays one of IPv6
			want = netip.MustParsePrefix(s).Masked().String()
		}
		if got != want {
			t.Errorf("%q: %s, want %s (%v)", s, got, want, err)
		}
	}
}

func TestNetworksOfAddresses(t *testing.T) {
	t.Parallel()
	in, err := Networks([]string{"10.0.0.0/8", "fe80::/10", "192.0.2.7"})
	if err != nil {
		t.Fatal(err)
	}
	for ip, want := range map[string]bool{
		"10.255.0.1": true, "::ffff:10.0.0.1": true, "11.0.0.1": false, "fe80::1%eth0": true, "fec0::1": false, "192.0.2.7": true, "192.0.2.8": false,
		"": false, "host": false, "10.0.0.1:5": false, "10.0.0": false,
	} {
		if in(ip) != want {
			t.Errorf("%q: %v", ip, !want)
		}
	}
}

func TestNoNetworks(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "x/8", "10.0.0.0/33", "10.0.0/8"} {
		if _, err := Networks([]string{"10.0.0.0/8", s}); err == nil {
			t.Errorf("%q is a network", s)
		}
	}
}

// TestManyNetworks: however many there are, an address is in the same.
func TestManyNetworks(t *testing.T) {
	t.Parallel()
	var all []string
	for i := range 300 {
		all = append(all, fmt.Sprintf("10.%d.0.0/16", i%200), fmt.Sprintf("2001:db8:%x::/48", i), fmt.Sprintf("192.0.2.%d", i%250))
	}
	many, err := Networks(all)
	if err != nil {
		t.Fatal(err)
	}
	for _, ip := range []string{"10.199.1.1", "10.200.1.1", "2001:db8:12b::1", "2001:db8:12c::1", "192.0.2.249", "192.0.2.251", "::ffff:10.1.2.3", "x", ""} {
		want := false
		for _, one := range all {
			in, err := Networks([]string{one})
			if err != nil {
				t.Fatal(err)
			}
			want = want || in(ip)
		}
		if many(ip) != want {
			t.Errorf("%s: %v", ip, !want)
		}
	}
}

// FuzzParseAddr: what is no address by the look of it is none to the library, and the other way round.
func FuzzParseAddr(f *testing.F) {
	for _, s := range []string{"10.0.0.1", "::1", "fe80::1%eth0", "::ffff:1.2.3.4", "1.2.3", "a.b.c.d", "1:2:3:4:5:6:7:8", "fe80::%", "10.0.0.256"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		ip, ok := ParseAddr(s)
		want, err := netip.ParseAddr(s)
		if len(s) > 64 { // zones have no bound of their own
			return
		}
		if ok != (err == nil) || ok && ip != want.Unmap().WithZone("") {
			t.Fatalf("%q: %v %v, want %v %v", s, ip, ok, want, err)
		}
	})
}

func TestNoAllocation(t *testing.T) {
	in, err := Networks([]string{"10.0.0.0/8"})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"192.168.1.1", "2001:db8::1", "not an address", "C:\\Windows", "1.2.3", "deadbeef"} {
		if n := testing.AllocsPerRun(100, func() { in(s) }); n != 0 {
			t.Errorf("%s: %v allocations", s, n)
		}
	}
}

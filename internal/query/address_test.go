package query

import (
	"net/netip"
	"testing"

	"weir/event"
	"weir/event/ecs"
)

func TestOctets(t *testing.T) {
	cases := []struct{ in, want string }{
		{"10.*", "10.0.0.0/8"}, {"10.1.*", "10.1.0.0/16"}, {"10.1.2.*", "10.1.2.0/24"}, {"10.1.*.*", "10.1.0.0/16"},
		{"*", ""}, {"*.1", ""}, {"10.*.1", ""}, {"10.1*", ""}, {"256.*", ""}, {"10.1.2.3", ""}, {"10.1.2.3.*", ""}, {"", ""}, {"1.2.3.*.*", ""},
	}
	for _, c := range cases {
		p, ok := octets(c.in)
		if got := p.String(); ok != (c.want != "") || ok && got != c.want {
			t.Errorf("%s: %s, %v, want %q", c.in, got, ok, c.want)
		}
	}
}

// One address is the same in every way of writing it, and what is no address never matches.
func TestAddrTest(t *testing.T) {
	cases := []struct {
		value, event string
		want         bool
	}{
		{"10.0.0.1", "10.0.0.1", true},
		{"10.0.0.1", "::ffff:10.0.0.1", true},
		{"::ffff:10.0.0.1", "10.0.0.1", true},
		{"2001:DB8::1", "2001:db8:0:0::1", true},
		{"fe80::1", "fe80::1%eth0", true},
		{"10.0.0.1", "10.0.0.2", false},
		{"10.0.0.0/8", "::ffff:10.9.9.9", true},
		{"10.0.0.0/8", "11.0.0.1", false},
		{"10.0.0.0/8", "web-1", false},
		{"10.0.0.0/8", "", false},
		{"10.0.0.1", "a.b", false},
		{"::/0", "2001:db8::1", true},
	}
	for _, c := range cases {
		x, why := addrTest(Lit{Text: c.value})
		if x == nil {
			t.Fatalf("%s: %s", c.value, why)
		}
		if got := x.test(event.Str(c.event)); got != c.want {
			t.Errorf("%s holds %q: %v", c.value, c.event, got)
		}
	}
}

// What is no address.
func TestAddress_Mistakes(t *testing.T) {
	mistakes{
		{"name", `source.ip: web-1`, `
'source.ip' is an address (10.0.0.1, 10.0.0.0/8, 10.1.*)
source.ip: web-1
           ^^^^^
write a value that the field can have, or 'source.ip: *'`},
		{"number too large", `source.ip: 256.1.1.1`, `
'source.ip' is an address (10.0.0.1, 10.0.0.0/8, 10.1.*)
source.ip: 256.1.1.1
           ^^^^^^^^^
write a value that the field can have, or 'source.ip: *'`},
		{"mask too long", `source.ip: 10.0.0.0/33`, `
'source.ip' is an address (10.0.0.1, 10.0.0.0/8, 10.1.*)
source.ip: 10.0.0.0/33
           ^^^^^^^^^^^
write a value that the field can have, or 'source.ip: *'`},
		{"star in the middle", `source.ip: 10.*.1`, `
'source.ip' is an address: a star can only stand for its last parts, as in 10.1.*
source.ip: 10.*.1
           ^^^^^^
write a value that the field can have, or 'source.ip: *'`},
		{"star first", `source.ip: *.1`, `
'source.ip' is an address: a star can only stand for its last parts, as in 10.1.*
source.ip: *.1
           ^^^
write a value that the field can have, or 'source.ip: *'`},
		{"network in a range", `source.ip > 10.0.0.0/8`, `
'source.ip' is an address; a network is written as 'source.ip: 10.0.0.0/8'
source.ip > 10.0.0.0/8
            ^^^^^^^^^^
write a value that the field can have, or 'source.ip: *'`},
	}.check(t)
}

// Order and networks agree with net/netip for addresses of both families.
func TestAddress_oracle(t *testing.T) {
	texts := []string{"0.0.0.0", "9.255.255.255", "10.0.0.0", "10.0.0.1", "10.255.255.255", "11.0.0.0", "203.0.113.5", "255.255.255.255", "::", "::1", "2001:db8::", "2001:db8::5",
		"2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "fe80::1", "ffff::"}
	wide := func(s string) netip.Addr { return netip.AddrFrom16(netip.MustParseAddr(s).As16()) }
	for _, a := range texts {
		for _, b := range texts {
			c := wide(a).Compare(wide(b))
			for op, want := range map[string]bool{">": c > 0, ">=": c >= 0, "<": c < 0, "<=": c <= 0} {
				x, why := rangeTester(ecs.IP, &Range{Op: op, Value: Lit{Text: b}})
				if x == nil {
					t.Fatalf("%s: %s", b, why)
				}
				if got := x.test(event.Str(a)); got != want {
					t.Errorf("%s %s %s: %v", a, op, b, got)
				}
			}
		}
		for _, network := range []string{"0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/31", "203.0.113.5/32", "::/0", "2001:db8::/32", "fe80::/10"} {
			x, why := addrTest(Lit{Text: network})
			if x == nil {
				t.Fatalf("%s: %s", network, why)
			}
			if got, want := x.test(event.Str(a)), netip.MustParsePrefix(network).Contains(netip.MustParseAddr(a)); got != want {
				t.Errorf("%s in %s: %v", a, network, got)
			}
		}
	}
}

// What is no address is in no order: neither before nor after one.
func TestAddress_noOrder(t *testing.T) {
	for _, text := range []string{"", "web-1", "10.0.0", "10.0.0.0/8", "fe80", "dead:beef", "1.2.3.4.5"} {
		for _, op := range []string{"<", ">="} {
			x, _ := rangeTester(ecs.IP, &Range{Op: op, Value: Lit{Text: "10.0.0.1"}})
			if x.test(event.Str(text)) {
				t.Errorf("%q is %s 10.0.0.1", text, op)
			}
		}
	}
}

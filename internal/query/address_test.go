package query

import (
	"testing"

	"weir/event"
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

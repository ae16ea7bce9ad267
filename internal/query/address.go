package query

import (
	"bytes"
	"net/netip"
	"strconv"
	"strings"

	"weir/event"
)

// addrTest returns the test for an address, a network, or whole leading parts of an IPv4 address.
// An address is compared as a value, never as text: 2001:DB8::1 and 2001:db8:0::1 are one, and so are 10.0.0.1 and
// ::ffff:10.0.0.1, which dual-stack listeners write. Zones (fe80::1%eth0) are left out: the name of an interface says
// nothing on another machine.
func addrTest(l Lit) (tester, string) {
	if l.Wild() {
		if p, ok := octets(l.Text); ok {
			return networkTester{p}, ""
		}
		return nil, "is an address: a star can only stand for its last parts, as in 10.1.*"
	}
	if p, err := netip.ParsePrefix(l.Text); err == nil { // 10.1.2.3/8 is the network that the address is in
		return networkTester{p.Masked()}, ""
	}
	if a, err := netip.ParseAddr(l.Text); err == nil {
		a = a.Unmap()
		return addrTester{a, a.String()}, ""
	}
	return nil, "is an address (10.0.0.1, 10.0.0.0/8, 10.1.*)"
}

// octets reads 10.1.* as the network 10.1.0.0/16.
func octets(s string) (netip.Prefix, bool) {
	parts := strings.Split(s, ".")
	var a [4]byte
	n := 0
	for i, p := range parts {
		if p == "*" {
			continue
		}
		v, err := strconv.ParseUint(p, 10, 8)
		if err != nil || i != n || i >= 3 {
			return netip.Prefix{}, false
		}
		a[i] = byte(v)
		n++
	}
	if n == 0 || len(parts) > 4 || n == len(parts) {
		return netip.Prefix{}, false
	}
	return netip.PrefixFrom(netip.AddrFrom4(a), 8*n), true
}

// addrOf reads the value of an address field.
func addrOf(v event.Value) (netip.Addr, bool) {
	s := v.Str()
	if s == "" || s[0] != ':' && !isHex(s[0]) {
		return netip.Addr{}, false
	}
	a, err := netip.ParseAddr(s)
	return a.Unmap().WithZone(""), err == nil
}

// isHex sorts out, before the cost of a failed parse, most values that are names.
func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// addrTester is true for one address in any way of writing it.
type addrTester struct {
	addr netip.Addr
	text string
}

// test tries the text first: senders write an address in its shortest form nearly always.
func (t addrTester) test(v event.Value) bool {
	s := v.Str()
	if s == t.text {
		return true
	}
	if t.addr.Is4() && strings.IndexByte(s, ':') < 0 {
		return false // IPv4 is written in one way only
	}
	a, ok := addrOf(v)
	return ok && a == t.addr
}

// networkTester is true for the addresses of a network; IPv4 in IPv6 form counts as IPv4.
type networkTester struct{ net netip.Prefix }

// test has no short cut: a network has no one text.
func (t networkTester) test(v event.Value) bool {
	a, ok := addrOf(v)
	return ok && t.net.Contains(a)
}

// addrOrder compares addresses as 128-bit numbers, IPv4 as ::ffff:a.b.c.d.
type addrOrder struct {
	addr [16]byte
	op   string
}

// test is false for what is no address, whatever the order, so that > and <= are no opposites there.
func (t addrOrder) test(v event.Value) bool {
	a, ok := addrOf(v)
	if !ok {
		return false
	}
	b := a.As16()
	return within(bytes.Compare(b[:], t.addr[:]), t.op)
}

package lists

import (
	"fmt"
	"net/netip"
	"strings"

	"weir/internal/match/many"
)

// Networks reads the networks once. An IPv4 address that is written as an IPv6 one is in the IPv4 network.
func Networks(args []string) (func(string) bool, error) {
	nets := make([]netip.Prefix, 0, len(args))
	set := New()
	for _, a := range args {
		p, err := ParsePrefix(a)
		if err != nil {
			return nil, fmt.Errorf("%q is no network: write 10.0.0.0/8 or 2001:db8::/32", a)
		}
		nets = append(nets, p)
		set.addNet(p)
	}
	if len(nets) > many.Few {
		return set.hasAddress, nil
	}
	return func(s string) bool {
		ip, ok := ParseAddr(s)
		if !ok {
			return false
		}
		for _, n := range nets {
			if n.Contains(ip) {
				return true
			}
		}
		return false
	}, nil
}

// ParseAddr reads an address without its zone, which names an interface of the sender's host and is in no network. It
// looks at the letters before it calls netip, whose errors cost memory: most texts are no addresses.
func ParseAddr(s string) (netip.Addr, bool) {
	if len(s) < 2 || len(s) > 64 {
		return netip.Addr{}, false
	}
	digits, _, _ := strings.Cut(s, "%")
	dots, colons := 0, 0
	for i := range len(digits) {
		switch c := digits[i]; {
		case c == '.':
			dots++
		case c == ':':
			colons++
		case '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f':
		default:
			return netip.Addr{}, false
		}
	}
	if colons < 2 && dots != 3 {
		return netip.Addr{}, false
	}
	ip, err := netip.ParseAddr(s)
	return ip.Unmap().WithZone(""), err == nil
}

// ParsePrefix reads a network; an address alone is the network of that one address.
func ParsePrefix(s string) (netip.Prefix, error) {
	if ip, err := netip.ParseAddr(s); err == nil {
		ip = ip.Unmap()
		return netip.PrefixFrom(ip, ip.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return p, fmt.Errorf("network %q: %w", s, err)
	}
	// A shorter one holds more than all of IPv4 and stays a network of IPv6.
	if a := p.Addr(); a.Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(a.Unmap(), p.Bits()-96)
	}
	return p.Masked(), nil
}

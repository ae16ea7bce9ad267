// Package network says of a connection what follows from its addresses and ports: the family, the protocol's name and
// number, the community id, and whether it comes in or goes out.
package network

import (
	"fmt"
	"net/netip"
	"slices"

	"weir/event"
	"weir/internal/match/lists"
	"weir/processors/enrich/community"
	"weir/processors/enrich/transport"
)

// Private is the word for what is nobody's on the internet: the private ranges, loopback, link-local, and addresses that
// never leave a network (broadcast, and multicast of the network's own).
const Private = "private"

var private = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"), netip.MustParsePrefix("127.0.0.0/8"),
	netip.MustParsePrefix("169.254.0.0/16"), netip.MustParsePrefix("224.0.0.0/24"), netip.MustParsePrefix("239.0.0.0/8"), netip.MustParsePrefix("255.255.255.255/32"),
	netip.MustParsePrefix("0.0.0.0/32"),
	netip.MustParsePrefix("::1/128"), netip.MustParsePrefix("::/128"), netip.MustParsePrefix("fc00::/7"), netip.MustParsePrefix("fe80::/10"), netip.MustParsePrefix("ff01::/16"), netip.MustParsePrefix("ff02::/16"),
	netip.MustParsePrefix("ff05::/16"), netip.MustParsePrefix("ff08::/16"),
}

// Ranges are the networks that are one's own. They never change and are safe for many goroutines.
type Ranges struct {
	v4 []span4
	v6 []netip.Prefix
}

// span4 is a network of IPv4 as the first and last of its addresses, which are compared as numbers.
type span4 struct{ first, last uint32 }

// NewRanges reads networks, addresses and the word private. None at all is nil: then no direction is said.
func NewRanges(texts []string) (*Ranges, error) {
	if len(texts) == 0 {
		return nil, nil
	}
	r := &Ranges{}
	for _, s := range texts {
		if s == Private {
			for _, p := range private {
				r.add(p)
			}
			continue
		}
		p, err := lists.ParsePrefix(s)
		if err != nil {
			return nil, fmt.Errorf("%q is no network: write it as 192.0.2.0/24, or private", s)
		}
		r.add(p)
	}
	r.v4 = merged(r.v4)
	return r, nil
}

func (r *Ranges) add(p netip.Prefix) {
	if !p.Addr().Is4() {
		r.v6 = append(r.v6, p)
		return
	}
	first := number(p.Addr())
	r.v4 = append(r.v4, span4{first, first | uint32(1<<(32-p.Bits())-1)})
}

// merged sorts spans and joins those that touch, so that one look at the span before an address decides.
func merged(list []span4) (out []span4) {
	slices.SortFunc(list, func(a, b span4) int { return int(int64(a.first) - int64(b.first)) })
	for _, s := range list {
		if n := len(out); n > 0 && uint64(s.first) <= uint64(out[n-1].last)+1 {
			out[n-1].last = max(out[n-1].last, s.last)
			continue
		}
		out = append(out, s)
	}
	return out
}

func number(a netip.Addr) uint32 {
	b := a.As4()
	return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
}

// Has tells whether an address is one's own.
func (r *Ranges) Has(a netip.Addr) bool {
	if a.Is4() {
		n := number(a)
		i, found := slices.BinarySearchFunc(r.v4, n, func(s span4, n uint32) int {
			switch {
			case s.first < n:
				return -1
			case s.first > n:
				return 1
			}
			return 0
		})
		return found || i > 0 && r.v4[i-1].last >= n
	}
	for _, p := range r.v6 {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// Direction is what ECS calls the way between two addresses.
func (r *Ranges) Direction(src, dst netip.Addr) string {
	switch from, to := r.Has(src), r.Has(dst); {
	case from && to:
		return "internal"
	case from:
		return "outbound"
	case to:
		return "inbound"
	}
	return "external"
}

// Add says what follows from the two addresses, either of which may be missing. What the event says itself stays. own may be
// nil. It tells whether the event has a community id and a direction then; known is false where there is no connection.
func Add(e *event.Event, src, dst netip.Addr, own *Ranges) (known, id, direction bool) {
	transport.Complete(e)
	if !src.IsValid() || !dst.IsValid() {
		return false, false, false
	}
	if !e.Has(event.NetworkType) {
		family := "ipv6"
		if src.Is4() {
			family = "ipv4"
		}
		e.Set(event.NetworkType, event.Str(family))
	}
	community.Add(e, src, dst)
	if own != nil && !e.Has(event.NetworkDirection) {
		e.Set(event.NetworkDirection, event.Str(own.Direction(src, dst)))
	}
	return true, e.Has(event.NetworkCommunityID), e.Has(event.NetworkDirection)
}

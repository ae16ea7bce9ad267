// Package transport knows the protocols above IP by their names and by the numbers that IANA gave them.
package transport

import (
	"strings"

	"weir/event"
	"weir/processors/parse/internal/ends"
)

// protocol is a name and the number that IANA gave it, as text, because that is what the field holds.
type protocol struct{ name, number string }

// protocols are those that firewalls name; the names are ECS's (lower case).
var protocols = []protocol{
	{"tcp", "6"}, {"udp", "17"}, {"icmp", "1"}, {"ipv6-icmp", "58"}, {"gre", "47"}, {"esp", "50"}, {"ah", "51"}, {"sctp", "132"},
	{"igmp", "2"}, {"ipip", "4"}, {"egp", "8"}, {"igrp", "9"}, {"dccp", "33"}, {"ipv6", "41"}, {"eigrp", "88"}, {"ospf", "89"},
	{"pim", "103"}, {"ipcomp", "108"}, {"vrrp", "112"}, {"l2tp", "115"}, {"udplite", "136"},
	// other spellings: only ever found by name
	{"icmp6", "58"}, {"icmpv6", "58"}, {"icmp-v6", "58"}, {"ipinip", "4"}, {"rsvp", "46"}, {"skip", "57"}, {"snp", "109"},
}

// Set sets network.transport and network.iana_number from a protocol's name or number. It tells whether s names
// a transport; "ip" and application protocols do not.
func Set(e *event.Event, s string) bool {
	name, number := Lookup(s)
	e.SetStr(event.NetworkTransport, name)
	e.SetStr(event.NetworkIanaNumber, number)
	return number != ""
}

// Lookup finds a protocol by its name in any case or by its number. A number that the list does not have is
// returned without a name.
func Lookup(s string) (name, number string) {
	// A short list: going through it costs less than a map, and tells letters in either case apart.
	if n, ok := ends.ParseInt(s); ok {
		if n < 0 || n > 255 {
			return "", ""
		}
		for _, p := range protocols {
			if p.number == s {
				return p.name, p.number
			}
		}
		return "", s
	}
	for _, p := range protocols {
		if strings.EqualFold(p.name, s) {
			if p.number == "58" {
				return "ipv6-icmp", p.number
			}
			return p.name, p.number
		}
	}
	return "", ""
}

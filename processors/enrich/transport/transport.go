// Package transport knows the protocols above IP by their names and by the numbers that IANA gave them.
package transport

import (
	"strconv"
	"strings"

	"weir/event"
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
	if s != "" && (s[0] >= '0' && s[0] <= '9' || s[0] == '-') {
		if _, ok := Number(s); !ok {
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

// Number reads the number that IANA gave a protocol. It is false for anything else, names too.
func Number(s string) (byte, bool) {
	if s == "" || len(s) > 3 || s[0] < '0' || s[0] > '9' {
		return 0, false
	}
	n, err := strconv.ParseUint(s, 10, 8)
	return byte(n), err == nil
}

// Complete sets the one of network.transport and network.iana_number that is missing from the other, and tells whether it
// did.
func Complete(e *event.Event) bool {
	name, number := e.Str(event.NetworkTransport), e.Str(event.NetworkIanaNumber)
	switch {
	case name != "" && number == "":
		_, number = Lookup(name)
		e.SetStr(event.NetworkIanaNumber, number)
		return number != ""
	case name == "" && number != "":
		name, _ = Lookup(number)
		e.SetStr(event.NetworkTransport, name)
		return name != ""
	}
	return false
}

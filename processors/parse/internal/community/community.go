// Package community makes community ids, by which events of different devices about one connection are found together.
// The specification is that of Corelight's community-id-spec, version 1.
package community

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"net/netip"

	"weir/event"
	"weir/processors/parse/internal/ends"
)

// Flow is what a community id is made of. Ports are ICMP type and code for ICMP, and not used for protocols that have
// none.
type Flow struct {
	Source, Destination         string
	SourcePort, DestinationPort int64
	ICMPType, ICMPCode          int64
	HasICMP                     bool
	Number                      string // IANA protocol number
}

// Set sets network.community_id (version 1, seed 0) if the flow is complete: the same for both directions,
// so that events of different devices about one connection meet.
func Set(e *event.Event, f Flow) {
	src, _, ok1 := ends.ParseIP(f.Source)
	dst, _, ok2 := ends.ParseIP(f.Destination)
	number, ok3 := ends.ParseInt(f.Number)
	if !ok1 || !ok2 || !ok3 || number < 0 || number > 255 || src.Is4() != dst.Is4() {
		return
	}
	sport, dport, ports, oneWay := uint16(f.SourcePort), uint16(f.DestinationPort), true, false
	// Which protocols have ports is fixed by the specification, not by the fields that an event has.
	switch number {
	case 1, 58:
		if !f.HasICMP {
			return
		}
		sport, dport, oneWay = icmpPorts(number, uint16(f.ICMPType), uint16(f.ICMPCode))
	case 6, 17, 132:
	default:
		ports = false
	}
	// The smaller end goes first, so that both directions have one id.
	// Of one family, addresses are ordered as their bytes are.
	if order := src.Compare(dst); !oneWay && (order > 0 || order == 0 && sport > dport) {
		src, dst, sport, dport = dst, src, dport, sport
	}
	var buf [40]byte // seed, two addresses, protocol, padding, two ports
	msg := appendAddr(appendAddr(buf[:2], src), dst)
	msg = append(msg, byte(number), 0)
	// Protocols without ports end here.
	if ports {
		msg = binary.BigEndian.AppendUint16(msg, sport)
		msg = binary.BigEndian.AppendUint16(msg, dport)
	}
	sum := sha1.Sum(msg)
	var out [2 + 28]byte
	copy(out[:], "1:")
	base64.StdEncoding.Encode(out[2:], sum[:])
	e.Set(event.NetworkCommunityID, event.Str(string(out[:])))
}

// appendAddr appends the bytes of an address.
func appendAddr(dst []byte, a netip.Addr) []byte {
	if a.Is4() {
		b := a.As4()
		return append(dst, b[:]...)
	}
	b := a.As16()
	return append(dst, b[:]...)
}

// SetFrom sets network.community_id from the fields of the event, as a last step of a parser.
func SetFrom(e *event.Event) {
	f := Flow{
		Source: e.Str(event.SourceIP), Destination: e.Str(event.DestinationIP), Number: e.Str(event.NetworkIanaNumber),
		SourcePort: e.Get(event.SourcePort).Int(), DestinationPort: e.Get(event.DestinationPort).Int(),
	}
	if f.Source == "" || f.Destination == "" || f.Number == "" {
		return
	}
	// Without its ports a connection would share its id with all others between the two hosts.
	switch f.Number {
	case "6", "17", "132":
		if !e.Has(event.SourcePort) || !e.Has(event.DestinationPort) {
			return
		}
	}
	Set(e, f)
}

// icmpPorts maps type and code to the port pair of the community id specification: a request and its answer are one
// flow; what has no answer is one-way, with the code as the second port.
func icmpPorts(number int64, typ, code uint16) (sport, dport uint16, oneWay bool) {
	// Requests and their answers, for version 4 and version 6.
	pairs := [...][2]uint16{{8, 0}, {13, 14}, {15, 16}, {17, 18}, {10, 9}}
	if number == 58 {
		pairs = [...][2]uint16{{128, 129}, {133, 134}, {135, 136}, {130, 131}, {144, 145}}
	}
	for _, p := range pairs {
		switch typ {
		case p[0]:
			return p[0], p[1], false
		case p[1]:
			return p[1], p[0], false
		}
	}
	return typ, code, true
}

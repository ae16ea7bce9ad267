// Package community makes community ids, by which events of different devices about one connection are found together.
// The specification is that of Corelight's community-id-spec, version 1.
package community

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"net/netip"

	"weir/event"
	"weir/internal/match/lists"
	"weir/processors/enrich/transport"
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
	src, ok1 := lists.ParseAddr(f.Source)
	dst, ok2 := lists.ParseAddr(f.Destination)
	if ok1 && ok2 {
		set(e, &f, src, dst)
	}
}

// ID returns the id of a flow, "" if the flow is not complete.
func ID(f Flow) string {
	src, ok1 := lists.ParseAddr(f.Source)
	dst, ok2 := lists.ParseAddr(f.Destination)
	if !ok1 || !ok2 {
		return ""
	}
	return id(&f, src, dst)
}

func set(e *event.Event, f *Flow, src, dst netip.Addr) {
	id := id(f, src, dst)
	switch {
	case id == "":
	case e.Has(event.NetworkCommunityID):
		e.Append(event.NetworkCommunityID, id)
	default:
		e.Set(event.NetworkCommunityID, event.Str(id))
	}
}

// id makes the id of a flow between two addresses, "" if there is none.
func id(f *Flow, src, dst netip.Addr) string {
	number, ok := transport.Number(f.Number)
	if !ok || src.Is4() != dst.Is4() {
		return ""
	}
	sport, dport, ports, oneWay := uint16(f.SourcePort), uint16(f.DestinationPort), true, false
	// Which protocols have ports is fixed by the specification, not by the fields that an event has.
	switch number {
	case 1, 58:
		if !f.HasICMP {
			return ""
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
	msg = append(msg, number, 0)
	// Protocols without ports end here.
	if ports {
		msg = binary.BigEndian.AppendUint16(msg, sport)
		msg = binary.BigEndian.AppendUint16(msg, dport)
	}
	sum := sha1.Sum(msg)
	var out [2 + 28]byte
	copy(out[:], "1:")
	base64.StdEncoding.Encode(out[2:], sum[:])
	return string(out[:])
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
	src, ok1 := lists.ParseAddr(e.Str(event.SourceIP))
	dst, ok2 := lists.ParseAddr(e.Str(event.DestinationIP))
	if ok1 && ok2 {
		Add(e, src, dst)
	}
}

// Add is SetFrom for who has read the two addresses. An id that the event has already stays beside a differing one: a device
// that translates addresses knows a connection under two, and a sensor may have a seed of its own.
func Add(e *event.Event, src, dst netip.Addr) {
	f := Flow{Number: e.Str(event.NetworkIanaNumber), SourcePort: e.Get(event.SourcePort).Int(), DestinationPort: e.Get(event.DestinationPort).Int()}
	// Without its ports a connection would share its id with all others between the two hosts.
	switch f.Number {
	case "":
		return
	case "6", "17", "132":
		if !e.Has(event.SourcePort) || !e.Has(event.DestinationPort) {
			return
		}
	}
	set(e, &f, src, dst)
}

// ICMP sets network.community_id of an event about ICMP, whose type and code no field of ECS holds. The protocol is that
// of the event, else the one that goes with its addresses.
func ICMP(e *event.Event, typ, code int64) {
	src, ok1 := lists.ParseAddr(e.Str(event.SourceIP))
	dst, ok2 := lists.ParseAddr(e.Str(event.DestinationIP))
	if !ok1 || !ok2 || typ < 0 || typ > 255 || code < 0 || code > 255 {
		return
	}
	number := e.Str(event.NetworkIanaNumber)
	if number == "" {
		if number = "1"; src.Is6() {
			number = "58"
		}
	}
	set(e, &Flow{Number: number, ICMPType: typ, ICMPCode: code, HasICMP: true}, src, dst)
}

// icmpPorts maps type and code to the port pair of the community id specification: a request and its answer are one
// flow; what has no answer is one-way, with the code as the second port.
func icmpPorts(number byte, typ, code uint16) (sport, dport uint16, oneWay bool) {
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

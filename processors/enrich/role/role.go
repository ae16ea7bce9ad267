// Package role names the ends of a connection that enrichment looks at, and reads their addresses once for all of it.
package role

import (
	"net/netip"

	"weir/event"
	"weir/internal/match/lists"
)

// Role is what an address is in an event.
type Role uint8

// The roles, in the order of Addresses.
const (
	Source Role = iota
	Destination
	Client
	Server
	Count
)

// Fields are those in which an address of each role stands.
var Fields = [Count]event.Field{event.SourceIP, event.DestinationIP, event.ClientIP, event.ServerIP}

// Addresses are those of one event by role; one that the event does not have, or that is none, is not valid. They are of
// the family that they mean: never IPv4 within IPv6, never with a zone.
type Addresses [Count]netip.Addr

// Read reads the addresses of an event. Client and server mostly repeat source and destination, whose text is then not
// read again.
func Read(e *event.Event) (a Addresses) {
	var texts [Count]string
	for r, f := range Fields {
		if !e.Has(f) {
			continue
		}
		texts[r] = e.Str(f)
		switch {
		case r >= int(Client) && texts[r] == texts[r-2]:
			a[r] = a[r-2]
		default:
			a[r] = Parse(texts[r])
		}
	}
	return a
}

// Parse reads an address as Addresses has it, the zero one of a text that is none. Nearly all are of version 4, and those
// are read in one pass.
func Parse(s string) netip.Addr {
	var b [4]byte
	n, digits, part := uint(0), 0, 0
	for i := range len(s) {
		c := s[i] - '0'
		switch {
		case c <= 9 && digits < 3 && (digits == 0 || n > 0):
			n = n*10 + uint(c)
			digits++
		case s[i] == '.' && digits > 0 && part < 3 && n < 256:
			b[part] = byte(n)
			n, digits, part = 0, 0, part+1
		default:
			a, _ := lists.ParseAddr(s)
			return a
		}
	}
	if part < 3 || digits == 0 || n > 255 {
		return netip.Addr{}
	}
	b[3] = byte(n)
	return netip.AddrFrom4(b)
}

// Public tells whether an address may be known to databases about the internet: one that is nobody's own.
func Public(a netip.Addr) bool {
	return a.IsGlobalUnicast() && !a.IsPrivate()
}

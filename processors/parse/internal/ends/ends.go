// Package ends sets what several parsers set alike about the two ends of a flow: addresses, ports, users, hardware
// addresses and URLs, with related.* beside them.
//
// Strings that are set alias those that are given, as everywhere in a parser.
package ends

import (
	"net/netip"
	"strconv"
	"strings"

	"weir/event"
)

// Side is one end of a flow: the fields below source.* or destination.*. A table of keys names a side once instead of a
// dozen fields.
type Side struct {
	Address, IP, Domain, Port, Bytes, Packets, MAC, NATIP, NATPort event.Field
	UserName, UserDomain, UserEmail, UserGroup, UserID             event.Field
}

// The two sides. They are constants in all but name.
var (
	Source = Side{
		Address: event.SourceAddress, IP: event.SourceIP, Domain: event.SourceDomain, Port: event.SourcePort,
		Bytes: event.SourceBytes, Packets: event.SourcePackets, MAC: event.SourceMAC,
		NATIP: event.SourceNATIP, NATPort: event.SourceNATPort,
		UserName: event.SourceUserName, UserDomain: event.SourceUserDomain, UserEmail: event.SourceUserEmail,
		UserGroup: event.SourceUserGroupName, UserID: event.SourceUserID,
	}
	Destination = Side{
		Address: event.DestinationAddress, IP: event.DestinationIP, Domain: event.DestinationDomain, Port: event.DestinationPort,
		Bytes: event.DestinationBytes, Packets: event.DestinationPackets, MAC: event.DestinationMAC,
		NATIP: event.DestinationNATIP, NATPort: event.DestinationNATPort,
		UserName: event.DestinationUserName, UserDomain: event.DestinationUserDomain, UserEmail: event.DestinationUserEmail,
		UserGroup: event.DestinationUserGroupName, UserID: event.DestinationUserID,
	}
)

// ParseIP reads an address as Elasticsearch would take it and returns its text without a zone. It is cheap for names:
// netip builds an error for those, so what cannot be an address never gets there.
func ParseIP(s string) (a netip.Addr, text string, ok bool) {
	if len(s) < 2 || len(s) > 64 {
		return netip.Addr{}, "", false
	}
	if a, ok := parse4(s); ok {
		return a, s, true
	}
	// Either three full stops and only decimal digits, or two colons and hexadecimal ones.
	dots, colons, zone := 0, 0, -1
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '.':
			dots++
		case c == ':':
			colons++
		case c == '%' && colons > 1 && i > 0:
			zone = i
		case c >= '0' && c <= '9', c|0x20 >= 'a' && c|0x20 <= 'f':
			if c > '9' && colons == 0 && dots > 0 {
				return netip.Addr{}, "", false
			}
		default:
			return netip.Addr{}, "", false
		}
		if zone >= 0 {
			break
		}
	}
	if dots != 3 && colons < 2 {
		return netip.Addr{}, "", false
	}
	if zone >= 0 {
		s = s[:zone]
	}
	a, err := netip.ParseAddr(s)
	return a, s, err == nil
}

// parse4 reads an address of version 4, which nearly all are, in one pass. It is false also for what it leaves to others.
func parse4(s string) (netip.Addr, bool) {
	var b [4]byte
	n, digits, part := 0, 0, 0
	for i := 0; i < len(s); i++ {
		c := s[i] - '0'
		switch {
		case c <= 9:
			if n = n*10 + int(c); n > 255 || digits > 0 && n == int(c) { // too large, or a zero in front
				return netip.Addr{}, false
			}
			digits++
		case s[i] == '.' && digits > 0 && part < 3:
			b[part] = byte(n)
			part++
			n, digits = 0, 0
		default:
			return netip.Addr{}, false
		}
	}
	if part < 3 || digits == 0 {
		return netip.Addr{}, false
	}
	b[3] = byte(n)
	return netip.AddrFrom4(b), true
}

// Address sets one end of a flow: the address as it stands, and ip or domain with the related field that goes with it.
func Address(e *event.Event, side *Side, s string) {
	// address has what the log has; ip and domain are for searching.
	if s == "" {
		return
	}
	e.Set(side.Address, event.Str(s))
	if _, ip, ok := ParseIP(s); ok {
		e.Set(side.IP, event.Str(ip))
		e.Append(event.RelatedIP, ip)
		return
	}
	e.Set(side.Domain, event.Str(s))
	e.Append(event.RelatedHosts, s)
}

// IP sets an ip field and related.ip if s is an address, and tells whether it is. A name is not kept here: the caller
// knows where it belongs.
func IP(e *event.Event, f event.Field, s string) bool {
	_, ip, ok := ParseIP(s)
	if ok {
		e.Set(f, event.Str(ip))
		e.Append(event.RelatedIP, ip)
	}
	return ok
}

// Int sets a whole number if s is one, and tells whether it is: the caller keeps the text otherwise.
func Int(e *event.Event, f event.Field, s string) bool {
	n, ok := ParseInt(s)
	if ok {
		e.SetInt(f, n)
	}
	return ok
}

// ParseInt reads a decimal number without building an error for what is none: parsers try it on words all the time.
// Beyond int64 it is false, and the text stays what it is.
func ParseInt(s string) (int64, bool) {
	// strconv would build an error for every word that is no number, and take a plus sign.
	digits := strings.TrimPrefix(s, "-")
	if digits == "" || len(digits) > 19 {
		return 0, false
	}
	for i := 0; i < len(digits); i++ {
		if digits[i] < '0' || digits[i] > '9' {
			return 0, false
		}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

// Port sets a port if s is one.
func Port(e *event.Event, f event.Field, s string) bool {
	// Port 0 is a port: devices write it for what has none, and the document keeps it.
	n, ok := ParseInt(s)
	if !ok || n < 0 || n > 65535 {
		return false
	}
	e.SetInt(f, n)
	return true
}

// Name is a user's name taken apart: DOMAIN\user or user@domain.
type Name struct{ User, Domain, Email string }

// SplitUser takes a user's name apart. A backslash or an @ at an end of the name parts nothing.
func SplitUser(s string) Name {
	n := Name{User: s}
	if i := strings.IndexByte(s, '\\'); i > 0 {
		n.Domain, n.User = s[:i], strings.TrimLeft(s[i+1:], `\`)
	}
	// The name in front of an @ is the user, and what is behind it wins over a domain in front of a backslash.
	if i := strings.LastIndexByte(n.User, '@'); i > 0 && i < len(n.User)-1 {
		n.Email = n.User
		n.User, n.Domain = n.User[:i], n.User[i+1:]
	}
	return n
}

// User sets the user of one end of a flow, and related.user. The domain of a user goes to related.hosts: ECS counts domain
// names among the hosts.
func User(e *event.Event, side *Side, n Name) {
	e.SetStr(side.UserName, n.User)
	e.SetStr(side.UserDomain, n.Domain)
	e.SetStr(side.UserEmail, n.Email)
	e.Append(event.RelatedUser, n.User)
	e.Append(event.RelatedHosts, n.Domain)
}

// RootUser sets user.* and related.user, for events that are about somebody who is at neither end: an account that was
// changed, a session that was opened.
func RootUser(e *event.Event, n Name) {
	e.SetStr(event.UserName, n.User)
	e.SetStr(event.UserDomain, n.Domain)
	e.SetStr(event.UserEmail, n.Email)
	e.Append(event.RelatedUser, n.User)
	e.Append(event.RelatedHosts, n.Domain)
}

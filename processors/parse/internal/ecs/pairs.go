package ecs

import (
	"strings"
	"time"

	"weir/event"
)

// Tables of keys say for each what becomes of its value.

// Role is what a key's value means beyond a field that takes it as it is.
type Role uint8

// The roles.
const (
	RoleField     Role = iota // the field takes the value, if it is of the field's type
	RoleAddress               // an end of a flow: address, ip or domain
	RoleNAT                   // the translated address of an end
	RolePort                  // a port
	RoleUser                  // the user of an end
	RoleRootUser              // the user whom the event is about
	RoleTransport             // a protocol by name or number
	RoleProtocol              // an application protocol
	RoleURL                   // a URL
	RoleHash                  // a hash of a file; its length tells which
	RoleTime                  // a date in any of the usual forms
	RoleSeconds               // a duration in seconds
	RoleDirection             // inbound or outbound, by name or number
	RoleHost                  // a field that takes a host's name; related.hosts too
	RoleIP                    // a field that takes an address; related.ip too
	RoleLower                 // the field takes the value in lower case
	RoleOutcome               // event.outcome
	RoleMAC                   // a hardware address
)

// Key is one row of a table.
type Key struct {
	Role  Role
	Field event.Field
	Side  *Side
}

// Apply gives a value its place. It is false where the value does not fit: the caller keeps the value anyway, so
// nothing is lost then.
func (k *Key) Apply(e *event.Event, value string) bool {
	if value == "" {
		return false
	}
	switch k.Role {
	case RoleField:
		v, ok := k.Field.Fit(event.Str(value))
		if ok {
			e.Set(k.Field, v)
		}
		return ok
	case RoleAddress:
		Address(e, k.Side, value)
	case RoleNAT:
		return IP(e, k.Side.NATIP, value)
	case RolePort:
		return Port(e, k.Field, value)
	case RoleUser:
		User(e, k.Side, SplitUser(value))
	case RoleRootUser:
		RootUser(e, SplitUser(value))
	case RoleTransport:
		return Transport(e, value)
	case RoleProtocol:
		if strings.IndexByte(value, ' ') >= 0 {
			e.SetStr(event.NetworkApplication, value)
			return true
		}
		e.SetStr(event.NetworkProtocol, strings.ToLower(value))
	case RoleLower:
		e.SetStr(k.Field, strings.ToLower(value))
	case RoleURL:
		URL(e, value)
	case RoleHash:
		return Hash(e, value)
	case RoleTime:
		t, ok := ParseTime(value)
		if ok {
			e.Set(k.Field, event.At(t))
		}
		return ok
	case RoleSeconds:
		n, ok := ParseInt(value)
		if ok = ok && n >= 0 && n < 1<<32; ok {
			e.SetInt(k.Field, n*int64(time.Second))
		}
		return ok
	case RoleDirection:
		return Direction(e, value)
	case RoleHost:
		e.SetStr(k.Field, value)
		e.Append(event.RelatedHosts, value)
	case RoleIP:
		// An observer's own addresses are a list, and not related to what it saw.
		if k.Field.Array() {
			_, ip, ok := ParseIP(value)
			if ok {
				e.Append(k.Field, ip)
			}
			return ok
		}
		return IP(e, k.Field, value)
	case RoleOutcome:
		return Outcome(e, value)
	case RoleMAC:
		return MAC(e, k.Field, value)
	}
	return true
}

// Direction sets network.direction.
func Direction(e *event.Event, s string) bool {
	switch strings.ToLower(s) {
	case "0", "inbound", "in", "incoming", "ingress":
		s = "inbound"
	case "1", "outbound", "out", "outgoing", "egress":
		s = "outbound"
	case "internal", "external", "unknown", "ingress/egress":
		s = strings.ToLower(s)
	default:
		return false
	}
	e.Set(event.NetworkDirection, event.Str(s))
	return true
}

// Outcome sets event.outcome to the word of ECS for s.
func Outcome(e *event.Event, s string) bool {
	switch strings.ToLower(s) {
	case "success", "succeeded", "successful", "ok", "passed", "true", "1":
		s = "success"
	case "failure", "failed", "fail", "error", "denied", "false", "0":
		s = "failure"
	case "unknown":
		s = "unknown"
	default:
		return false
	}
	e.Set(event.EventOutcome, event.Str(s))
	return true
}

// Hash sets file.hash.* by the number of hexadecimal digits, and related.hash.
func Hash(e *event.Event, s string) bool {
	// The length tells which hash it is; the digits are checked, because hashes come in other forms too.
	f := event.FileHashMd5
	switch len(s) {
	case 32:
	case 40:
		f = event.FileHashSha1
	case 64:
		f = event.FileHashSha256
	case 128:
		f = event.FileHashSha512
	default:
		return false
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'f') {
			return false
		}
	}
	e.Set(f, event.Str(s))
	e.Append(event.RelatedHash, s)
	return true
}

// MAC sets a hardware address in the form of ECS: capitals with hyphens.
func MAC(e *event.Event, f event.Field, s string) bool {
	var out [17]byte
	n := 0
	// Writers part the digits by colons, hyphens, full stops or nothing; only the digits count.
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= '0' && c <= '9', c|0x20 >= 'a' && c|0x20 <= 'f':
			if c > '9' {
				c &^= 0x20
			}
			if n%3 == 2 && n < 17 {
				out[n] = '-'
				n++
			}
			if n >= 17 {
				return false
			}
			out[n] = c
			n++
		case c == ':' || c == '-' || c == '.':
		default:
			return false
		}
	}
	if n != 17 {
		return false
	}
	if f.Array() {
		e.Append(f, string(out[:]))
	} else {
		e.Set(f, event.Str(string(out[:])))
	}
	return true
}

// timeForms are the forms of dates in key-value formats, besides RFC 3339 and numbers since 1970.
var timeForms = []string{
	"2006-01-02 15:04:05.999999999", "2006-01-02 15:04:05.999999999-0700", "2006-01-02 15:04:05.999999999 -0700",
	"2006-01-02T15:04:05.999999999", "2006-01-02T15:04:05.999999999-0700", "2006/01/02 15:04:05.999999999",
	"Jan _2 2006 15:04:05.999999999", "Jan _2 2006 15:04:05.999999999 MST", "Jan _2 2006 15:04:05.999999999 -0700",
	"02 Jan 2006 15:04:05.999999999", "02/Jan/2006:15:04:05 -0700", "Mon Jan _2 15:04:05 2006", "Mon Jan _2 15:04:05 MST 2006",
	"Mon, 02 Jan 2006 15:04:05 MST", "Mon, 02 Jan 2006 15:04:05 -0700",
}

// ParseTime reads a date: RFC 3339, seconds, milliseconds, microseconds or nanoseconds since 1970 by their size, and
// the usual forms with a year. What has no zone is taken as UTC.
func ParseTime(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
	if len(s) < 9 || len(s) > 48 {
		return time.Time{}, false
	}
	// Numbers first: most machines write those.
	whole, frac, dotted := strings.Cut(s, ".")
	if n, ok := ParseInt(whole); ok && (!dotted || len(frac) <= 9) {
		return epoch(n, frac, dotted)
	}
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return t, true
	}
	// Each form that does not fit costs an error, so the list is short and the commonest come first.
	for _, form := range timeForms {
		if t, err := time.Parse(form, s); err == nil && t.Year() > 1970 && t.Year() < 2200 {
			return t, true
		}
	}
	return time.Time{}, false
}

// epoch takes a number since 1970 in the unit that gives a year between 1990 and 2100.
func epoch(n int64, frac string, dotted bool) (time.Time, bool) {
	var nanos int64
	if dotted {
		f, ok := ParseInt(frac)
		if !ok || f < 0 {
			return time.Time{}, false
		}
		for range 9 - len(frac) {
			f *= 10
		}
		nanos = f
	}
	// Numbers that make no plausible year in any unit are no time: ids and counters come under such names too.
	const from, to = 631152000, 4102444800
	switch {
	case n >= from && n < to:
		return time.Unix(n, nanos).UTC(), true
	case n >= from*1e3 && n < to*1e3:
		return time.UnixMilli(n).Add(time.Duration(nanos / 1e3)).UTC(), true
	case dotted:
		return time.Time{}, false
	case n >= from*1e6 && n < to*1e6:
		return time.UnixMicro(n).UTC(), true
	case n >= from*1e9 && n < to*1e9:
		return time.Unix(0, n).UTC(), true
	}
	return time.Time{}, false
}

// FlowID sets network.community_id from the fields of the event, as a last step of a parser.
func FlowID(e *event.Event) {
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
	CommunityID(e, f)
}

// Package role is the table form of parsers whose records name their values (CEF, LEEF, key=value): a table of keys says
// for each what becomes of its value.
package role

import (
	"strings"
	"time"

	"weir/event"
	"weir/processors/enrich/transport"
	"weir/processors/parse/internal/ends"
	"weir/processors/parse/internal/stamp"
)

// Role is what a key's value means beyond a field that takes it as it is.
type Role uint8

// The roles. Field is the zero value, so that a table names a role only where a value means more than its text.
const (
	Field     Role = iota // the field takes the value, if it is of the field's type
	Address               // an end of a flow: address, ip or domain
	NAT                   // the translated address of an end
	Port                  // a port
	User                  // the user of an end
	RootUser              // the user whom the event is about
	Transport             // a protocol by name or number
	Protocol              // an application protocol
	URL                   // a URL
	Hash                  // a hash of a file; its length tells which
	Time                  // a date in any of the usual forms
	Seconds               // a duration in seconds
	Direction             // inbound or outbound, by name or number
	Host                  // a field that takes a host's name; related.hosts too
	IP                    // a field that takes an address; related.ip too
	Lower                 // the field takes the value in lower case
	Outcome               // event.outcome
	MAC                   // a hardware address
)

// Key is one row of a table. Field is where the value goes; of the roles that have fields of their own (an address, a user,
// a URL) it says in the documentation of a format which field that mainly is. Side is for roles that are about one end.
type Key struct {
	Role  Role
	Field event.Field
	Side  *ends.Side
}

// Apply gives a value its place. It is false where the value does not fit: the caller keeps the value anyway, so
// nothing is lost then.
func (k *Key) Apply(e *event.Event, value string) bool {
	if value == "" {
		return false
	}
	switch k.Role {
	case Field:
		v, ok := k.Field.Fit(event.Str(value))
		if ok {
			e.Set(k.Field, v)
		}
		return ok
	// What follows cannot fail: it takes any text.
	case Address:
		ends.Address(e, k.Side, value)
	case NAT:
		// A name is no translated address; what firewalls print there is "N/A" or the like.
		return ends.IP(e, k.Side.NATIP, value)
	case Port:
		return ends.Port(e, k.Field, value)
	case User:
		ends.User(e, k.Side, ends.SplitUser(value))
	case RootUser:
		ends.RootUser(e, ends.SplitUser(value))
	case Transport:
		return transport.Set(e, value)
	case Protocol:
		// Two words are the name of a program or a service, as firewalls print it; a protocol has one.
		if strings.IndexByte(value, ' ') >= 0 {
			e.SetStr(event.NetworkApplication, value)
			return true
		}
		e.SetStr(event.NetworkProtocol, strings.ToLower(value))
	case Lower:
		// For fields that ECS wants in lower case, and that writers print as they like.
		e.SetStr(k.Field, strings.ToLower(value))
	case URL:
		// A path alone is one too: proxies write that.
		ends.URL(e, value)
	case Hash:
		return hash(e, value)
	case Time:
		// Without a zone it is taken as UTC: a format that knows better reads its times itself.
		t, ok := stamp.Parse(value)
		if ok {
			e.Set(k.Field, event.At(t))
		}
		return ok
	case Seconds:
		// event.duration is in nanoseconds. More than a century is a mistake, and would not fit.
		n, ok := ends.ParseInt(value)
		if ok = ok && n >= 0 && n < 1<<32; ok {
			e.SetInt(k.Field, n*int64(time.Second))
		}
		return ok
	case Direction:
		return direction(e, value)
	case Host:
		e.SetStr(k.Field, value)
		e.Append(event.RelatedHosts, value)
	case IP:
		// An observer's own addresses are a list, and not related to what it saw.
		if k.Field.Array() {
			_, ip, ok := ends.ParseIP(value)
			if ok {
				e.Append(k.Field, ip)
			}
			return ok
		}
		return ends.IP(e, k.Field, value)
	case Outcome:
		return outcome(e, value)
	case MAC:
		// Observers and hosts have several, ends of a flow one: the field knows.
		return ends.MAC(e, k.Field, value)
	}
	return true
}

// direction sets network.direction. The numbers are those of CEF's deviceDirection, which others took over.
func direction(e *event.Event, s string) bool {
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

// outcome sets event.outcome to the word of ECS for s. Words that say what a device did rather than how it went (blocked,
// allowed) are none: they belong to event.action.
func outcome(e *event.Event, s string) bool {
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

// hash sets file.hash.* by the number of hexadecimal digits, and related.hash.
func hash(e *event.Event, s string) bool {
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

// Package linux reads what the programs of a Linux host write: sshd, sudo, su, PAM, cron, systemd, the kernel with its
// packet filter, and the tools that change users and groups.
//
// Each function gets an event that the caller has filled from the header (process.name is set, message is msg) and
// adds what the message says. A message that it does not know leaves the event as it is: that is no error. Strings
// that are set alias msg.
//
// Names of users, hosts and commands are chosen by whoever knocks at the door. Where such text stands in front of a
// fact (user before address), the fact is read from the right end; where it stands behind, from the left; where both
// would do, the fact is not set and weir.parse_errors says so.
package linux

import (
	"strings"

	"weir/event"
	"weir/processors/parse/internal/ends"
)

// class is the ECS classification of one kind of message. Its lists are shared by all events and must not be changed.
type class struct {
	action string
	// event.category and event.type.
	category, kind event.Value
	outcome        string
}

func (c *class) set(e *event.Event) {
	e.SetStr(event.EventAction, c.action)
	if c.category.Kind() != event.Absent {
		e.Set(event.EventCategory, c.category)
	}
	if c.kind.Kind() != event.Absent {
		e.Set(event.EventType, c.kind)
	}
	e.SetStr(event.EventOutcome, c.outcome)
}

const (
	success = "success"
	failure = "failure"
)

// setSource sets source.address and, by what it is, source.ip or source.domain.
func setSource(e *event.Event, addr, port string) {
	if addr == "" {
		return
	}
	e.Set(event.SourceAddress, event.Str(addr))
	if _, ip, ok := ends.ParseIP(addr); ok {
		e.Set(event.SourceIP, event.Str(ip))
	} else if addr != "UNKNOWN" && addr != "?" {
		e.Set(event.SourceDomain, event.Str(addr))
	}
	ends.Port(e, event.SourcePort, port)
}

// ambiguous notes that text of a sender stands where it could be taken for a fact, which is therefore not set.
func ambiguous(e *event.Event, what string) { e.Append(event.WeirParseErrors, what) }

// prefixed cuts a prefix off and tells whether it was there.
func prefixed(s *string, prefix string) bool {
	rest, ok := strings.CutPrefix(*s, prefix)
	*s = rest
	return ok
}

// between returns what stands between the first open and the first close behind it.
func between(s, open, close string) (in, rest string, ok bool) {
	i := strings.Index(s, open)
	if i < 0 {
		return "", s, false
	}
	s = s[i+len(open):]
	j := strings.Index(s, close)
	if j < 0 {
		return "", s, false
	}
	return s[:j], s[j+len(close):], true
}

// lastCut cuts around the last sep.
func lastCut(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// allDigits tells whether s is a decimal number.
func allDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i]-'0' > 9 {
			return false
		}
	}
	return s != ""
}

package snmptrap

import (
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gosnmp/gosnmp"

	"weir/internal/alert"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/text"
)

// The numbers of WEIR-MIB, which a test compares with deploy/mibs/WEIR-MIB.txt. Notifications stand
// under ENTERPRISE.1.0, objects under ENTERPRISE.1.1. A number is never given to anything else.
var notifications = map[channel.Kind]string{
	channel.Firing: "1", channel.Repeat: "2", channel.Escalation: "3", channel.Resolved: "4", channel.Digest: "5", channel.Test: "6",
}

// The levels and states of WEIR-MIB.
var (
	levels = map[string]int{"informational": 1, "low": 2, "medium": 3, "high": 4, "critical": 5}
	states = map[string]int{alert.Open: 1, alert.Acknowledged: 2, alert.Closed: 3}
)

// maxText is the size of a SnmpAdminString.
const maxText = 255

// traps are the notifications for a message: one for each alert, or one for a message without.
func (s *sender) traps(m *channel.Message) []gosnmp.SnmpTrap {
	alerts := m.Alerts
	if len(alerts) == 0 {
		alerts = []channel.Alert{{}}
	}
	var out []gosnmp.SnmpTrap
	for i := range alerts {
		out = append(out, gosnmp.SnmpTrap{Variables: s.variables(m, &alerts[i])})
	}
	return out
}

// variables are those of one notification, in the order of the MIB. All of them are always there:
// receivers are set up by position as often as by name. What an alert does not have is an empty text or
// 0.
func (s *sender) variables(m *channel.Message, a *channel.Alert) []gosnmp.SnmpPDU {
	number := notifications[m.Kind]
	if number == "" {
		number = notifications[channel.Firing]
	}
	base := "." + s.enterprise + ".1."
	out := []gosnmp.SnmpPDU{
		{Name: ".1.3.6.1.2.1.1.3.0", Type: gosnmp.TimeTicks, Value: uint32(s.now().Sub(s.begun) / (10 * time.Millisecond))},
		{Name: ".1.3.6.1.6.3.1.1.4.1.0", Type: gosnmp.ObjectIdentifier, Value: base + "0." + number},
	}
	add := func(object string, kind gosnmp.Asn1BER, value any) {
		out = append(out, gosnmp.SnmpPDU{Name: base + "1." + object + ".0", Type: kind, Value: value})
	}
	what := text.What(m, a)
	if len(m.Alerts) == 0 {
		what = text.Subject(m)
	}
	add("1", gosnmp.OctetString, octets(a.ID))
	add("2", gosnmp.OctetString, octets(a.Rule))
	add("3", gosnmp.OctetString, octets(a.Title))
	add("4", gosnmp.Integer, levels[a.Level])
	add("5", gosnmp.OctetString, octets(what))
	add("6", gosnmp.Integer, states[a.State])
	add("7", gosnmp.Gauge32, uint32(max(0, min(a.Count, 1<<32-1))))
	add("8", gosnmp.OctetString, dateAndTime(a.First, m.Time))
	add("9", gosnmp.OctetString, dateAndTime(a.Last, m.Time))
	add("10", gosnmp.OctetString, octets(group(a)))
	add("11", gosnmp.OctetString, octets(m.ID))
	add("12", gosnmp.OctetString, octets(m.Group))
	add("13", gosnmp.OctetString, octets(m.URL))
	add("14", gosnmp.OctetString, octets(a.Verdict))
	add("15", gosnmp.OctetString, octets(a.Assignee))
	return out
}

// group are the fields by which the alert's rule groups.
func group(a *channel.Alert) string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(a.Group)) {
		out = append(out, k+"="+a.Group[k])
	}
	return strings.Join(out, " ")
}

// octets are a text as a SnmpAdminString: clean UTF-8 of at most 255 bytes, cut at a character.
func octets(s string) []byte {
	s = text.Clean(s)
	if len(s) > maxText {
		at := maxText
		for at > 0 && !utf8.RuneStart(s[at]) {
			at--
		}
		s = s[:at]
	}
	return []byte(s)
}

// dateAndTime is a time as the textual convention DateAndTime, in the zone of the message; none is one
// of 8 zeros.
func dateAndTime(t, zone time.Time) []byte {
	if t.IsZero() {
		return make([]byte, 8)
	}
	t = t.In(zone.Location())
	_, offset := t.Zone()
	sign := byte('+')
	if offset < 0 {
		sign, offset = '-', -offset
	}
	year := t.Year()
	return []byte{
		byte(year >> 8), byte(year), byte(t.Month()), byte(t.Day()), byte(t.Hour()), byte(t.Minute()), byte(t.Second()),
		byte(t.Nanosecond() / 100_000_000), sign, byte(offset / 3600), byte(offset % 3600 / 60),
	}
}

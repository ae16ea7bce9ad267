package asa

import (
	"strings"
	"time"

	"weir/event"
	"weir/event/ecs"
	"weir/processors/enrich/community"
	"weir/processors/enrich/transport"
	"weir/processors/parse/internal/ends"
)

// slot is what a capture means.
type slot uint8

// The slots, by the end of the flow that they describe.
const (
	slotField slot = iota // the field of the capture
	slotSkip
	slotSourceInterface
	slotSourceAddress
	slotSourcePort
	slotSourceMapped
	slotSourceMappedPort
	slotSourceIdentity
	slotSourceUser
	slotSourceGroup
	slotSourceListed
	slotDestinationInterface
	slotDestinationAddress
	slotDestinationPort
	slotDestinationMapped
	slotDestinationMappedPort
	slotDestinationIdentity
	slotDestinationListed
	slotDestinationUser
	slotProtocol
	slotDirection
	slotVerdict
	slotDuration
	slotUser
	slotURL
	slotService
	slotRecords
	slotCommand
	slotLast
)

// slots are the names that patterns may use, with the class that each takes unless the pattern says another.
var slots = map[string]struct {
	slot  slot
	class class
}{
	"_":       {slotSkip, classText},
	"sif":     {slotSourceInterface, classText},
	"src":     {slotSourceAddress, classAddress},
	"sport":   {slotSourcePort, classInt},
	"msrc":    {slotSourceMapped, classAddress},
	"msport":  {slotSourceMappedPort, classInt},
	"sid":     {slotSourceIdentity, classIdentity},
	"suser":   {slotSourceUser, classText},
	"sgroup":  {slotSourceGroup, classText},
	"slisted": {slotSourceListed, classAddress},
	"dif":     {slotDestinationInterface, classText},
	"dst":     {slotDestinationAddress, classAddress},
	"dport":   {slotDestinationPort, classInt},
	"mdst":    {slotDestinationMapped, classAddress},
	"mdport":  {slotDestinationMappedPort, classInt},
	"did":     {slotDestinationIdentity, classIdentity},
	"duser":   {slotDestinationUser, classText},
	"dlisted": {slotDestinationListed, classAddress},
	"proto":   {slotProtocol, classWord},
	"dir":     {slotDirection, classWord},
	"verdict": {slotVerdict, classWord},
	"dur":     {slotDuration, classTime},
	"user":    {slotUser, classText},
	"url":     {slotURL, classRest},
	"service": {slotService, classWord},
	"records": {slotRecords, classRest},
	"command": {slotCommand, classText},
	// Short names of fields that many patterns set.
	"reason": {slotLast, classText},
	"type":   {slotLast + 1, classInt},
	"icode":  {slotLast + 2, classInt},
	"bytes":  {slotLast + 3, classInt},
	"conn":   {slotLast + 4, classInt},
	"acl":    {slotLast + 5, classText},
}

// short are the fields behind the slots from slotLast on.
var short = [...]event.Field{
	event.EventReason, event.CiscoASAICMPType, event.CiscoASAICMPCode, event.NetworkBytes, event.CiscoASAConnectionID, event.CiscoASARuleName,
}

// end is one end of a flow as a message names it.
type end struct {
	iface, address, port, mapped, mappedPort, identity, user, group, listed string
}

// facts is what one message says. It lives on the stack of Parse; its strings alias the message.
type facts struct {
	code                 string
	src, dst             end
	protocol, direction  string
	verdict, duration    string
	user, service        string
	icmpType, icmpCode   int64
	hasICMP, hasICMPCode bool
}

// collect goes through the captures of a match: what stands for itself becomes a field at once.
func (f *facts) collect(e *event.Event, p *pattern, m *matcher) {
	for i, c := range p.captures {
		if m.set&(1<<i) == 0 {
			continue
		}
		text := m.msg[m.spans[i].from:m.spans[i].to]
		if at := f.place(c.slot); at != nil {
			*at = text
			continue
		}
		switch c.slot {
		case slotField:
			setField(e, c.field, text)
		case slotSkip:
		case slotURL:
			ends.URL(e, text)
		case slotRecords:
			for s := range strings.SplitSeq(text, ",") {
				e.Append(event.CiscoASADapRecords, strings.TrimSpace(s))
			}
		case slotCommand:
			e.SetStr(event.ProcessCommandLine, text)
			e.SetStr(event.CiscoASACommandLineArguments, text)
		default:
			field := short[c.slot-slotLast]
			setField(e, field, text)
			f.icmp(field, text)
		}
	}
}

// place returns where a slot's text is kept, nil for slots that become fields at once.
func (f *facts) place(s slot) *string {
	switch s {
	case slotSourceInterface:
		return &f.src.iface
	case slotSourceAddress:
		return &f.src.address
	case slotSourcePort:
		return &f.src.port
	case slotSourceMapped:
		return &f.src.mapped
	case slotSourceMappedPort:
		return &f.src.mappedPort
	case slotSourceIdentity:
		return &f.src.identity
	case slotSourceUser:
		return &f.src.user
	case slotSourceGroup:
		return &f.src.group
	case slotSourceListed:
		return &f.src.listed
	case slotDestinationInterface:
		return &f.dst.iface
	case slotDestinationAddress:
		return &f.dst.address
	case slotDestinationPort:
		return &f.dst.port
	case slotDestinationMapped:
		return &f.dst.mapped
	case slotDestinationMappedPort:
		return &f.dst.mappedPort
	case slotDestinationIdentity:
		return &f.dst.identity
	case slotDestinationUser:
		return &f.dst.user
	case slotDestinationListed:
		return &f.dst.listed
	case slotProtocol:
		return &f.protocol
	case slotDirection:
		return &f.direction
	case slotVerdict:
		return &f.verdict
	case slotDuration:
		return &f.duration
	case slotUser:
		return &f.user
	case slotService:
		return &f.service
	}
	return nil
}

// icmp remembers type and code for the community id.
func (f *facts) icmp(field event.Field, text string) {
	n, ok := ends.ParseInt(text)
	if !ok {
		return
	}
	switch field {
	case event.CiscoASAICMPType:
		f.icmpType, f.hasICMP = n, true
	case event.CiscoASAICMPCode:
		f.icmpCode, f.hasICMPCode = n, true
	}
}

// setField sets a field to a text as its type wants it; text that does not fit is left to message.
func setField(e *event.Event, field event.Field, text string) {
	switch field {
	case event.SourceMAC, event.DestinationMAC, event.ClientMAC:
		ends.MAC(e, field, text)
		return
	}
	switch field.Type() {
	case ecs.Long:
		ends.Int(e, field, text)
	case ecs.IP:
		ends.IP(e, field, text)
	default:
		e.SetStr(field, text)
	}
}

// fill turns the facts into fields.
func (f *facts) fill(e *event.Event) {
	switch {
	case strings.EqualFold(f.direction, "inbound"):
		e.Set(event.NetworkDirection, event.Str("inbound"))
	case strings.EqualFold(f.direction, "outbound"):
		e.Set(event.NetworkDirection, event.Str("outbound"))
		if f.swaps() {
			f.src, f.dst = f.dst, f.src
		}
	}
	number := f.transport(e)
	f.src.fill(e, &ends.Source, &sourceFields)
	f.dst.fill(e, &ends.Destination, &destinationFields)
	f.src.translation(e, &ends.Source, &sourceFields)
	f.dst.translation(e, &ends.Destination, &destinationFields)
	f.users(e)
	f.times(e)
	if number != "" {
		flow := community.Flow{Source: f.src.address, Destination: f.dst.address, Number: number, ICMPType: f.icmpType, ICMPCode: f.icmpCode, HasICMP: f.hasICMP}
		flow.SourcePort, _ = ends.ParseInt(f.src.port)
		flow.DestinationPort, _ = ends.ParseInt(f.dst.port)
		community.Set(e, flow)
	}
}

// swaps tells whether the message names the outer side first whatever the direction is: connections that are built do.
func (f *facts) swaps() bool {
	switch f.code {
	case "302013", "302015", "302017", "302035":
		return true
	}
	return false
}

// transport sets the protocol and returns its IANA number, "" if the message names none.
func (f *facts) transport(e *event.Event) string {
	name, number := transport.Lookup(f.protocol)
	e.SetStr(event.NetworkTransport, name)
	e.SetStr(event.NetworkIanaNumber, number)
	if f.service == "" {
		return number
	}
	if _, ok := ends.ParseInt(f.service); ok {
		f.dst.port = f.service
		return number
	}
	e.Set(event.NetworkProtocol, event.Str(strings.ToLower(f.service)))
	if f.dst.port == "" {
		f.dst.port = servicePorts[strings.ToLower(f.service)]
	}
	return number
}

// servicePorts are the services that an ASA names instead of a port where it is talked to itself.
var servicePorts = map[string]string{
	"ssh": "22", "telnet": "23", "http": "80", "https": "443", "snmp": "161", "domain": "53", "ntp": "123", "isakmp": "500",
	"bootps": "67", "bootpc": "68", "netbios-ns": "137", "netbios-dgm": "138", "syslog": "514", "ftp": "21", "smtp": "25", "www": "80",
	"rip": "520", "radius": "1645", "tacacs": "49", "ldap": "389", "ldaps": "636", "sip": "5060", "tftp": "69", "h323": "1720",
}

// sideFields are the fields of one end that are not below source.* or destination.*.
type sideFields struct {
	observer, iface, mappedIP, mappedHost, mappedPort, username, tag, tagName event.Field
}

// The fields of both ends.
var (
	sourceFields = sideFields{
		event.ObserverIngressInterfaceName, event.CiscoASASourceInterface, event.CiscoASAMappedSourceIP, event.CiscoASAMappedSourceHost,
		event.CiscoASAMappedSourcePort, event.CiscoASASourceUsername, event.CiscoASASourceUserSecurityGroupTag, event.CiscoASASourceUserSecurityGroupTagName,
	}
	destinationFields = sideFields{
		event.ObserverEgressInterfaceName, event.CiscoASADestinationInterface, event.CiscoASAMappedDestinationIP, event.CiscoASAMappedDestinationHost,
		event.CiscoASAMappedDestinationPort, event.CiscoASADestinationUsername, event.CiscoASADestinationUserSecurityGroupTag, event.CiscoASADestinationUserSecurityGroupTagName,
	}
)

// fill sets interface, address, port, identity and user of one end.
func (x *end) fill(e *event.Event, side *ends.Side, own *sideFields) {
	e.SetStr(own.observer, x.iface)
	e.SetStr(own.iface, x.iface)
	ends.Address(e, side, x.address)
	ends.Port(e, side.Port, x.port)
	if _, _, isIP := ends.ParseIP(x.listed); x.listed != "" && !isIP {
		e.Set(side.Domain, event.Str(x.listed))
		e.Set(event.ServerDomain, event.Str(x.listed))
		e.Append(event.RelatedHosts, x.listed)
	}
	x.readIdentity(e, own)
	e.SetStr(side.UserGroup, x.group)
	if x.user != "" {
		ends.User(e, side, splitUser(x.user))
	}
}

// translation sets what the end is translated to; source.nat.* only where that differs from the address itself.
func (x *end) translation(e *event.Event, side *ends.Side, own *sideFields) {
	if x.mapped != "" {
		if _, ip, ok := ends.ParseIP(x.mapped); !ok {
			e.Set(own.mappedHost, event.Str(x.mapped))
		} else {
			e.Set(own.mappedIP, event.Str(ip))
			if ip != x.address {
				e.Set(side.NATIP, event.Str(ip))
				e.Append(event.RelatedIP, ip)
			}
		}
	}
	if ends.Port(e, own.mappedPort, x.mappedPort) && x.mappedPort != x.port {
		ends.Port(e, side.NATPort, x.mappedPort)
	}
}

// readIdentity takes the text in parentheses behind an address apart: a user, a security group (9999 or 9999:name), or
// both with a comma between them.
func (x *end) readIdentity(e *event.Event, own *sideFields) {
	if x.identity == "" {
		return
	}
	user, group := x.identity, ""
	if i := strings.LastIndexByte(user, ','); i >= 0 && isGroup(strings.TrimSpace(user[i+1:])) {
		user, group = user[:i], strings.TrimSpace(user[i+1:])
	} else if isGroup(user) {
		user, group = "", user
	}
	if group != "" {
		number, name, _ := strings.Cut(group, ":")
		ends.Int(e, own.tag, number)
		e.SetStr(own.tagName, name)
	}
	if user != "" && x.user == "" {
		x.user = user
		e.SetStr(own.username, user)
	}
}

// isGroup tells whether s is the number of a security group, with or without its name.
func isGroup(s string) bool {
	number, _, _ := strings.Cut(s, ":")
	return digits(number)
}

// splitUser takes a user apart. LOCAL is the firewall's own user base, no domain; a $ at the end marks an account of a
// machine.
func splitUser(s string) ends.Name {
	s = strings.TrimLeft(strings.TrimPrefix(s, `LOCAL\`), `\`)
	n := ends.SplitUser(s)
	if len(n.User) > 1 {
		n.User = strings.TrimSuffix(n.User, "$")
	}
	return n
}

// users sets user.*: the user whom the message is about, else the one behind the destination, else the one behind the
// source.
func (f *facts) users(e *event.Event) {
	// One user only: the other ends keep theirs, and related.user has all.
	for _, s := range [...]string{f.user, f.dst.user, f.src.user} {
		if s != "" {
			ends.RootUser(e, splitUser(s))
			return
		}
	}
}

// times sets duration, start and end.
func (f *facts) times(e *event.Event) {
	d, ok := parseDuration(f.duration)
	if !ok {
		return
	}
	e.SetInt(event.EventDuration, int64(d))
	if at := e.Get(event.Timestamp); at.Kind() == event.Time {
		e.Set(event.EventEnd, at)
		e.Set(event.EventStart, event.At(at.Time().Add(-d)))
	}
}

// parseDuration reads 0:01:07, 1h:02m:03s and both with days before them (2d 3h:04m:05s).
func parseDuration(s string) (time.Duration, bool) {
	if s == "" {
		return 0, false
	}
	var total, clock, n int64
	// Parts with colons between them add up in the clock, each worth sixty of the next.
	units := 0 // parts that had no unit of their own
	for i := 0; i <= len(s); i++ {
		if i < len(s) && s[i] >= '0' && s[i] <= '9' {
			if n = n*10 + int64(s[i]-'0'); n > 1<<31 {
				return 0, false
			}
			continue
		}
		unit := byte(0)
		if i < len(s) {
			unit = s[i]
		}
		switch unit {
		case 'd':
			total += n * 86400
		case 'h':
			total += n * 3600
		case 'm':
			total += n * 60
		case 's':
			total += n
		case ':', 0:
			if i > 0 && s[i-1] >= '0' && s[i-1] <= '9' {
				if units++; units > 3 {
					return 0, false
				}
				clock = clock*60 + n
			}
		case ' ':
		default:
			return 0, false
		}
		n = 0
	}
	total += clock
	if total > int64(1<<62/time.Second) {
		return 0, false
	}
	return time.Duration(total) * time.Second, true
}

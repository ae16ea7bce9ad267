package asa

import (
	"strings"
	"time"

	"weir/event"
	"weir/processors/enrich/community"
	"weir/processors/enrich/transport"
	"weir/processors/parse/internal/ends"
)

// The security events of a Firepower (430001 to 430005) are lists of keys and values:
//
//	SrcIP: 10.0.1.20, DstIP: 10.0.100.30, Prefilter Policy: Default Prefilter Policy, ...
//
// All of them are kept below cisco.ftd.security, with names as prefilter_policy; those that have a place in ECS go there too.

// maxPairs bounds the keys of one event; what is above is kept as one text under the key "rest".
const maxPairs = 512

// securityKinds are the kinds of the five events.
var securityKinds = map[string]*kind{
	"430001": {action: "intrusion-detected", categories: words("intrusion_detection"), types: info},
	"430002": {action: "connection-started", categories: network, types: connStart},
	"430003": {action: "connection-finished", categories: network, types: connEnd},
	"430004": {action: "file-detected", categories: words("file"), types: info},
	"430005": {action: "malware-detected", categories: words("malware", "file"), types: info},
}

// securityFields are the keys whose value is a field's as it stands.
var securityFields = map[string]event.Field{
	"IngressInterface":        event.ObserverIngressInterfaceName,
	"EgressInterface":         event.ObserverEgressInterfaceName,
	"IngressZone":             event.ObserverIngressZone,
	"EgressZone":              event.ObserverEgressZone,
	"InitiatorBytes":          event.SourceBytes,
	"ResponderBytes":          event.DestinationBytes,
	"InitiatorPackets":        event.SourcePackets,
	"ResponderPackets":        event.DestinationPackets,
	"AccessControlRuleName":   event.RuleName,
	"ACPolicy":                event.RuleRuleset,
	"SID":                     event.RuleID,
	"Revision":                event.RuleVersion,
	"Classification":          event.RuleCategory,
	"HTTPResponse":            event.HTTPResponseStatusCode,
	"HTTPReferer":             event.HTTPRequestReferrer,
	"HTTP_Referer":            event.HTTPRequestReferrer,
	"UserAgent":               event.UserAgentOriginal,
	"ReferencedHost":          event.URLDomain,
	"DNSQuery":                event.DNSQuestionName,
	"FileName":                event.FileName,
	"FileSize":                event.FileSize,
	"FileSHA256":              event.FileHashSha256,
	"FileType":                event.FileExtension,
	"ThreatName":              event.RuleDescription,
	"AccessControlRuleReason": event.EventReason,
}

// recordTypes are the types of DNS records in the words of the device, which are those of RFC 1035.
var recordTypes = map[string]string{
	"a host address": "A", "ip6 address": "AAAA", "an authoritative name server": "NS", "the canonical name for an alias": "CNAME",
	"mail exchange": "MX", "text strings": "TXT", "a domain name pointer": "PTR", "server selection": "SRV",
	"marks the start of a zone of authority": "SOA", "naming authority pointer": "NAPTR", "a request for all records": "ANY",
}

// responseCodes are the answers of DNS servers, likewise.
var responseCodes = map[string]string{
	"No Error": "NOERROR", "Format Error": "FORMERR", "Server Failure": "SERVFAIL", "Non-Existent Domain": "NXDOMAIN",
	"Not Implemented": "NOTIMP", "Query Refused": "REFUSED",
}

// icmpTypes are the numbers of ICMP's types, for the community id.
var icmpTypes = map[string]int64{
	"Echo Reply": 0, "Destination Unreachable": 3, "Redirect": 5, "Echo Request": 8, "Router Advertisement": 9,
	"Router Solicitation": 10, "Time Exceeded": 11, "Timestamp": 13, "Timestamp Reply": 14,
}

// named returns the short name of what the device calls by a long one, and other words as they are.
func named(names map[string]string, value string) string {
	if short, ok := names[value]; ok {
		return short
	}
	return value
}

// securityEvent reads a Firepower security event.
func securityEvent(e *event.Event, code, text string) {
	k := securityKinds[code]
	k.describe(e, "")
	var flow community.Flow
	for count := 0; text != ""; count++ {
		if count == maxPairs {
			e.AddMember(event.CiscoFtdSecurity, "rest", event.Str(text))
			break
		}
		var key, value string
		key, value, text = nextPair(text)
		if key == "" {
			continue
		}
		e.SetMember(event.CiscoFtdSecurity, fieldOf(key), event.Str(value))
		securityField(e, &flow, key, value, k)
	}
	if k == securityKinds["430001"] || k == securityKinds["430005"] {
		e.Set(event.EventKind, event.Str("alert"))
	}
	community.Set(e, flow)
	in, out := e.Get(event.SourceBytes), e.Get(event.DestinationBytes)
	if in.Kind() == event.Int && out.Kind() == event.Int {
		e.SetInt(event.NetworkBytes, in.Int()+out.Int())
	}
}

// securityField gives one key its place in ECS.
func securityField(e *event.Event, flow *community.Flow, key, value string, k *kind) {
	switch key {
	case "SrcIP":
		ends.Address(e, &ends.Source, value)
		flow.Source = value
	case "DstIP":
		ends.Address(e, &ends.Destination, value)
		flow.Destination = value
	case "SrcPort":
		ends.Port(e, event.SourcePort, value)
		flow.SourcePort, _ = ends.ParseInt(value)
	case "DstPort":
		ends.Port(e, event.DestinationPort, value)
		flow.DestinationPort, _ = ends.ParseInt(value)
	case "Protocol":
		name, number := transport.Lookup(value)
		e.SetStr(event.NetworkTransport, name)
		e.SetStr(event.NetworkIanaNumber, number)
		flow.Number = number
	case "ApplicationProtocol":
		e.SetStr(event.NetworkProtocol, strings.ToLower(value))
	case "Client":
		e.SetStr(event.NetworkApplication, strings.ToLower(value))
	case "Message":
		e.SetStr(event.Message, value)
	case "URL":
		ends.URL(e, value)
	case "User":
		switch value {
		case "No Authentication Required", "Unknown", "Not Found", "Guest":
		default:
			ends.RootUser(e, splitUser(value))
			e.SetStr(event.UserID, value) // with its realm: two realms may have users of one name
		}
	case "ICMPType":
		if n, ok := icmpTypes[value]; ok {
			flow.HasICMP, flow.ICMPType = true, n
		}
	case "DNSRecordType":
		e.SetStr(event.DNSQuestionType, named(recordTypes, value))
	case "DNSResponseType":
		e.SetStr(event.DNSResponseCode, named(responseCodes, value))
	case "Endpoint Profile":
		setEndpoint(e, value)
	case "AccessControlRuleAction":
		securityVerdict(e, value, k)
	case "ConnectionDuration":
		securityDuration(e, value)
	default:
		if f, ok := securityFields[key]; ok {
			setField(e, f, value)
		}
	}
	switch key {
	case "FileSHA256":
		e.Append(event.RelatedHash, value)
	case "ReferencedHost", "DNSQuery":
		e.Append(event.RelatedHosts, value)
	}
}

// Types of connection events, by what the rule did.
var (
	startAllowed = words("connection", "start", "allowed")
	startDenied  = words("connection", "start", "denied")
	endAllowed   = words("connection", "end", "allowed")
	endDenied    = words("connection", "end", "denied")
)

// securityVerdict refines type and outcome by what the access control rule did.
func securityVerdict(e *event.Event, value string, k *kind) {
	isStart, isEnd := k == securityKinds["430002"], k == securityKinds["430003"]
	allowed := strings.HasPrefix(value, "Allow") || strings.HasPrefix(value, "Trust")
	blocked := strings.Contains(value, "Block")
	if allowed || blocked || value == "Monitor" {
		e.Set(event.EventOutcome, event.Str("success"))
	}
	switch {
	case isStart && allowed:
		e.Set(event.EventType, startAllowed)
	case isStart && blocked:
		e.Set(event.EventType, startDenied)
	case isEnd && allowed:
		e.Set(event.EventType, endAllowed)
	case isEnd && blocked:
		e.Set(event.EventType, endDenied)
	}
}

// securityDuration sets duration, start and end from seconds.
func securityDuration(e *event.Event, value string) {
	n, ok := ends.ParseInt(value)
	if !ok || n < 0 || n > 1<<32 {
		return
	}
	d := time.Duration(n) * time.Second
	e.SetInt(event.EventDuration, int64(d))
	if at := e.Get(event.Timestamp); at.Kind() == event.Time {
		e.Set(event.EventEnd, at)
		e.Set(event.EventStart, event.At(at.Time().Add(-d)))
	}
}

// nextPair takes the first key and value off text. A value ends before a comma that a key follows, so commas in
// values do no harm.
func nextPair(text string) (key, value, rest string) {
	text = strings.TrimLeft(text, ", ")
	n := keyLen(text)
	if n == 0 {
		i := strings.Index(text, ", ")
		if i < 0 {
			return "", "", ""
		}
		return "", "", text[i:]
	}
	key = text[:n]
	value = strings.TrimLeft(text[n+1:], " ")
	for i := 0; ; {
		j := strings.Index(value[i:], ", ")
		if j < 0 {
			return key, strings.TrimRight(value, " \r\n"), ""
		}
		if i += j; keyLen(value[i+2:]) > 0 {
			return key, value[:i], value[i:]
		}
		i += 2
	}
}

// keyLen returns the length of the key that text begins with: up to 40 letters, digits, blanks and underscores that
// begin with a capital, and a colon after them.
func keyLen(text string) int {
	for i := 0; i < len(text) && i < 40; i++ {
		switch c := text[i]; {
		case c >= 'A' && c <= 'Z':
		case i > 0 && (c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == ' ' || c == '_'):
		case i > 0 && c == ':' && (i+1 == len(text) || text[i+1] == ' '):
			return i
		default:
			return 0
		}
	}
	return 0
}

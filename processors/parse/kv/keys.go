package kv

import (
	"strings"
	"time"

	"weir/event"
	"weir/processors/enrich/community"
	"weir/processors/enrich/transport"
	"weir/processors/parse/internal/ends"
	"weir/processors/parse/internal/role"
	"weir/processors/parse/internal/stamp"
)

// parser is the state of one message.
// It lives for one message. Date, clock and zone stand in keys of their own at most firewalls, and wait here for each
// other.
type parser struct {
	e                          *event.Event
	date, clock, zone, instant string
}

// pair keeps one pair and gives it its place in ECS. N/A and - are kept as they came and mean nothing: a user called - is
// nobody.
func (p *parser) pair(key, value string) {
	p.e.AddMember(event.WeirData, key, event.Str(value))
	if value == "" || value == "N/A" || value == "-" {
		return
	}
	// Keys are told apart in their normal form; string(name) in a switch or an index makes no copy.
	var buf [maxKey]byte
	name := normal(buf[:0], key)
	switch string(name) {
	case "date":
		p.date = value
		return
	case "time", "timestamp", "logtime", "devicetime", "datetime":
		p.clock = value
		return
	case "tz", "timezone":
		p.zone = value
		return
	case "eventtime", "epoch", "ts":
		p.instant = value
		return
	case "transport": // a port where the address is translated, else a protocol
		if !ends.Port(p.e, event.SourceNATPort, value) {
			transport.Set(p.e, value)
		}
		return
	case "severity", "priority", "pri", "sev":
		if !ends.Int(p.e, event.EventSeverity, value) {
			p.e.SetStr(event.LogLevel, strings.ToLower(value))
		}
		return
	case "in", "out":
		p.interfaceOrBytes(string(name) == "in", value)
		return
	}
	k, ok := keys[string(name)]
	if !ok {
		return
	}
	if k.Role == role.Address && p.endpoint(k.Side, value) {
		return
	}
	k.Apply(p.e, value)
}

// interfaceOrBytes tells the two meanings of in= and out= apart: the kernel's packet filter names interfaces, others
// count bytes.
// Which of the two is meant shows in the value alone: no interface is called by a number.
func (p *parser) interfaceOrBytes(in bool, value string) {
	_, number := ends.ParseInt(value)
	switch {
	case number && in:
		ends.Int(p.e, event.SourceBytes, value)
	case number:
		ends.Int(p.e, event.DestinationBytes, value)
	case in:
		p.e.SetStr(event.ObserverIngressInterfaceName, value)
	default:
		p.e.SetStr(event.ObserverEgressInterfaceName, value)
	}
}

// endpoint reads an address with port and interface behind it: 192.0.2.1:443:X1.
// An address of version 6 has colons of its own and no full stop, and is left to the role of its key.
func (p *parser) endpoint(side *ends.Side, value string) bool {
	addr, rest, ok := strings.Cut(value, ":")
	if !ok || strings.IndexByte(addr, '.') < 0 {
		return false
	}
	if _, _, isIP := ends.ParseIP(addr); !isIP {
		return false
	}
	port, iface, _ := strings.Cut(rest, ":")
	if !ends.Port(p.e, side.Port, port) {
		return false
	}
	ends.Address(p.e, side, addr)
	iface, _, _ = strings.Cut(iface, ":")
	if side == &ends.Source {
		p.e.SetStr(event.ObserverIngressInterfaceName, iface)
	} else {
		p.e.SetStr(event.ObserverEgressInterfaceName, iface)
	}
	return true
}

// finish sets what several keys tell together.
func (p *parser) finish() {
	if t, ok := p.time(); ok {
		p.e.Set(event.Timestamp, event.At(t))
	}
	e := p.e
	in, out := e.Get(event.SourceBytes), e.Get(event.DestinationBytes)
	if in.Kind() == event.Int && out.Kind() == event.Int && !e.Has(event.NetworkBytes) {
		e.SetInt(event.NetworkBytes, in.Int()+out.Int())
	}
	community.SetFrom(e)
}

// time finds the time of the message: a number since 1970, date and time with a zone, or all in one key.
func (p *parser) time() (time.Time, bool) {
	if t, ok := stamp.Parse(p.instant); ok {
		return t, true
	}
	if p.date == "" {
		return stamp.Parse(p.clock)
	}
	text := p.date + " " + p.clock
	if zone := strings.ReplaceAll(p.zone, ":", ""); len(zone) == 5 && (zone[0] == '+' || zone[0] == '-') {
		text += zone
	}
	return stamp.Parse(text)
}

// normal makes keys of different writers comparable: lower case, without _ - and full stops.
func normal(dst []byte, key string) []byte {
	for i := 0; i < len(key) && len(dst) < cap(dst); i++ {
		switch c := key[i]; {
		case c == '_' || c == '-' || c == '.':
		case c >= 'A' && c <= 'Z':
			dst = append(dst, c|0x20)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// field makes a key whose field takes the value as it is.
func field(f event.Field) role.Key { return role.Key{Field: f} }

// lower makes a key whose field takes the value in lower case.
func lower(f event.Field) role.Key { return role.Key{Role: role.Lower, Field: f} }

// port makes a key for a port.
func port(f event.Field) role.Key { return role.Key{Role: role.Port, Field: f} }

// mac makes a key for a hardware address.
func mac(f event.Field) role.Key { return role.Key{Role: role.MAC, Field: f} }

// Keys that stand in the table under many names.
var (
	source      = role.Key{Role: role.Address, Field: event.SourceIP, Side: &ends.Source}
	destination = role.Key{Role: role.Address, Field: event.DestinationIP, Side: &ends.Destination}
	sourceUser  = role.Key{Role: role.User, Field: event.SourceUserName, Side: &ends.Source}
	targetUser  = role.Key{Role: role.User, Field: event.DestinationUserName, Side: &ends.Destination}
	rootUser    = role.Key{Role: role.RootUser, Field: event.UserName}
	protocolKey = role.Key{Role: role.Transport}
	url         = role.Key{Role: role.URL, Field: event.URLOriginal}
	hash        = role.Key{Role: role.Hash}
	outcome     = role.Key{Role: role.Outcome}
	seconds     = role.Key{Role: role.Seconds, Field: event.EventDuration}
	direction   = role.Key{Role: role.Direction}
)

// keys are common keys of firewalls, proxies and other devices, as normal writes them.
// A key is here if it means the same at every vendor that is known to write it; others stay below weir.data.
var keys = map[string]role.Key{
	// The two ends of a flow. Who connects is the source: a client, a peer, a remote host.
	"src": source, "srcip": source, "sourceip": source, "saddr": source, "srcaddr": source, "sourceaddress": source, "sip": source,
	"clientip": source, "remip": source, "remoteip": source, "rhost": source, "client": source, "fromip": source, "callingip": source,
	"dst": destination, "dstip": destination, "destip": destination, "destinationip": destination, "daddr": destination, "dstaddr": destination,
	"destinationaddress": destination, "dip": destination, "serverip": destination, "locip": destination, "toip": destination, "dest": destination,
	"sport": port(event.SourcePort), "srcport": port(event.SourcePort), "sourceport": port(event.SourcePort), "spt": port(event.SourcePort),
	"remport": port(event.SourcePort), "clientport": port(event.SourcePort),
	"dport": port(event.DestinationPort), "dstport": port(event.DestinationPort), "destport": port(event.DestinationPort),
	"destinationport": port(event.DestinationPort), "dpt": port(event.DestinationPort), "locport": port(event.DestinationPort),
	"serverport": port(event.DestinationPort),
	"srcname":    {Role: role.Host, Field: event.SourceDomain}, "shost": {Role: role.Host, Field: event.SourceDomain},
	"dstname": {Role: role.Host, Field: event.DestinationDomain}, "dhost": {Role: role.Host, Field: event.DestinationDomain},
	// Translated addresses.
	"transip": {Role: role.NAT, Side: &ends.Source}, "natsrcip": {Role: role.NAT, Side: &ends.Source}, "xlatesrc": {Role: role.NAT, Side: &ends.Source},
	"srctransip": {Role: role.NAT, Side: &ends.Source}, "transrcip": {Role: role.NAT, Side: &ends.Source},
	"natsrcport": port(event.SourceNATPort), "xlatesport": port(event.SourceNATPort),
	"natdstip": {Role: role.NAT, Side: &ends.Destination}, "tranip": {Role: role.NAT, Side: &ends.Destination}, "xlatedst": {Role: role.NAT, Side: &ends.Destination},
	"natdstport": port(event.DestinationNATPort), "tranport": port(event.DestinationNATPort), "xlatedport": port(event.DestinationNATPort),
	"srcmac": mac(event.SourceMAC), "smac": mac(event.SourceMAC), "sourcemac": mac(event.SourceMAC), "mastersrcmac": mac(event.SourceMAC),
	"dstmac": mac(event.DestinationMAC), "dmac": mac(event.DestinationMAC), "destinationmac": mac(event.DestinationMAC),
	// The traffic.
	"proto": protocolKey, "protocol": protocolKey, "ipproto": protocolKey, "protocolid": protocolKey,
	"service": lower(event.NetworkProtocol), "appproto": lower(event.NetworkProtocol), "l7proto": lower(event.NetworkProtocol),
	"app": lower(event.NetworkApplication), "application": lower(event.NetworkApplication), "appname": lower(event.NetworkApplication),
	"direction": direction, "dir": direction,
	// Where it came in and went out.
	"srcintf": field(event.ObserverIngressInterfaceName), "ininterface": field(event.ObserverIngressInterfaceName), "inboundif": field(event.ObserverIngressInterfaceName),
	"srcinterface": field(event.ObserverIngressInterfaceName), "iif": field(event.ObserverIngressInterfaceName),
	"dstintf": field(event.ObserverEgressInterfaceName), "outinterface": field(event.ObserverEgressInterfaceName), "outboundif": field(event.ObserverEgressInterfaceName),
	"dstinterface": field(event.ObserverEgressInterfaceName), "oif": field(event.ObserverEgressInterfaceName),
	"srczone": field(event.ObserverIngressZone), "dstzone": field(event.ObserverEgressZone),
	// How much. Sent and received are seen from the source.
	"sentbyte": field(event.SourceBytes), "sentbytes": field(event.SourceBytes), "bytesout": field(event.SourceBytes), "sent": field(event.SourceBytes), "bytessent": field(event.SourceBytes),
	"rcvdbyte": field(event.DestinationBytes), "rcvdbytes": field(event.DestinationBytes), "recvbytes": field(event.DestinationBytes), "bytesin": field(event.DestinationBytes),
	"rcvd": field(event.DestinationBytes), "bytesreceived": field(event.DestinationBytes), "received": field(event.DestinationBytes),
	"sentpkt": field(event.SourcePackets), "spkt": field(event.SourcePackets), "rpkt": field(event.DestinationPackets), "dpkt": field(event.DestinationPackets), "sentpkts": field(event.SourcePackets), "rcvdpkt": field(event.DestinationPackets), "recvpkts": field(event.DestinationPackets),
	"bytes": field(event.NetworkBytes), "totalbytes": field(event.NetworkBytes), "packets": field(event.NetworkPackets),
	// Who.
	"user": rootUser, "username": rootUser, "usr": rootUser, "usrname": rootUser, "login": rootUser, "account": rootUser, "uname": rootUser, "unauthuser": rootUser,
	"srcuser": sourceUser, "suser": sourceUser, "sourceuser": sourceUser, "xauthuser": sourceUser, "ruser": sourceUser,
	"dstuser": targetUser, "duser": targetUser, "targetuser": targetUser, "destinationuser": targetUser,
	"group": field(event.UserGroupName), "usergroup": field(event.UserGroupName),
	// What happened.
	"action": field(event.EventAction), "act": field(event.EventAction), "utmaction": field(event.EventAction),
	"status": outcome, "result": outcome, "outcome": outcome, "res": outcome,
	"reason": field(event.EventReason), "duration": seconds,
	"msg": field(event.Message), "message": field(event.Message), "logdesc": field(event.Message),
	// Which device says so, by which of its messages and rules.
	"devname": field(event.ObserverName), "devicename": field(event.ObserverName), "device": field(event.ObserverName), "fw": field(event.ObserverName),
	"devid": field(event.ObserverSerialNumber), "deviceid": field(event.ObserverSerialNumber), "sn": field(event.ObserverSerialNumber), "serialnumber": field(event.ObserverSerialNumber),
	"logid": field(event.EventCode), "eventid": field(event.EventCode), "msgid": field(event.EventCode), "messageid": field(event.EventCode),
	"level": lower(event.LogLevel), "loglevel": lower(event.LogLevel),
	"policyid": field(event.RuleID), "ruleid": field(event.RuleID), "fwruleid": field(event.RuleID), "signatureid": field(event.RuleID), "attackid": field(event.RuleID),
	"policyname": field(event.RuleName), "rule": field(event.RuleName), "rulename": field(event.RuleName), "policy": field(event.RuleName), "attack": field(event.RuleName),
	// Pages, files, processes, names.
	"url": url, "uri": url, "request": url,
	"method": field(event.HTTPRequestMethod), "httpmethod": field(event.HTTPRequestMethod), "referer": field(event.HTTPRequestReferrer), "referrer": field(event.HTTPRequestReferrer),
	"agent": field(event.UserAgentOriginal), "useragent": field(event.UserAgentOriginal), "httpstatus": field(event.HTTPResponseStatusCode), "statuscode": field(event.HTTPResponseStatusCode),
	"file": field(event.FileName), "filename": field(event.FileName), "fname": field(event.FileName), "filepath": field(event.FilePath), "path": field(event.FilePath),
	"filesize": field(event.FileSize), "filehash": hash, "md5": hash, "sha1": hash, "sha256": hash, "hash": hash, "checksum": hash,
	"pid": field(event.ProcessPID), "process": field(event.ProcessName), "comm": field(event.ProcessName), "exe": field(event.ProcessExecutable), "cmd": field(event.ProcessCommandLine),
	"command": field(event.ProcessCommandLine), "qname": field(event.DNSQuestionName), "qtype": field(event.DNSQuestionType),
	"vlan": field(event.NetworkVLANID), "vlanid": field(event.NetworkVLANID), "interface": field(event.ObserverIngressInterfaceName), "subject": field(event.EmailSubject),
}

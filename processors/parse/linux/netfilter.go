package linux

import (
	"strconv"
	"strings"
	"sync"

	"weir/event"
	"weir/event/ecs"
	"weir/processors/enrich/community"
	"weir/processors/enrich/transport"
	"weir/processors/parse/internal/ends"
)

// What became of a packet. The kernel does not say so: it is in the words that the administrator put before the line,
// and open where they say nothing.
var (
	packetSeen    = class{"", event.Strs("network"), event.Strs("connection"), ""}
	packetAllowed = class{"accept", event.Strs("network"), event.Strs("allowed", "connection"), ""}
	packetDropped = class{"drop", event.Strs("network"), event.Strs("denied", "connection"), ""}
	packetReject  = class{"reject", event.Strs("network"), event.Strs("denied", "connection"), ""}
)

// LooksNetfilter tells whether a message of the kernel is a line of its packet filter.
func LooksNetfilter(msg string) bool {
	i := strings.Index(msg, "IN=")
	if i >= 0 && (i == 0 || msg[i-1] == ' ' || msg[i-1] == ']') && strings.Contains(msg[i:], " OUT=") && strings.Contains(msg[i:], " SRC=") {
		return true
	}
	i = strings.Index(msg, " PROTO=") // the end of a line whose beginning was lost
	return i >= 0 && strings.Contains(msg[i:], " SPT=") && strings.Contains(msg[i:], " DPT=")
}

// tables are the fields below iptables.*, by the keys of the log line.
type tables struct {
	keys                                              map[string]event.Field
	input, output, etherType, tos, prec, flags, frags event.Field
	tcpReserved, udpLength                            event.Field
	ruleSet, ruleNumber, inputZone, outputZone        event.Field
}

// filterFields makes the fields known on first use.
var filterFields = sync.OnceValue(func() *tables {
	field := func(path string, t ecs.Type) event.Field {
		f, err := event.Register(t, "iptables."+path)
		if err != nil { // only a full table of fields: values then go where no rule looks
			f = event.WeirOther
		}
		return f
	}
	t := &tables{
		input: field("input_device", ecs.Keyword), output: field("output_device", ecs.Keyword),
		etherType: field("ether_type", ecs.Long), tos: field("tos", ecs.Long), prec: field("precedence_bits", ecs.Long),
		flags: field("tcp.flags", ecs.Keyword), frags: field("fragment_flags", ecs.Keyword),
		tcpReserved: field("tcp.reserved_bits", ecs.Long), udpLength: field("udp.length", ecs.Long),
		ruleSet: field("ubiquiti.rule_set", ecs.Keyword), ruleNumber: field("ubiquiti.rule_number", ecs.Keyword),
		inputZone: field("ubiquiti.input_zone", ecs.Keyword), outputZone: field("ubiquiti.output_zone", ecs.Keyword),
	}
	t.keys = map[string]event.Field{
		"LEN": field("length", ecs.Long), "TTL": field("ttl", ecs.Long), "ID": field("id", ecs.Long),
		"WINDOW": field("tcp.window", ecs.Long), "SEQ": field("tcp.seq", ecs.Long), "ACK": field("tcp.ack", ecs.Long),
		"TYPE": field("icmp.type", ecs.Long), "CODE": field("icmp.code", ecs.Long),
		"ICMP ID": field("icmp.id", ecs.Long), "ICMP SEQ": field("icmp.seq", ecs.Long),
		"HOPLIMIT": field("ttl", ecs.Long), "FLOWLBL": field("flow_label", ecs.Long),
	}
	return t
})

// Netfilter reads "PREFIX IN=eth0 OUT= MAC=... SRC=1.2.3.4 DST=... PROTO=TCP SPT=1 DPT=2 SYN". An administrator writes
// the prefix; everything else comes from the kernel.
func Netfilter(e *event.Event, msg string) {
	s := sinceBoot(strings.TrimSpace(msg))
	if !LooksNetfilter(s) {
		return
	}
	i := max(strings.Index(s, "IN="), 0)
	t := filterFields()
	netfilterPrefix(e, t, strings.TrimSpace(s[:i]))
	body, _, _ := strings.Cut(s[i:], " [") // the packet that an ICMP error is about
	var flow community.Flow
	for part := range strings.FieldsSeq(body) {
		if key, value, ok := strings.Cut(part, "="); ok {
			netfilterPair(e, t, &flow, key, value)
		} else {
			netfilterFlag(e, t, part)
		}
	}
	community.Set(e, flow)
}

// netfilterPair sets what one KEY=VALUE says.
func netfilterPair(e *event.Event, t *tables, flow *community.Flow, key, value string) {
	switch key {
	case "IN":
		e.Set(t.input, event.Str(value))
		e.SetStr(event.ObserverIngressInterfaceName, value)
	case "OUT":
		e.Set(t.output, event.Str(value))
		e.SetStr(event.ObserverEgressInterfaceName, value)
	case "MAC":
		netfilterMAC(e, t, value)
	case "SRC":
		flow.Source = value
		ends.IP(e, event.SourceIP, value)
		e.SetStr(event.SourceAddress, value)
	case "DST":
		flow.Destination = value
		ends.IP(e, event.DestinationIP, value)
		e.SetStr(event.DestinationAddress, value)
		e.Set(event.NetworkType, event.Str(family(value)))
	case "SPT":
		ends.Port(e, event.SourcePort, value)
		flow.SourcePort, _ = ends.ParseInt(value)
	case "DPT":
		ends.Port(e, event.DestinationPort, value)
		flow.DestinationPort, _ = ends.ParseInt(value)
	case "PROTO":
		name, number := transport.Lookup(value)
		e.SetStr(event.NetworkTransport, name)
		e.SetStr(event.NetworkIanaNumber, number)
		flow.Number = number
	case "TOS", "PREC", "RES":
		netfilterHex(e, t, key, value)
	case "LEN":
		f := t.keys[key] // of the packet; the second one is that of the datagram
		if e.Has(f) {
			f = t.udpLength
		}
		ends.Int(e, f, value)
	case "TYPE", "CODE":
		n, _ := ends.ParseInt(value)
		if flow.HasICMP = true; key == "TYPE" {
			flow.ICMPType = n
		} else {
			flow.ICMPCode = n
		}
		ends.Int(e, t.keys[key], value)
	case "ID", "SEQ":
		f := t.keys[key]
		if flow.HasICMP { // those of an echo stand behind its type
			f = t.keys["ICMP "+key]
		}
		ends.Int(e, f, value)
	default:
		if f, ok := t.keys[key]; ok {
			ends.Int(e, f, value)
		}
	}
}

// family returns the version of an address for network.type.
func family(addr string) string {
	if strings.IndexByte(addr, ':') >= 0 {
		return "ipv6"
	}
	return "ipv4"
}

// netfilterHex sets the bit fields, which the kernel writes as 0x00.
func netfilterHex(e *event.Event, t *tables, key, value string) {
	n, err := strconv.ParseInt(strings.TrimPrefix(value, "0x"), 16, 32)
	if err != nil {
		return
	}
	switch key {
	case "TOS":
		e.SetInt(t.tos, n)
	case "PREC":
		e.SetInt(t.prec, n)
	case "RES":
		e.SetInt(t.tcpReserved, n)
	}
}

// netfilterFlag sets the words without a value: TCP's flags and those of fragments.
func netfilterFlag(e *event.Event, t *tables, flag string) {
	switch flag {
	case "SYN", "ACK", "FIN", "RST", "PSH", "URG", "ECE", "CWR":
		e.Append(t.flags, flag)
	case "DF", "MF", "CE":
		e.Append(t.frags, flag)
	}
}

// netfilterMAC reads destination, source and type of the frame, 14 bytes; anything longer is the packet's own header.
func netfilterMAC(e *event.Event, t *tables, s string) {
	const mac, both = 17, 35
	if len(s) < both+6 || strings.Count(s[:both+6], ":") != 13 {
		return
	}
	e.Set(event.DestinationMAC, event.Str(dashed(s[:mac])))
	e.Set(event.SourceMAC, event.Str(dashed(s[mac+1:both])))
	if n, err := strconv.ParseInt(s[both+1:both+3]+s[both+4:both+6], 16, 32); err == nil {
		e.SetInt(t.etherType, n)
	}
}

// dashed writes a hardware address as ECS wants it.
func dashed(mac string) string {
	return strings.ToUpper(strings.ReplaceAll(mac, ":", "-"))
}

// netfilterPrefix reads the verdict from what the administrator wrote before the line: [UFW BLOCK], DROP_INPUT:,
// [WAN_OUT-2000-A].
func netfilterPrefix(e *event.Event, t *tables, s string) {
	c := &packetSeen
	// UniFi gateways add what the rule is called: [WAN_IN-D-2000] DESCR="Drop all"
	if name, text, ok := strings.Cut(s, ` DESCR="`); ok && strings.HasSuffix(name, "]") {
		s = name
		e.SetStr(event.RuleDescription, strings.TrimSuffix(text, `"`))
	}
	if name, ok := strings.CutPrefix(s, "["); ok && strings.HasSuffix(name, "]") && strings.Count(name, "-") >= 2 {
		c = ubiquiti(e, t, name[:len(name)-1])
	} else {
		upper := strings.ToUpper(s)
		switch {
		case strings.Contains(upper, "REJECT"):
			c = &packetReject
		case strings.Contains(upper, "DROP"), strings.Contains(upper, "BLOCK"), strings.Contains(upper, "DENY"), strings.Contains(upper, "DENIED"):
			c = &packetDropped
		case strings.Contains(upper, "ACCEPT"), strings.Contains(upper, "ALLOW"):
			c = &packetAllowed
		}
		e.SetStr(event.RuleName, strings.Trim(s, "[]: "))
	}
	c.set(e)
}

// ubiquiti reads RULESET-NUMBER-VERDICT.
func ubiquiti(e *event.Event, t *tables, s string) *class {
	left, verdict, _ := lastCut(s, "-")
	set, number, _ := lastCut(left, "-")
	if number == "A" || number == "D" || number == "R" { // newer gateways: RULESET-VERDICT-NUMBER
		verdict, number = number, verdict
	}
	e.SetStr(event.RuleName, set)
	e.SetStr(event.RuleID, number)
	e.SetStr(t.ruleSet, set)
	e.SetStr(t.ruleNumber, number)
	if in, out, ok := strings.Cut(set, "-"); ok { // between two zones
		e.SetStr(t.inputZone, in)
		e.SetStr(t.outputZone, out)
		e.SetStr(event.ObserverIngressZone, in)
		e.SetStr(event.ObserverEgressZone, out)
	}
	e.SetStr(event.ObserverName, e.Str(event.HostName)) // a firewall of its own, not a server that filters
	switch verdict {
	case "A":
		return &packetAllowed
	case "D":
		return &packetDropped
	case "R":
		return &packetReject
	}
	return &packetSeen
}

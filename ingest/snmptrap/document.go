package snmptrap

import (
	"encoding/hex"
	"math"
	"net/netip"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gosnmp/gosnmp"
)

// OIDs that stand for something in the document.
const (
	oidUptime     = "1.3.6.1.2.1.1.3.0"
	oidTrap       = "1.3.6.1.6.3.1.1.4.1.0"
	oidEnterprise = "1.3.6.1.6.3.1.1.4.3.0"
	oidAddress    = "1.3.6.1.6.3.18.1.3.0" // snmpTrapAddress: the agent behind a proxy
	oidCommunity  = "1.3.6.1.6.3.18.1.4.0" // snmpTrapCommunity: its community
	oidSNMPTraps  = "1.3.6.1.6.3.1.1.5"
)

// enterpriseSpecific is the generic trap of version 1 that stands for all others.
const enterpriseSpecific = 6

// appendDocument appends the record of a trap: one JSON object, the same for all versions. What version 1 says in its
// own header is said as versions 2c and 3 do (RFC 3584, 3.1), and as it stood.
func appendDocument(dst []byte, h *header, p *gosnmp.SnmpPacket, late string) []byte {
	dst = append(dst, `{"version":"`...)
	dst = append(dst, [...]string{version1: "v1", version2c: "v2c", 2: "", version3: "v3"}[h.version]...)
	dst = append(dst, `","pdu":"`...)
	if p.PDUType == gosnmp.InformRequest {
		dst = append(dst, `inform"`...)
	} else {
		dst = append(dst, `trap"`...)
	}
	if h.version == version3 {
		dst = appendSecurity(dst, h, p, late)
	}
	if h.version == version1 {
		dst = appendVersion1(dst, p)
	} else {
		dst = appendVersion2(dst, p)
	}
	dst = append(dst, `,"varbinds":[`...)
	n := 0
	for i := range p.Variables {
		v := &p.Variables[i]
		if name := oid(v.Name); h.version != version1 && (name == oidUptime || name == oidTrap) {
			continue
		}
		if n++; n > 1 {
			dst = append(dst, ',')
		}
		dst = appendVarbind(dst, v)
	}
	return append(dst, "]}"...)
}

// appendSecurity appends who sent it, and never how it proved that.
func appendSecurity(dst []byte, h *header, p *gosnmp.SnmpPacket, late string) []byte {
	dst = append(dst, `,"security":{"user":`...)
	dst = appendOctets(dst, h.user)
	dst = append(append(append(dst, `,"level":"`...), h.level()...), `","engine":"`...)
	dst = append(hex.AppendEncode(dst, h.engine), '"')
	if p.ContextName != "" {
		dst = append(dst, `,"context":`...)
		dst = appendOctets(dst, []byte(p.ContextName))
	}
	if late != "" {
		dst = append(append(append(dst, `,"clock":"`...), late...), '"')
	}
	return append(dst, '}')
}

func appendVersion1(dst []byte, p *gosnmp.SnmpPacket) []byte {
	enterprise := oid(p.Enterprise)
	dst = append(dst, `,"oid":"`...)
	if p.GenericTrap != enterpriseSpecific {
		dst = strconv.AppendInt(append(append(dst, oidSNMPTraps...), '.'), int64(p.GenericTrap)+1, 10)
	} else {
		dst = strconv.AppendInt(append(append(dst, enterprise...), ".0."...), int64(p.SpecificTrap), 10)
	}
	dst = append(append(append(dst, `","enterprise":"`...), enterprise...), `","generic":`...)
	dst = strconv.AppendInt(dst, int64(p.GenericTrap), 10)
	dst = strconv.AppendInt(append(dst, `,"specific":`...), int64(p.SpecificTrap), 10)
	dst = strconv.AppendUint(append(dst, `,"uptime":`...), uint64(p.Timestamp), 10)
	agent := p.AgentAddress
	for i := range p.Variables { // a proxy knows better than the header, which many agents leave at 0.0.0.0
		if v := &p.Variables[i]; oid(v.Name) == oidAddress {
			agent, _ = v.Value.(string)
		}
	}
	return appendAgent(dst, agent)
}

func appendVersion2(dst []byte, p *gosnmp.SnmpPacket) []byte {
	agent := ""
	for i := range p.Variables {
		v := &p.Variables[i]
		switch oid(v.Name) {
		case oidTrap:
			if text, ok := v.Value.(string); ok {
				dst = append(append(append(dst, `,"oid":"`...), oid(text)...), '"')
			}
		case oidEnterprise:
			if text, ok := v.Value.(string); ok {
				dst = append(append(append(dst, `,"enterprise":"`...), oid(text)...), '"')
			}
		case oidUptime:
			if ticks, ok := v.Value.(uint32); ok {
				dst = strconv.AppendUint(append(dst, `,"uptime":`...), uint64(ticks), 10)
			}
		case oidAddress:
			agent, _ = v.Value.(string)
		}
	}
	return appendAgent(dst, agent)
}

// appendAgent appends the address of the agent, if it says one.
func appendAgent(dst []byte, text string) []byte {
	a, err := netip.ParseAddr(text)
	if err != nil || a.IsUnspecified() {
		return dst
	}
	return append(a.AppendTo(append(dst, `,"agent":"`...)), '"')
}

// typeNames are the names of types in the document. What is not here is unknown.
var typeNames = map[gosnmp.Asn1BER]string{
	gosnmp.Integer: "integer", gosnmp.OctetString: "octets", gosnmp.Null: "null", gosnmp.ObjectIdentifier: "oid", gosnmp.IPAddress: "ip",
	gosnmp.Counter32: "counter32", gosnmp.Gauge32: "gauge32", gosnmp.TimeTicks: "timeticks", gosnmp.Opaque: "opaque", gosnmp.Counter64: "counter64",
	gosnmp.Uinteger32: "uinteger32", gosnmp.OpaqueFloat: "float", gosnmp.OpaqueDouble: "double", gosnmp.NoSuchObject: "no-such-object",
	gosnmp.NoSuchInstance: "no-such-instance", gosnmp.EndOfMibView: "end-of-view",
}

// appendVarbind appends one variable. The value of one that carries a secret is not appended.
func appendVarbind(dst []byte, v *gosnmp.SnmpPDU) []byte {
	name := oid(v.Name)
	dst = append(append(append(dst, `{"oid":"`...), name...), `","type":"`...)
	if name == oidCommunity {
		return append(dst, `secret"}`...)
	}
	kind, ok := typeNames[v.Type]
	if !ok {
		kind = "unknown"
	}
	dst = append(append(dst, kind...), '"')
	switch val := v.Value.(type) {
	case []byte:
		return append(appendText(dst, val), '}')
	case string:
		if v.Type == gosnmp.ObjectIdentifier {
			val = oid(val)
		}
		return append(appendText(dst, []byte(val)), '}')
	}
	return append(appendNumber(dst, v.Value), '}')
}

// appendNumber appends a number as such; what is none, or none that JSON has, is left out.
func appendNumber(dst []byte, value any) []byte {
	switch n := value.(type) {
	case int:
		return strconv.AppendInt(append(dst, `,"value":`...), int64(n), 10)
	case uint:
		return strconv.AppendUint(append(dst, `,"value":`...), uint64(n), 10)
	case uint32:
		return strconv.AppendUint(append(dst, `,"value":`...), uint64(n), 10)
	case uint64:
		return strconv.AppendUint(append(dst, `,"value":`...), n, 10)
	case float32:
		return appendFloat(dst, float64(n), 32)
	case float64:
		return appendFloat(dst, n, 64)
	}
	return dst
}

func appendFloat(dst []byte, f float64, bits int) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return dst
	}
	return strconv.AppendFloat(append(dst, `,"value":`...), f, 'g', -1, bits)
}

// appendText appends octets as the text that they are, else in hexadecimal.
func appendText(dst, octets []byte) []byte {
	if text := trimNUL(octets); printable(text) {
		return appendQuoted(append(dst, `,"value":`...), text)
	}
	return append(hex.AppendEncode(append(dst, `,"hex":"`...), octets), '"')
}

// trimNUL takes the end off that C programs send with their strings.
func trimNUL(octets []byte) []byte {
	if n := len(octets); n > 1 && octets[n-1] == 0 {
		return octets[:n-1]
	}
	return octets
}

// appendOctets appends a name: its text, else its octets as 0x00ff.
func appendOctets(dst, octets []byte) []byte {
	if printable(octets) {
		return appendQuoted(dst, octets)
	}
	return append(hex.AppendEncode(append(dst, `"0x`...), octets), '"')
}

// printable tells whether octets are text that a person would read.
func printable(octets []byte) bool {
	for len(octets) > 0 {
		r, n := utf8.DecodeRune(octets)
		if r == utf8.RuneError && n <= 1 || r != '\t' && r != '\n' && r != '\r' && !unicode.IsGraphic(r) {
			return false
		}
		octets = octets[n:]
	}
	return true
}

// appendQuoted appends printable text as a JSON string.
func appendQuoted(dst, text []byte) []byte {
	dst = append(dst, '"')
	for _, c := range text {
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\t':
			dst = append(dst, `\t`...)
		case '\n':
			dst = append(dst, `\n`...)
		case '\r':
			dst = append(dst, `\r`...)
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}

// oid is an OID without the dot that the library begins it with.
func oid(s string) string { return strings.TrimPrefix(s, ".") }

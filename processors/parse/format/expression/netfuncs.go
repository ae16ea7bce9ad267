package expression

import (
	"net/netip"
	"strconv"
	"strings"

	"weir/event"
	"weir/processors/enrich/community"
	"weir/processors/enrich/transport"
)

// netFunctions are those of addresses.
var netFunctions = map[string]function{
	"ip":        {`ip(_kv.src)`, 1, 1, ofText(toIP)},
	"mac":       {`mac(_kv.srcmac)`, 1, 1, ofText(toMAC)},
	"cidr":      {`cidr(source.ip, "10.0.0.0/8", "192.168.0.0/16")`, 2, -1, makeCIDR},
	"host_of":   {`host_of(_kv.peer)`, 1, 1, ofText(func(s string) event.Value { h, _ := splitPort(s); return event.Str(h) })},
	"bits":      {`bits(_kv.flags, 0x10)`, 2, 2, makeBits},
	"community": {`community(_src, _sport, _dst, _dport, "tcp")`, 5, 5, makeCommunity},
	"port_of":   {`port_of(_kv.peer)`, 1, 1, ofText(portOf)},
}

// address reads an address, also in brackets. Only what may be one is given to netip, whose errors cost memory.
func address(s string) (netip.Addr, bool) {
	if len(s) > 2 && s[0] == '[' && s[len(s)-1] == ']' {
		s = s[1 : len(s)-1]
	}
	if len(s) < 2 || len(s) > 64 || !strings.ContainsAny(s, ".:") {
		return netip.Addr{}, false
	}
	switch c := s[0]; {
	case c >= '0' && c <= '9', c >= 'a' && c <= 'f', c >= 'A' && c <= 'F', c == ':':
	default:
		return netip.Addr{}, false
	}
	a, err := netip.ParseAddr(s)
	return a.Unmap(), err == nil
}

// toIP returns an address in its usual form, nothing for what is none.
func toIP(s string) event.Value {
	s = strings.TrimSpace(s)
	a, ok := address(s)
	if !ok {
		return event.Value{}
	}
	// Zones (%eth0) are of the sender only, and no field of type ip takes them.
	a = a.WithZone("")
	var buf [48]byte
	if t := a.AppendTo(buf[:0]); string(t) != s {
		return event.Str(string(t))
	}
	return event.Str(s)
}

// toMAC returns a hardware address in the form of ECS, nothing for what has not six or eight bytes.
func toMAC(s string) event.Value {
	digits := make([]byte, 0, 16)
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9', c >= 'A' && c <= 'F':
			digits = append(digits, c)
		case c >= 'a' && c <= 'f':
			digits = append(digits, c-'a'+'A')
		case c == ':' || c == '-' || c == '.' || c == ' ':
		default:
			return event.Value{}
		}
		if len(digits) > 16 {
			return event.Value{}
		}
	}
	if len(digits) != 12 && len(digits) != 16 {
		return event.Value{}
	}
	out := make([]byte, 0, 24)
	for i, c := range digits {
		if i > 0 && i%2 == 0 {
			out = append(out, '-')
		}
		out = append(out, c)
	}
	return event.Str(string(out))
}

// makeCIDR tells whether an address is in one of several networks.
func makeCIDR(args []code) (code, error) {
	texts, at, err := constantTexts(args, 1, "a network")
	if err != nil {
		return code{}, err
	}
	nets := make([]netip.Prefix, len(texts))
	for i, t := range texts {
		n, err := netip.ParsePrefix(t)
		if err != nil {
			a, aerr := netip.ParseAddr(t)
			if aerr != nil {
				return code{}, &argumentError{arg: at[i], code: "expr-type", what: strconv.Quote(t) + " is no network", do: "write it as 10.0.0.0/8"}
			}
			n = netip.PrefixFrom(a, a.BitLen())
		}
		nets[i] = n.Masked()
	}
	return patternTest(args[0], func(s string) bool {
		a, ok := address(s)
		if !ok {
			return false
		}
		a = a.WithZone("")
		for _, n := range nets {
			if n.Contains(a) {
				return true
			}
		}
		return false
	}), nil
}

// splitPort parts host:port and [v6]:port. An address of version 6 without brackets has no port.
func splitPort(s string) (host string, port int) {
	s = strings.TrimSpace(s)
	if strings.HasPrefix(s, "[") {
		if end := strings.IndexByte(s, ']'); end > 0 {
			return s[1:end], portNumber(strings.TrimPrefix(s[end+1:], ":"))
		}
	}
	at := strings.LastIndexByte(s, ':')
	if at < 0 || strings.IndexByte(s, ':') != at {
		return s, -1
	}
	if n := portNumber(s[at+1:]); n >= 0 {
		return s[:at], n
	}
	return s, -1
}

// portNumber reads a port, -1 for what is none.
func portNumber(s string) int {
	if s == "" || len(s) > 5 || digitsEnd(s, 0) != len(s) {
		return -1
	}
	n, err := strconv.Atoi(s)
	if err != nil || n > 65535 {
		return -1
	}
	return n
}

// portOf returns the port of host:port.
func portOf(s string) event.Value {
	if _, n := splitPort(s); n >= 0 {
		return event.Num(int64(n))
	}
	return event.Value{}
}

// makeBits tells whether a number, or the text of one, decimal or hexadecimal with 0x, has any bit of a mask.
func makeBits(args []code) (code, error) {
	x, by := args[0], args[1]
	return ofTest(func(f frame) bool {
		mask := toInt(by.value(f))
		return anyOf(x.value(f), func(v event.Value) bool {
			n := toInt(v)
			return n.Kind() == event.Int && mask.Kind() == event.Int && n.Int()&mask.Int() != 0
		})
	}), nil
}

// makeCommunity makes the id of a flow whose ends are no fields, such as the other side of a translation of addresses. The
// protocol is a name or a number.
func makeCommunity(args []code) (code, error) {
	return ofValue(func(f frame) event.Value {
		var texts [5]string
		for i := range texts {
			texts[i], _ = textOf(args[i].value(f))
		}
		sport, _ := strconv.ParseUint(texts[1], 10, 16)
		dport, _ := strconv.ParseUint(texts[3], 10, 16)
		_, number := transport.Lookup(texts[4])
		return event.Str(community.ID(community.Flow{Source: texts[0], Destination: texts[2], SourcePort: int64(sport), DestinationPort: int64(dport), Number: number}))
	}), nil
}

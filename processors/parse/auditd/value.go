package auditd

import (
	"net/netip"
	"strconv"
	"strings"
)

// nothing tells whether a value says that there is none.
func nothing(v string) bool { return v == "" || v == "?" || v == "(null)" }

// decode returns the text of a value that the kernel encodes where it holds a blank, a quote or a byte that is no ASCII:
// pairs of capital hexadecimal digits without quotes. What is not such a row is text already.
func decode(s string) string {
	if len(s) < 2 || len(s)%2 != 0 {
		return s
	}
	for i := 0; i < len(s); i++ {
		if digit(s[i]) < 0 {
			return s
		}
	}
	out := make([]byte, len(s)/2)
	for i := range out {
		out[i] = byte(digit(s[2*i])<<4 | digit(s[2*i+1]))
	}
	return strings.ToValidUTF8(string(out), "\ufffd")
}

// digit returns the value of a hexadecimal digit, -1 of anything else. Small letters are none: the kernel writes capitals
// and a word like "cafe" is a word.
func digit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// typed writes the keys that somebody pressed as one reads them: ^M for the return key, ^[ for escape, ^? for delete. So
// nothing that was typed at one terminal acts on another.
func typed(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return r < 0x20 || r == 0x7f }) < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c < 0x20:
			b.WriteByte('^')
			b.WriteByte(c + '@')
		case c == 0x7f:
			b.WriteString("^?")
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// title joins the words of a command line, which the kernel separates by zeros.
func title(s string) string {
	return strings.TrimRight(strings.ReplaceAll(s, "\x00", " "), " ")
}

// socket is what the bytes of a socket's address say.
type socket struct {
	family, address, path string
	port                  int64
}

// sockaddr reads the bytes of a struct sockaddr, written in hexadecimal. The family is in the order of the machine; all
// else that is read here has an order of its own.
func sockaddr(s string) (socket, bool) {
	raw := make([]byte, 0, 128)
	for i := 0; i+1 < len(s) && len(raw) < cap(raw); i += 2 {
		hi, lo := digit(upper(s[i])), digit(upper(s[i+1]))
		if hi < 0 || lo < 0 {
			return socket{}, false
		}
		raw = append(raw, byte(hi<<4|lo))
	}
	if len(raw) < 2 {
		return socket{}, false
	}
	family := int(raw[0]) | int(raw[1])<<8
	if family > 0xff {
		family = int(raw[1]) | int(raw[0])<<8
	}
	switch {
	case family == 1:
		return socket{family: "local", path: unixPath(raw[2:])}, true
	case family == 2 && len(raw) >= 8:
		a := netip.AddrFrom4([4]byte(raw[4:8]))
		return socket{family: "inet", address: a.String(), port: int64(raw[2])<<8 | int64(raw[3])}, true
	case family == 10 && len(raw) >= 24:
		a := netip.AddrFrom16([16]byte(raw[8:24]))
		return socket{family: "inet6", address: a.Unmap().String(), port: int64(raw[2])<<8 | int64(raw[3])}, true
	case family == 16:
		return socket{family: "netlink"}, true
	case family == 17:
		return socket{family: "packet"}, true
	}
	return socket{family: strconv.Itoa(family)}, true
}

// upper makes a small letter a capital.
func upper(c byte) byte {
	if c >= 'a' && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}

// unixPath returns the path of a local socket; one that is in no file system has a zero before its name, shown as @.
func unixPath(raw []byte) string {
	if len(raw) > 0 && raw[0] == 0 {
		name, _, _ := strings.Cut(string(raw[1:]), "\x00")
		if name == "" {
			return ""
		}
		return strings.ToValidUTF8("@"+name, "\ufffd")
	}
	path, _, _ := strings.Cut(string(raw), "\x00")
	return strings.ToValidUTF8(path, "\ufffd")
}

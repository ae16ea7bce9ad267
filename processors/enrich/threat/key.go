package threat

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"strings"
	"unicode"
)

// maxKey is the longest value that is kept. Longer URLs exist, and no feed has one that matters.
const maxKey = 4096

// appendKey appends the form in which values of a kind are compared, so that equal things are equal bytes: addresses and
// hashes as bytes, names in lower case, URLs without scheme, fragment and default port.
func appendKey(dst []byte, k Kind, value string) ([]byte, error) {
	value = strings.TrimSpace(value)
	if value == "" || len(value) > maxKey {
		return dst, fmt.Errorf("a value of %d bytes", len(value))
	}
	switch k {
	case IP:
		a, err := netip.ParseAddr(strings.Trim(value, "[]"))
		if err != nil {
			return dst, fmt.Errorf("%q is no address", value)
		}
		return append(dst, a.Unmap().WithZone("").AsSlice()...), nil
	case CIDR:
		p, err := netip.ParsePrefix(value)
		if err != nil {
			return dst, fmt.Errorf("%q is no network", value)
		}
		p = p.Masked()
		return append(append(dst, p.Addr().AsSlice()...), byte(p.Bits())), nil
	case Domain:
		return appendDomain(dst, value)
	case URL:
		return appendURL(dst, value)
	case Hash:
		return appendHash(dst, value)
	}
	return dst, fmt.Errorf("unknown kind %d", k)
}

// appendDomain appends a name in lower case, without the root's full stop and a leading "*.".
func appendDomain(dst []byte, name string) ([]byte, error) {
	name = strings.TrimPrefix(strings.TrimSuffix(name, "."), "*.")
	if name == "" || name[len(name)-1] == '.' || len(name) > 253 || strings.ContainsAny(name, " /:@[]\t") || name[0] == '.' || strings.Contains(name, "..") {
		return dst, fmt.Errorf("%q is no domain name", name)
	}
	if strings.IndexFunc(name, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) >= 0 {
		return dst, fmt.Errorf("%q is no domain name", name)
	}
	return appendLower(dst, name), nil
}

// appendLower makes small letters of A to Z alone. Names in other scripts come as they are written, or as xn--, which is ASCII.
func appendLower(dst []byte, s string) []byte {
	for i := range len(s) {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst
}

// appendURL appends host, path and query: the same page is the same by any scheme, and a browser never sends a fragment.
//
// User and password are left out: they differ from visitor to visitor. Path and query stay as they are, capital letters too, since
// servers tell them apart.
func appendURL(dst []byte, url string) ([]byte, error) {
	scheme, rest, ok := strings.Cut(url, "://")
	if !ok {
		scheme, rest = "", url
	}
	rest, _, _ = strings.Cut(rest, "#")
	host, path := rest, ""
	if at := strings.IndexAny(rest, "/?"); at >= 0 {
		host, path = rest[:at], rest[at:]
	}
	if at := strings.LastIndexByte(host, '@'); at >= 0 {
		host = host[at+1:]
	}
	switch {
	case strings.EqualFold(scheme, "http"):
		host = strings.TrimSuffix(host, ":80")
	case strings.EqualFold(scheme, "https"):
		host = strings.TrimSuffix(host, ":443")
	}
	if host == "" || strings.ContainsAny(host, " \t") {
		return dst, fmt.Errorf("%q is no URL", url)
	}
	dst = appendLower(dst, host)
	if path == "" {
		path = "/"
	}
	return append(dst, path...), nil
}

// appendHash appends the bytes of a hash in hexadecimal: MD5, SHA-1, SHA-224, SHA-256, SHA-384 or SHA-512.
func appendHash(dst []byte, text string) ([]byte, error) {
	switch len(text) {
	case 32, 40, 56, 64, 96, 128:
	default:
		return dst, fmt.Errorf("%q is no hash: it has %d characters", text, len(text))
	}
	for i := 0; i < len(text); i += 2 {
		hi, lo := nibble(text[i]), nibble(text[i+1])
		if hi > 15 || lo > 15 {
			return dst, fmt.Errorf("%q is no hash: it is not hexadecimal", text)
		}
		dst = append(dst, hi<<4|lo)
	}
	return dst, nil
}

// nibble returns the value of a hexadecimal digit, 255 for any other letter: the hot path has no error to allocate.
func nibble(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	}
	return 255
}

// keyText writes a key for people.
//
// For addresses, networks and hashes the text is the one form of the key; for a URL it is what is compared, without its scheme.
func keyText(k Kind, key []byte) string {
	switch k {
	case IP:
		if a, ok := netip.AddrFromSlice(key); ok {
			return a.String()
		}
	case CIDR:
		if a, ok := netip.AddrFromSlice(key[:len(key)-1]); ok {
			return netip.PrefixFrom(a, int(key[len(key)-1])).String()
		}
	case Hash:
		return hex.EncodeToString(key)
	}
	return string(key)
}

// guess tells the kind of a value that its feed does not name.
//
// The order matters: 10.0.0.0/8 has a slash as URLs have, a hash could be a name, and nearly every word could be one, which is why a
// name without a full stop is none.
func guess(value string) (Kind, bool) {
	value = strings.TrimSpace(value)
	if _, err := netip.ParseAddr(strings.Trim(value, "[]")); err == nil {
		return IP, true
	}
	if _, err := netip.ParsePrefix(value); err == nil {
		return CIDR, true
	}
	if strings.ContainsAny(value, "/?") {
		return URL, true
	}
	if _, err := appendHash(nil, value); err == nil {
		return Hash, true
	}
	if _, err := appendDomain(nil, value); err == nil && strings.Contains(value, ".") {
		return Domain, true
	}
	return 0, false
}

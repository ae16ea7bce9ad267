// Package convert makes values of other types: what a device writes as text becomes a number, an address, a truth.
package convert

import (
	"math"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"weir/event"
)

// Words are the types that a value can be made, as formats name them.
func Words() []string {
	return []string{"int", "float", "bool", "string", "ip", "mac", "hex", "upper", "lower", "trim", "list"}
}

// To makes a value of another type; ok is false where it is none. The names of grok's types mean the same.
//
// A list is none, whatever its items: who has one converts each. Nothing is kept of v but what the new value shares with it.
func To(to string, v event.Value) (event.Value, bool) {
	switch to {
	case "int", "long":
		return toInt(v)
	case "float":
		return toFloat(v)
	case "bool", "boolean":
		return toBool(v)
	case "string":
		return event.Str(v.Text()), v.Kind() != event.Object
	case "hex":
		return toHex(v)
	}
	s := strings.TrimSpace(v.Text())
	switch to {
	case "ip":
		return IP(s)
	case "mac":
		return toMAC(s)
	case "upper":
		return event.Str(strings.ToUpper(v.Text())), true
	case "lower":
		return event.Str(strings.ToLower(v.Text())), true
	case "trim":
		return event.Str(s), true
	}
	return v, false
}

// toInt reads a decimal number, 0x before a hexadecimal one, and cuts the fraction off a number that has one.
//
// A number with a fraction loses it, since devices write 3.0 where they mean 3. What is too large for 64 bits is none: to cut it would make
// another number of it.
func toInt(v event.Value) (event.Value, bool) {
	switch v.Kind() {
	case event.Int:
		return v, true
	case event.Bool:
		if v.Bool() {
			return event.Num(1), true
		}
		return event.Num(0), true
	case event.Float:
		f := math.Trunc(v.Float())
		return event.Num(int64(f)), math.Abs(f) < 1<<63
	case event.String:
		s := strings.TrimSpace(v.Str())
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			return event.Num(n), true
		}
		if rest, ok := strings.CutPrefix(strings.ToLower(s), "0x"); ok {
			n, err := strconv.ParseInt(rest, 16, 64)
			return event.Num(n), err == nil
		}
		if f, err := strconv.ParseFloat(s, 64); err == nil && math.Abs(f) < 1<<63 && decimal(s) {
			return event.Num(int64(f)), true
		}
	}
	return v, false
}

// decimal tells whether s is a number as devices write it, so that no word such as infinity is one.
//
// strconv reads inf, nan and 0x1p4 too, which in a log are words.
func decimal(s string) bool {
	return strings.Trim(s, "0123456789.+-eE") == "" && strings.ContainsAny(s, "0123456789")
}

// toFloat reads a decimal number; words such as infinity are none.
func toFloat(v event.Value) (event.Value, bool) {
	switch v.Kind() {
	case event.Int, event.Float:
		return event.Real(v.Float()), true
	case event.String:
		s := strings.TrimSpace(v.Str())
		f, err := strconv.ParseFloat(s, 64)
		return event.Real(f), err == nil && decimal(s)
	}
	return v, false
}

// toBool reads the words with which devices say yes and no.
func toBool(v event.Value) (event.Value, bool) {
	switch v.Kind() {
	case event.Bool:
		return v, true
	case event.Int:
		return event.Truth(v.Int() != 0), v.Int() == 0 || v.Int() == 1
	case event.String:
		switch strings.ToLower(strings.TrimSpace(v.Str())) {
		case "true", "yes", "1", "on", "t", "y", "enabled":
			return event.Truth(true), true
		case "false", "no", "0", "off", "f", "n", "disabled":
			return event.Truth(false), true
		}
	}
	return v, false
}

// toHex reads a hexadecimal number, with or without 0x.
//
// What has its highest bit set is none: it would be a negative number in the store.
func toHex(v event.Value) (event.Value, bool) {
	s := strings.TrimPrefix(strings.ToLower(strings.TrimSpace(v.Text())), "0x")
	n, err := strconv.ParseUint(s, 16, 64)
	return event.Num(int64(n)), err == nil && n < 1<<63
}

// IP reads an address; brackets around one of version 6 and its zone are taken off.
func IP(s string) (event.Value, bool) {
	s = strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")
	if zone := strings.IndexByte(s, '%'); zone >= 0 {
		s = s[:zone]
	}
	if s == "" || s[0] != ':' && HexDigit(s[0]) < 0 {
		return event.Value{}, false
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		return event.Value{}, false
	}
	if a.Is4In6() {
		return event.Str(a.Unmap().String()), true
	}
	return event.Str(s), true
}

// toMAC reads a hardware address in any of the ways in which devices write one, and returns it as ECS has it.
func toMAC(s string) (event.Value, bool) {
	var digits [16]byte
	n := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case HexDigit(c) >= 0:
			if n == len(digits) {
				return event.Value{}, false
			}
			digits[n] = "0123456789ABCDEF"[HexDigit(c)]
			n++
		case c != ':' && c != '-' && c != '.' && c != ' ':
			return event.Value{}, false
		}
	}
	if n != 12 && n != 16 {
		return event.Value{}, false
	}
	out := make([]byte, 0, n+n/2)
	for i := 0; i < n; i += 2 {
		if i > 0 {
			out = append(out, '-')
		}
		out = append(out, digits[i], digits[i+1])
	}
	return event.Str(string(out)), true
}

// HexDigit returns the number of a hexadecimal digit, -1 if it is none.
func HexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

// URL decodes what a URL escapes; what is broken stays.
func URL(s string) string {
	if out, err := url.QueryUnescape(s); err == nil {
		return out
	}
	return s
}

// Naming returns how keys are written below a vendor's root: lower, snake; nil leaves them alone.
func Naming(name string) func(string) string {
	switch name {
	case "lower":
		return strings.ToLower
	case "snake":
		return Snake
	}
	return nil
}

// Snake writes camelCase, Title Case and dashed-names as words with underscores.
func Snake(s string) string {
	out := make([]rune, 0, len(s)+4)
	runes := []rune(s)
	for i, r := range runes {
		switch {
		case unicode.IsUpper(r):
			small := i > 0 && (unicode.IsLower(runes[i-1]) || unicode.IsDigit(runes[i-1]))
			ends := i > 0 && unicode.IsUpper(runes[i-1]) && i+1 < len(runes) && unicode.IsLower(runes[i+1])
			if (small || ends) && len(out) > 0 && out[len(out)-1] != '_' {
				out = append(out, '_')
			}
			out = append(out, unicode.ToLower(r))
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '.' || r == '@':
			out = append(out, r)
		case len(out) > 0 && out[len(out)-1] != '_':
			out = append(out, '_')
		}
	}
	return strings.TrimRight(string(out), "_")
}

// maxNames bounds what Names remembers: who makes up keys costs no more memory than this.
const maxNames = 4096

// Names writes keys by a naming and remembers them. It belongs to one goroutine. The zero Names leaves keys alone.
type Names struct {
	Naming func(string) string
	known  map[string]string
}

// Of returns how a key is written.
func (n *Names) Of(key string) string {
	if n.Naming == nil {
		return key
	}
	name, ok := n.known[key]
	if !ok {
		name = n.Naming(key)
		if n.known == nil {
			n.known = map[string]string{}
		}
		if len(n.known) < maxNames {
			n.known[strings.Clone(key)] = name
		}
	}
	return name
}

package ends

import "weir/event"

// MAC sets a hardware address in the form of ECS: capitals with hyphens, as in RFC 7042. It is false for what
// has more or fewer than twelve digits: EUI-64 and InfiniBand addresses have no such form.
func MAC(e *event.Event, f event.Field, s string) bool {
	var out [17]byte
	n := 0
	// Writers part the digits by colons, hyphens, full stops or nothing; only the digits count.
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= '0' && c <= '9', c|0x20 >= 'a' && c|0x20 <= 'f':
			if c > '9' {
				c &^= 0x20
			}
			if n%3 == 2 && n < 17 {
				out[n] = '-'
				n++
			}
			if n >= 17 {
				return false
			}
			out[n] = c
			n++
		case c == ':' || c == '-' || c == '.':
		default:
			return false
		}
	}
	if n != 17 {
		return false
	}
	if f.Array() {
		e.Append(f, string(out[:]))
	} else {
		e.Set(f, event.Str(string(out[:])))
	}
	return true
}

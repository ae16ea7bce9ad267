package event

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"unicode/utf8"
)

// AppendJSON appends the event as one nested JSON object: fields in document order, so that equal events give equal
// bytes. Nothing is left out: a field below another field's plain value stands beside it under a key with full stops, which
// Decode reads as the same path (Conform moves such values to weir.other, since a store refuses them).
func (e *Event) AppendJSON(dst []byte) []byte {
	t := load()
	if len(e.extras) > 0 {
		return e.appendMixed(dst, t)
	}
	if !e.mixes(t) {
		if dst, ok := e.planned(dst, t); ok {
			return dst
		}
	}
	return e.appendOrdered(dst, t)
}

// appendOrdered is the way of an event whose shape has no plan.
func (e *Event) appendOrdered(dst []byte, t *table) []byte {
	begin := len(dst)
	dst = append(dst, '{')
	var last []uint16
	open, odd := false, false      // the value before is an object whose end is not written: fields below it join its members
	upper, some := Field(0), false // the last one of those objects
	e.ordered(t, func(f Field) {
		if odd {
			return
		}
		form := &t.forms[f]
		common, ok := form.after(last)
		switch {
		case ok && open:
			dst, open = append(dst, '}'), false
		case !ok && !open: // below the value before
			odd = true
			return
		}
		if some && len(form.ids) > len(t.forms[upper].ids)+1 && e.clashes(t, upper, f) {
			odd = true
			return
		}
		if !ok { // the first one below an open object
			if dst[len(dst)-1] != '{' {
				dst = append(dst, ',')
			}
			open = false
		} else if last != nil {
			dst = append(closers(dst, len(last)-1-common), ',')
		}
		dst = append(dst, form.open[common]...)
		v := e.entries[e.slots[f]-1].value
		dst = v.AppendJSON(dst)
		if last = form.ids; v.kind == Object && t.isMixed(f) {
			dst, open, upper, some = dst[:len(dst)-1], true, f, true
		}
	})
	if odd {
		return e.appendMixed(dst[:begin], t)
	}
	if open {
		dst = append(dst, '}')
	}
	return closers(dst, max(len(last), 1))
}

// ordered calls fn for each field that is set, in document order. The order comes from a bit per rank: setting and
// scanning bits is cheaper than sorting forty entries.
func (e *Event) ordered(t *table, fn func(Field)) {
	words := (len(t.specs) + 63) / 64
	if len(e.sorted) < words {
		e.sorted = make([]uint64, words)
	}
	for i := range e.entries {
		r := t.rank[e.entries[i].field]
		e.sorted[r/64] |= 1 << (r % 64)
	}
	for i, word := range e.sorted {
		if word == 0 {
			continue
		}
		e.sorted[i] = 0
		for ; word != 0; word &= word - 1 {
			fn(t.order[i*64+bits.TrailingZeros64(word)])
		}
	}
}

// closers appends n closing braces, one for each object of the value before that the next one is not in.
func closers(dst []byte, n int) []byte {
	for range n {
		dst = append(dst, '}')
	}
	return dst
}

// hexDigits are the digits of escapes.
const hexDigits = "0123456789abcdef"

// plain marks the ASCII bytes that stand for themselves in a JSON string (RFC 8259, section 7): all but quotation mark,
// backslash and control characters.
var plain = func() (ok [256]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		ok[c] = c != '"' && c != '\\'
	}
	return ok
}()

// odd has the high bit of each of eight bytes that does not stand for itself: a quote, a backslash, below a blank, or no
// ASCII. What a borrow adds lies above a byte that is marked rightly, so the lowest mark is right.
func odd(w uint64) uint64 {
	const (
		ones  = 0x0101010101010101
		highs = 0x8080808080808080
	)
	quote, slash := w^('"'*ones), w^('\\'*ones)
	return (w | (w - ' '*ones) | (quote - ones) | (slash - ones)) & highs
}

// word reads eight bytes, half four. The compiler makes one load of each.
func word(s string) uint64 {
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 | uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

func half(s string) uint64 {
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24
}

// plainLen returns how many bytes at the start of s stand for themselves, eight at a time.
func plainLen(s string) int {
	i := 0
	for ; len(s)-i >= 8; i += 8 {
		if bad := odd(word(s[i : i+8])); bad != 0 {
			return i + bits.TrailingZeros64(bad)/8
		}
	}
	for i < len(s) && plain[s[i]] {
		i++
	}
	return i
}

// foreignLen returns how many bytes at the start of s are characters outside ASCII, and whether a byte follows that is
// part of none. Such characters are copied as they are: only what is no character at all has to be found.
func foreignLen(s string) (n int, bad bool) {
	for n < len(s) && s[n] >= utf8.RuneSelf {
		r, size := utf8.DecodeRuneInString(s[n:])
		if r == utf8.RuneError && size == 1 {
			return n, true
		}
		n += size
	}
	return n, false
}

// appendString appends s as a JSON string. Bytes that are not UTF-8 become U+FFFD, because RFC 8259 allows nothing else
// on the wire; who needs the bytes finds them in weir.original_base64.
func appendString(dst []byte, s string) []byte {
	n, at := len(s), len(dst)
	dst = slices.Grow(dst, n+2)
	out := dst[at : at+n+2]
	out[0], out[n+1] = '"', '"'
	if to := out[1 : n+1]; !copyPlain(to, s) {
		return appendEscaped(dst, s, plainLen(s))
	}
	return dst[:at+n+2]
}

// copyPlain copies s, which has the length of to, as long as its bytes stand for themselves. It looks at the words that it
// moves, so a text is gone through once and not twice. The last word overlaps the one before it.
func copyPlain(to []byte, s string) bool {
	n := len(s)
	switch {
	case n >= 8:
		for i := 0; ; {
			w := word(s[i : i+8])
			if odd(w) != 0 {
				return false
			}
			binary.LittleEndian.PutUint64(to[i:i+8], w)
			if i += 8; i == n {
				return true
			}
			i = min(i, n-8)
		}
	case n >= 4:
		w := half(s[:4]) | half(s[n-4:])<<32
		if odd(w) != 0 {
			return false
		}
		binary.LittleEndian.PutUint32(to[:4], uint32(w))
		binary.LittleEndian.PutUint32(to[n-4:], uint32(w>>32))
	default:
		for i := range n {
			if !plain[s[i]] {
				return false
			}
			to[i] = s[i]
		}
	}
	return true
}

// appendEscaped is appendString for a text of which something after the first n bytes does not stand for itself. A message of
// pairs has a quotation mark every dozen bytes, so words are moved before it is known how much of them stands for itself.
func appendEscaped(dst []byte, s string, n int) []byte {
	dst = append(append(dst, '"'), s[:n]...)
	for s = s[n:]; len(s) > 0; {
		if len(s) >= 8 {
			if cap(dst)-len(dst) < 8 {
				dst = slices.Grow(dst, len(s)+len(s)/8+8)
			}
			at, w := len(dst), word(s[:8])
			binary.LittleEndian.PutUint64(dst[at:at+8], w)
			good := bits.TrailingZeros64(odd(w)) / 8
			dst, s = dst[:at+good], s[good:]
			if good == 8 {
				continue
			}
		}
		switch c := s[0]; {
		case c >= utf8.RuneSelf:
			n, bad := foreignLen(s)
			dst = append(dst, s[:n]...)
			if s = s[n:]; bad {
				dst = utf8.AppendRune(dst, utf8.RuneError)
				s = s[1:]
			}
			continue
		case plain[c]:
			dst = append(dst, c)
		case c == '"', c == '\\':
			dst = append(dst, '\\', c)
		case c == '\n':
			dst = append(dst, '\\', 'n')
		case c == '\r':
			dst = append(dst, '\\', 'r')
		case c == '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		s = s[1:]
	}
	return append(dst, '"')
}

// appendFloat writes the shortest form that reads back the same; JSON has no word for what is not a number.
func appendFloat(dst []byte, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(dst, "null"...)
	}
	// The bounds are those of ECMAScript, which encoding/json keeps to as well.
	format := byte('f')
	if a := math.Abs(f); a != 0 && (a < 1e-6 || a >= 1e21) {
		format = 'e'
	}
	n := len(dst)
	dst = strconv.AppendFloat(dst, f, format, -1, 64)
	if format == 'f' && !slices.Contains(dst[n:], '.') {
		dst = append(dst, ".0"...) // stays a float when it is read back
	}
	return dst
}

package winevent

import (
	"encoding/binary"
	"math/bits"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"
)

// Nearly all bytes of a Windows event are in texts, and nearly every text has backslashes: this is where the time goes.

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// word returns the eight bytes of s from i on, the first one lowest. There must be as many: nothing else looks.
func word(s string, i int) uint64 {
	return binary.LittleEndian.Uint64(unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(unsafe.StringData(s)), i)), 8))
}

// put8 writes eight bytes into the room of b from i on. There must be as many.
func put8(b []byte, i int, w uint64) {
	binary.LittleEndian.PutUint64(unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(b)), i)), 8), w)
}

// special marks the bytes of w that do not stand for themselves in a text: quotes, backslashes and control characters.
// The lowest mark is right, those above it may not be.
func special(w uint64) uint64 {
	quote, slash := w^('"'*ones), w^('\\'*ones)
	return ((quote-ones)&^quote | (slash-ones)&^slash | (w-' '*ones)&^w) & highs
}

// ordinary tells whether a byte stands for itself in a text.
func ordinary(c byte) bool { return c != '"' && c != '\\' && c >= ' ' }

// str reads a text whose opening quote is next. It aliases the line, or buf if it has escapes. Bytes that are no UTF-8
// stay as they are.
func (r *Reader) str() (string, bool) {
	if !r.at('"') {
		return "", false
	}
	s := r.src
	from := r.pos + 1
	i := from
	for len(s)-i >= 8 {
		if m := special(word(s, i)); m != 0 {
			i += bits.TrailingZeros64(m) / 8
			return r.end(from, i)
		}
		i += 8
	}
	for i < len(s) && ordinary(s[i]) {
		i++
	}
	return r.end(from, i)
}

// end ends a text at the first byte of it that is not ordinary.
func (r *Reader) end(from, i int) (string, bool) {
	switch {
	case i < len(r.src) && r.src[i] == '"':
		r.pos = i + 1
		return r.src[from:i], true
	case i < len(r.src) && r.src[i] == '\\':
		return r.escaped(from, i)
	}
	r.pos = i
	return "", false
}

// escaped reads on from the first backslash of a text that began at from, at i. It writes behind what buf holds, eight
// bytes at a time: what is too much of them is overwritten by the next ones.
func (r *Reader) escaped(from, i int) (string, bool) {
	s, base := r.src, len(r.buf)
	// There is room for the whole line, unless a part of it is read twice. Texts that are in the old memory stay there.
	if cap(r.buf)-base < len(s)-from+8 {
		r.buf, base = make([]byte, 0, 2*cap(r.buf)), 0
	}
	out := r.buf[:cap(r.buf)]
	n := base + copy(out[base:], s[from:i])
	for {
		// s[i] is a backslash.
		if i+1 < len(s) && escapes[s[i+1]] != 0 {
			out[n] = escapes[s[i+1]]
			i, n = i+2, n+1
		} else {
			r.pos = i + 1
			c, ok := r.unicode()
			if !ok {
				return "", false
			}
			i, n = r.pos, n+utf8.EncodeRune(out[n:], c)
		}
		for {
			if len(s)-i < 8 { // the end of the line
				for i < len(s) && ordinary(s[i]) {
					out[n] = s[i]
					i, n = i+1, n+1
				}
				break
			}
			w := word(s, i)
			put8(out, n, w)
			if m := special(w); m != 0 {
				k := bits.TrailingZeros64(m) / 8
				i, n = i+k, n+k
				break
			}
			i, n = i+8, n+8
		}
		if i < len(s) && s[i] == '\\' {
			continue
		}
		if r.pos = i; i == len(s) || s[i] != '"' {
			return "", false
		}
		r.pos, r.buf = i+1, out[:n]
		return unsafe.String(&out[base], n-base), true
	}
}

// escapes has the characters that stand behind a backslash for another one.
var escapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// unicode reads the rest of an escape of four digits, whose backslash was taken. Half a pair alone is U+FFFD, and what
// follows it is read as if it stood alone: RFC 8259, section 8.2, leaves open what such a text means.
func (r *Reader) unicode() (rune, bool) {
	if !r.at('u') {
		return 0, false
	}
	r.pos++
	high, ok := r.hex4()
	if !ok || !utf16.IsSurrogate(high) {
		return high, ok
	}
	at := r.pos
	if r.literal(`\u`) {
		if low, ok := r.hex4(); ok {
			if full := utf16.DecodeRune(high, low); full != utf8.RuneError {
				return full, true
			}
		}
	}
	r.pos = at
	return utf8.RuneError, true
}

// hex4 reads four hexadecimal digits.
func (r *Reader) hex4() (rune, bool) {
	if len(r.src)-r.pos < 4 {
		return 0, false
	}
	n, err := strconv.ParseUint(r.src[r.pos:r.pos+4], 16, 16)
	if err != nil {
		return 0, false
	}
	r.pos += 4
	return rune(n), true
}

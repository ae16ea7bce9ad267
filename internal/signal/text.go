package signal

import (
	"math/bits"
	"strings"
	"time"
	"unicode/utf8"
)

// word reads eight bytes. The compiler makes one load of it.
func word(s string) uint64 {
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 | uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// Each of eight bytes in a word.
const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// special has the high bit of each of eight bytes that is a quotation mark, a backslash or below a blank. What a borrow adds
// lies above a byte that is marked rightly, so the lowest mark is right.
func special(w uint64) uint64 {
	quote, slash := w^('"'*ones), w^('\\'*ones)
	return ((w-' '*ones)&^w | (quote-ones)&^quote | (slash-ones)&^slash) & highs
}

// quoted returns how long the text at the start of s is that a quotation mark ends, and whether it has escapes; -1 if it
// does not end, has a control character or is no UTF-8, which encoding/json mends.
func quoted(s string) (n int, escapes bool) {
	other := uint64(0) // all bytes so far, one upon the other: whether there is any beyond ASCII
	for {
		// Eight at a time up to the next byte that means something, then that one.
		for len(s)-n >= 8 {
			w := word(s[n : n+8])
			if bad := special(w); bad != 0 {
				in := bits.TrailingZeros64(bad) &^ 7
				other |= w & (1<<in - 1)
				n += in / 8
				break
			}
			other |= w
			n += 8
		}
		if n >= len(s) {
			return -1, false
		}
		switch c := s[n]; {
		case c == '"':
			if other&highs != 0 && !utf8.ValidString(s[:n]) {
				return -1, false
			}
			return n, escapes
		case c == '\\':
			escapes = true
			n++ // what it escapes may be a quotation mark; what it is, unescape and plainEscapes see
			if n >= len(s) || s[n] < ' ' || s[n] >= utf8.RuneSelf {
				return -1, false
			}
		case c < ' ':
			return -1, false
		default:
			other |= uint64(c)
		}
		n++
	}
}

// escaped is what stands for the character after a backslash, 0 where none does.
var escaped = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// plainEscapes tells whether all escapes of a quoted text are such that unescape knows.
func plainEscapes(raw string) bool {
	for {
		i := strings.IndexByte(raw, '\\')
		if i < 0 {
			return true
		}
		_, n := escape(raw[i:])
		if n == 0 {
			return false
		}
		raw = raw[i+n:]
	}
}

// escape reads the escape at the start of s and returns how long it is; 0: it is none, or half of a surrogate pair, which
// is left to encoding/json.
func escape(s string) (r rune, n int) {
	if len(s) < 2 {
		return 0, 0
	}
	if c := escaped[s[1]]; c != 0 {
		return rune(c), 2
	}
	if s[1] != 'u' || len(s) < 6 {
		return 0, 0
	}
	for i := 2; i < 6; i++ {
		c := s[i]
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, 0
		}
		r = r<<4 | rune(c)
	}
	if 0xd800 <= r && r < 0xe000 {
		return 0, 0
	}
	return r, 6
}

// unescape appends the text that raw stands for.
func unescape(dst []byte, raw string) ([]byte, bool) {
	for {
		i := strings.IndexByte(raw, '\\')
		if i < 0 {
			return append(dst, raw...), true
		}
		dst = append(dst, raw[:i]...)
		r, n := escape(raw[i:])
		if n == 0 {
			return dst, false
		}
		dst = utf8.AppendRune(dst, r)
		raw = raw[i+n:]
	}
}

// digits reads n digits at the start of s, -1 if they are none.
func digits(s string, n int) int {
	v := 0
	for i := range n {
		c := s[i] - '0'
		if c > 9 {
			return -1
		}
		v = v*10 + int(c)
	}
	return v
}

// instant reads an RFC 3339 time of UTC and the quotation mark behind it, and returns how long both are; 0: it is none, or
// one of another zone, which time.Time reads itself.
func instant(s string) (t time.Time, n int) {
	const form = "2006-01-02T15:04:05"
	if len(s) < len(form)+2 || s[4] != '-' || s[7] != '-' || s[10] != 'T' || s[13] != ':' || s[16] != ':' {
		return t, 0
	}
	year, month, day := digits(s, 4), digits(s[5:], 2), digits(s[8:], 2)
	hour, minute, second := digits(s[11:], 2), digits(s[14:], 2), digits(s[17:], 2)
	if year < 0 || month < 1 || month > 12 || day < 1 || day > 28 && day > daysIn(year, month) ||
		hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 {
		return t, 0
	}
	n = len(form)
	// As many digits of a fraction as there are: AppendText leaves zeros at the end out.
	nano := 0
	if s[n] == '.' {
		n++
		unit := 100_000_000
		for ; n < len(s) && '0' <= s[n] && s[n] <= '9'; n++ {
			if unit == 0 { // finer than a nanosecond
				return t, 0
			}
			nano += int(s[n]-'0') * unit
			unit /= 10
		}
		if n == len(form)+1 {
			return t, 0
		}
	}
	if !strings.HasPrefix(s[n:], `Z"`) {
		return t, 0
	}
	seconds := int64(days(year, month, day))*86400 + int64(hour*3600+minute*60+second)
	return time.Unix(seconds, int64(nano)).UTC(), n + 2
}

// daysIn returns how many days a month has.
func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// days returns how many days after 1 January 1970 a day is. It counts years from March on, so that the leap day is the last
// one, in eras of 400 years, after which the calendar repeats.
func days(year, month, day int) int {
	if month <= 2 {
		year--
		month += 12
	}
	era := (year + 400) / 400 // year is -1 at the least
	of := year + 400 - era*400
	return (era-1)*146097 + of*365 + of/4 - of/100 + (153*(month-3)+2)/5 + day - 1 - 719468
}

package event

import (
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// AppendJSON appends the event as one nested JSON object: fields in document order, so that equal events give equal
// bytes. A field below another field's plain value has no place in a document and is left out (Conform moves such
// values to weir.other before that can happen).
func (e *Event) AppendJSON(dst []byte) []byte {
	t := load()
	if len(e.extras) > 0 {
		return e.appendMixed(dst, t)
	}
	words := (len(t.specs) + 63) / 64
	if len(e.sorted) < words {
		e.sorted = make([]uint64, words)
	}
	for i := range e.entries {
		r := t.rank[e.entries[i].field]
		e.sorted[r/64] |= 1 << (r % 64)
	}
	w := nester{dst: append(dst, '{')}
	for i, word := range e.sorted {
		if word == 0 {
			continue
		}
		e.sorted[i] = 0
		for ; word != 0; word &= word - 1 {
			f := t.order[i*64+bits.TrailingZeros64(word)]
			w.add(t.segs[f], e.entries[e.slots[f]-1].value)
		}
	}
	return w.end()
}

// appendMixed is the slow path for events with paths that no list knows.
func (e *Event) appendMixed(dst []byte, t *table) []byte {
	all := make([]extra, 0, e.Len())
	for i := range e.entries {
		all = append(all, extra{t.specs[e.entries[i].field].path, e.entries[i].value})
	}
	for _, x := range e.extras {
		if x.value.kind != Absent {
			all = append(all, x)
		}
	}
	slices.SortFunc(all, func(a, b extra) int { return ComparePaths(a.path, b.path) })
	w := nester{dst: append(dst, '{')}
	for _, x := range all {
		w.add(strings.Split(x.path, "."), x.value)
	}
	return w.end()
}

// nester writes values in document order as nested objects.
type nester struct {
	dst  []byte
	last []string // path of the value before
	more bool     // a value was written
}

func (w *nester) add(segs []string, v Value) {
	common := 0
	if w.more {
		for common < len(w.last) && common < len(segs) && w.last[common] == segs[common] {
			common++
		}
		if common == len(w.last) { // below (or equal to) the value before: no place for it
			return
		}
		for range len(w.last) - 1 - common {
			w.dst = append(w.dst, '}')
		}
		w.dst = append(w.dst, ',')
	}
	for _, s := range segs[common : len(segs)-1] {
		w.dst = append(appendString(w.dst, s), ':', '{')
	}
	w.dst = append(appendString(w.dst, segs[len(segs)-1]), ':')
	w.dst = v.AppendJSON(w.dst)
	w.last, w.more = segs, true
}

func (w *nester) end() []byte {
	for range max(len(w.last), 1) {
		w.dst = append(w.dst, '}')
	}
	return w.dst
}

const hexDigits = "0123456789abcdef"

// plain marks the ASCII bytes that stand for themselves in a JSON string.
var plain = func() (ok [utf8.RuneSelf]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		ok[c] = c != '"' && c != '\\'
	}
	return ok
}()

// appendString appends s as a JSON string. Bytes that are not UTF-8 become U+FFFD.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if plain[c] {
				i++
				continue
			}
			dst = append(dst, s[start:i]...)
			switch c {
			case '"', '\\':
				dst = append(dst, '\\', c)
			case '\n':
				dst = append(dst, '\\', 'n')
			case '\r':
				dst = append(dst, '\\', 'r')
			case '\t':
				dst = append(dst, '\\', 't')
			default:
				dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
			}
			i++
			start = i
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			dst = append(dst, s[start:i]...)
			dst = append(dst, "\ufffd"...)
			i++
			start = i
			continue
		}
		i += n
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

// appendFloat writes the shortest form that reads back the same; JSON has no word for what is not a number.
func appendFloat(dst []byte, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(dst, "null"...)
	}
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

// appendTime writes RFC 3339 in UTC with three digits of a second, or as many more as the time needs.
func appendTime(dst []byte, ns int64) []byte {
	t := time.Unix(0, ns).UTC()
	year, month, day := t.Date()
	hour, minute, sec := t.Clock()
	if year < 0 || year > 9999 {
		return t.AppendFormat(dst, time.RFC3339Nano)
	}
	dst = pad(dst, year, 4)
	dst = append(pad(append(dst, '-'), int(month), 2), '-')
	dst = append(pad(dst, day, 2), 'T')
	dst = append(pad(dst, hour, 2), ':')
	dst = append(pad(dst, minute, 2), ':')
	dst = append(pad(dst, sec, 2), '.')
	switch frac := t.Nanosecond(); {
	case frac%1e6 == 0:
		dst = pad(dst, frac/1e6, 3)
	case frac%1e3 == 0:
		dst = pad(dst, frac/1e3, 6)
	default:
		dst = pad(dst, frac, 9)
	}
	return append(dst, 'Z')
}

func pad(dst []byte, n, width int) []byte {
	for range width {
		dst = append(dst, '0')
	}
	for p := len(dst) - 1; n > 0; p, n = p-1, n/10 {
		dst[p] = byte('0' + n%10)
	}
	return dst
}

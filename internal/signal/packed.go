package signal

import (
	"strings"
)

// Pack appends the values as they are in Packed, whichever form the signal has them in; nothing if there are none.
func (s *Signal) Pack(dst []byte) []byte {
	if len(s.Values) > 0 {
		return appendValues(dst, s.Values)
	}
	return append(dst, s.Packed...)
}

// Get returns the value of a key in packed values. It allocates only where the value was written with escapes.
func Get(packed, key string) (value string, ok bool) {
	r := reader{in: packed}
	for first := true; ; first = false {
		k, raw, escapes, more := r.pair(first)
		if !more || k > key { // keys ascend
			return "", false
		}
		if k == key {
			return plain(raw, escapes), true
		}
	}
}

// Each calls fn for each of the packed values in the order of their keys. It ends where packed is no such object, as what a
// damaged file holds.
func Each(packed string, fn func(key, value string)) {
	r := reader{in: packed}
	for first := true; ; first = false {
		k, raw, escapes, more := r.pair(first)
		if !more {
			return
		}
		fn(k, plain(raw, escapes))
	}
}

// Cut appends packed values of which none is longer than most bytes; of one that was, the end is "…".
func Cut(dst []byte, packed string, most int) []byte {
	r := reader{in: packed}
	for first := true; ; first = false {
		_, raw, _, more := r.pair(first)
		if !more { // none is longer, which is how it mostly is
			return append(dst, packed...)
		}
		if len(raw) > most {
			break
		}
	}
	// Values are cut as texts, not as they were written: an escape must not be cut in two.
	sep := byte('{')
	Each(packed, func(k, v string) {
		dst = member(append(dst, sep), k, Bounded(v, most))
		sep = ','
	})
	return append(dst, '}')
}

// Bounded cuts a text that is longer than most bytes, at a character.
func Bounded(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most-len("…")], "") + "…"
}

// pair reads the next key and the value as it was written; more is false at the end, and where it is no packed value.
func (r *reader) pair(first bool) (key, raw string, escapes, more bool) {
	before := `,"`
	if first {
		before = `{"`
	}
	if !r.skip(before) {
		return "", "", false, false
	}
	n, odd := quoted(r.in[r.at:])
	if n < 0 {
		return "", "", false, false
	}
	key = plain(r.in[r.at:r.at+n], odd)
	r.at += n + 1
	if !r.skip(`:"`) {
		return "", "", false, false
	}
	if n, escapes = quoted(r.in[r.at:]); n < 0 {
		return "", "", false, false
	}
	raw = r.in[r.at : r.at+n]
	r.at += n + 1
	return key, raw, escapes, true
}

// plain returns what a text as it was written stands for.
func plain(raw string, escapes bool) string {
	if !escapes {
		return raw
	}
	text, _ := unescape(nil, raw)
	return string(text)
}
